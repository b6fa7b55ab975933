"""The agency's payments as staff look through them: by state, day and method; and the same for a spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, select

from portal.core.clock import day_begins, day_ends, local_date
from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.payments.method_kinds import BANK_DEBIT, CARD
from portal.payments.method_name import BANK_ACCOUNT, OFFLINE, method_name
from portal.payments.models import Payment
from portal.payments.transitions import CLOSED

PAGE = 50
Show = Literal["succeeded", "under_way", "failed", "all"]
SHOW_WORDS: dict[Show, Text] = {
    "succeeded": text("Paid"),
    "under_way": text("Under way"),
    "failed": text("Failed"),
    "all": text("All attempts"),
}
METHODS: dict[str, Text] = {CARD: text("Card"), BANK_DEBIT: BANK_ACCOUNT, **OFFLINE}


@dataclass(frozen=True, slots=True)
class PaymentFilter:
    """What is wanted.

    Args:
        show: by what came of it.
        method: kind of method; empty for all.
        first, last: days on which it was paid, or begun if it was not; both included; None for no limit.
        before: the id with which the page before ended.
    """

    show: Show = "succeeded"
    method: str = ""
    first: date | None = None
    last: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class ListedPayment:
    """One line of the list; `moment` is when it was paid, or begun if it was not."""

    id: int
    reference: str
    moment: datetime
    state: str
    method: Text | str
    payer: str
    amount_cents: int
    fee_cents: int
    charged_cents: int


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """One page of the list, the newest first.

    Args:
        count, charged_cents: of all that fit, not of this page alone.
        before: with what the next page begins; None on the last.
    """

    payments: tuple[ListedPayment, ...]
    count: int
    charged_cents: int
    before: int | None


def payment_page(session: Scoped, wanted: PaymentFilter, zone: str) -> PaymentPage:
    """Fifty payments.

    Args:
        zone: where the days begin.
    """
    fits = _fits(wanted, zone)
    count, cents = session.execute(
        select(func.count(Payment.id), func.coalesce(func.sum(Payment.charged_cents), 0)).where(*fits)
    ).one()
    query = select(Payment).where(*fits).order_by(Payment.id.desc())
    if wanted.before is not None:
        query = query.where(Payment.id < wanted.before)
    rows = session.scalars(query.limit(PAGE + 1)).all()
    shown = tuple(map(listed, rows[:PAGE]))
    return PaymentPage(shown, count, int(cents), shown[-1].id if len(rows) > PAGE else None)


CSV_HEADER = ("reference", "day", "state", "method", "payer", "payer_email", "amount", "fee", "charged")


def csv_rows(session: Scoped, wanted: PaymentFilter, zone: str) -> Iterator[tuple[object, ...]]:
    """All that fit, whatever page; read from the database in portions."""
    query = select(Payment).where(*_fits(wanted, zone)).order_by(Payment.id)
    for payment in session.scalars(query.execution_options(yield_per=1_000)):
        one = listed(payment)
        amounts = map(plain_money, (one.amount_cents, one.fee_cents, one.charged_cents))
        day = local_date(one.moment, zone)
        yield (one.reference, day, one.state, one.method, payment.payer_name, payment.payer_email, *amounts)


def listed(payment: Payment) -> ListedPayment:
    """A payment as one line of a list."""
    return ListedPayment(
        id=payment.id,
        reference=payment.reference,
        moment=payment.succeeded_at or payment.created_at,
        state=payment.state,
        method=method_name(payment.method_brand, payment.method_last4),
        payer=payment.payer_name or payment.payer_email,
        amount_cents=payment.amount_cents,
        fee_cents=payment.fee_cents,
        charged_cents=payment.charged_cents,
    )


def _fits(wanted: PaymentFilter, zone: str) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    match wanted.show:
        case "succeeded":
            fits.append(Payment.state == "succeeded")
        case "under_way":
            fits.append(Payment.state.not_in(CLOSED))
        case "failed":
            fits.append(Payment.state.in_(("failed", "canceled")))
        case "all":
            pass
    moment: Any = Payment.succeeded_at if wanted.show == "succeeded" else Payment.created_at
    if wanted.method == CARD:  # wallets and Link too: whatever is none of the others
        fits.append(Payment.method_kind.not_in(METHODS.keys() - {CARD}))
    elif wanted.method:
        fits.append(Payment.method_kind == wanted.method)
    if wanted.first is not None:
        fits.append(moment >= day_begins(wanted.first, zone))
    if wanted.last is not None:
        fits.append(moment < day_ends(wanted.last, zone))
    return fits
