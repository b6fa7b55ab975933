"""What the payer of a bank debit authorizes, in the one wording there is, and the record that they did.

It says what Nacha's rules ask of a single debit agreed to on a web page: who debits which account, how much and when,
that the payer means it, and how to revoke it (Nacha Operating Rules 2.3.2.2 and 2.5.17, WEB entries).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select

from portal.core.money import format_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.payments.autopay.models import AutopayTry
from portal.payments.gateway import Acceptance
from portal.payments.models import Mandate, Payment

VERSION = "2026-11-21"
"""Of the wording: a change of it is a new version. Who agreed to an earlier one has agreed to that."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What one person was shown and agreed to.

    Args:
        text: as it was shown, its paragraphs on lines of their own.
        version: of the wording.
        locale: of the text.
        ip_address, browser: from where, and the browser's own name of itself.
    """

    text: str
    version: str
    locale: str
    ip_address: str
    browser: str


def debit_authorization(
    *, agency_name: str, phone: str, email: str, amount_cents: int, account: Text | str, debited_on: date
) -> tuple[Text, ...]:
    """The authorization of one bank debit, by paragraph.

    Args:
        phone, email: of the agency, where it is revoked.
        amount_cents: what is debited, the fee included.
        account: the bank's name and the account's last four digits.
        debited_on: the first day on which it may happen, at the agency.
    """
    return (
        text(
            "You authorize %(agency)s to debit %(amount)s from your bank account %(account)s. That is one time, on "
            "%(date)s or later. The debit is electronic (ACH), and Stripe makes it for us.",
            agency=agency_name,
            amount=format_money(amount_cents),
            account=account,
            date=debited_on,
        ),
        text(
            "You confirm that the account is yours, or that you may authorize debits from it, and that this debit "
            "complies with U.S. law."
        ),
        text(
            "If your bank returns the debit, your payment has not been made and stays due. We do not debit your "
            "account again without a new authorization."
        ),
        text(
            "To revoke this authorization, call %(phone)s or write to %(email)s before the debit is sent to your bank. "
            "We may send it on the day you agree. You can ask us for a copy at any time.",
            phone=phone,
            email=email,
        ),
    )


def keep_agreement(session: Scoped, payment: Payment, agreement: Agreement, at: datetime) -> None:
    """Write down, once, what the payer of a payment has agreed to."""
    session.add(
        Mandate(
            payment_id=payment.id,
            text=agreement.text,
            version=agreement.version,
            locale=agreement.locale,
            agreed_at=at,
            ip_address=agreement.ip_address,
            browser=agreement.browser,
            method_kind=payment.method_kind,
            method_brand=payment.method_brand,
            method_last4=payment.method_last4,
            method_fingerprint=payment.method_fingerprint,
        )
    )


def mandate_of(session: Scoped, payment_id: int) -> Mandate | None:
    """What the payer of a payment has authorized: it alone, or with autopay, which began it.

    None for cards that they paid with themselves, and for what a restored backup has lost.
    """
    by_autopay = select(AutopayTry.mandate_id).where(AutopayTry.payment_id == payment_id)
    query = select(Mandate).where(or_(Mandate.payment_id == payment_id, Mandate.id.in_(by_autopay)))
    return session.scalars(query).one_or_none()


def authorized(session: Scoped, payment_ids: Sequence[int]) -> set[int]:
    """Which of these payments have an authorization that can be shown."""
    if not payment_ids:
        return set()
    alone = select(Mandate.payment_id).where(Mandate.payment_id.in_(payment_ids))
    by_autopay = select(AutopayTry.payment_id).where(AutopayTry.payment_id.in_(payment_ids))
    return {id_ for query in (alone, by_autopay) for id_ in session.scalars(query) if id_ is not None}


def acceptance_of(mandate: Mandate) -> Acceptance:
    """The same, as the processor wants to know it."""
    return Acceptance(mandate.agreed_at, mandate.ip_address, mandate.browser)
