"""Two small deposits show that a bank account is its owner's: they say what has arrived, and it can be used.

The processor counts wrong tries too, and refuses the account after ten of them or after ten days.
Source: https://docs.stripe.com/payments/ach-direct-debit/set-up-payment
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import select, update

from portal.core.db import run_unit
from portal.core.errors import BadInput, PortalError
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.payments.gateway import Refused
from portal.payments.methods.applying import apply_setup, load_setup
from portal.payments.methods.models import MethodSetup
from portal.payments.till import Till

MOST_TRIES = 10
VALID = timedelta(days=10)
_CENTS = re.compile(r"(?:\$?\s*0?[.,])?(\d{1,2})")
_CODE = re.compile(r"SM[0-9A-Z]{4}")


class WrongDeposits(PortalError):
    """What was typed is not what was sent."""

    status = 422


@dataclass(frozen=True, slots=True)
class Said:
    """What the owner says has arrived: two amounts in cents, or the code in the description."""

    amounts: tuple[int, ...] = ()
    code: str = ""


def said_amounts(first: str, second: str) -> Said:
    """Two amounts as people type them.

    >>> said_amounts("0.32", "$0.45"), said_amounts("32", ".45").amounts
    (Said(amounts=(32, 45), code=''), (32, 45))

    Raises:
        BadInput: not two amounts below a dollar.
    """
    found = [_CENTS.fullmatch(typed.strip()) for typed in (first, second)]
    cents = tuple(int(match[1]) for match in found if match and int(match[1]))
    if len(cents) != 2:
        raise BadInput(text("Enter both amounts in cents, like 32 and 45."))
    return Said(amounts=cents)


def said_code(typed: str) -> Said:
    """The code in the description of the deposit.

    >>> said_code(" sm11aa ").code
    'SM11AA'

    Raises:
        BadInput: no such code.
    """
    code = re.sub(r"\s", "", typed).upper()
    if not _CODE.fullmatch(code):
        raise BadInput(text("The code has six characters and begins with SM."))
    return Said(code=code)


def waiting_setup(session: Scoped, method_id: int) -> MethodSetup | None:
    """The attempt that waits for the deposits of a method, or None."""
    query = select(MethodSetup).where(MethodSetup.payment_method_id == method_id, MethodSetup.state == "verifying")
    return session.scalars(query).one_or_none()


def verify(till: Till, setup_id: int, said: Said) -> MethodSetup:
    """Hand on what the owner says has arrived. A lost answer is found by asking again.

    Args:
        till: the agency's till; no unit may be open.

    Returns:
        The attempt as stored at the end: succeeded, or failed when it was the last try.

    Raises:
        WrongDeposits: it is not what was sent; says how many tries are left.
        GatewayError: the processor could not be asked.
    """
    setup = run_unit(partial(_count, till, setup_id))
    if setup.state != "verifying" or setup.intent_id is None:
        return setup
    key = f"mv:{setup.token}:{setup.tries}"
    try:
        seen = till.gateway.verify_deposits(setup.intent_id, said.amounts, said.code, key)
    except Refused as error:
        current = apply_setup(till, setup_id)
        if current.state != "verifying":
            return current
        left = max(MOST_TRIES - setup.tries, 1)
        raise WrongDeposits(
            text("That is not what we sent. Please look at your bank statement again. Tries left: %(left)s.", left=left)
        ) from error
    return apply_setup(till, setup_id, (setup.version, seen))


def _count(till: Till, setup_id: int) -> MethodSetup:
    """Count the try before it is made; each has an idempotency key of its own."""
    with till.writing() as session:
        session.execute(
            update(MethodSetup)
            .where(MethodSetup.id == setup_id, MethodSetup.state == "verifying")
            .values(tries=MethodSetup.tries + 1)
            .execution_options(synchronize_session=False)
        )
        return load_setup(session, setup_id)
