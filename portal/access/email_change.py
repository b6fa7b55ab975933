"""An insured changes their e-mail address: in force when both mailboxes have confirmed it.

The old one is asked too and can say "not me": whoever sits at somebody's open session must not walk away with it.
Looking at a link changes nothing: mail scanners look too. Staff change an address by themselves when the mailbox is
lost, and both are told.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import delete, select, update

from portal.access.limits import EMAIL_CHANGE, OpenUnit, counted, start_tries
from portal.access.models import EmailChange
from portal.access.open_sessions import end_all
from portal.access.sign_in_secrets import link_token, public_id_of
from portal.access.visible import sight_of
from portal.core.audit import Actor, Personal, record
from portal.core.email_address import parse_email
from portal.core.errors import BadInput, NotFound
from portal.core.outbox import enqueue
from portal.core.personal_keys import of_email, of_insured
from portal.core.secrets import derive_key
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.insureds.dead_addresses import CORRECTED, revive
from portal.insureds.erase import is_gone
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.payments.methods.owners import move_owner
from portal.programs.models import Program
from portal.programs.word_index import words_are_old

VALID = timedelta(hours=24)
MAIL_ASKED = "mail.email_change_asked"
MAIL_DONE = "mail.email_change_done"
Side = Literal["old", "new"]
SIDES: tuple[Side, ...] = ("old", "new")


@dataclass(frozen=True, slots=True)
class ChangeCheck:
    """Where a change stands, for whoever holds the link of one side.

    `open`: this side has not answered. `waiting`: this side has, the other has not. `changed`, `refused` and
    `over` (too old, or another one was asked for): nothing to do any more.
    """

    state: Literal["open", "waiting", "changed", "refused", "over"]
    side: Side
    old_email: str
    new_email: str


def ask_to_change(
    open_unit: OpenUnit, secret: str, old_email: str, new_email: str, locale: str, actor: Actor, at: datetime
) -> None:
    """Mail both addresses; one asked for before is forgotten. The same for every address. Opens its own units.

    Args:
        open_unit: opens a write unit; none may be open.
        secret: the deployment's.
        old_email, new_email: as `parse_email` writes them.
        locale: the language of the mails.

    Raises:
        BadInput: it is the same address.
        TooMany: three changes were asked for in the last day.
    """
    if new_email == old_email:
        raise BadInput(text("That is the address you have now."))
    start_tries(open_unit, [counted(derive_key(secret, "limits"), EMAIL_CHANGE, old_email)], at)
    with open_unit() as session:
        session.execute(
            update(EmailChange)
            .where(EmailChange.old_email == old_email, EmailChange.ended_at.is_(None))
            .values(ended_at=at, outcome="replaced")
            .execution_options(synchronize_session=False)
        )
        change = _new(old_email, new_email, locale, at)
        session.add(change)
        session.flush()
        for side in SIDES:
            _mail(session, MAIL_ASKED, change, side, at)
        about = Personal(of_email(old_email), {"old": old_email, "new": new_email})
        record(session, actor, "email_change.asked", "email_change", change.id, at, about)


def check_change(session: Scoped, secret: str, token: str, at: datetime) -> ChangeCheck | None:
    """What a link is about; None when it is not one of ours."""
    found = _find(session, secret, token, locks=False)
    return _seen(*found, at) if found else None


def confirm_change(session: Scoped, secret: str, token: str, ip: str, at: datetime) -> ChangeCheck | None:
    """Confirm from one mailbox; with the other one's word the change is in force.

    Args:
        session: a write unit.
        ip: of whoever pressed the button, for the audit.
    """
    found = _find(session, secret, token)
    if found is None:
        return None
    change, side = found
    if _seen(change, side, at).state == "open":
        if side == "old":
            change.old_confirmed_at = at
        else:
            change.new_confirmed_at = at
        if change.old_confirmed_at and change.new_confirmed_at:
            actor = Actor("insured", change.old_email, ip)
            replace_everywhere(session, change.old_email, change.new_email, actor, at)
            change.ended_at, change.outcome = at, "changed"
            end_all(session, change.old_email, actor, at)
            _tell_both(session, change, at)
        session.flush()
    return _seen(change, side, at)


def refuse_change(session: Scoped, secret: str, token: str, ip: str, at: datetime) -> ChangeCheck | None:
    """ "This was not me": nothing changes, and whoever is signed in under the old address is signed out.

    Args:
        session: a write unit.
        ip: of whoever pressed the button, for the audit.
    """
    found = _find(session, secret, token)
    if found is None:
        return None
    change, side = found
    if change.ended_at is None:
        actor = Actor("insured", change.old_email if side == "old" else change.new_email, ip)
        change.ended_at, change.outcome = at, "refused"
        record(session, actor, "email_change.refused", "email_change", change.id, at, side=side)
        if side == "old":
            end_all(session, change.old_email, actor, at)
        session.flush()
    return _seen(change, side, at)


def change_for_insured(
    session: Scoped, insured_id: int, old_email: str, new_email: str, reason: str, actor: Actor, at: datetime
) -> None:
    """Staff give an insured another address, or a first one; at once. Both addresses are told.

    Args:
        session: a write unit.
        old_email: the one to replace; empty to add one.
        new_email: as it was typed.
        reason: why the insured could not do it themselves; for the audit.

    Raises:
        BadInput: the new address is none, or the insured has it already.
        NotFound: there is no such insured, or they were erased or merged, or do not have the old address.
    """
    address = parse_email(new_email)
    insured = session.scalars(select(Insured).where(Insured.id == insured_id).with_for_update()).one_or_none()
    has = set(session.scalars(select(InsuredEmail.email).where(InsuredEmail.insured_id == insured_id)))
    if insured is None or is_gone(insured) or (old_email and old_email not in has):
        raise NotFound
    if address in has:
        raise BadInput(text("%(email)s is an address of this insured already.", email=address))
    if old_email:
        _replace_of_insured(session, insured_id, old_email, address)
    else:
        session.add(InsuredEmail(insured_id=insured_id, email=address))
    change = _new(old_email, address, insured.locale, at)
    change.ended_at, change.outcome = at, "changed"
    session.add(change)
    session.flush()
    _tell_both(session, change, at)
    about = Personal(of_insured(insured_id), {"old": old_email, "new": address, "reason": reason})
    record(session, actor, "insured.email_changed", "insured", insured_id, at, about)
    _forget_dead(session, old_email, address, actor, at)


def replace_everywhere(session: Scoped, old_email: str, new_email: str, actor: Actor, at: datetime) -> None:
    """Put one address in the place of another: with all insureds, programs, invoices and saved methods that have it."""
    query = select(InsuredEmail.insured_id).where(InsuredEmail.email == old_email)
    for insured_id in session.scalars(query).all():
        _replace_of_insured(session, insured_id, old_email, new_email)
        about = Personal(of_insured(insured_id), {"old": old_email, "new": new_email})
        record(session, actor, "insured.email_changed", "insured", insured_id, at, about)
    with_own = select(Program.insured_id).where(Program.contact_email == old_email)
    with_one_time = select(Invoice.insured_id).where(Invoice.contact_email == old_email, Invoice.program_id.is_(None))
    words_are_old(session, insured_ids=session.scalars(with_own.union(with_one_time)).all())
    for model in (Program, Invoice):
        session.execute(
            update(model)
            .where(model.contact_email == old_email)
            .values(contact_email=new_email)
            .execution_options(synchronize_session=False)
        )
    move_owner(session, old_email, new_email)
    _forget_dead(session, old_email, new_email, actor, at)


def _forget_dead(session: Scoped, old_email: str, new_email: str, actor: Actor, at: datetime) -> None:
    """The new address is said to work; the old one, if nobody has it any more, need not."""
    session.flush()
    revive(session, new_email, actor, at)
    if old_email and not sight_of(session, old_email):
        revive(session, old_email, actor, at, CORRECTED)


def _replace_of_insured(session: Scoped, insured_id: int, old_email: str, new_email: str) -> None:
    words_are_old(session, insured_ids=[insured_id])
    mine = InsuredEmail.insured_id == insured_id
    has_new = session.scalar(select(InsuredEmail.id).where(mine, InsuredEmail.email == new_email))
    old = mine & (InsuredEmail.email == old_email)
    change = delete(InsuredEmail).where(old) if has_new else update(InsuredEmail).where(old).values(email=new_email)
    session.execute(change.execution_options(synchronize_session=False))
    for model in (Program, Invoice):
        session.execute(
            update(model)
            .where(model.insured_id == insured_id, model.contact_email == old_email)
            .values(contact_email=new_email)
            .execution_options(synchronize_session=False)
        )


def mail_link(secret: str, change: EmailChange, side: Side) -> str:
    """The token of the mail to one side; for the job that sends it."""
    return link_token(secret, change.public_id, _purpose(side))


def _new(old_email: str, new_email: str, locale: str, at: datetime) -> EmailChange:
    return EmailChange(
        public_id=secrets.token_urlsafe(16),
        old_email=old_email,
        new_email=new_email,
        locale=locale,
        created_at=at,
        expires_at=at + VALID,
        old_confirmed_at=None,
        new_confirmed_at=None,
        outcome=None,
        ended_at=None,
    )


def _find(session: Scoped, secret: str, token: str, locks: bool = True) -> tuple[EmailChange, Side] | None:
    for side in SIDES:
        public_id = public_id_of(secret, token, _purpose(side))
        if public_id is not None:
            query = select(EmailChange).where(EmailChange.public_id == public_id)
            # Both mailboxes may confirm in the same moment: the second waits for the first.
            change = session.scalars(query.with_for_update() if locks else query).one_or_none()
            return (change, side) if change else None
    return None


def _seen(change: EmailChange, side: Side, at: datetime) -> ChangeCheck:
    state: Literal["open", "waiting", "changed", "refused", "over"] = "open"
    if change.outcome == "changed":
        state = "changed"
    elif change.outcome == "refused":
        state = "refused"
    elif change.ended_at is not None or change.expires_at <= at:
        state = "over"
    elif (change.old_confirmed_at if side == "old" else change.new_confirmed_at) is not None:
        state = "waiting"
    return ChangeCheck(state, side, change.old_email, change.new_email)


def _tell_both(session: Scoped, change: EmailChange, at: datetime) -> None:
    for side in SIDES:
        if change.old_email or side == "new":
            _mail(session, MAIL_DONE, change, side, at)


def _mail(session: Scoped, kind: str, change: EmailChange, side: Side, at: datetime) -> None:
    enqueue(session, kind, f"{change.id}:{side}", {"change_id": change.id, "side": side}, at)


def _purpose(side: Side) -> str:
    return f"email change {side}"
