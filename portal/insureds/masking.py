"""What others see of names and numbers: guests of the insured, the insured of a third party. Pure."""

import re

_DOTS = "•••••"


def mask_name(name: str) -> str:
    """The first letter of each word; the dots do not tell how long it is. What holds no letter or digit stays.

    >>> mask_name("Riverside Bakery & Sons")
    'R••••• B••••• & S•••••'
    """
    return " ".join(word[0] + _DOTS if re.search(r"[^\W_]", word) else word for word in name.split())


def mask_policy_number(policy_number: str) -> str:
    """The last four letters or digits, and never more than half of them.

    >>> mask_policy_number("CPS 0071234"), mask_policy_number("AB-12")
    ('•••••1234', '•••••12')
    """
    characters = re.sub(r"[\W_]", "", policy_number)
    shown = min(4, len(characters) // 2)
    return _DOTS + (characters[-shown:] if shown else "")
