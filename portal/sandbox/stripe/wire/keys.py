"""API keys. Any well-formed sandbox key opens an account of its own."""

import base64
import binascii
import re
from dataclasses import dataclass

from werkzeug.datastructures import Headers

from portal.sandbox.stripe.wire.refusals import Refusal

KEY = re.compile(r"(?P<kind>sk|pk)_test_sandbox_(?P<account>[A-Za-z0-9_-]{1,64})")


@dataclass(frozen=True)
class Key:
    """Who calls: the account, and whether with the secret or only with the publishable key."""

    account: str
    secret: bool


def masked(key: str) -> str:
    """A key as error messages show it: the beginning and the last four letters."""
    return f"{key[:8]}{'*' * 10}{key[-4:]}"


def presented(headers: Headers) -> str:
    """The key in an Authorization header (Bearer, or Basic with the key as user), or ''."""
    scheme, _, value = headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode("ascii").partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def authenticate(headers: Headers) -> Key:
    """The caller of a request. Raises Refusal 401 without a key of the stand-in's."""
    text = presented(headers)
    if not text:
        raise Refusal(
            401,
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        )
    match = KEY.fullmatch(text)
    if match is None:
        raise Refusal(401, f"Invalid API Key provided: {masked(text)}")
    return Key(match["account"], match["kind"] == "sk")


def require_secret(key: Key) -> None:
    """Refuse the publishable key where money or other people's data is touched."""
    if not key.secret:
        raise Refusal(
            403,
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
            "secret_key_required",
        )
