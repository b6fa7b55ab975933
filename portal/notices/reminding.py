"""The mail of a reminder from what is stored now: for the job that sends it, and for staff who look ahead."""

from collections.abc import Callable, Sequence
from datetime import date

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.insureds.models import Insured
from portal.invoices.kinds import invoice_title
from portal.notices.message import MailUndeliverable, Message, Recipient
from portal.notices.payment_reminder import Asked, DueInvoice, LateFee, payment_reminder
from portal.payments.payable import Payable
from portal.programs.links import current_links
from portal.servicing.late.coming_fee import coming_fee
from portal.servicing.late.installments import must_wait
from portal.servicing.reminders.models import Reminder
from portal.servicing.reminders.queueing import why_not
from portal.servicing.reminders.still_due import Account, address_of, still_due

UrlFor = Callable[..., str]
"""Absolute address of an endpoint in the agency's portal."""


def reminder_message(
    session: Scoped,
    agency: Agency,
    reminder_id: int,
    email_id: int | None,
    today: date,
    url_for: UrlFor,
    *,
    again: bool = False,
) -> Message | None:
    """The mail to one address, as it reads today; None if it is not due any more, or the address is gone.

    Raises:
        MailUndeliverable: nobody can say now whether it is due; try again later.

    Args:
        session: a read unit.
        email_id: which address; None for the one that the program or one-time payment has of its own.
        today: the day at the agency.
        again: staff send it once more.
    """
    if must_wait(session):
        raise MailUndeliverable("what looks unpaid may be paid")
    reminder = session.get_one(Reminder, reminder_id)
    account = Account(reminder.program_id, reminder.invoice_id)
    if why_not(session, reminder, email_id, today, again=again):
        return None
    address = address_of(session, account, email_id)
    assert address is not None  # `why_not` has asked for it
    return asking_message(session, agency, account, still_due(session, reminder, today), address.email, today, url_for)


def asking_message(
    session: Scoped,
    agency: Agency,
    account: Account,
    invoices: Sequence[Payable],
    email: str,
    today: date,
    url_for: UrlFor,
) -> Message:
    """A mail that asks for these invoices, in the insured's language.

    Args:
        invoices: of the account, at least one, those due first in front.
        today: the day at the agency that it speaks of.
    """
    first = invoices[0]
    locale = session.scalars(select(Insured.locale).where(Insured.id == first.insured_id)).one()
    asked = Asked(
        what=first.program_name or "",
        invoices=[
            DueInvoice(invoice_title(one.kind, one.description), one.due_date, one.open_cents) for one in invoices
        ],
        is_coverage=account.program_id is not None,
        late_fee=_late_fee(session, [one.id for one in invoices if one.kind == "installment"], today),
    )
    recipient = Recipient(email, first.insured_name, locale)
    payment_url = _payment_url(session, account, [one.id for one in invoices], url_for)
    return payment_reminder(recipient, letterhead_of(agency), asked, today=today, payment_url=payment_url)


def _late_fee(session: Scoped, invoice_ids: Sequence[int], today: date) -> LateFee | None:
    fee = coming_fee(session, invoice_ids, today)
    return LateFee(fee.cents, fee.day) if fee else None


def _payment_url(session: Scoped, account: Account, invoice_ids: Sequence[int], url_for: UrlFor) -> str:
    """The payment link with these invoices ticked; the insured's own page where there is no link."""
    programs = [account.program_id] if account.program_id else []
    links = current_links(session, program_ids=programs, invoice_ids=[account.invoice_id or 0])
    if links:
        return url_for("link.pay", token=links[0].token, invoice=list(invoice_ids))
    return url_for("insured.pay", invoice=list(invoice_ids))
