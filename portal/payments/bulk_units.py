"""T2 and T3, and T4, for many payments of a bulk run in one transaction each.

Every payment moves by compare-and-set of its own: who was changed by others meanwhile is left out and named by its
absence, the rest is written.
"""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import case, tuple_, update

from portal.payments.apply import end, load
from portal.payments.autopay.holding import no_longer_agreed
from portal.payments.gateway import Intent
from portal.payments.models import Payment
from portal.payments.moved import WITH_THE_BANK, Moved, follow_up
from portal.payments.till import Till
from portal.payments.transitions import check_move, outcome


def submit_all(till: Till, created: Sequence[tuple[Payment, Intent]]) -> dict[int, Payment]:
    """T2 and T3: the intents' numbers and the decision to confirm them.

    Args:
        created: payments with the unconfirmed intents that were made for them.

    Returns:
        Payment id -> the payment, submitted; those that were given up meanwhile are missing, and those that autopay
        may not charge any more: they are given up here.
    """
    check_move("created", "ready")
    check_move("ready", "submitted")
    at = till.now()
    taken = (
        update(Payment)
        .where(Payment.id.in_([payment.id for payment, _ in created]), Payment.state == "created")
        .values(
            state="submitted",
            intent_id=case({payment.id: intent.id for payment, intent in created}, value=Payment.id),
            version=Payment.version + 2,
            attempt=Payment.attempt + 1,
            changed_at=at,
            submitted_at=at,
        )
        .returning(Payment)
        .execution_options(synchronize_session=False)
    )
    with till.writing() as session:
        for payment_id in sorted(no_longer_agreed(session, [payment.id for payment, _ in created])):
            payment = load(session, payment_id)
            if payment.state == "created":
                end(session, payment, "canceled", at, is_watched=True)
        return {payment.id: payment for payment in session.scalars(taken)}


def may_be_shared(payment: Payment, intent: Intent) -> bool:
    """Whether an answer to a confirm is one that `apply_all` writes: the money has come, or is under way."""
    return intent.status in WITH_THE_BANK and outcome(intent.status, intent.error_code, payment.state) is not None


def apply_all(till: Till, answered: Sequence[tuple[Payment, Intent]]) -> dict[int, Payment]:
    """T4: what the processor has answered to these confirms, as `apply` writes it.

    Args:
        answered: payments as they were submitted, with answers that `may_be_shared`.

    Returns:
        Payment id -> the payment in its new state; those that others have changed meanwhile are missing, and untouched.
    """
    at, today = till.now(), till.today()
    intents = {payment.id: intent for payment, intent in answered}
    versions: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for payment, intent in answered:
        check_move(payment.state, intent.status)
        versions[intent.status].append((payment.id, payment.version))
    moved: list[Moved] = []
    with till.writing() as session:
        for new, unchanged in sorted(versions.items()):
            move = (
                update(Payment)
                .where(tuple_(Payment.id, Payment.version).in_(unchanged))
                .values(state=new, version=Payment.version + 1, changed_at=at, checked_at=at)
                .returning(Payment)
                .execution_options(synchronize_session=False)
            )
            moved += [Moved(payment, intents[payment.id], was_closed=False) for payment in session.scalars(move)]
        follow_up(session, moved, today, at)
        session.flush()
        return {one.payment.id: one.payment for one in moved}
