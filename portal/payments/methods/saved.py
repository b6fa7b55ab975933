"""Saved methods of an e-mail address: kept, made the default, removed, disabled. All in the caller's unit.

What has to be done at the processor leaves by the outbox: it is tried again until it is done.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from portal.core.audit import SYSTEM, Actor, record
from portal.core.errors import Conflict, NotFound
from portal.core.events import publish
from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.payments.autopay.ending import end_for_methods, programs_charged_to
from portal.payments.methods.events import MethodNews
from portal.payments.methods.gateway import MethodSeen
from portal.payments.methods.models import MethodSetup, MethodUse, PaymentMethod, ProcessorCustomer
from portal.payments.methods.moves import SETTLED, check_method_move
from portal.payments.models import Payment

DETACH = "method.detach"
SHOWN = ("active", "pending_verification", "unverified", "disabled")
LIVE = ("active", "pending_verification")
UNSENT = ("created", "ready", "submitted", "action_required")
"""States of a payment whose method the processor still has to charge. One that it is processing needs it no more."""


def own_methods(session: Scoped, account: str, owner_email: str) -> list[PaymentMethod]:
    """What an address has saved and not removed: the default first, then what can be used, newest first."""
    query = select(PaymentMethod).where(
        PaymentMethod.account == account,
        PaymentMethod.owner_email == owner_email,
        PaymentMethod.state.in_(SHOWN),
    )
    rows = session.scalars(query.order_by(PaymentMethod.id.desc())).all()
    return sorted(rows, key=lambda method: (not method.is_default, SHOWN.index(method.state)))


def own_method(session: Scoped, owner_email: str, method_id: int) -> PaymentMethod:
    """One method of an address, a removed one too.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    query = select(PaymentMethod).where(PaymentMethod.id == method_id, PaymentMethod.owner_email == owner_email)
    method = session.scalars(query).one_or_none()
    if method is None:
        raise NotFound
    return method


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a method is to be: an e-mail address, and the processor's customer of it.

    Args:
        locale: the language in which they add it; mails about it follow.
    """

    account: str
    email: str
    customer_id: str
    locale: str


def keep(session: Scoped, owner: Owner, seen: MethodSeen, state: str, at: datetime) -> PaymentMethod:
    """Keep a method that the processor holds for an address; done twice, it changes nothing.

    The same card added again takes the place of the one before, so that whatever uses it goes on. The first one that
    can be used becomes the default.

    Args:
        session: a write unit.
        seen: as the processor reports it now.
        state: active, or pending_verification while two small deposits are on their way.
    """
    lock_owner(session, owner.account, owner.email)
    method = session.scalars(select(PaymentMethod).where(PaymentMethod.method_id == seen.id)).one_or_none()
    if method is not None and (state != "active" or method.state != "pending_verification"):
        return method
    twin = _twin(session, owner, seen) if state == "active" else None
    if method is not None and twin is not None:
        end_method(session, method, "removed", at)
        return twin
    if method is not None:
        change_method(session, method, "active", at)
    elif twin is not None:
        method = twin
        _let_go(session, method, at)
        _describe(method, seen)
        method.customer_id, method.changed_at = owner.customer_id, at
    else:
        method = PaymentMethod(
            account=owner.account,
            owner_email=owner.email,
            customer_id=owner.customer_id,
            state=state,
            locale=owner.locale,
            created_at=at,
            changed_at=at,
            disabled_for=None,
        )
        _describe(method, seen)
        session.add(method)
    session.flush()
    if state == "active":
        if _default(session, owner.account, owner.email) is None:
            method.is_default = True
            session.flush()
        publish(session, MethodNews(method.id, "added", seen.id), at)
        record(session, Actor("insured", owner.email), "method.added", "payment_method", method.id, at, kind=seen.kind)
    return method


def make_default(session: Scoped, method: PaymentMethod, actor: Actor, at: datetime) -> None:
    """Offer this one first from now on.

    Raises:
        Conflict: it cannot be used.
    """
    lock_owner(session, method.account, method.owner_email)
    session.refresh(method)
    if method.state != "active":
        raise Conflict(text("This payment method cannot be used now."))
    if method.is_default:
        return
    _set_default(session, method)
    record(session, actor, "method.default_set", "payment_method", method.id, at)


class InUse(Conflict):
    """Something still needs the method."""

    default = text("A payment with it is under way. Wait until it is through, or stop it, then remove the method.")


class OnAutopay(Conflict):
    """Autopay charges the method."""

    default = text("Autopay uses it. Choose another method there, or turn autopay off, then remove it.")


def in_use(session: Scoped, method_id: int) -> bool:
    """Whether a payment still has to be charged to a method."""
    query = (
        select(MethodUse.id)
        .join(Payment, Payment.id == MethodUse.payment_id)
        .where(MethodUse.payment_method_id == method_id, Payment.state.in_(UNSENT))
    )
    return session.scalar(query.limit(1)) is not None


def remove(session: Scoped, method: PaymentMethod, actor: Actor, at: datetime) -> None:
    """Remove a method here at once; the processor lets go of it as soon as it can be reached.

    Args:
        session: a write unit.
        method: of the actor. One that is removed already stays so.

    Raises:
        InUse: a payment still has to be charged to it.
        OnAutopay: autopay charges it. When the processor has let it go, autopay ends instead.
    """
    lock_owner(session, method.account, method.owner_email)
    session.refresh(method)
    if method.state == "removed":
        return
    if in_use(session, method.id):
        raise InUse
    if actor != SYSTEM and programs_charged_to(session, method.id):
        raise OnAutopay
    end_method(session, method, "removed", at)
    publish(session, MethodNews(method.id, "removed", method.method_id), at)
    record(session, actor, "method.removed", "payment_method", method.id, at)


def disable(session: Scoped, fingerprint: str, reason: str, at: datetime) -> int:
    """A bank has said that an account is not to be debited again: so it is with everyone here who has saved it.

    Args:
        session: a write unit.
        fingerprint: the processor's, equal for equal accounts; an empty one disables nothing.
        reason: the return's code, like R02.

    Returns:
        How many methods were disabled; each owner is told by mail.
    """
    if not fingerprint:
        return 0
    query = select(PaymentMethod).where(PaymentMethod.fingerprint == fingerprint, PaymentMethod.state.in_(LIVE))
    methods = session.scalars(query.order_by(PaymentMethod.id)).all()
    for method in methods:
        lock_owner(session, method.account, method.owner_email)
        method.disabled_for = reason
        change_method(session, method, "disabled", at)
        end_for_methods(session, [method.id], "returned", at)
        _hand_on(session, method)
        publish(session, MethodNews(method.id, "disabled", method.method_id), at)
        record(session, SYSTEM, "method.disabled", "payment_method", method.id, at, reason=reason)
    return len(methods)


def update_seen(session: Scoped, seen: MethodSeen, at: datetime) -> None:
    """What the processor has changed by itself: a new expiry from the card's bank, or a method that it let go."""
    method = session.scalars(select(PaymentMethod).where(PaymentMethod.method_id == seen.id)).one_or_none()
    if method is None or method.state == "removed":
        return
    if seen.customer_id is not None:
        _describe(method, seen)
        session.flush()
    elif method.state != "pending_verification":  # those belong to nobody yet
        remove(session, method, SYSTEM, at)


def change_method(session: Scoped, method: PaymentMethod, new: str, at: datetime) -> None:
    """Change a method's state by compare-and-set; one that cannot be used is no default.

    Raises:
        IllegalMove: the table of moves does not hold it.
        Conflict: somebody else was faster.
    """
    check_method_move(method.state, new)
    changed = (
        update(PaymentMethod)
        .where(PaymentMethod.id == method.id, PaymentMethod.state == method.state)
        .values(state=new, changed_at=at, is_default=method.is_default and new == "active")
        .execution_options(synchronize_session=False)
    )
    session.flush()
    if session.execute(changed).rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict
    session.refresh(method)


def end_method(session: Scoped, method: PaymentMethod, new: str, at: datetime) -> None:
    """Nobody uses it any more: the processor lets go of it, and another becomes the default."""
    change_method(session, method, new, at)
    end_for_methods(session, [method.id], "method", at)
    _let_go(session, method, at)
    _hand_on(session, method)


def _let_go(session: Scoped, method: PaymentMethod, at: datetime) -> None:
    """The processor is to forget it, whenever it answers."""
    query = select(MethodSetup.id).where(MethodSetup.payment_method_id == method.id, MethodSetup.state.not_in(SETTLED))
    payload = {"account": method.account, "method_id": method.method_id, "setup_id": session.scalar(query)}
    enqueue(session, DETACH, method.method_id, payload, at)


def _hand_on(session: Scoped, method: PaymentMethod) -> None:
    """There is a default as long as anything can be used: the newest."""
    if _default(session, method.account, method.owner_email) is not None:
        return
    query = select(PaymentMethod).where(
        PaymentMethod.account == method.account,
        PaymentMethod.owner_email == method.owner_email,
        PaymentMethod.state == "active",
    )
    heir = session.scalars(query.order_by(PaymentMethod.id.desc()).limit(1)).one_or_none()
    if heir is not None:
        _set_default(session, heir)


def _set_default(session: Scoped, method: PaymentMethod) -> None:
    """The old one first: no moment has two."""
    before = _default(session, method.account, method.owner_email)
    if before is not None:
        before.is_default = False
        session.flush()
    method.is_default = True
    session.flush()


def _default(session: Scoped, account: str, owner_email: str) -> PaymentMethod | None:
    query = select(PaymentMethod).where(
        PaymentMethod.account == account, PaymentMethod.owner_email == owner_email, PaymentMethod.is_default
    )
    return session.scalars(query).one_or_none()


def _twin(session: Scoped, owner: Owner, seen: MethodSeen) -> PaymentMethod | None:
    """The same card or account, saved by the same owner before."""
    query = select(PaymentMethod).where(
        PaymentMethod.account == owner.account,
        PaymentMethod.owner_email == owner.email,
        PaymentMethod.kind == seen.kind,
        PaymentMethod.fingerprint == seen.fingerprint,
        PaymentMethod.fingerprint != "",
        PaymentMethod.method_id != seen.id,
        PaymentMethod.state == "active",
    )
    return session.scalars(query.limit(1)).one_or_none()


def _describe(method: PaymentMethod, seen: MethodSeen) -> None:
    if (method.exp_month, method.exp_year) != (seen.exp_month, seen.exp_year):
        method.expiry_warned_days = None
    method.method_id = seen.id
    method.kind, method.brand, method.last4 = seen.kind, seen.brand, seen.last4
    method.funding, method.bank_name, method.fingerprint = seen.funding, seen.bank_name, seen.fingerprint
    method.exp_month, method.exp_year = seen.exp_month, seen.exp_year


def lock_owner(session: Scoped, account: str, owner_email: str) -> None:
    """One at a time with the methods of an owner; SQLite writes one at a time anyway."""
    owner = (ProcessorCustomer.account == account) & (ProcessorCustomer.owner_email == owner_email)
    session.scalars(select(ProcessorCustomer.id).where(owner).with_for_update()).all()
