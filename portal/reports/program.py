"""One program as its insured sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, and_, bindparam, exists, func, or_, select

from portal.access.visible import SEEN_PROGRAM
from portal.core.errors import Gone, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.financing.late.models import CancelNotice
from portal.financing.models import LendingTerms, Loan
from portal.insureds.models import Insured, InsuredEmail
from portal.payments.autopay.rules import KINDS
from portal.payments.money_back.models import CreditEntry
from portal.programs.changes import PolicyReturn
from portal.programs.documents import ProgramDocument, SeenDocument, documents_of
from portal.programs.lifecycle import ProgramStatus, program_status
from portal.programs.models import PaymentLink, Policy, Program
from portal.reports.autopay_lines import HAS_AUTOPAY, AutopayLine, autopay_lines
from portal.reports.cancelation import SeenNotice, seen_notice
from portal.reports.insured_invoices import SeenInvoice, SeenPayment, invoices_of_program, payments_on, to_pay_now
from portal.reports.loan import SeenLoan, seen_loan
from portal.reports.owed import Owed, owed
from portal.reports.status_sentence import status_sentence
from portal.servicing.program_facts import NOTICE, RUNNING_NOTICE, notice_of

ARCHIVED = text("Your agency has put this away. There is nothing to pay. Please call if you have a question.")
_PARTS: tuple[tuple[str, Text], ...] = (
    ("premium_cents", text("Premium")),
    ("taxes_cents", text("Taxes")),
    ("surplus_lines_tax_cents", text("Surplus lines tax")),
    ("policy_fee_cents", text("Policy fee")),
    ("agency_fee_cents", text("Agency fee")),
    ("broker_fee_cents", text("Broker fee")),
    ("other_fee_cents", text("Other fee")),
)


@dataclass(frozen=True, slots=True)
class SeenPolicy:
    """A policy; `amounts` holds what it is made of, without what is zero; `canceled_on`: at the insured's wish."""

    number: str
    carrier: str
    wholesaler: str
    coverage: str
    effective_date: date
    expiration_date: date
    amounts: tuple[tuple[Text, int], ...]
    canceled_on: date | None = None

    @property
    def total_cents(self) -> int:
        """What it costs in all."""
        return sum(cents for _, cents in self.amounts)


@dataclass(frozen=True, slots=True)
class ProgramPage:
    """A program with everything in it.

    Args:
        sentence: its status in words.
        notice: of intent to cancel it, while its clock runs and nobody pays; notice_id: its PDF's, even then.
        owed: what can be paid here; None if nothing.
        processing_cents: payments under way, neither paid nor due.
        link_token: of its payment link, while somebody could pay by it.
        can_check_out: nothing was paid yet, and financing may be offered: the insured chooses how to pay.
        loan: its latest finance agreement that was not withdrawn.
        autopay: what it charges next; None while it is off.
        may_autopay: it is off, and further payments are known that it could make.
        credit_cents: what its insured has to their credit; 0 for an address that sees this program only.
        documents: those that staff have shared.
    """

    id: int
    name: str
    reference: str
    insured: str
    is_paid_by_partner: bool
    account_manager: str
    status: ProgramStatus
    sentence: Text
    notice: SeenNotice | None
    notice_id: int | None
    owed: Owed | None
    processing_cents: int
    invoices: tuple[SeenInvoice, ...]
    policies: tuple[SeenPolicy, ...]
    payments: tuple[SeenPayment, ...]
    link_token: str | None
    can_check_out: bool
    loan: SeenLoan | None
    credit_cents: int
    autopay: AutopayLine | None
    may_autopay: bool
    documents: Sequence[SeenDocument]

    @property
    def paid_cents(self) -> int:
        """What was paid so far."""
        return sum(invoice.paid_cents for invoice in self.invoices)

    @property
    def total_cents(self) -> int:
        """What was billed so far."""
        return sum(invoice.total_cents for invoice in self.invoices if invoice.state != "void")


def program_page(session: Scoped, email: str, program_id: int, today: date) -> ProgramPage:
    """A program that this address sees, in four queries; autopay, a loan and documents take one more each.

    Args:
        email: as `parse_email` writes it.
        today: the day at the agency.

    Raises:
        NotFound: there is none, or not for this address.
        Gone: it is archived.
    """
    program = _program(session, email, program_id)
    policies = policies_of(session, program_id)
    invoices = invoices_of_program(session, program_id, today)
    is_paid_by_partner = program.billing_type == "agency_bill"
    last_expiration = max((policy.expiration_date for policy in policies), default=None)
    running = notice_of(program.pay_by, program.through)
    status = program_status(
        is_draft=False,
        is_archived=False,
        canceled_on=program.canceled_on,
        last_expiration=last_expiration,
        invoices=[invoice.facts for invoice in invoices if invoice.state != "void"],
        today=today,
        notice=running,
    )
    notice = seen_notice(running, invoices, today)
    autopay = autopay_lines(session, [program_id], today).get(program_id) if program.has_autopay else None
    due = owed(to_pay_now(invoices, today), today)
    processing_cents = sum(invoice.open_cents for invoice in invoices if invoice.status == "processing")
    return ProgramPage(
        id=program.id,
        name=program.name,
        reference=program.reference,
        insured=program.insured,
        is_paid_by_partner=is_paid_by_partner,
        account_manager=program.account_manager,
        status=status,
        sentence=status_sentence(
            status,
            owed=due,
            processing_cents=processing_cents,
            coverage_ends=last_expiration,
            canceled_on=program.canceled_on,
            is_paid_by_partner=is_paid_by_partner,
            notice=notice,
        ),
        notice=notice,
        notice_id=program.notice_id,
        owed=due,
        processing_cents=processing_cents,
        invoices=tuple(invoices),
        policies=tuple(policies),
        payments=() if is_paid_by_partner else tuple(payments_on(session, [each.id for each in invoices], email)),
        link_token=program.token if due else None,
        can_check_out=program.may_finance
        and due is not None
        and [(one.kind, one.paid_cents) for one in invoices if one.state != "void"] == [("pay_in_full", 0)],
        loan=seen_loan(session, program.loan_id, invoices, today) if program.loan_id else None,
        credit_cents=max(0, int(program.credit_cents)),
        autopay=autopay,
        documents=documents_of(session, program_id, shared_only=True) if program.has_documents else (),
        may_autopay=autopay is None
        and not is_paid_by_partner
        and program.canceled_on is None
        and any(one.kind in KINDS and one.is_waiting and one.due_date >= today for one in invoices),
    )


_PROGRAM = (
    select(
        Program.id,
        Program.name,
        Program.reference,
        Program.billing_type,
        Program.account_manager,
        Program.canceled_on,
        Program.archived_at,
        Insured.name.label("insured"),
        CancelNotice.id.label("notice_id"),
        *NOTICE,
        PaymentLink.token,
        exists()
        .where(
            LendingTerms.agency_id == Program.agency_id,
            or_(LendingTerms.program_id == Program.id, LendingTerms.program_id.is_(None)),
            LendingTerms.is_offered,
        )
        .label("may_finance"),
        exists()
        .where(
            ProgramDocument.agency_id == Program.agency_id,
            ProgramDocument.program_id == Program.id,
            ProgramDocument.is_shared.is_(True),
        )
        .label("has_documents"),
        HAS_AUTOPAY,
        select(func.max(Loan.id))
        .where(Loan.agency_id == Program.agency_id, Loan.program_id == Program.id, Loan.state != "withdrawn")
        .scalar_subquery()
        .label("loan_id"),
        select(func.coalesce(func.sum(CreditEntry.cents), 0))
        .where(
            CreditEntry.agency_id == Program.agency_id,
            CreditEntry.insured_id == Program.insured_id,
            exists().where(
                InsuredEmail.agency_id == Program.agency_id,
                InsuredEmail.insured_id == Program.insured_id,
                InsuredEmail.email == bindparam("email"),
            ),
        )
        .scalar_subquery()
        .label("credit_cents"),
    )
    .join(Insured, Insured.id == Program.insured_id)
    .outerjoin(CancelNotice, RUNNING_NOTICE)
    .outerjoin(PaymentLink, and_(PaymentLink.program_id == Program.id, PaymentLink.replaced_at.is_(None)))
    .where(Program.id == bindparam("program_id"), SEEN_PROGRAM)
)
_POLICIES = (
    select(
        Policy.policy_number,
        Policy.carrier,
        Policy.wholesaler,
        Policy.coverage,
        Policy.effective_date,
        Policy.expiration_date,
        *(getattr(Policy, field) for field, _ in _PARTS),
        PolicyReturn.effective_on.label("canceled_on"),
    )
    .outerjoin(PolicyReturn, and_(PolicyReturn.policy_id == Policy.id, PolicyReturn.is_cancelation))
    .where(Policy.program_id == bindparam("program_id"))
    .order_by(Policy.effective_date, Policy.id)
)


def _program(session: Scoped, email: str, program_id: int) -> Row[*tuple[object, ...]]:
    program = session.rows(_PROGRAM, {"email": email, "program_id": program_id}).first()
    if program is None:
        raise NotFound
    if program.archived_at is not None:
        raise Gone(ARCHIVED)
    return program


def policies_of(session: Scoped, program_id: int) -> Sequence[SeenPolicy]:
    """The policies of a program, by their beginning."""
    rows = session.rows(_POLICIES, {"program_id": program_id})
    return [
        SeenPolicy(
            row.policy_number,
            row.carrier,
            row.wholesaler,
            row.coverage,
            row.effective_date,
            row.expiration_date,
            tuple((words, getattr(row, field)) for field, words in _PARTS if getattr(row, field)),
            row.canceled_on,
        )
        for row in rows
    ]
