"""Autopay ends: by the insured, by staff, or because nothing can be charged any more. In the caller's unit."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update

from portal.core.audit import SYSTEM, Actor, record
from portal.core.errors import NotFound
from portal.core.events import publish
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.payments.autopay.enrolled import live_enrollment
from portal.payments.autopay.events import AutopayEnded
from portal.payments.autopay.models import AutopayEnrollment

ENDED_FOR: dict[str, Text] = {
    "insured": text("You turned it off."),
    "staff": text("We stopped it for you."),
    "failures": text("Several payments in a row did not go through."),
    "returned": text("Your bank took back a payment."),
    "method": text("The payment method cannot be used any more."),
    "program": text("This program has ended."),
}
"""Why it ended, for the insured."""
SEEN_ELSEWHERE = frozenset({"failures"})
"""Reasons that another mail of the same moment tells."""


class NotOn(NotFound):
    """The program is not on autopay."""


def turn_off(session: Scoped, program_id: int, actor: Actor, at: datetime) -> None:
    """The insured turns it off. Done twice, it changes nothing.

    Args:
        session: a write unit; the caller has made sure that the program is the actor's.
    """
    enrollment = live_enrollment(session, program_id)
    if enrollment is not None:
        end_enrollment(session, enrollment, "insured", actor, at)


def stop(session: Scoped, program_id: int, reason: str, actor: Actor, at: datetime) -> None:
    """Staff stop it; only the insured can turn it on again.

    Args:
        reason: what they write of it, for colleagues.

    Raises:
        NotOn: it is not on, perhaps since a moment ago.
    """
    enrollment = live_enrollment(session, program_id)
    if enrollment is None:
        raise NotOn
    end_enrollment(session, enrollment, "staff", actor, at, note=reason)


def end_enrollment(
    session: Scoped, enrollment: AutopayEnrollment, why: str, actor: Actor, at: datetime, *, note: str = ""
) -> bool:
    """End it, once; whoever has it is told by mail.

    Args:
        why: a key of `ENDED_FOR`.

    Returns:
        False when it had ended already.
    """
    ending = (
        update(AutopayEnrollment)
        .where(AutopayEnrollment.id == enrollment.id, AutopayEnrollment.ended_at.is_(None))
        .values(ended_at=at, ended_for=why, ended_note=note)
        .execution_options(synchronize_session=False)
    )
    if session.execute(ending).rowcount != 1:  # type: ignore[attr-defined]
        return False
    session.refresh(enrollment)
    if why not in SEEN_ELSEWHERE:
        publish(session, AutopayEnded(enrollment.id, enrollment.program_id), at)
    record(session, actor, "autopay.ended", "program", enrollment.program_id, at, why=why)
    return True


def end_for_methods(session: Scoped, method_ids: Collection[int], why: str, at: datetime) -> None:
    """What these methods were charged for is on autopay no more."""
    query = select(AutopayEnrollment).where(
        AutopayEnrollment.payment_method_id.in_(method_ids), AutopayEnrollment.ended_at.is_(None)
    )
    for enrollment in session.scalars(query.order_by(AutopayEnrollment.id)).all():
        end_enrollment(session, enrollment, why, SYSTEM, at)


def programs_charged_to(session: Scoped, method_id: int) -> list[int]:
    """Ids of the programs whose autopay charges a method."""
    query = select(AutopayEnrollment.program_id).where(
        AutopayEnrollment.payment_method_id == method_id, AutopayEnrollment.ended_at.is_(None)
    )
    return list(session.scalars(query.order_by(AutopayEnrollment.program_id)))
