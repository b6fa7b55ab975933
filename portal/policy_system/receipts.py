"""Which receipts the policy system is to have, and what has to change there. Pure.

A payment's receipt is made once the money is at the agency's bank: gross of the processor's fees, since those are the
agency's cost, and without the card fee, which the policy system has not billed. What is taken back later voids it, and
what remains is a receipt anew. A loan's installments are the lender's: of a financed program the down payment and the
lender's money are receipts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from portal.policy_system.records import InvoiceThere, ReceiptApplication

Source = Literal["payment", "funding"]
BILLED_THERE = ("pay_in_full", "down_payment", "endorsement")
"""Kinds of invoices of which the policy system has one too: installments and late fees it does not know."""
METHODS = {"card": "card", "us_bank_account": "ach", "check": "check", "wire": "wire"}
"""What it calls methods; anything else is an ach."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one of our invoices has of a payment, and still has.

    Args:
        party: who is billed: receipts are one customer's each.
    """

    party: str
    invoice_id: int
    cents: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A receipt that is there, or on its way.

    Args:
        state: wanted, sending, refused, made or voiding.
    """

    id: int
    party: str
    state: str
    parts: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done about one party's receipt.

    Args:
        voids: the receipt that does not fit any more.
        parts: of the new one: our invoice and cents; empty for none.
    """

    party: str
    voids: Standing | None
    parts: tuple[tuple[int, int], ...]


def changes(shares: Iterable[Share], standing: Sequence[Standing]) -> list[Change]:
    """What has to change so that each party's receipt says what its invoices still have of the payment.

    One that is being sent or voided at this moment is left alone: what is due is seen after that.

    >>> changes([Share("insured:1", 7, 500), Share("insured:1", 8, 0)], [])
    [Change(party='insured:1', voids=None, parts=((7, 500),))]
    >>> changes([Share("insured:1", 7, 500)], [Standing(3, "insured:1", "made", ((7, 500),))])
    []
    """
    wanted: dict[str, dict[int, int]] = {}
    for share in shares:
        if share.cents > 0:
            of_party = wanted.setdefault(share.party, {})
            of_party[share.invoice_id] = of_party.get(share.invoice_id, 0) + share.cents
    live = {each.party: each for each in standing}
    found = []
    for party in sorted({*wanted, *live}):
        parts = tuple(sorted(wanted.get(party, {}).items()))
        one = live.get(party)
        if one is None:
            found.append(Change(party, None, parts))
        elif one.state not in ("sending", "voiding") and one.parts != parts:
            found.append(Change(party, one, parts))
    return found


class CannotApply(Exception):
    """The policy system's invoices do not take the receipt; the message says why, for staff."""


@dataclass(frozen=True, slots=True)
class Applied:
    """How a receipt lands on their invoices."""

    customer_kind: str
    customer_id: str
    applications: tuple[ReceiptApplication, ...]


def apply(parts: Mapping[str, int], theirs: Mapping[str, Sequence[InvoiceThere]]) -> Applied:
    """Spread a receipt over their invoices, the oldest first.

    Args:
        parts: a policy or endorsement of theirs -> cents.
        theirs: the same -> its invoices. What is more than they have open lands on the last one, for them to refuse.

    Raises:
        CannotApply: there is no invoice, or they bill several customers.
    """
    landed: dict[str, int] = {}
    customers = set()
    left_open = {each.id: each.outstanding_cents for rows in theirs.values() for each in rows}
    for thing, cents in parts.items():
        rows = [each for each in theirs.get(thing, ()) if each.status != "void"]
        if not rows:
            said = "has voided its invoice" if theirs.get(thing) else "has no invoice"
            raise CannotApply(f"BindHQ {said} for {thing}.")
        rest = cents
        for row in rows:
            customers.add((row.customer_kind, row.customer_id))
            taken = rest if row is rows[-1] else min(rest, left_open[row.id])
            if taken:
                landed[row.id] = landed.get(row.id, 0) + taken
                left_open[row.id] = max(0, left_open[row.id] - taken)
            rest -= taken
    if len(customers) != 1:
        raise CannotApply("BindHQ bills several customers for what one payment paid here.")
    [(kind, customer_id)] = customers
    return Applied(kind, customer_id, tuple(ReceiptApplication(*each) for each in landed.items()))


def external_id(reference: str, number: int) -> str:
    """Ours, once per client of the policy system.

    >>> external_id("P-7Q2K9", 1), external_id("P-7Q2K9", 3)
    ('P-7Q2K9', 'P-7Q2K9-3')
    """
    return reference if number == 1 else f"{reference}-{number}"
