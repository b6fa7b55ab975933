"""What people call invoices: by their kind, by their own words, installments by their number."""

import re

from portal.core.text import Text, text

_NAMES = {
    "pay_in_full": text("Payment in full"),
    "down_payment": text("Down payment"),
    "financed": text("Financed balance"),
    "installment": text("Installment"),
    "endorsement": text("Endorsement"),
    "one_time": text("One-time payment"),
    "late_fee": text("Late fee"),
    "payoff": text("Payoff"),
    "reinstatement": text("Reinstatement"),
}

KINDS = tuple(_NAMES)


def kind_name(kind: str) -> Text:
    """A kind of invoice in words.

    Raises:
        KeyError: no such kind.
    """
    return _NAMES[kind]


_NUMBERED = re.compile(r"Installment (\d+) of (\d+)")
_PART = re.compile(r"(.+) \((\d+) of (\d+)\)")
_FEE = re.compile(r"(Late fee|Returned payment fee) for installment (\d+) of (\d+)")


def installment_name(number: int, count: int) -> str:
    """How the name of an installment is kept, as its invoice's description: in English.

    >>> installment_name(3, 9)
    'Installment 3 of 9'
    """
    return f"Installment {number} of {count}"


def fee_description(name: str, installment: str) -> str:
    """How the name of a fee on an installment is kept, as its invoice's description: in English.

    Args:
        name: "Late fee" or "Returned payment fee".
        installment: the installment's own, as `installment_name` gives it.

    >>> fee_description("Late fee", "Installment 3 of 9")
    'Late fee for installment 3 of 9'
    """
    return f"{name} for {installment[:1].lower()}{installment[1:]}"


def part_description(what: str, number: int, count: int) -> str:
    """How the name of one of several one-time payments is kept, as its invoice's description: in English.

    >>> part_description("Loss survey", 2, 6), part_description("Loss survey", 1, 1)
    ('Loss survey (2 of 6)', 'Loss survey')
    """
    return f"{what} ({number} of {count})" if count > 1 else what


def part_what(description: str) -> str:
    """What a one-time payment is for, whichever of several it is.

    >>> part_what("Loss survey (2 of 6)"), part_what("Loss survey")
    ('Loss survey', 'Loss survey')
    """
    part = _PART.fullmatch(description)
    return part[1] if part else description


def invoice_title(kind: str, description: str) -> Text | str:
    """What an invoice is for: the agency's own words if it has any, else its kind, in the reader's language.

    Args:
        kind: of the invoice.
        description: as kept.
    """
    numbered = _NUMBERED.fullmatch(description) if kind == "installment" else None
    if numbered is not None:
        return text("Installment %(number)s of %(count)s", number=numbered[1], count=numbered[2])
    fee = _FEE.fullmatch(description) if kind == "late_fee" else None
    if fee is not None and fee[1] == "Late fee":
        return text("Late fee for installment %(number)s of %(count)s", number=fee[2], count=fee[3])
    if fee is not None:
        return text("Returned payment fee for installment %(number)s of %(count)s", number=fee[2], count=fee[3])
    part = _PART.fullmatch(description) if kind == "one_time" else None
    if part is not None:
        return text("%(what)s (%(number)s of %(count)s)", what=part[1], number=part[2], count=part[3])
    return description or kind_name(kind)
