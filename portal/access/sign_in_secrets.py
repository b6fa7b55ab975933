"""The link's token and the code of a sign-in: derived from the challenge's public id, never stored. Pure."""

import hmac
import unicodedata
from base64 import urlsafe_b64encode
from hashlib import sha256

from portal.core.secrets import derive_key

SIGN_IN = "sign-in link"


def link_token(secret: str, public_id: str, purpose: str = SIGN_IN) -> str:
    """What the link in a mail carries: which record, and 256 bits that only the deployment can make.

    Args:
        purpose: what the link is for; a token is good for one purpose only.
    """
    proof = hmac.new(derive_key(secret, purpose), public_id.encode(), sha256).digest()
    return f"{public_id}.{urlsafe_b64encode(proof).decode().rstrip('=')}"


def public_id_of(secret: str, token: str, purpose: str = SIGN_IN) -> str | None:
    """The record that a link's token names, or None when it was not made here for this purpose."""
    public_id = token.partition(".")[0]
    genuine = hmac.compare_digest(link_token(secret, public_id, purpose).encode(), token.encode())
    return public_id if genuine else None


def sign_in_code(secret: str, public_id: str) -> str:
    """The six digits of a challenge."""
    proof = hmac.new(derive_key(secret, "sign-in code"), public_id.encode(), sha256).digest()
    return f"{int.from_bytes(proof) % 1_000_000:06d}"


def is_code(typed: str, code: str) -> bool:
    """Whether what was typed is the code, however it is spaced.

    >>> is_code(" 123-456 ", "123456")
    True
    """
    digits = "".join(character for character in unicodedata.normalize("NFKC", typed) if character.isalnum())
    return hmac.compare_digest(digits.encode(), code.encode())


def browser_hash(browser_secret: str) -> str:
    """How a browser's secret is kept."""
    return sha256(browser_secret.encode()).hexdigest()
