"""Which words an agency may put into its mails, and how they are filled in. Amounts, dates, buttons and legal wording
are the template's: no words of an agency's own can change them, or lead anywhere."""

import re
import unicodedata
from collections.abc import Mapping

from portal.core.errors import BadInput
from portal.core.text import Text, text
from portal.notices.mail_kinds import MailKind

MOST: dict[str, int] = {"subject": 120, "opening": 1000, "closing": 1000}
"""Characters in each part."""
_PLACE = re.compile(r"\{([^{}]*)\}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
_ADDRESS = re.compile(r"\S*(?:://|www\.|\w\.[^\W\d_]{2,}|\w@\w)\S*", re.IGNORECASE)
"""What mail programs make a link of."""


def fill(words: str, places: Mapping[str, str]) -> str:
    """Put what is known into the places of words that `checked` has let through.

    >>> fill("Hello {name}, {amount}", {"name": "{amount}", "amount": "$5.00"})
    'Hello {amount}, $5.00'
    """
    return _PLACE.sub(lambda found: places[found[1]], words)


def paragraphs(words: str) -> list[list[str]]:
    """Words as lines in paragraphs, which blank lines part.

    >>> paragraphs("Hello,\\n\\nthank you.\\nAnn")
    [['Hello,'], ['thank you.', 'Ann']]
    """
    return [block.split("\n") for block in re.split(r"\n{2,}", words) if block]


def checked(kind: MailKind, part: str, raw: str) -> str:
    """Read one part of a mail as a person writes it; spaces are tidied.

    Args:
        part: subject, opening or closing.
        raw: empty for the standard words.

    Raises:
        BadInput: too long, a place that this mail does not have, a web address, a subject without its facts.
    """
    words = _tidied(raw)
    if part == "subject" and "\n" in words:
        raise BadInput(text("A subject is one line."))
    if _CONTROL.search(words):
        raise BadInput(text("There is a character in it that cannot be shown."))
    if len(words) > MOST[part]:
        raise BadInput(text("Shorten this to %(most)s characters. It has %(many)s.", most=MOST[part], many=len(words)))
    named = _PLACE.findall(words)
    for name in named:
        if name not in kind.places:
            raise BadInput(_unknown(name, kind))
    if re.search(r"[{}]", _PLACE.sub("", words)):
        raise BadInput(text("There is a { or } too many. Write a place like {name}."))
    address = _ADDRESS.search(words)
    if address:
        raise BadInput(
            text(
                "“%(address)s” reads like a web or e-mail address. Leave it out: the button and the foot of the mail "
                "lead where they should.",
                address=address[0][:60],
            )
        )
    if part == "subject" and words:
        for name in kind.in_subject or ():
            if name not in named:
                place = "{" + name + "}"
                raise BadInput(text("The subject has to name %(place)s, as the standard one does.", place=place))
    return words


def _tidied(raw: str) -> str:
    lines = (" ".join(line.split()) for line in unicodedata.normalize("NFC", raw).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _unknown(name: str, kind: MailKind) -> Text:
    known = ", ".join("{" + place + "}" for place in kind.places)
    return text("This mail has no {%(name)s}. It has %(known)s.", name=name[:40], known=known)
