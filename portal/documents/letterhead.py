"""What documents and e-mails of an agency have in common: its letterhead, and the parts of a page."""

from dataclasses import dataclass
from datetime import date

from portal.core.text import Text


@dataclass(frozen=True, slots=True)
class Letterhead:
    """How an agency shows itself on paper and in the mail.

    Args:
        agency_name: as people know it; the sender's name of e-mails.
        address_lines: street and city, one line each.
        phone, email, website: as written for people; empty where there is none. Replies go to `email`.
        solid_color: the brand as "#rrggbb".
        text_color: "#rrggbb", readable on it (at least 4.5:1).
        logo: PNG, JPEG or WebP bytes, or None: the name is written instead.
    """

    agency_name: str
    address_lines: tuple[str, ...]
    phone: str
    email: str
    website: str
    solid_color: str
    text_color: str
    logo: bytes | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A person or business on a document; names are already masked where the reader may not see them."""

    name: str
    address_lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One row of money: what for, how much, and a smaller second line."""

    label: Text | str
    amount_cents: int
    detail: Text | str = ""


@dataclass(frozen=True, slots=True)
class PolicyLine:
    """One policy a document is about."""

    number: str
    carrier: str
    coverage: str
    effective_on: date
    expires_on: date
