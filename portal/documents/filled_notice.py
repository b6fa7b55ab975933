"""The notice of intent to cancel filled from what is stored."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.documents.cancel_notice import CancelNoticeDocument, notice_text, summary_in_spanish
from portal.documents.filled import letterhead_of
from portal.documents.filled_agreement import lender_party
from portal.documents.letterhead import Line, Party, PolicyLine
from portal.financing.late.models import CancelNotice
from portal.financing.models import Loan
from portal.insureds.models import Insured
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.programs.models import Policy, Program
from portal.reference.notice_rules import notice_rule


def notice_document(
    session: Scoped,
    agency: Agency,
    notice: CancelNotice,
    named: Sequence[Invoice],
    dated_on: date,
    pay_by: date,
    payment_url: str,
) -> CancelNoticeDocument:
    """A notice on paper, as it is sent on a day.

    Args:
        agency: whose paper it is on.
        named: the installments that are past due.
        payment_url: absolute address of the payment link.
    """
    program = session.get_one(Program, notice.program_id)
    insured = session.get_one(Insured, program.insured_id)
    loan = session.get_one(Loan, notice.loan_id)
    query = select(Policy).where(Policy.program_id == program.id).order_by(Policy.effective_date, Policy.id)
    policies = session.scalars(query).all()
    past_due_cents = sum(invoice.open_cents for invoice in named)
    lender = lender_party(loan.lender_name, loan.lender_address)
    place = f"{insured.city}, {insured.state} {insured.postal_code}".strip(", ")
    address = (insured.address_line1, insured.address_line2, place)
    return CancelNoticeDocument(
        letterhead=letterhead_of(agency),
        number=notice.number,
        dated_on=dated_on,
        pay_by=pay_by,
        insured=Party(insured.name, tuple(line for line in address if line)),
        lender=lender,
        agreement=loan.number,
        lines=tuple(_line(invoice) for invoice in named),
        past_due_cents=past_due_cents,
        policies=tuple(
            PolicyLine(one.policy_number, one.carrier, one.coverage, one.effective_date, one.expiration_date)
            for one in policies
        ),
        copies=copies_of(agency, policies, notice.us_state, program.producer),
        terms=_terms(notice.text_version, loan.number, lender.name, pay_by),
        by_post=notice.by_post,
        payment_url=payment_url,
        locale=insured.locale,
        summary=summary_in_spanish(past_due_cents, pay_by) if insured.locale != "en_US" else "",
    )


def copies_of(agency: Agency, policies: Sequence[Policy], us_state: str, producer: str) -> tuple[str, ...]:
    """Who is to get a copy, each once: the agency, the producer where the state says so, carriers and wholesalers."""
    rule = notice_rule(us_state)
    names = [agency.name, producer if rule.goes_to_producer else ""]
    names += [name for policy in policies for name in (policy.carrier, policy.wholesaler)]
    return tuple(dict.fromkeys(name for name in names if name))


def _line(invoice: Invoice) -> Line:
    due = text("Due %(date)s, invoice %(number)s", date=invoice.due_date, number=invoice.number)
    return Line(invoice_title(invoice.kind, invoice.description), invoice.open_cents, due)


def _terms(version: str, agreement: str, lender: str, pay_by: date) -> tuple[str, ...]:
    values = {"agreement": agreement, "lender": lender, "pay_by": f"{pay_by:%B} {pay_by.day}, {pay_by.year}"}
    blocks = notice_text(version).split("\n\n")
    return tuple(" ".join(block.split()).format(**values) for block in blocks if block.strip())
