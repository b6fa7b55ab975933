"""What a brand is, for pages, mails and documents: words, colours, logo; and its `brand.css`."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import lru_cache
from hashlib import sha256
from typing import Protocol

from agency_branding import DEFAULT_FOLDER, read_folder
from portal.agencies.palette import Palette, Scheme, derive_palette


class Branded(Protocol):
    """An agency as its row says, as far as a brand needs it."""

    @property
    def slug(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def brand_hex(self) -> str: ...
    @property
    def brand_folder(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def website(self) -> str: ...
    @property
    def address_line1(self) -> str: ...
    @property
    def address_line2(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def postal_code(self) -> str: ...
    @property
    def footer(self) -> str: ...
    @property
    def logo(self) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Brand:
    """How an agency presents itself.

    Args:
        hex: the brand colour as given, #rrggbb.
        address_lines: postal address, a line each, without empty ones.
        logo: PNG; the staff's upload, else the folder's, else None.
        logo_has_plate: whether the logo brings its own background; one that does not stands on white in the dark.
        logo_url: where a browser gets the logo; the web fills it in.
        folder: name of the brand folder under agency_branding/.
    """

    slug: str
    name: str
    hex: str
    phone: str
    email: str
    website: str
    address_lines: tuple[str, ...]
    footer: str
    folder: str
    logo: bytes | None
    logo_has_plate: bool
    logo_url: str | None = None

    @property
    def palette(self) -> Palette:
        """The accessible colours that follow from `hex`."""
        return derive_palette(self.hex)

    @property
    def phone_link(self) -> str:
        """The phone number for a tel: link."""
        return _phone_link(self.phone)


def brand_of(agency: Branded) -> Brand:
    """The brand of an agency; what its row says wins over its brand folder."""
    folder = read_folder(agency.brand_folder)
    place = " ".join(part for part in (agency.state, agency.postal_code) if part)
    town = ", ".join(part for part in (agency.city, place) if part)
    return Brand(
        slug=agency.slug,
        name=agency.name,
        hex=agency.brand_hex,
        phone=agency.phone,
        email=agency.email,
        website=agency.website,
        address_lines=tuple(line for line in (agency.address_line1, agency.address_line2, town) if line),
        footer=agency.footer,
        folder=folder.folder,
        logo=agency.logo or folder.logo,
        logo_has_plate=folder.logo_has_plate and not agency.logo,
    )


def default_brand() -> Brand:
    """The plain brand of pages where no agency is known."""
    folder = read_folder(DEFAULT_FOLDER)
    return Brand(
        slug="",
        name=folder.name,
        hex=folder.hex,
        phone=folder.phone,
        email=folder.email,
        website=folder.website,
        address_lines=(),
        footer=folder.footer,
        folder=folder.folder,
        logo=folder.logo,
        logo_has_plate=folder.logo_has_plate,
    )


def render_brand_css(palette: Palette) -> str:
    """The custom properties that static/css/portal.css is written in; paper is always light."""
    light, dark = "".join(_properties(palette.light)), "".join(_properties(palette.dark))
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n"


def render_scheme_css(scheme: Scheme) -> str:
    """The same properties of one scheme, whatever the browser prefers."""
    return f":root{{{''.join(_properties(scheme))}}}\n"


def content_hash(content: bytes) -> str:
    """Twelve hexadecimal digits that change with the content, for addresses that are cached for good."""
    return sha256(content).hexdigest()[:12]


@lru_cache(maxsize=256)
def _phone_link(phone: str) -> str:
    digits = "".join(digit for digit in phone if digit.isdigit() or digit == "+")
    return f"tel:{digits}"


def _properties(scheme: Scheme) -> Iterator[str]:
    for field in fields(scheme):
        yield f"--brand-{field.name.replace('_', '-')}:{getattr(scheme, field.name)};"
