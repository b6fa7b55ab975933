"""E-mail addresses as people type them: in one agency an address is a login identity, with one spelling."""

from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from portal.core.errors import BadInput
from portal.core.text import text

LONGEST = 254


def parse_email(raw: str) -> str:
    """An address in lower case, with its domain in its readable form.

    Names kept for examples (RFC 2606: .example) pass, since nobody is hurt by them.

    >>> parse_email(" Maria@Riverbend-Bakery.Example ")
    'maria@riverbend-bakery.example'

    Raises:
        BadInput: not an address that mail could reach.
    """
    return _parsed(raw.strip())


@lru_cache(maxsize=1024)
def _parsed(typed: str) -> str:
    """An import reads the same addresses of agents and users over and over, half a millisecond each."""
    try:
        found = validate_email(typed, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise BadInput(
            text("“%(raw)s” is not an e-mail address. Write it like name@example.com.", raw=typed[:LONGEST])
        ) from error
    if "." not in found.domain or found.domain.endswith((".invalid", ".local", ".localhost")):
        raise BadInput(text("“%(raw)s” is not an e-mail address. Write it like name@example.com.", raw=typed[:LONGEST]))
    return found.normalized.lower()
