"""The PIN of a program, printed on its invoices: what a guest is asked for besides when look-ups are guessed at."""

import hmac
from hashlib import sha256

DIGITS = 6


def guest_pin(lookup_key: bytes, agency_id: int, program_id: int) -> str:
    """The six digits of a program; they are derived, not stored.

    Args:
        lookup_key: the agency's own key.
    """
    digest = hmac.new(lookup_key, f"pin|{agency_id}|{program_id}".encode(), sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10**DIGITS:0{DIGITS}d}"


def is_guest_pin(typed: str, lookup_key: bytes, agency_id: int, program_id: int) -> bool:
    """Whether this is the program's PIN, however it was spaced."""
    digits = "".join(character for character in typed if character in "0123456789")
    return hmac.compare_digest(digits, guest_pin(lookup_key, agency_id, program_id))
