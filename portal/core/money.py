"""Money: integer cents of US dollars. The only place that parses, formats, splits and rounds."""

import re
from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal, InvalidOperation

from portal.core.errors import BadInput
from portal.core.text import text

LARGEST_CENTS = 100_000_000_00
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d*\.?\d+|\d+\.")


def parse_money(raw: str) -> int:
    """Read what a person or a spreadsheet wrote as dollars.

    Takes "1234.5", "$1,234.50", "($12.00)", "-12" and " 1,234 USD ".

    >>> parse_money("$1,234.50")
    123450
    >>> parse_money("(12)")
    -1200

    Raises:
        BadInput: not an amount, more than two decimals, or more than $100,000,000.
    """
    cleaned = raw.strip().upper().removesuffix("USD").replace("$", "").replace("\u00a0", "").replace(" ", "")
    negative = cleaned.startswith("-")
    cleaned = cleaned.removeprefix("-")
    if cleaned.startswith("(") and cleaned.endswith(")"):
        negative, cleaned = True, cleaned[1:-1]
    if not _GROUPED.fullmatch(cleaned):
        raise BadInput(text("“%(raw)s” is not an amount. Write it like 1,234.50.", raw=raw.strip()))
    try:
        cents = Decimal(cleaned.replace(",", "")) * 100
    except InvalidOperation as error:  # pragma: no cover - the pattern lets only numbers through
        raise BadInput(text("“%(raw)s” is not an amount. Write it like 1,234.50.", raw=raw.strip())) from error
    if cents != cents.to_integral_value():
        raise BadInput(text("“%(raw)s” has more than two decimals. Write it like 1,234.50.", raw=raw.strip()))
    if cents > LARGEST_CENTS:
        raise BadInput(text("“%(raw)s” is too large; the most is 100,000,000.00.", raw=raw.strip()))
    return -int(cents) if negative else int(cents)


def format_money(cents: int) -> str:
    """Write cents the way US readers do, in English and in es_US alike.

    >>> format_money(123450), format_money(-5)
    ('$1,234.50', '-$0.05')
    """
    sign = "-" if cents < 0 else ""
    dollars, rest = divmod(abs(cents), 100)
    return f"{sign}${dollars:,}.{rest:02d}"


def plain_money(cents: int) -> str:
    """Write cents for a CSV cell: "1234.50"."""
    sign = "-" if cents < 0 else ""
    dollars, rest = divmod(abs(cents), 100)
    return f"{sign}{dollars}.{rest:02d}"


def percent_of(cents: int, rate: Decimal) -> int:
    """Take a rate (0.15 is 15 %) of an amount, half a cent rounded away from zero.

    >>> percent_of(1050, Decimal("0.05"))
    53
    """
    return int((Decimal(cents) * rate).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def percent_within(cents: int, rate: Decimal) -> int:
    """Take a rate of an amount as a limit that is never passed: a part of a cent is dropped.

    >>> percent_within(1050, Decimal("0.05"))
    52
    """
    return int((Decimal(cents) * rate).quantize(Decimal(1), rounding=ROUND_FLOOR))


def allocate(total_cents: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to weights; the parts add up to the total, to the cent.

    Cents left over go to the largest remainders, the first of equals first.

    >>> allocate(100, [1, 1, 1])
    [34, 33, 33]
    >>> allocate(-100, [1, 1, 1])
    [-34, -33, -33]

    Raises:
        ValueError: a negative weight, or nothing to divide by while there is something to divide.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError("weights must not be negative")
    whole = sum(weights)
    if whole == 0:
        if total_cents:
            raise ValueError("cannot divide an amount over nothing")
        return [0] * len(weights)
    sign = -1 if total_cents < 0 else 1
    shares = [divmod(abs(total_cents) * weight, whole) for weight in weights]
    parts = [share for share, _ in shares]
    left = abs(total_cents) - sum(parts)
    for index in sorted(range(len(weights)), key=lambda i: -shares[i][1])[:left]:
        parts[index] += 1
    return [sign * part for part in parts]


def split_level(amounts_cents: Sequence[int], parts: int) -> list[list[int]]:
    """Divide several amounts over a number of parts: each amount's shares add up to it, to the cent, and what the
    parts come to differs by one cent at most, the larger first.

    >>> split_level([100, 50], 3)
    [[34, 17], [33, 17], [33, 16]]

    Args:
        amounts_cents: none negative.

    Returns:
        For each part its share of each amount.
    """
    shares: list[list[int]] = [[] for _ in range(parts)]
    taken = 0
    for cents in amounts_cents:
        share, left = divmod(cents, parts)
        for number in range(parts):
            shares[number].append(share + ((number - taken) % parts < left))
        taken += left
    return shares
