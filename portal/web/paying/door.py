"""Through which door a payer comes, and what they may pay there. Asked anew on every request."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for

from portal.core.text import Text
from portal.financing.payoffs import PayoffQuote
from portal.payments.claims import Payer
from portal.payments.payable import Payable


@dataclass(frozen=True, slots=True)
class CheckoutEnd:
    """The last three steps of a program's checkout: how to pay, review, done.

    Args:
        name: the program's.
        is_financed: an agreement was signed on the way, which is a step more.
    """

    name: str
    is_financed: bool

    @property
    def steps(self) -> int:
        """How many there are in all; the last one is done."""
        return 6 if self.is_financed else 5


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An invoice that was chosen and cannot be paid now: its number, and why."""

    number: str
    why: Text


@dataclass(frozen=True, slots=True)
class Door:
    """What one payer may pay.

    Args:
        payer: who pays as far as it is known; the name and e-mail of a guest are asked for.
        payable: every open invoice behind this door.
        is_masked: a third party: names and numbers of the insured are masked.
        endpoint: the blueprint's name; the door's pages are <endpoint>.pay, .review, .submit.
        values: what the door's addresses need besides.
        back_url: where "Back" leads; empty where there is nothing behind.
        status: the program's, for a payment link; empty elsewhere.
        payoff: the loan that is ended behind this door, and nothing else paid; None elsewhere.
        checkout: the checkout that the payer comes from; None elsewhere.
        left_out: what a partner has chosen and somebody else is paying, or has paid: said, and no error.
    """

    payer: Payer
    payable: list[Payable]
    is_masked: bool
    endpoint: str
    values: dict[str, Any]
    back_url: str
    status: str = ""
    payoff: PayoffQuote | None = None
    checkout: CheckoutEnd | None = None
    left_out: tuple[LeftOut, ...] = ()

    @property
    def is_partner(self) -> bool:
        """Whether a partner pays: many invoices of many insureds."""
        return self.payer.kind == "partner"

    @property
    def asks_payer(self) -> bool:
        """Whether the payer has to say who they are."""
        return self.is_masked

    @property
    def payoff_parts(self) -> dict[int, int]:
        """What is paid of each installment when the loan is ended: less by the interest that is saved."""
        return payoff_parts(self.payoff) if self.payoff else {}

    def url(self, step: str, **more: Any) -> str:
        """The address of one of the door's steps: pay, review or submit."""
        return url_for(f"{self.endpoint}.{step}", **self.values, **more)


def payoff_parts(quote: PayoffQuote) -> dict[int, int]:
    """The installments of which less is paid than is open: id -> cents."""
    return {
        each: cents - quote.saved_cents[each] for each, cents in quote.open_cents.items() if quote.saved_cents[each]
    }


FindDoor = Callable[..., Door]
"""Makes the door of a request from the values in its address; raises NotFound or Gone."""
