"""Attempts to add a method that nobody finished, by state and age; and what is left to do for a removed one."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import func, select

from portal.core.db import run_unit
from portal.core.tenancy import Scoped
from portal.payments.methods.applying import apply_setup, load_setup, stop_setup, stored_setup
from portal.payments.methods.models import MethodSetup
from portal.payments.methods.moves import SETTLED
from portal.payments.methods.saved import update_seen
from portal.payments.methods.verifying import VALID
from portal.payments.till import Till

AFTER = {
    "created": timedelta(minutes=15),
    "submitted": timedelta(minutes=2),
    "action_required": timedelta(minutes=30),
    "verifying": timedelta(hours=6),
}
AGAIN_AFTER = {"verifying": timedelta(hours=6)}
AGAIN = timedelta(minutes=1)
GIVE_UP_AFTER = VALID + timedelta(days=4)
"""The processor itself ends an account that is not verified in ten days, counted from when the deposits arrived."""


def due_setups(session: Scoped, account: str, at: datetime, most: int = 200) -> list[int]:
    """Ids of attempts to look at now, those first that were not looked at for longest; settled ones are not read.

    Args:
        account: the processor's account of now; attempts at another one cannot be asked about.
    """
    looked_at = func.coalesce(MethodSetup.checked_at, MethodSetup.changed_at)
    open_ones = (
        select(MethodSetup.id, MethodSetup.state, MethodSetup.changed_at, MethodSetup.checked_at)
        .where(MethodSetup.state.not_in(SETTLED), MethodSetup.account == account)
        .order_by(looked_at, MethodSetup.id)
    )
    ids = []
    for setup_id, state, changed_at, checked_at in session.execute(open_ones):
        was_just_seen = checked_at is not None and at - checked_at < AGAIN_AFTER.get(state, AGAIN)
        if at - changed_at >= AFTER[state] and not was_just_seen:
            ids.append(setup_id)
        if len(ids) == most:
            break
    return ids


def reconcile_setup(till: Till, setup_id: int) -> MethodSetup:
    """Bring one unfinished attempt to where it belongs.

    Raises:
        GatewayError: the processor could not be asked; nothing changed, a later run tries again.
    """
    setup = run_unit(partial(_look, till, setup_id))
    if setup.state in SETTLED:
        return setup
    current = apply_setup(till, setup_id)
    is_old = current.state != "verifying" or till.now() - current.changed_at > GIVE_UP_AFTER
    return stop_setup(till, current) if current.state not in SETTLED and is_old else current


def let_go(till: Till, method_id: str, setup_id: int | None) -> None:
    """A method was removed here: the processor is to forget it. Done twice, it changes nothing.

    Args:
        method_id: the processor's.
        setup_id: of an attempt that was still under way.

    Raises:
        GatewayError: it could not be asked; try again later.
    """
    if setup_id is not None:
        setup = stored_setup(till, setup_id)
        if setup.state not in SETTLED:
            stop_setup(till, setup)
    till.gateway.detach(method_id)


def refresh_method(till: Till, method_id: str) -> None:
    """The processor announces that a method has changed there: read it again.

    Args:
        method_id: the processor's.

    Raises:
        GatewayError: it could not be asked; try again later.
    """
    seen = till.gateway.retrieve_method(method_id)

    def unit() -> None:
        with till.writing() as session:
            update_seen(session, seen, till.now())

    run_unit(unit)


def _look(till: Till, setup_id: int) -> MethodSetup:
    """Note that it is looked at, whatever comes of it: one that cannot be asked about holds up no other."""
    with till.writing() as session:
        setup = load_setup(session, setup_id)
        if setup.state not in SETTLED:
            setup.checked_at = till.now()
        return setup
