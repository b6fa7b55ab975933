"""T1 for many payments in one transaction: insert payments and claims, then compare invoices with what was reviewed.

What cannot be claimed is left out and named. Nothing is half done: should another process be faster by a moment, all of
it is rolled back and begun again without what that one took.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from portal.core.audit import SYSTEM, record
from portal.core.db import run_unit
from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.payments.autopay.holding import KIND
from portal.payments.autopay.models import AutopayTry
from portal.payments.claims import IN_CLOSED_PROGRAM, KeptMethod, Payer, begun_payment, held_invoices, refusing
from portal.payments.models import Claim, Payment
from portal.payments.till import Till

TRIES = 5


@dataclass(frozen=True, slots=True)
class Authority:
    """By what autopay charges: whose consent, and the number of the try for the invoice."""

    enrollment_id: int
    mandate_id: int
    number: int


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """What is charged without anybody there.

    Args:
        request_key: one per invoice and try; a repeat finds the payment that exists.
        reviewed: invoice id -> the open cents on which the decision to charge was made. All of it is paid.
        authority: of autopay, whose orders have one invoice each; nobody else's payment is called one of autopay.
    """

    request_key: str
    reviewed: Mapping[int, int]
    fee_cents: int
    method: KeptMethod
    payer: Payer
    authority: Authority | None = None

    @property
    def amount_cents(self) -> int:
        """What is paid, without the fee."""
        return sum(self.reviewed.values())


@dataclass(frozen=True, slots=True)
class Begun:
    """Payments that were begun, each with its order; and why the others were not.

    Args:
        left: request key -> state of the payment that exists, or `held`, or `changed`.
    """

    payments: Sequence[tuple[Payment, BulkOrder]]
    left: Mapping[str, str]


class _FasterOnes(Exception):
    """Invoices that others took or changed since they were looked at; the unit must not commit."""


def claim_many(till: Till, orders: Sequence[BulkOrder]) -> Begun:
    """Begin a payment for each order whose invoices are free and open with what was reviewed.

    Args:
        orders: at most one for an invoice and for a request key.
    """
    for _ in range(TRIES):
        try:
            return run_unit(partial(_claim, till, orders))
        except (_FasterOnes, IntegrityError):
            continue
    return Begun((), {order.request_key: "held" for order in orders})


def _claim(till: Till, orders: Sequence[BulkOrder]) -> Begun:
    at = till.now()
    with till.writing() as session:
        left = _known(session, orders)
        wanted = [order for order in orders if order.request_key not in left]
        invoice_ids = [invoice_id for order in wanted for invoice_id in order.reviewed]
        held, changed = held_invoices(session, invoice_ids), _changed(session, wanted)
        for kind in {order.method.kind for order in wanted}:
            changed |= refusing(
                session, [id_ for each in wanted if each.method.kind == kind for id_ in each.reviewed], kind
            )
        for order in wanted:
            if not held.isdisjoint(order.reviewed):
                left[order.request_key] = "held"
            elif not changed.isdisjoint(order.reviewed):
                left[order.request_key] = "changed"
        wanted = [order for order in wanted if order.request_key not in left]
        payments = [_payment(till, order) for order in wanted]
        session.add_all(payments)
        session.flush()
        claims: list[dict[str, Any]] = [
            {"payment_id": payment.id, "invoice_id": invoice_id, "amount_cents": cents, "state": "live"}
            for payment, order in zip(payments, wanted, strict=True)
            for invoice_id, cents in order.reviewed.items()
        ]
        if claims:
            session.execute(insert(Claim), sorted(claims, key=lambda claim: claim["invoice_id"]))
        _touch(session, wanted, at)
        session.add_all(
            AutopayTry(
                enrollment_id=order.authority.enrollment_id,
                mandate_id=order.authority.mandate_id,
                invoice_id=invoice_id,
                payment_id=payment.id,
                number=order.authority.number,
            )
            for payment, order in zip(payments, wanted, strict=True)
            if order.authority is not None
            for invoice_id in order.reviewed
        )
        for payment in payments:
            record(session, SYSTEM, "payment.started", "payment", payment.id, at, charged_cents=payment.charged_cents)
        return Begun(list(zip(payments, wanted, strict=True)), left)


def _known(session: Scoped, orders: Sequence[BulkOrder]) -> dict[str, str]:
    query = select(Payment.request_key, Payment.state).where(
        Payment.request_key.in_([order.request_key for order in orders])
    )
    return dict(session.execute(query).all())


def _changed(session: Scoped, orders: Sequence[BulkOrder]) -> set[int]:
    """Invoices that are not open with what was reviewed."""
    reviewed = {invoice_id: cents for order in orders for invoice_id, cents in order.reviewed.items()}
    query = select(Invoice.id).where(_as_reviewed(reviewed))
    return set(reviewed) - set(session.scalars(query))


def _touch(session: Scoped, orders: Sequence[BulkOrder], at: Any) -> None:
    """The claims stand: now, and only now, what is open must be what was reviewed. The invoices are ours from here on.

    Raises:
        _FasterOnes: one has changed since it was looked at.
    """
    reviewed = {invoice_id: cents for order in orders for invoice_id, cents in order.reviewed.items()}
    touch = (
        update(Invoice).where(_as_reviewed(reviewed)).values(touched_at=at).execution_options(synchronize_session=False)
    )
    if session.execute(touch).rowcount != len(reviewed):  # type: ignore[attr-defined]
        raise _FasterOnes


def _as_reviewed(reviewed: Mapping[int, int]) -> Any:
    as_seen = tuple_(Invoice.id, Invoice.open_cents).in_(list(reviewed.items()))
    return (Invoice.state == "open") & as_seen & ~IN_CLOSED_PROGRAM


def _payment(till: Till, order: BulkOrder) -> Payment:
    kind = KIND if order.authority is not None else "unattended"
    payment = begun_payment(till.account, kind, order, secrets.token_urlsafe(24), till.now())
    payment.method_ref = order.method.method_id
    return payment
