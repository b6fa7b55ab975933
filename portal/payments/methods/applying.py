"""The one writer of what came of an attempt to add a method: the attempt, the method and the news, in one transaction.

Webhooks, return pages and the reconciler are only triggers.
"""

from contextlib import suppress
from datetime import datetime
from functools import partial

from sqlalchemy import select, update

from portal.core.audit import SYSTEM, record
from portal.core.db import run_unit
from portal.core.errors import NotFound
from portal.core.events import publish
from portal.core.tenancy import Scoped
from portal.payments.apply import READINGS, Contended
from portal.payments.gateway import GatewayError, Refused
from portal.payments.methods.events import MethodNews
from portal.payments.methods.gateway import SetupSeen
from portal.payments.methods.models import MethodSetup, PaymentMethod
from portal.payments.methods.moves import setup_outcome
from portal.payments.methods.saved import Owner, change_method, keep
from portal.payments.till import Till


def apply_setup(till: Till, setup_id: int, seen: tuple[int, SetupSeen] | None = None) -> MethodSetup:
    """Bring an attempt to what its setup intent says.

    Reads our version, then the intent, and writes only if the version is unchanged; else reads again.

    Args:
        till: the agency's till; no unit may be open.
        seen: our version and the intent that a call has just answered.

    Raises:
        GatewayError: the processor could not be asked; nothing was changed.
    """
    for _ in range(READINGS):
        if seen is None:
            setup = stored_setup(till, setup_id)
            if setup.intent_id is None:
                return setup
            seen = (setup.version, till.gateway.retrieve_setup(setup.intent_id))
        version, intent = seen
        seen = None
        written = run_unit(partial(_write, till, setup_id, version, intent))
        if written is None:
            continue
        if written.state == "failed" and intent.status != "canceled":
            with suppress(GatewayError):  # nothing hangs on it: an open intent keeps nothing by itself
                till.gateway.cancel_setup(intent.id)
        return written
    raise Contended(f"setup {setup_id}")


def stop_setup(till: Till, setup: MethodSetup) -> MethodSetup:
    """Make sure that an attempt keeps nothing; when it already has, record that instead.

    Raises:
        GatewayError: the processor could not be asked; nothing was changed.
    """
    if setup.intent_id is None:
        return run_unit(partial(give_up, till, setup.id))
    try:
        canceled = till.gateway.cancel_setup(setup.intent_id)
    except Refused:
        return apply_setup(till, setup.id)
    return apply_setup(till, setup.id, (setup.version, canceled))


def stored_setup(till: Till, setup_id: int) -> MethodSetup:
    """An attempt as it is stored.

    Raises:
        NotFound: there is none.
    """
    with till.reading() as session:
        return load_setup(session, setup_id)


def give_up(till: Till, setup_id: int) -> MethodSetup:
    """End an attempt that the processor knows nothing of."""
    with till.writing() as session:
        setup = load_setup(session, setup_id)
        if setup.state == "created":
            move_setup(session, setup, "canceled", till.now())
        return setup


def _write(till: Till, setup_id: int, version: int, seen: SetupSeen) -> MethodSetup | None:
    """One transaction; None when the attempt has changed since the intent was read."""
    at = till.now()
    with till.writing() as session:
        setup = load_setup(session, setup_id)
        if setup.version != version:
            return None
        setup.checked_at = at
        session.flush()
        new = setup_outcome(seen.status, seen.error_code, seen.next_action, setup.state)
        if new is None:
            return setup
        if not move_setup(session, setup, new, at):
            return None
        setup.error_code = seen.error_code
        if new in {"verifying", "succeeded"}:
            _keep(session, setup, seen, new, at)
        else:
            _drop(session, setup, at)
        record(session, SYSTEM, f"method.setup_{new}", "method_setup", setup.id, at, intent=seen.id)
        return setup


def _keep(session: Scoped, setup: MethodSetup, seen: SetupSeen, new: str, at: datetime) -> None:
    assert seen.method is not None
    owner = Owner(setup.account, setup.owner_email, setup.customer_id, setup.locale)
    state = "pending_verification" if new == "verifying" else "active"
    method = keep(session, owner, seen.method, state, at)
    setup.payment_method_id = method.id
    if new == "verifying":
        setup.deposit_type, setup.deposits_on = seen.deposit_type, seen.deposits_on
        publish(session, MethodNews(method.id, "deposits", method.method_id), at)
    session.flush()


def _drop(session: Scoped, setup: MethodSetup, at: datetime) -> None:
    """An account that waited for its deposits was not verified: its owner is told."""
    if setup.payment_method_id is None:
        return
    method = session.scalars(select(PaymentMethod).where(PaymentMethod.id == setup.payment_method_id)).one()
    if method.state == "pending_verification":
        change_method(session, method, "unverified", at)
        publish(session, MethodNews(method.id, "unverified", method.method_id), at)


def move_setup(session: Scoped, setup: MethodSetup, new: str, at: datetime, **more: str) -> bool:
    """Change an attempt's state by compare-and-set on its version; False when somebody was faster."""
    changed = (
        update(MethodSetup)
        .where(MethodSetup.id == setup.id, MethodSetup.version == setup.version)
        .values(state=new, version=setup.version + 1, changed_at=at, **more)
        .execution_options(synchronize_session=False)
    )
    is_ours: bool = session.execute(changed).rowcount == 1  # type: ignore[attr-defined]
    session.refresh(setup)
    return is_ours


def load_setup(session: Scoped, setup_id: int) -> MethodSetup:
    """An attempt of this agency.

    Raises:
        NotFound: there is none.
    """
    setup = session.scalars(select(MethodSetup).where(MethodSetup.id == setup_id)).one_or_none()
    if setup is None:
        raise NotFound
    return setup
