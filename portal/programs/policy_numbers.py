"""Policy numbers and ZIPs as people type them, made comparable. Pure.

Nothing is refused by its shape and no characters are swapped: O is not 0, I is not 1, and a term
suffix (-00, -25) is part of the number.
"""

import re
import unicodedata

_NOT_IN_KEY = re.compile(r"[^A-Z0-9]")
_LEADING_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
_ZIP = re.compile(r"([0-9]{5})(?:[\s\u2010-\u2015-]*[0-9]{4})?")


def exact_key(policy_number: str) -> str:
    """The number without case, spaces and punctuation; leading zeros kept.

    >>> exact_key("cps-007 1234")
    'CPS0071234'
    """
    return _NOT_IN_KEY.sub("", unicodedata.normalize("NFKC", policy_number).strip().upper())


def loose_key(policy_number: str) -> str:
    """The exact key without leading zeros, at its start and in each run of digits after a letter.

    >>> loose_key("CPS 0071234"), loose_key("0123 45678")
    ('CPS71234', '12345678')
    """
    return _LEADING_ZEROS.sub("", exact_key(policy_number))


def zip5(raw: str) -> str | None:
    """The first five digits of a ZIP as a guest types it, or None when it is not one.

    Zeros that a spreadsheet lost are not put back here; that is for the import alone.

    >>> zip5(" 78701-4042 "), zip5("787014042"), zip5("7870")
    ('78701', '78701', None)
    """
    match = _ZIP.fullmatch(unicodedata.normalize("NFKC", raw).strip())
    return match.group(1) if match else None
