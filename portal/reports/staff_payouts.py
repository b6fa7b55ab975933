"""Payouts from the processor to the agency's bank, for its accountants: the list, and what is in one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.core.errors import NotFound
from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.models import Invoice
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.models import Claim, Payment
from portal.payments.money_back.models import Dispute, DisputeMovement, Refund

MOST = 50
OWN = ("payout", "payout_failure", "payout_cancel")
KIND_WORDS: dict[str, Text] = {
    "charge": text("Payment"),
    "payment": text("Payment by bank debit"),
    "payment_failure_refund": text("Bank debit that failed"),
    "refund": text("Refund"),
    "payment_refund": text("Refund"),
    "refund_failure": text("Refund that came back"),
    "adjustment": text("Dispute or correction"),
    "stripe_fee": text("Fee of the processor"),
    "stripe_fx_fee": text("Fee of the processor"),
    "tax_fee": text("Tax on fees"),
    "payout_failure": text("Payout that failed"),
    "payout_cancel": text("Payout canceled"),
    "reserve_transaction": text("Held back by the processor"),
    "reserve_hold": text("Held back by the processor"),
    "reserve_release": text("Held back, now released"),
    "reserved_funds": text("Held back by the processor"),
}


@dataclass(frozen=True, slots=True)
class PayoutRow:
    """A payout in the list.

    Args:
        payments: how many it pays out; None while that is not known, or never will be.
    """

    id: int
    number: str
    status: str
    amount_cents: int
    created_at: datetime
    arrives_on: date
    trace: str
    failure: str
    is_automatic: bool
    payments: int | None


@dataclass(frozen=True, slots=True)
class Movement:
    """One movement that a payout pays out.

    Args:
        number: at the processor.
        payment: reference and public name of the page of the payment that it came from, or went back of; None if
            it belongs to none.
        payer: who paid.
        invoices: numbers of what was paid.
    """

    number: str
    kind: str
    created_at: datetime
    payment: tuple[str, str] | None
    payer: str
    invoices: tuple[str, ...]
    amount_cents: int
    fee_cents: int
    net_cents: int

    @property
    def words(self) -> Text:
        """What it is."""
        return KIND_WORDS.get(self.kind) or text("Not known to the portal")


@dataclass(frozen=True, slots=True)
class PayoutPage:
    """One payout and all that is in it, as far as the processor says."""

    payout: PayoutRow
    movements: tuple[Movement, ...]

    @property
    def totals(self) -> tuple[int, int, int]:
        """Amount, fee and net of all of it, in cents."""
        return (
            sum(each.amount_cents for each in self.movements),
            sum(each.fee_cents for each in self.movements),
            sum(each.net_cents for each in self.movements),
        )


def payouts(session: Scoped, before: int | None = None) -> tuple[list[PayoutRow], int | None]:
    """Payouts, the newest first; and where the next page begins, if there is one.

    Args:
        before: only those with a smaller id.
    """
    query = select(ProcessorPayout).order_by(ProcessorPayout.id.desc()).limit(MOST + 1)
    if before is not None:
        query = query.where(ProcessorPayout.id < before)
    found = session.scalars(query).all()
    rows = _rows(session, found[:MOST])
    return rows, rows[-1].id if len(found) > MOST else None


def payout_page(session: Scoped, payout_id: int) -> PayoutPage:
    """One payout with what it pays out, the oldest first.

    Raises:
        NotFound: the agency has no such payout.
    """
    payout = session.scalars(select(ProcessorPayout).where(ProcessorPayout.id == payout_id)).one_or_none()
    if payout is None:
        raise NotFound
    query = select(BalanceTransaction).where(
        BalanceTransaction.payout_id == payout.payout_id, BalanceTransaction.source_id != payout.payout_id
    )
    moved = session.scalars(query.order_by(BalanceTransaction.created_at, BalanceTransaction.id)).all()
    ids = _payment_ids(session, moved)
    paid = _payments(session, sorted(set(ids.values())))
    numbers = _invoices(session, list(paid))
    movements = []
    for row in moved:
        payment = paid.get(ids.get(row.transaction_id, 0))
        movements.append(
            Movement(
                number=row.transaction_id,
                kind=row.kind,
                created_at=row.created_at,
                payment=(payment.reference, payment.token) if payment else None,
                payer=payment.payer_name or payment.payer_email if payment else "",
                invoices=tuple(numbers.get(payment.id, ())) if payment else (),
                amount_cents=row.amount_cents,
                fee_cents=row.fee_cents,
                net_cents=row.net_cents,
            )
        )
    return PayoutPage(_rows(session, [payout])[0], tuple(movements))


CSV_HEADER = ("payout", "arrives_on", "kind", "number", "at", "payment", "payer", "invoices", "amount", "fee", "net")


def csv_rows(page: PayoutPage) -> Iterator[tuple[str, ...]]:
    """What is in a payout for a spreadsheet: dollars as plain numbers."""
    for each in page.movements:
        yield (
            page.payout.number,
            page.payout.arrives_on.isoformat(),
            each.kind,
            each.number,
            each.created_at.isoformat(),
            each.payment[0] if each.payment else "",
            each.payer,
            " ".join(each.invoices),
            plain_money(each.amount_cents),
            plain_money(each.fee_cents),
            plain_money(each.net_cents),
        )


def _rows(session: Scoped, found: Sequence[ProcessorPayout]) -> list[PayoutRow]:
    query = (
        select(BalanceTransaction.payout_id, func.count())
        .where(
            BalanceTransaction.payout_id.in_([payout.payout_id for payout in found]),
            BalanceTransaction.kind.in_(["charge", "payment"]),
        )
        .group_by(BalanceTransaction.payout_id)
    )
    counts = dict(session.execute(query).all())
    return [
        PayoutRow(
            id=payout.id,
            number=payout.payout_id,
            status=f"payout_{payout.state}",
            amount_cents=payout.amount_cents,
            created_at=payout.created_at,
            arrives_on=payout.arrives_on,
            trace=payout.trace,
            failure=payout.failure,
            is_automatic=payout.is_automatic,
            payments=counts.get(payout.payout_id, 0) if payout.is_listed else None,
        )
        for payout in found
    ]


def _payment_ids(session: Scoped, moved: Sequence[BalanceTransaction]) -> dict[str, int]:
    """Transaction -> the payment that it brought, or took something back of."""
    names = [row.transaction_id for row in moved]
    found = {row.transaction_id: int(str(row.entry_ref)) for row in moved if row.entry_kind == "charge"}
    for column in (Refund.transaction_id, Refund.failure_transaction_id):
        refunds = select(column, Refund.payment_id).where(column.in_(names))
        found.update((str(name), payment_id) for name, payment_id in session.execute(refunds))
    disputes = (
        select(DisputeMovement.transaction_id, Dispute.payment_id)
        .join(Dispute, Dispute.id == DisputeMovement.dispute_id)
        .where(DisputeMovement.transaction_id.in_(names))
    )
    found.update(session.execute(disputes).all())
    return found


def _payments(session: Scoped, ids: Sequence[int]) -> dict[int, Payment]:
    return {payment.id: payment for payment in session.scalars(select(Payment).where(Payment.id.in_(ids)))}


def _invoices(session: Scoped, payment_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = session.execute(
        select(Claim.payment_id, Invoice.number)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Claim.payment_id.in_(payment_ids), Claim.amount_cents > 0)
        .order_by(Invoice.id)
    )
    found: dict[int, list[str]] = {}
    for payment_id, number in rows:
        found.setdefault(payment_id, []).append(number)
    return found
