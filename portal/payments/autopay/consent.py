"""What an insured agrees to when they turn autopay on or change its method, in the one wording there is.

It says what Nacha's rules ask of recurring debits agreed to on a web page (Operating Rules 2.3.2.2, 2.5.17), what
Regulation E asks of preauthorized transfers (12 CFR 1005.10: notice of varying amounts, how to stop), and what card
networks ask of charges that nobody is there for: what, when, how much, how to end it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.payments.method_kinds import BANK_DEBIT

VERSION = "autopay 2026-11-21"
"""Of the wording: a change of it is a new version. Who agreed to an earlier one has agreed to that."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A charge that is known when they agree.

    Args:
        invoice_id: None before the down payment, when installments are no invoices yet.
        amount_cents: what is charged, `fee_cents` included.
    """

    invoice_id: int | None
    due_date: date
    amount_cents: int
    fee_cents: int


def autopay_authorization(
    *,
    agency_name: str,
    phone: str,
    email: str,
    program: str,
    method: Text | str,
    method_kind: str,
    scheduled: Sequence[Scheduled],
) -> tuple[Text, ...]:
    """The authorization, by paragraph; each scheduled payment is one.

    Args:
        phone, email: of the agency, where it can be ended, too.
        method: what people call it, like "Visa ••4242".
        scheduled: what is known now, by due date; at least one.
    """
    is_debit = method_kind == BANK_DEBIT
    names = {"agency": agency_name, "program": program, "method": method}
    has_fee = any(each.fee_cents for each in scheduled)
    return (
        text(
            "You authorize %(agency)s to debit your bank account %(method)s for %(program)s, each time a payment is "
            "due. The debits are electronic (ACH), and Stripe makes them for us.",
            **names,
        )
        if is_debit
        else text(
            "You authorize %(agency)s to charge %(method)s for %(program)s, each time a payment is due. You do not "
            "have to be there.",
            **names,
        ),
        text("These payments are known today. The card fee is in them:")
        if has_fee and not is_debit
        else text("These payments are known today. The bank debit fee is in them:")
        if has_fee
        else text("These payments are known today:"),
        *(
            text("%(date)s: %(amount)s", date=each.due_date, amount=format_money(each.amount_cents))
            for each in scheduled
        ),
        text(
            "We also take what this program adds later: the price of a change to your policy, and late fees. We mail "
            "you the day and the amount at least 3 days before."
        ),
        text(
            "We mail you 3 days before each payment. If an amount goes up, we take it 3 days after that mail or later, "
            "never before."
        ),
        text(
            "If your bank returns a debit because there is not enough money, we may send it again, at most twice, for "
            "the same amount. For any other reason we do not."
        )
        if is_debit
        else text("If your bank declines a payment, we may try it again 1, 3 and 5 days later."),
        *(
            [
                text(
                    "You confirm that the account is yours, or that you may authorize debits from it, and that they "
                    "comply with U.S. law."
                )
            ]
            if is_debit
            else []
        ),
        text(
            "You can turn autopay off at any time on the page of this program, or call %(phone)s or write to "
            "%(email)s. What we have sent to your bank before then cannot be stopped.",
            phone=phone,
            email=email,
        ),
    )
