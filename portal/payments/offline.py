"""Money that comes another way: a check, a wire, cash. Recorded by staff, cleared or bounced by the bank.

A recorded payment is born succeeded: the money is in hand. A check waits in clearing; wire and cash clear at once.
It goes through the same claims as any other: an invoice that a card payment holds cannot be paid with a check.
"""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.events import publish
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.loans import after_payment
from portal.financing.reversals import after_reversal
from portal.invoices.models import Invoice
from portal.invoices.settle import reopen, settle
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry
from portal.ledger.postings import CHECKS_IN_CLEARING, check_bounced, check_cleared, payment_succeeded
from portal.payments.check_image import attach_image
from portal.payments.claims import MOST_CENTS, Payer, ReviewChanged, consume, hold, new_reference, reverse, still
from portal.payments.events import CheckBounced, PaymentSettled
from portal.payments.models import Claim, Payment
from portal.payments.money_back.credit import enter_credit, owner_of
from portal.payments.submit import by_request

OfflineMethod = Literal["check", "wire", "cash"]
METHODS: tuple[OfflineMethod, ...] = get_args(OfflineMethod)


@dataclass(frozen=True, slots=True)
class Received:
    """What staff have in hand.

    Args:
        request_key: one per rendered form; a repeat returns the payment that exists.
        reference: the number of the check, the wire's reference; may be empty for cash.
        amount_cents: what came in.
        reviewed: invoice id -> the open cents that were shown, in the order in which they are paid.
        payer: the insured, or the partner whose invoices these are; without an address no receipt leaves.
        image: the name of a kept picture of it; empty if there is none.
    """

    request_key: str
    method: OfflineMethod
    reference: str
    received_on: date
    amount_cents: int
    reviewed: Mapping[int, int]
    payer: Payer
    image: str = ""


@dataclass(frozen=True, slots=True)
class CheckState:
    """What became of a check: it waits for the bank, has come back, or neither: it is paid."""

    is_in_clearing: bool = False
    returned_on: date | None = None


def spread(amount_cents: int, open_cents: Mapping[int, int]) -> tuple[dict[int, int], int]:
    """What lands on each invoice, in order, and what is left over for the customer's credit. Pure.

    >>> spread(150_00, {1: 100_00, 2: 100_00})
    ({1: 10000, 2: 5000}, 0)
    >>> spread(120_00, {1: 100_00})
    ({1: 10000}, 2000)
    """
    landing, left = {}, amount_cents
    for invoice_id, cents in open_cents.items():
        landing[invoice_id] = min(cents, left)
        left -= landing[invoice_id]
    return {invoice_id: cents for invoice_id, cents in landing.items() if cents}, left


def record_offline(session: Scoped, received: Received, zone: str, actor: Actor, at: datetime) -> Payment:
    """Enter the payment, lower what is open, post it, and queue the receipt, in the caller's unit.

    A repeated request key returns the payment that exists, also when both came at the same moment.

    Args:
        zone: the agency's time zone.

    Raises:
        BadInput: no amount, no invoice, or a day that has not come.
        AlreadyUnderWay, ReviewChanged: nothing was recorded.
    """
    known = by_request(session, received.request_key)
    if known is not None:
        return known
    today = at.astimezone(ZoneInfo(zone)).date()
    check_received(received, today)
    landing, credit = spread(received.amount_cents, received.reviewed)
    payment = _payment(received, zone, at)
    try:
        with session.begin_nested():
            session.add(payment)
    except IntegrityError:  # the other press of a double click was faster by a moment
        known = by_request(session, received.request_key)
        if known is None:
            raise
        return known
    if received.image:
        attach_image(session, payment, received.image, actor, at)
    hold(session, payment.id, sorted(landing.items()))
    owner = owner_of(session, payment.id)
    payment.partner_id = owner.partner_id if owner else None
    for invoice_id in sorted(landing):
        if not still(session, invoice_id, received.reviewed[invoice_id], at):
            raise ReviewChanged(text("The amount has changed since you looked. Nothing was recorded. Look again."))
    consume(session, payment.id)
    query = select(Invoice).where(Invoice.id.in_(landing)).order_by(Invoice.id).with_for_update()
    invoices = session.scalars(query.execution_options(populate_existing=True)).all()
    parts = settle(session, [(invoice, landing[invoice.id]) for invoice in invoices], at)
    ref = str(payment.id)
    entries = [payment_succeeded(ref, parts, credit, 0, received.received_on, CHECKS_IN_CLEARING)]
    if received.method != "check":
        entries.append(check_cleared(ref, received.amount_cents, received.received_on))
    post(session, entries, at)
    after_payment(session, invoices, today, at)
    _credit(session, "charge", payment, credit, received.received_on, at)
    publish(session, PaymentSettled(payment.id), at)
    record(
        session,
        actor,
        "payment.received_offline",
        "payment",
        payment.id,
        at,
        method=received.method,
        amount_cents=received.amount_cents,
        credit_cents=credit,
    )
    return payment


def checks_in_clearing(session: Scoped, checks: Collection[int]) -> set[int]:
    """Of which of these checks, by their payments' ids, the bank has not said yet whether it pays."""
    if not checks:
        return set()
    ended = select(JournalEntry.ref).where(
        JournalEntry.kind.in_(["check_cleared", "check_bounced"]), JournalEntry.ref.in_([str(id_) for id_ in checks])
    )
    return set(checks) - {int(ref) for ref in session.scalars(ended)}


def check_state(session: Scoped, payment: Payment) -> CheckState | None:
    """What became of a check so far, and the day on which it came back; None for any other payment."""
    if payment.method_kind != "check":
        return None
    query = select(JournalEntry.kind, JournalEntry.booked_on).where(
        JournalEntry.kind.in_(["check_cleared", "check_bounced"]), JournalEntry.ref == str(payment.id)
    )
    ended = session.execute(query).one_or_none()
    if ended is None:
        return CheckState(is_in_clearing=True)
    return CheckState(returned_on=ended.booked_on if ended.kind == "check_bounced" else None)


def clear_check(session: Scoped, payment_id: int, booked_on: date, actor: Actor, at: datetime) -> None:
    """The bank has paid the check.

    Raises:
        NotFound: no such check.
        Conflict: it is cleared or bounced already.
    """
    payment = _take(session, payment_id, at)
    post(session, [check_cleared(str(payment.id), payment.amount_cents, booked_on)], at)
    record(session, actor, "payment.check_cleared", "payment", payment.id, at)


def bounce_check(session: Scoped, payment_id: int, booked_on: date, actor: Actor, at: datetime) -> None:
    """The bank has not paid the check: what it had paid is open again; payer and staff are told.

    What it had paid on an invoice that is void by now, as of a canceled loan, goes to suspense: staff look into it.

    Raises:
        NotFound: no such check.
        Conflict: it is cleared or bounced already.
    """
    payment = _take(session, payment_id, at)
    claims = session.scalars(
        select(Claim).where(Claim.payment_id == payment.id, Claim.state == "consumed").order_by(Claim.invoice_id)
    ).all()
    query = select(Invoice).where(Invoice.id.in_([claim.invoice_id for claim in claims])).order_by(Invoice.id)
    invoices = session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()
    landed = [(invoice, claim.amount_cents) for invoice, claim in zip(invoices, claims, strict=True)]
    unpaid = [(invoice, cents) for invoice, cents in landed if invoice.state != "void"]
    opened = [invoice.id for invoice, _ in unpaid]
    parts = reopen(session, unpaid, at)
    reverse(session, payment.id)
    credit = payment.amount_cents - sum(cents for _, cents in landed)
    unmatched = {invoice.id: cents for invoice, cents in landed if invoice.state == "void"}
    post(session, [check_bounced(str(payment.id), parts, credit, unmatched, booked_on)], at)
    after_reversal(session, payment.id, opened, booked_on, at)
    _credit(session, "check_bounced", payment, -credit, booked_on, at)
    publish(session, CheckBounced(payment.id), at)
    ref, cents = str(payment.id), payment.amount_cents
    if unmatched:
        open_task(session, "check.bounced", ref, at, amount_cents=cents, unmatched_cents=sum(unmatched.values()))
    else:
        open_task(session, "check.bounced", ref, at, amount_cents=cents)
    record(session, actor, "payment.check_bounced", "payment", payment.id, at, amount_cents=payment.amount_cents)


def check_received(received: Received, today: date) -> None:
    """Let pass what can have been received.

    Raises:
        BadInput: no amount, no invoice, or a day that has not come.
    """
    if not 0 < received.amount_cents <= MOST_CENTS:
        raise BadInput(text("Enter an amount of more than nothing."))
    if not received.reviewed:
        raise BadInput(text("Choose at least one invoice."))
    if received.received_on > today:
        raise BadInput(text("The day it was received has not come yet."))


def _credit(session: Scoped, kind: str, payment: Payment, cents: int, booked_on: date, at: datetime) -> None:
    """What was left over is the credit of who owed the invoices that were paid."""
    owner = owner_of(session, payment.id)
    enter_credit(session, kind, str(payment.id), cents, booked_on, at, owner=owner, payment_id=payment.id)


def _take(session: Scoped, payment_id: int, at: datetime) -> Payment:
    """The check, ours to end: by compare-and-set on its version."""
    query = select(Payment).where(Payment.id == payment_id, Payment.kind == "offline", Payment.method_kind == "check")
    payment = session.scalars(query).one_or_none()
    if payment is None:
        raise NotFound
    taken = (
        update(Payment)
        .where(Payment.id == payment.id, Payment.version == payment.version)
        .values(version=payment.version + 1, changed_at=at)
        .execution_options(synchronize_session=False)
    )
    is_ours = session.execute(taken).rowcount == 1  # type: ignore[attr-defined]
    if not is_ours or payment.id not in checks_in_clearing(session, [payment.id]):
        raise Conflict(text("This check is cleared or bounced already."))
    return payment


def _payment(received: Received, zone: str, at: datetime) -> Payment:
    noon = datetime.combine(received.received_on, time(12), ZoneInfo(zone)).astimezone(UTC)
    return Payment(
        token=secrets.token_urlsafe(24),
        reference=new_reference(),
        account="offline",
        kind="offline",
        state="succeeded",
        amount_cents=received.amount_cents,
        fee_cents=0,
        charged_cents=received.amount_cents,
        request_key=received.request_key,
        confirmation_token=None,
        intent_id=None,
        method_kind=received.method,
        method_brand=received.method,
        method_last4=received.reference,
        method_funding="",
        payer_kind=received.payer.kind,
        payer_name=received.payer.name,
        payer_email=received.payer.email,
        payer_locale=received.payer.locale,
        created_at=at,
        changed_at=at,
        succeeded_at=min(noon, at),
    )
