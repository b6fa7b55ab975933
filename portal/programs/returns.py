"""What comes back of a policy: unearned premium with its commission and taxes, fees where nothing was covered. Pure.

Flat: as if it had never begun; possible within 60 days. Pro rata: by days. Short rate: nine tenths of that, as is
customary where the insured cancels. Of each but flat, the minimum earned part of the premium stays.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from portal.core.errors import BadInput
from portal.core.money import allocate, percent_of
from portal.core.text import Text, text
from portal.ledger.return_postings import Returned

Method = Literal["pro_rata", "short_rate", "flat"]
METHOD_WORDS: dict[str, Text] = {
    "pro_rata": text("Pro rata: by the days that are left"),
    "short_rate": text("Short rate: 90% of pro rata"),
    "flat": text("Flat: as if it had never begun"),
}
FLAT_WITHIN = timedelta(days=60)
SHORT_RATE = Decimal("0.9")


@dataclass(frozen=True, slots=True)
class PolicyBilled:
    """A policy with what was billed of it and has not come back, in cents.

    Args:
        commission_cents: the agency's, inside the premium.
        kept_cents: what of the premium the partner who pays has kept.
    """

    policy_id: int
    number: str
    carrier: str
    effective_date: date
    expiration_date: date
    minimum_earned_rate: Decimal
    premium_cents: int
    commission_cents: int
    taxes_cents: int
    fees_cents: int
    kept_cents: int = 0


def unearned(policy: PolicyBilled, on: date, method: Method) -> int:
    """The premium that a cancelation gives back, in cents.

    Args:
        on: the first day without coverage.
    """
    if method == "flat":
        return policy.premium_cents
    days = (policy.expiration_date - policy.effective_date).days
    left = min(max((policy.expiration_date - on).days, 0), days)
    by_days = allocate(policy.premium_cents, [left, days - left])[0]
    given = by_days if method == "pro_rata" else percent_of(by_days, SHORT_RATE)
    return min(given, policy.premium_cents - percent_of(policy.premium_cents, policy.minimum_earned_rate))


def canceled(policy: PolicyBilled, on: date, method: Method, today: date, premium_cents: int | None = None) -> Returned:
    """What comes back when a policy is canceled.

    Args:
        on: the first day without coverage; flat: its first day.
        premium_cents: what the carrier says of the premium; None: worked out.

    Raises:
        BadInput: flat after 60 days, a day outside its term, or more than was billed.
    """
    if method == "flat" and today - policy.effective_date > FLAT_WITHIN:
        raise BadInput(text("%(policy)s began over 60 days ago: it cannot be canceled flat.", policy=policy.number))
    if not policy.effective_date <= on <= policy.expiration_date:
        raise BadInput(text("The day is outside the term of %(policy)s.", policy=policy.number))
    given = unearned(policy, on, method) if premium_cents is None else premium_cents
    return returned(policy, given, policy.fees_cents if method == "flat" else 0)


def returned(policy: PolicyBilled, premium_cents: int, fees_cents: int = 0) -> Returned:
    """Premium that comes back, with commissions and taxes in proportion.

    Raises:
        BadInput: more than was billed.
    """
    if not 0 <= premium_cents <= policy.premium_cents:
        raise BadInput(text("More would come back of %(policy)s than was billed.", policy=policy.number))
    weights = [premium_cents, policy.premium_cents - premium_cents]
    commission, kept, taxes = (
        [allocate(cents, weights)[0] for cents in (policy.commission_cents, policy.kept_cents, policy.taxes_cents)]
        if policy.premium_cents
        else [0, 0, policy.taxes_cents if fees_cents else 0]
    )
    return Returned(policy.policy_id, policy.carrier, premium_cents, commission, taxes, fees_cents, kept)


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An open invoice that premium can pay when it comes back."""

    id: int
    kind: str
    due_date: date
    open_cents: int


def spread_return(cents: int, invoices: list[OpenInvoice], today: date) -> dict[int, int]:
    """Which open invoices premium pays when it comes back: what is past due, then the loan from its last installment
    on, then the rest by its day. Fees for being late come last.

    Returns:
        Invoice id -> cents; what is left over is the customer's.
    """

    def turn(invoice: OpenInvoice) -> tuple[int, int, int]:
        if invoice.kind == "late_fee":
            return 3, invoice.due_date.toordinal(), invoice.id
        if invoice.due_date < today:
            return 0, invoice.due_date.toordinal(), invoice.id
        if invoice.kind == "installment":
            return 1, -invoice.due_date.toordinal(), -invoice.id
        return 2, invoice.due_date.toordinal(), invoice.id

    found = {}
    for invoice in sorted(invoices, key=turn):
        part = min(cents, invoice.open_cents)
        if part:
            found[invoice.id] = part
        cents -= part
    return found
