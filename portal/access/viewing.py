"""Staff look at the portal as a customer sees it: nothing can be changed meanwhile, and it ends by itself.

It is kept in the record of the browser that looks, so no cookie can begin it or make it longer.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select, update

from portal.access.models import SignInSession
from portal.agencies.models import StaffMember
from portal.core.audit import Actor, Personal, record
from portal.core.errors import BadInput, Conflict, NotAllowed
from portal.core.personal_keys import of_email
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.insureds.models import Insured, InsuredEmail

LONGEST = timedelta(minutes=15)
HANDS_OFF = text("You look at the portal as a customer. Nothing can be changed or paid until you stop looking.")
Why = Literal["stopped", "time_over"]


@dataclass(frozen=True, slots=True)
class Viewing:
    """Whose portal a browser of staff shows, and until when."""

    email: str
    until: datetime


def start_viewing(session: Scoped, session_id: int, insured_id: int, email: str, actor: Actor, at: datetime) -> Viewing:
    """Show the portal in this browser as an address of a customer sees it.

    Args:
        session: a write unit.
        session_id: the record of the browser, where a staff member has shown both factors.
        actor: that staff member.

    Raises:
        BadInput: it is no address of theirs.
        NotAllowed: somebody of the staff has this address.
        Conflict: the browser looks as somebody already, or is signed out.
    """
    if email not in addresses_to_view(session, insured_id):
        own = select(InsuredEmail.id).where(InsuredEmail.insured_id == insured_id, InsuredEmail.email == email)
        if session.scalar(own) is not None:
            raise NotAllowed(
                text("This address belongs to somebody of your staff. Nobody looks at the portal as them.")
            )
        raise BadInput(text("Choose one of their addresses."))
    until = at + LONGEST
    begun = session.execute(
        update(SignInSession)
        .where(
            SignInSession.id == session_id,
            SignInSession.email == actor.name,
            SignInSession.ended_at.is_(None),
            SignInSession.second_factor_at.is_not(None),
            SignInSession.viewing_until.is_(None),
        )
        .values(viewing_email=email, viewing_insured_id=insured_id, viewing_until=until)
        .execution_options(synchronize_session=False)
    )
    if begun.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict
    about = Personal(of_email(email), {"email": email})
    record(session, actor, "insured.viewed", "insured", insured_id, at, about, until=until.isoformat())
    session.flush()
    return Viewing(email, until)


def end_viewing(session: Scoped, session_id: int, actor: Actor, why: Why, at: datetime) -> int | None:
    """Stop looking; a browser that does not look changes nothing.

    Returns:
        The customer whose portal it was.
    """
    insured_id = session.scalar(select(SignInSession.viewing_insured_id).where(SignInSession.id == session_id))
    ended = session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.viewing_until.is_not(None))
        .values(viewing_email=None, viewing_insured_id=None, viewing_until=None)
        .execution_options(synchronize_session=False)
    )
    if ended.rowcount != 1:  # type: ignore[attr-defined]
        return None
    record(session, actor, "insured.view_ended", "insured", insured_id, at, why=why)
    session.flush()
    return insured_id


def end_overdue(session: Scoped, at: datetime) -> None:
    """Note the end of what has ended by itself: its time is over, or its browser was signed out."""
    over = select(SignInSession.id, SignInSession.email, SignInSession.viewing_until, SignInSession.ended_at).where(
        SignInSession.viewing_until.is_not(None),
        (SignInSession.viewing_until <= at) | SignInSession.ended_at.is_not(None),
    )
    for session_id, email, until, ended_at in session.execute(over).all():
        assert until is not None
        end_viewing(session, session_id, Actor("staff", email), "time_over", min(until, ended_at or until))


def addresses_to_view(session: Scoped, insured_id: int) -> list[str]:
    """The addresses of a customer, without those that are of staff too."""
    staff = select(StaffMember.email)
    query = (
        select(InsuredEmail.email)
        .join(Insured, Insured.id == InsuredEmail.insured_id)
        .where(Insured.id == insured_id, InsuredEmail.email.not_in(staff))
        .order_by(InsuredEmail.email)
    )
    return list(session.scalars(query))
