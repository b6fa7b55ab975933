"""The mails about what staff have changed of a program, from their outbox rows: what is so when they leave."""

from datetime import date

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
from portal.notices.program_news import ProgramNews, due_date_changed, invoice_voided, payoff_quoted, program_news


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


def _title(invoice: Invoice) -> Text | str:
    return invoice_title(invoice.kind, invoice.description)


_MAKE = {"due_date": _due_date, "voided": _voided, "payoff": _payoff}
