"""Charge in two phases: claim, create an unconfirmed intent, confirm. T is a transaction, S a call to the processor.

T1 claim → S1 create → T2 ready → T3 submitted → S2 confirm → T4 apply. A lost S1 only leaves an
unconfirmed intent: no money moves. Safety never rests on idempotency keys; an intent charges at most once.
They are made of the payment's reference, which is random: its number comes again after a backup was restored.
"""

from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.agencies.keys import pause_account
from portal.core.db import run_unit
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.payments.apply import apply, end, load, move
from portal.payments.claims import Order, claim
from portal.payments.gateway import GatewayError, Intent, KeysRefused, NewIntent, OutcomeUnknown, Refused
from portal.payments.mandates import acceptance_of, mandate_of
from portal.payments.method_kinds import charged_as
from portal.payments.methods.paying import use_of
from portal.payments.models import Claim, LoanPayoff, Payment
from portal.payments.till import Till
from portal.payments.written import write_numbers


def submit(till: Till, order: Order) -> Payment:
    """Charge what was reviewed, once, whatever happens on the way.

    Args:
        till: the agency's till; no unit may be open.
        order: what the person agreed to. A repeated request key returns the payment that exists.

    Returns:
        The payment as stored at the end: succeeded, action_required, failed; or submitted when the processor's
        answer is not known yet, which the reconciler will find out.

    Raises:
        AlreadyUnderWay, ReviewChanged: nothing was charged.
    """
    payment, is_new = run_unit(partial(_t1, till, order))
    if not is_new:
        return payment
    intent = create(till, payment, _new_intent(till, payment))
    if isinstance(intent, Payment):
        return intent
    if not run_unit(partial(_t2_t3, till, payment.id, intent)):
        return never(till, payment.id, intent)
    return confirm(till, payment.id)


def create(till: Till, payment: Payment, asked: NewIntent) -> Intent | Payment:
    """S1: the unconfirmed intent; or the payment, given up: no money can have moved."""
    try:
        intent = till.gateway.create_intent(asked)
    except OutcomeUnknown:
        return give_up(till, payment.id)
    except GatewayError as error:
        return give_up(till, payment.id, error)
    if dropped := set(asked.method_kinds) - set(intent.method_kinds):
        give_up(till, payment.id, Refused("method_dropped", f"the account takes no {', '.join(sorted(dropped))}"))
        return never(till, payment.id, intent)
    return intent


def confirm(till: Till, payment_id: int) -> Payment:
    """S2 and T4 of a payment that is submitted."""
    with till.reading() as session:
        payment = load(session, payment_id)
        mandate = mandate_of(session, payment_id)
        found = use_of(session, payment_id)
    assert payment.intent_id is not None
    acceptance = acceptance_of(mandate) if mandate else None
    intent_id, token, back = payment.intent_id, payment.confirmation_token, payment.return_url
    key = f"cf:{payment.reference}:{payment.attempt}"
    saved = found[1] if found else None

    def ask() -> Intent:
        if saved is not None:
            return till.gateway.confirm_saved(intent_id, saved, back, key, acceptance)
        assert token is not None
        return till.gateway.confirm(intent_id, token, back, key, acceptance)

    answer = answer_of(till, payment, ask, is_watched=True)
    return answer if isinstance(answer, Payment) else conclude(till, payment, answer, is_watched=True)


def answer_of(till: Till, payment: Payment, ask: Callable[[], Intent], *, is_watched: bool) -> Intent | Payment:
    """S2: what the processor answers; or the payment as it is now, when there is no answer that could be applied.

    Args:
        ask: the one call that moves money.
        is_watched: the payer sees the outcome on the screen, so that a failure needs no mail.
    """
    try:
        return ask()
    except OutcomeUnknown:
        return payment
    except KeysRefused as error:
        pause(till, error)
        return payment
    except Refused as error:
        return _confirm_refused(till, payment, error, is_watched=is_watched)


def conclude(till: Till, payment: Payment, answer: Intent, *, is_watched: bool) -> Payment:
    """T4 of one payment: record what the processor has answered to its confirm."""
    try:
        return apply(till, payment.id, (payment.version, answer), is_watched=is_watched)
    except GatewayError:
        return _stored(till, payment.id)


def _confirm_refused(till: Till, payment: Payment, error: Refused, *, is_watched: bool) -> Payment:
    """400 or 404 on confirm: read it; untouched → cancel → failed. The card was not charged."""
    assert payment.intent_id is not None
    _alert(till, "payment.confirm_refused", str(payment.id), error)
    try:
        current = apply(till, payment.id, is_watched=is_watched)
        if current.state != "submitted":
            return current
        canceled = till.gateway.cancel(payment.intent_id)
        return apply(till, payment.id, (current.version, canceled), is_watched=is_watched)
    except GatewayError:
        return _stored(till, payment.id)


def _t1(till: Till, order: Order) -> tuple[Payment, bool]:
    """T1: the payment of this request key, and whether it is new."""
    try:
        with till.writing() as session:
            known = by_request(session, order.request_key)
            if known is not None:
                return known, False
            return claim(session, till.account, order, till.now()), True
    except IntegrityError:
        # The other press of a double click was faster by a moment.
        with till.reading() as session:
            known = by_request(session, order.request_key)
        if known is None:
            raise
        return known, False


def by_request(session: Scoped, request_key: str) -> Payment | None:
    """The payment of a review page, if its button was pressed before."""
    return session.scalars(select(Payment).where(Payment.request_key == request_key)).one_or_none()


def _new_intent(till: Till, payment: Payment) -> NewIntent:
    with till.reading() as session:
        query = select(Claim.invoice_id, Claim.amount_cents).where(Claim.payment_id == payment.id)
        claims = session.execute(query.order_by(Claim.invoice_id)).all()
        found = use_of(session, payment.id)
        loan_id = session.scalar(select(LoanPayoff.loan_id).where(LoanPayoff.payment_id == payment.id))
    return NewIntent(
        amount_cents=payment.charged_cents,
        key=f"pi:{payment.reference}:{payment.intent_number}",
        method_kinds=(charged_as(payment.method_kind),),
        description=payment.reference,
        metadata=metadata_of(till, payment, {claim.invoice_id: claim.amount_cents for claim in claims}, loan_id),
        customer_id=found[0].customer_id if found else None,
        saves=found is not None and found[0].saves,
    )


def metadata_of(
    till: Till, payment: Payment, paid: Mapping[int, int], payoff_loan_id: int | None = None
) -> dict[str, str]:
    """What an intent says of its payment, so that it can be found again after a restore.

    Args:
        paid: invoice id -> cents, in the order of ids.
        payoff_loan_id: the loan that it ends: what it leaves open is interest that is not owed.
    """
    return {
        "agency_id": str(till.agency_id),
        "payment_id": str(payment.id),
        **write_numbers("invoice_ids", list(paid)),
        **write_numbers("invoice_cents", list(paid.values())),
        **({"partner_id": str(payment.partner_id)} if payment.partner_id is not None else {}),
        **({"payoff_loan_id": str(payoff_loan_id)} if payoff_loan_id is not None else {}),
        "reference": payment.reference,
        "amount_cents": str(payment.amount_cents),
        "fee_cents": str(payment.fee_cents),
    }


def _t2_t3(till: Till, payment_id: int, intent: Intent) -> bool:
    """Store the intent's id (ready) and the decision to confirm it (submitted). False: the payment was given up."""
    at = till.now()
    with till.writing() as session:
        payment = load(session, payment_id)
        if payment.state != "created" or not move(session, payment, "ready", at):
            return False
        move(session, payment, "submitted", at)  # the row is ours since the move before
        payment.intent_id = intent.id
        payment.submitted_at = at
        payment.attempt += 1
        return True


def never(till: Till, payment_id: int, intent: Intent) -> Payment:
    """The payment is cancelled, by us or meanwhile by the reconciler: its intent must not live."""
    try:
        till.gateway.cancel(intent.id)
    except GatewayError as error:
        _alert(till, "payment.stray_intent", intent.id, error)
    return _stored(till, payment_id)


def give_up(till: Till, payment_id: int, error: GatewayError | None = None) -> Payment:
    """S1 failed: no money can have moved, so the payment is cancelled and the claim goes."""
    if isinstance(error, KeysRefused):
        pause(till, error)
    elif error is not None:
        _alert(till, "payment.intent_refused", str(payment_id), error)

    def unit() -> Payment:
        with till.writing() as session:
            payment = load(session, payment_id)
            if payment.state == "created" and end(session, payment, "canceled", till.now(), is_watched=True):
                payment.decline_code = error.code if isinstance(error, Refused) else None
            return payment

    return run_unit(unit)


def pause(till: Till, error: KeysRefused) -> None:
    """The agency's keys do not work: take no payments online until staff enter working ones, and call them."""

    def unit() -> None:
        with till.writing() as session:
            pause_account(session, till.now())

    run_unit(unit)
    _alert(till, "processor.keys_refused", till.account, error)


def _alert(till: Till, kind: str, ref: str, error: GatewayError) -> None:
    def unit() -> None:
        with till.writing() as session:
            open_task(session, kind, ref, till.now(), error=str(error))

    run_unit(unit)


def _stored(till: Till, payment_id: int) -> Payment:
    with till.reading() as session:
        return load(session, payment_id)
