"""How an agency presents itself, as its admins set it: name, colour, and where customers reach it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from portal.agencies.models import Agency
from portal.agencies.palette import parse_hex
from portal.core.email_address import parse_email
from portal.core.errors import BadInput
from portal.core.tenancy import Unscoped
from portal.core.text import text

MOST_NAME, MOST_LINE, MOST_FOOTER = 80, 80, 400


@dataclass(frozen=True, slots=True)
class BrandDraft:
    """What can be set, under the names of the agency's row; what may be empty is empty where there is none.

    Args:
        brand_hex: as a person writes it; kept as #rrggbb.
    """

    name: str
    brand_hex: str
    phone: str
    email: str
    website: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class DraftedBrand(BrandDraft):
    """A draft with what it leaves as it is: looks like an agency's row to `brand_of`, and nothing is stored."""

    slug: str = ""
    brand_folder: str = ""
    logo: bytes | None = None


def brand_draft(agency: Agency) -> BrandDraft:
    """What an agency has set."""
    return BrandDraft(**{field.name: getattr(agency, field.name) for field in fields(BrandDraft)})


def drafted(agency: Agency, draft: BrandDraft) -> DraftedBrand:
    """The agency as it would look with a draft."""
    values = {field.name: getattr(draft, field.name) for field in fields(BrandDraft)}
    return DraftedBrand(**values, slug=agency.slug, brand_folder=agency.brand_folder, logo=agency.logo)


def parse_line(raw: str, most: int = MOST_LINE) -> str:
    """One line of words; spaces are tidied.

    >>> parse_line("  Harborline   Insurance ")
    'Harborline Insurance'

    Raises:
        BadInput: too long, or with characters that no line has: names stand in the headers of mails.
    """
    line = " ".join(raw.split())
    if len(line) > most:
        raise BadInput(text("That is too long: at most %(most)d characters.", most=most))
    if not line.isprintable():
        raise BadInput(text("There is a character in it that cannot be shown."))
    return line


def parse_name(raw: str) -> str:
    """The agency's name.

    Raises:
        BadInput: empty, too long, or not one line.
    """
    name = parse_line(raw, MOST_NAME)
    if not name:
        raise BadInput(text("An agency needs a name: customers see it on every page and mail."))
    return name


def parse_phone(raw: str) -> str:
    """The number that customers call, as it is to be shown.

    Raises:
        BadInput: fewer than seven digits, or not one line.
    """
    phone = parse_line(raw, 40)
    if not 7 <= len(re.sub(r"\D", "", phone)) <= 20:
        raise BadInput(text("“%(phone)s” is not a phone number. Write it like 828-555-0134.", phone=phone))
    return phone


def parse_website(raw: str) -> str:
    """A web address; pages link to it, so nothing else than http and https is taken.

    >>> parse_website("harborline.example"), parse_website("")
    ('https://harborline.example', '')

    Raises:
        BadInput: no such address.
    """
    typed = parse_line(raw, 200)
    if not typed:
        return ""
    url = typed if "://" in typed else f"https://{typed}"
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in {"http", "https"} or "." not in host or " " in url or parts.username is not None:
        raise BadInput(text("This is not a web address. Write it like https://www.example.com."))
    return url


def parse_state(raw: str) -> str:
    """A state by its two letters, or nothing.

    Raises:
        BadInput: something else.
    """
    state = raw.strip().upper()
    if state and not re.fullmatch(r"[A-Z]{2}", state):
        raise BadInput(text("Write the state by its two letters, like NC."))
    return state


def parse_zip(raw: str) -> str:
    """A ZIP code, or nothing.

    Raises:
        BadInput: something else.
    """
    code = raw.strip()
    if code and not re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", code):
        raise BadInput(text("A ZIP code has five digits, or nine like 02110-1234."))
    return code


def parse_footer(raw: str) -> str:
    """The words at the foot of every page.

    Raises:
        BadInput: too long.
    """
    return parse_line(raw, MOST_FOOTER)


PARSERS = {
    "name": parse_name,
    "brand_hex": parse_hex,
    "phone": parse_phone,
    "email": parse_email,
    "website": parse_website,
    "address_line1": parse_line,
    "address_line2": parse_line,
    "city": parse_line,
    "state": parse_state,
    "postal_code": parse_zip,
    "footer": parse_footer,
}
"""What reads each field as it was typed."""


def changes(before: BrandDraft, after: BrandDraft) -> Iterator[tuple[str, str, str]]:
    """(field, before, after) of what differs."""
    for field in fields(BrandDraft):
        old, new = getattr(before, field.name), getattr(after, field.name)
        if old != new:
            yield field.name, old, new


def set_brand(session: Unscoped, agency_id: int, draft: BrandDraft) -> None:
    """Store it; pages, mails and documents follow at once, other processes within seconds."""
    agency = session.get_one(Agency, agency_id)
    for field in fields(BrandDraft):
        setattr(agency, field.name, getattr(draft, field.name))
