"""Stripe's error envelopes. A handler raises a Refusal; nothing that it wrote before is kept."""

from dataclasses import dataclass, field

from portal.sandbox.stripe.state.objects import Json

INVALID = "invalid_request_error"


@dataclass
class Answer:
    """A status and a body to send; `headers` in addition to the usual ones."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)


class Refusal(Exception):
    """A request that Stripe would refuse.

    Args:
        status: HTTP status.
        message: for people, in Stripe's words where they are known.
        code, param: as in Stripe's error object; left out when None.
        kind: Stripe's `type`, mostly invalid_request_error.
        extras: further members of the error object, such as `payment_intent`.
        headers: to send along.
    """

    def __init__(
        self,
        status: int,
        message: str,
        code: str | None = None,
        param: str | None = None,
        *,
        kind: str = INVALID,
        extras: Json | None = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        error: Json = {"type": kind, "message": message}
        if code is not None:
            error["code"] = code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
        if param is not None:
            error["param"] = param
        error.update(extras or {})
        self.answer = Answer(status, {"error": error}, headers or {})


def no_such(noun: str, object_id: str, param: str, status: int = 400) -> Refusal:
    """An id that this account does not have; 404 when it stands in the path, 400 in a parameter."""
    return Refusal(status, f"No such {noun}: '{object_id}'", "resource_missing", param)


def unexpected_state(message: str, intent: Json) -> Refusal:
    """A PaymentIntent that cannot do this in its present status."""
    return Refusal(400, message, "payment_intent_unexpected_state", extras={"payment_intent": intent})
