"""Sign a finance agreement, or withdraw it before the down payment: invoices follow in the same unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal.core.audit import Actor, Personal, record
from portal.core.errors import Conflict
from portal.core.files import StoredFile, keep_file
from portal.core.personal_keys import of_insured
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.late.fees import NONE_AGREED, Agreed
from portal.financing.lifecycle import check_move
from portal.financing.models import Loan, LoanInstallment, Signature
from portal.financing.offers import Offer
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice, issue_invoices, void_invoice
from portal.invoices.models import Invoice, InvoiceLine
from portal.payments.claims import held_invoices
from portal.programs.models import Policy, Program
from portal.servicing.financed_lines import split_lines

AGREEMENT = "agreement"
"""The kind of file that a signed agreement is."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is signed, beside the plan's figures.

    Args:
        stamp_tax_cents: the state's tax on it; due with the down payment.
        refund_method: how interest is given back when the loan ends early.
        text_id: the agency's own terms in their version, or None for those of the portal.
        late: what it says of a late fee.
    """

    offer: Offer
    stamp_tax_cents: int
    refund_method: str
    lender_name: str
    lender_address: str
    text_id: int | None
    late: Agreed = NONE_AGREED


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, how and when.

    Args:
        consent: the consent to electronic records, as it was read.
        number: the agreement's, as it stands in the PDF.
        document_hash: SHA-256 of the PDF that was read, in hexadecimal.
        signed_pdf: the PDF with the signature; kept once, never made again.
    """

    number: str

    typed_name: str
    email: str
    consent: str
    ip: str
    browser: str
    document_hash: str
    signed_pdf: bytes
    today: date
    at: datetime


def sign(session: Scoped, program_id: int, agreement: Agreement, signing: Signing) -> Loan:
    """Sign: the invoice in full gives way to a down payment and a part that the loan will pay.

    Args:
        session: a write unit.
        agreement: its figures add up to what is open.

    Raises:
        Conflict: what is open has changed, something was paid or is under way, or it is signed already.
    """
    program = session.get_one(Program, program_id)
    schedule = agreement.offer.schedule
    invoice = _in_full(session, program)
    if invoice.total_cents != schedule.down_payment_cents + schedule.amount_financed_cents:
        raise Conflict(text("The amounts have changed since you looked. Nothing was signed. Please read it again."))
    down_lines, financed_lines = split_lines(lines_of(session, invoice.id), schedule.amount_financed_cents)
    if agreement.stamp_tax_cents:
        down_lines.append(LineDraft("stamp_tax", "Documentary stamp tax", agreement.stamp_tax_cents))
    void_invoice(session, invoice, signing.today, signing.at)
    down, financed = issue_invoices(
        session,
        [
            InvoiceDraft(
                insured_id=program.insured_id,
                kind=kind,
                lines=lines,
                issued_on=min(signing.today, invoice.due_date),
                due_date=invoice.due_date,
                program_id=program.id,
                contact_email=invoice.contact_email,
            )
            for kind, lines in (("down_payment", down_lines), ("financed", financed_lines))
        ],
        signing.at,
    )
    loan = _loan(program.id, agreement, signing)
    loan.down_invoice_id, loan.financed_invoice_id, loan.replaced_invoice_id = down.id, financed.id, invoice.id
    loan.signed_file_id = keep_file(session, AGREEMENT, "application/pdf", signing.signed_pdf, signing.at).id
    session.add(loan)
    session.flush()
    session.add_all(
        LoanInstallment(
            loan_id=loan.id,
            number=one.number,
            due_date=one.due_date,
            payment_cents=one.payment_cents,
            interest_cents=one.interest_cents,
            principal_cents=one.principal_cents,
            balance_cents=one.balance_cents,
        )
        for one in schedule.installments
    )
    session.add(
        Signature(
            loan_id=loan.id,
            typed_name=signing.typed_name,
            signer_email=signing.email,
            consent=signing.consent,
            signed_at=signing.at,
            ip=signing.ip,
            browser=signing.browser,
            document_hash=signing.document_hash,
        )
    )
    record(
        session,
        Actor("insured", signing.email),
        "loan.signed",
        "program",
        program.id,
        signing.at,
        Personal(of_insured(program.insured_id), {"typed_name": signing.typed_name}),
        loan=loan.number,
        financed_cents=loan.amount_financed_cents,
        document=signing.document_hash,
    )
    session.flush()
    return loan


def withdraw(session: Scoped, loan_id: int, actor: Actor, today: date, at: datetime) -> Invoice:
    """Take a signed agreement back before its down payment, and bill in full again. Returns that invoice.

    Raises:
        Conflict: the down payment is paid, or a payment of it is under way.
        IllegalMove: the loan is bound, or has ended.
    """
    loan = session.get_one(Loan, loan_id)
    check_move(loan.state, "withdrawn")
    query = select(Invoice).where(Invoice.id.in_([loan.down_invoice_id, loan.financed_invoice_id]))
    invoices = session.scalars(query.order_by(Invoice.id).with_for_update()).all()
    if any(invoice.open_cents != invoice.total_cents for invoice in invoices) or held_invoices(
        session, [invoice.id for invoice in invoices]
    ):
        raise Conflict(text("The down payment is paid or under way. The agreement stands."))
    for invoice in invoices:
        void_invoice(session, invoice, today, at)
    replaced = session.get_one(Invoice, loan.replaced_invoice_id)
    anew = issue_invoice(
        session,
        InvoiceDraft(
            insured_id=replaced.insured_id,
            kind="pay_in_full",
            lines=lines_of(session, replaced.id),
            issued_on=min(today, replaced.due_date),
            due_date=replaced.due_date,
            program_id=replaced.program_id,
            contact_email=replaced.contact_email,
        ),
        at,
    )
    loan.state, loan.ended_at = "withdrawn", at
    record(session, actor, "loan.withdrawn", "program", loan.program_id, at, loan=loan.number)
    session.flush()
    return anew


def signed_pdf(session: Scoped, loan: Loan) -> bytes:
    """The agreement as it was signed.

    Raises:
        RuntimeError: what is stored is not what was signed.
    """
    file = session.get_one(StoredFile, loan.signed_file_id, options=[undefer(StoredFile.data)])
    if sha256(file.data).hexdigest() != loan.signed_hash:
        raise RuntimeError(f"the agreement {loan.number} is not the one that was signed")
    return file.data


def lines_of(session: Scoped, invoice_id: int) -> list[LineDraft]:
    """The lines of an invoice, to be issued anew."""
    rows = session.execute(
        select(InvoiceLine, Policy.carrier)
        .outerjoin(Policy, Policy.id == InvoiceLine.policy_id)
        .where(InvoiceLine.invoice_id == invoice_id)
        .order_by(InvoiceLine.id)
    ).all()
    return [
        LineDraft(line.kind, line.label, line.amount_cents, line.commission_cents, line.policy_id, carrier)
        for line, carrier in rows
    ]


def _in_full(session: Scoped, program: Program) -> Invoice:
    """The program's one invoice, held until the unit ends, so that no payment starts meanwhile."""
    if program.archived_at is not None or program.canceled_on is not None or program.is_draft:
        raise Conflict(text("This program cannot be financed now."))
    query = select(Invoice).where(Invoice.program_id == program.id, Invoice.state != "void").order_by(Invoice.id)
    invoices: Sequence[Invoice] = session.scalars(query.with_for_update()).all()
    if any(invoice.kind == "down_payment" for invoice in invoices):
        raise Conflict(text("The agreement is signed already."))
    if len(invoices) != 1 or invoices[0].kind != "pay_in_full" or invoices[0].open_cents != invoices[0].total_cents:
        raise Conflict(text("Something was paid or billed on this program, so it cannot be financed now."))
    if held_invoices(session, [invoices[0].id]):
        raise Conflict(text("A payment is under way, so nothing can be signed now."))
    return invoices[0]


def _loan(program_id: int, agreement: Agreement, signing: Signing) -> Loan:
    schedule, terms = agreement.offer.schedule, agreement.offer.terms
    return Loan(
        number=signing.number,
        program_id=program_id,
        signed_hash=sha256(signing.signed_pdf).hexdigest(),
        text_id=agreement.text_id,
        state="signed",
        down_payment_rate=terms.down_payment_rate,
        note_rate=terms.note_rate,
        apr=round(schedule.apr, 6),
        months_between=terms.months_between,
        first_day=agreement.offer.first_day,
        down_payment_cents=schedule.down_payment_cents,
        amount_financed_cents=schedule.amount_financed_cents,
        finance_charge_cents=schedule.finance_charge_cents,
        stamp_tax_cents=agreement.stamp_tax_cents,
        late_fee_rate=agreement.late.rate,
        late_fee_after_days=agreement.late.after_days,
        refund_method=agreement.refund_method,
        lender_name=agreement.lender_name,
        lender_address=agreement.lender_address,
        signed_at=signing.at,
    )
