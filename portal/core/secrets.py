"""Secrets at rest, and keys derived from the deployment's one secret."""

import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

AUDIT_SEALS = "audit seals"
"""A purpose for `derive_key`: the chain of seals over the audit."""


class CannotDecrypt(RuntimeError):
    """A stored secret does not open with any of the deployment's keys."""


class SecretBox:
    """Encrypts with the newest key, opens with any (MultiFernet).

    Args:
        keys: Fernet keys, comma separated, the newest first.

    Raises:
        ValueError: no keys, or one that is none.
    """

    def __init__(self, keys: str) -> None:
        self._fernet = MultiFernet([Fernet(key.strip()) for key in keys.split(",") if key.strip()])

    def close(self, plain: str) -> str:
        """Encrypt."""
        return self._fernet.encrypt(plain.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt.

        Raises:
            CannotDecrypt: no key fits.
        """
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise CannotDecrypt("a stored secret does not open with PORTAL_ENCRYPTION_KEYS") from error

    def rotate(self, sealed: str) -> str:
        """Encrypt anew with the newest key.

        Raises:
            CannotDecrypt: no key fits.
        """
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken as error:
            raise CannotDecrypt("a stored secret does not open with PORTAL_ENCRYPTION_KEYS") from error


def derive_key(secret: str, purpose: str) -> bytes:
    """A key of its own for each purpose, from the deployment's secret."""
    return hmac.new(secret.encode(), purpose.encode(), hashlib.sha256).digest()
