"""How every call to Stripe is made: with no unit open, and its errors in the terms of `payments/gateway.py`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import stripe

from portal.core.failpoints import failpoint
from portal.core.tenancy import assert_no_open_unit
from portal.payments.gateway import KeysRefused, OutcomeUnknown, Refused

Answer = TypeVar("Answer")


def call(ask: Callable[[], Answer]) -> Answer:
    """Ask Stripe something.

    Raises:
        GatewayError: see there; whatever may have happened all the same is OutcomeUnknown.
    """
    assert_no_open_unit()
    failpoint("before call")
    with _translated():
        answer = ask()
    failpoint("after call")
    return answer


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise KeysRefused(str(error)) from error
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.IdempotencyError) as error:
        raise OutcomeUnknown(type(error).__name__) from error
    except stripe.StripeError as error:
        # An answer that breaks off comes with status 200: only a clear no counts as one.
        if error.http_status in {400, 402, 404}:
            raise Refused(error.code or str(error.http_status), error.user_message or "") from error
        raise OutcomeUnknown(f"HTTP {error.http_status}") from error
