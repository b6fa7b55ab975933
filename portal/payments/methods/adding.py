"""Add a method without paying, in two phases like a payment.

T1 the attempt → S1 create a setup intent → T2 its id is stored → S2 confirm → T3 apply. Nothing is kept before S2,
and a lost answer to it is found by asking again.
"""

import secrets
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core.audit import Actor, record
from portal.core.db import run_unit
from portal.payments.gateway import GatewayError, KeysRefused, OutcomeUnknown, Refused
from portal.payments.methods.applying import (
    apply_setup,
    give_up,
    load_setup,
    move_setup,
    stop_setup,
    stored_setup,
)
from portal.payments.methods.customers import customer_of
from portal.payments.methods.gateway import NewSetup
from portal.payments.methods.models import MethodSetup
from portal.payments.submit import pause
from portal.payments.till import Till


@dataclass(frozen=True, slots=True)
class NewMethod:
    """What its owner wants to keep.

    Args:
        request_key: one per rendered page; a repeat returns the attempt that exists.
        confirmation_token: what the processor's fields made of it.
        return_url: the attempt's page, with `{token}` for its public name.
        kinds: what the agency takes, in the processor's words.
    """

    request_key: str
    owner_email: str
    locale: str
    confirmation_token: str
    return_url: str
    kinds: tuple[str, ...]


def add(till: Till, new: NewMethod) -> MethodSetup:
    """Keep a method for its owner.

    Args:
        till: the agency's till; no unit may be open.

    Returns:
        The attempt as stored at the end: succeeded, verifying, action_required, failed; submitted when the
        processor's answer is not known yet; canceled when it could not even be asked.

    Raises:
        GatewayError: the processor could not be asked for a customer; nothing was kept.
    """
    customer_id = customer_of(till, new.owner_email)
    setup, is_new = run_unit(partial(_t1, till, new, customer_id))
    if not is_new:
        return setup
    about = {"agency_id": str(till.agency_id), "setup_id": str(setup.id)}
    key = secrets.token_hex(12)
    try:
        seen = till.gateway.create_setup(NewSetup(customer_id, f"si:{key}", new.kinds, about))
    except GatewayError as error:
        if isinstance(error, KeysRefused):
            pause(till, error)
        return run_unit(partial(give_up, till, setup.id))
    if not run_unit(partial(_t2, till, setup.id, seen.id)):
        return stored_setup(till, setup.id)
    return _confirm(till, setup.id, f"sc:{key}")


def _confirm(till: Till, setup_id: int, key: str) -> MethodSetup:
    setup = stored_setup(till, setup_id)
    assert setup.intent_id is not None
    try:
        seen = till.gateway.confirm_setup(setup.intent_id, setup.confirmation_token, setup.return_url, key)
    except OutcomeUnknown:
        return setup
    except KeysRefused as error:
        pause(till, error)
        return setup
    except Refused:
        return _refused(till, setup)
    try:
        return apply_setup(till, setup_id, (setup.version, seen))
    except GatewayError:
        return stored_setup(till, setup_id)


def _refused(till: Till, setup: MethodSetup) -> MethodSetup:
    """400 or 404 on confirm: nothing was kept, most likely because the token is spent or too old."""
    try:
        return stop_setup(till, setup)
    except GatewayError:
        return stored_setup(till, setup.id)


def _t1(till: Till, new: NewMethod, customer_id: str) -> tuple[MethodSetup, bool]:
    """T1: the attempt of this request key, and whether it is new."""
    query = select(MethodSetup).where(MethodSetup.request_key == new.request_key)
    at = till.now()
    try:
        with till.writing() as session:
            known = session.scalars(query).one_or_none()
            if known is not None:
                return known, False
            token = secrets.token_urlsafe(24)
            setup = MethodSetup(
                token=token,
                account=till.account,
                owner_email=new.owner_email,
                customer_id=customer_id,
                request_key=new.request_key,
                confirmation_token=new.confirmation_token,
                return_url=new.return_url.replace("{token}", token),
                locale=new.locale,
                state="created",
                intent_id=None,
                payment_method_id=None,
                error_code=None,
                deposit_type=None,
                deposits_on=None,
                created_at=at,
                changed_at=at,
                checked_at=None,
            )
            session.add(setup)
            session.flush()
            record(session, Actor("insured", new.owner_email), "method.asked", "method_setup", setup.id, at)
            return setup, True
    except IntegrityError:  # the other press of a double click was faster by a moment
        with till.reading() as session:
            return session.scalars(query).one(), False


def _t2(till: Till, setup_id: int, intent_id: str) -> bool:
    """Store the intent's id with the decision to confirm it. False: the attempt was given up meanwhile."""
    with till.writing() as session:
        setup = load_setup(session, setup_id)
        if setup.state != "created":
            return False
        return move_setup(session, setup, "submitted", till.now(), intent_id=intent_id)
