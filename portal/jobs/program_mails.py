"""The mails about what staff have changed of a program, from their outbox rows: what is so when they leave."""

from datetime import date

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.documents.filled import letterhead_of
from portal.financing.models import Loan
from portal.financing.payoffs import quote_payoff
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.jobs.check_mail import pay_again_url
from portal.jobs.late_mails import recipient_of
from portal.jobs.payment_mails import UrlFor
from portal.notices.message import Message
from portal.notices.program_news import (
    CameBack,
    ProgramNews,
    canceled,
    credited,
    due_date_changed,
    endorsed,
    invoice_voided,
    payoff_quoted,
    program_news,
)
from portal.programs.changes import Endorsement, PolicyReturn, PremiumReturn
from portal.programs.models import Policy, Program


def program_message(
    session: Scoped, agency: Agency, news: str, ref: str, program_id: int, email_id: int, url_for: UrlFor
) -> Message | None:
    """The news, to an address of the insured; None when the address is gone, or it is not so any more."""
    recipient = recipient_of(session, email_id)
    made = _MAKE[news](session, ref)
    if recipient is None or made is None:
        return None
    about, to_pay = made
    url = pay_again_url(session, to_pay, url_for) if to_pay else url_for("insured.program", program_id=program_id)
    return program_news(recipient, letterhead_of(agency), about, url=url)


Made = tuple[ProgramNews, list[Invoice]] | None
"""The words, and what the button pays."""


def _due_date(session: Scoped, ref: str) -> Made:
    invoice_id, day = ref.split(":")
    invoice = session.get_one(Invoice, int(invoice_id))
    if invoice.state != "open" or invoice.due_date != date.fromisoformat(day):
        return None
    return due_date_changed(_title(invoice), invoice.open_cents, invoice.due_date), [invoice]


def _voided(session: Scoped, ref: str) -> Made:
    invoice = session.get_one(Invoice, int(ref))
    return invoice_voided(_title(invoice), invoice.total_cents), []


def _payoff(session: Scoped, ref: str) -> Made:
    loan_id, day, _ = ref.split(":")
    loan, through = session.get_one(Loan, int(loan_id)), date.fromisoformat(day)
    quote = quote_payoff(session, loan.id, through)
    if loan.state != "bound" or not quote.open_cents:
        return None
    return payoff_quoted(loan.number, through, sum(quote.open_cents.values()), quote.total_saved_cents), []


def _endorsed(session: Scoped, ref: str) -> Made:
    endorsement_id, _, ids = ref.partition(":")
    found = [session.get_one(Invoice, int(id_)) for id_ in ids.split("-")]
    invoices = [invoice for invoice in found if invoice.state == "open"]
    if not invoices:
        return None
    what = session.get_one(Endorsement, int(endorsement_id)).description
    return endorsed(what, [(one.due_date, one.open_cents) for one in invoices]), invoices if len(invoices) == 1 else []


def _credited(session: Scoped, ref: str) -> Made:
    row = session.get_one(PremiumReturn, int(ref))
    what = session.get_one(Endorsement, row.endorsement_id).description
    return credited(what, _came_back(session, row)), []


def _canceled(session: Scoped, ref: str) -> Made:
    row = session.get_one(PremiumReturn, int(ref))
    query = (
        select(Policy.policy_number, PolicyReturn.effective_on)
        .join(PolicyReturn, PolicyReturn.policy_id == Policy.id)
        .where(PolicyReturn.premium_return_id == row.id)
        .order_by(Policy.id)
    )
    policies = session.execute(query).all()
    is_whole = session.get_one(Program, row.program_id).canceled_on is not None
    on = max(policy.effective_on for policy in policies)
    came = _came_back(session, row)
    owed = [session.get_one(Invoice, row.balance_invoice_id)] if came.balance_cents else []
    return canceled([policy.policy_number for policy in policies], on, came, is_whole=is_whole), owed


def _came_back(session: Scoped, row: PremiumReturn) -> CameBack:
    balance = session.get_one(Invoice, row.balance_invoice_id) if row.balance_invoice_id else None
    is_owed = balance is not None and balance.state == "open"
    return CameBack(
        row.returned_cents,
        row.loan_cents,
        row.invoices_cents,
        row.credit_cents,
        row.balance_cents if is_owed else 0,
        balance.due_date if balance is not None and is_owed else None,
    )


def _title(invoice: Invoice) -> Text | str:
    return invoice_title(invoice.kind, invoice.description)


_MAKE = {
    "due_date": _due_date,
    "voided": _voided,
    "payoff": _payoff,
    "endorsed": _endorsed,
    "credited": _credited,
    "canceled": _canceled,
}
