"""An accessible palette from one brand colour.

The brand's exact colour is kept wherever it can be read; elsewhere its lightness is moved in OKLCH, with the hue kept,
just until WCAG 2.2 is met (1.4.3: 4.5:1 for text; 1.4.11: 3:1 for lines, focus rings and progress bars).
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

from coloraide import Color

from portal.core.errors import BadInput
from portal.core.text import text

TEXT_RATIO = 4.5
LINE_RATIO = 3.0
_MARGIN = 0.03  # other tools round a channel or a ratio differently
_ROUNDING = 0.003  # of chroma, by writing a colour in eight bits a channel
_STEPS = 8
_HEX = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)


class Ground(NamedTuple):
    """What colours stand on in one scheme; portal.css holds the same values."""

    page: str
    surface: str
    tint_lightness: float
    tint_chroma: float
    towards: Literal[0, 1]  # the lightness that gains contrast


LIGHT = Ground(page="#f6f7f9", surface="#ffffff", tint_lightness=0.963, tint_chroma=0.02, towards=0)
DARK = Ground(page="#0f1217", surface="#181c23", tint_lightness=0.255, tint_chroma=0.036, towards=1)


@dataclass(frozen=True, slots=True)
class Scheme:
    """The brand's colours on light or on dark pages, as #rrggbb.

    Args:
        solid: fill of primary buttons; `solid_hover` while pointed at; `on_solid` the text upon both.
        edge: line around a solid that would vanish on the page, else the solid itself.
        link: text in the brand's colour, at least 4.5:1 on page, surface and tint.
        line: borders, focus rings and progress bars, at least 3:1 on the same.
        tint: quiet background.
    """

    solid: str
    solid_hover: str
    on_solid: str
    edge: str
    link: str
    link_hover: str
    line: str
    tint: str


class Adjustment(NamedTuple):
    """One place where the brand's exact colour could not be used."""

    scheme: Literal["light", "dark"]
    role: Literal["solid", "link", "line"]
    used: str


@dataclass(frozen=True, slots=True)
class Palette:
    """Everything that follows from one brand colour; `adjusted` says where it had to give way."""

    brand: str
    light: Scheme
    dark: Scheme
    adjusted: tuple[Adjustment, ...]


def parse_hex(raw: str) -> str:
    """Read a colour as a person writes it: "#0F4C5C", "0f4c5c" or "#08c".

    Raises:
        BadInput: not three or six hexadecimal digits.
    """
    match = _HEX.fullmatch(raw.strip())
    if match is None:
        raise BadInput(text("“%(raw)s” is not a color. Write it like #0F4C5C.", raw=raw.strip()[:40]))
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two #rrggbb colours, 1 to 21 (WCAG 2.2, "contrast ratio" and "relative luminance")."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=512)
def derive_palette(hex: str) -> Palette:
    """Make the palette of a brand.

    Raises:
        BadInput: `hex` is not a colour.
    """
    brand = parse_hex(hex)
    light, dark = _scheme(brand, LIGHT), _scheme(brand, DARK)
    places = (
        Adjustment("light", "solid", light.solid),
        Adjustment("light", "link", light.link),
        Adjustment("light", "line", light.line),
        Adjustment("dark", "solid", dark.solid),
        Adjustment("dark", "link", dark.link),
        Adjustment("dark", "line", dark.line),
    )
    return Palette(brand, light, dark, tuple(place for place in places if place.used != brand))


def _scheme(brand: str, ground: Ground) -> Scheme:
    tint = _tint(brand, ground)
    behind = (ground.page, ground.surface, tint)
    line = _reach(brand, behind, LINE_RATIO, ground.towards)
    link = _reach(brand, behind, TEXT_RATIO, ground.towards)
    solid = brand if ground is LIGHT else _reach(brand, behind[:2], LINE_RATIO, ground.towards)
    on_solid = "#ffffff" if contrast("#ffffff", solid) >= TEXT_RATIO else "#000000"
    vanishes = min(contrast(solid, ground.page), contrast(solid, ground.surface)) < LINE_RATIO
    return Scheme(
        solid=solid,
        solid_hover=_hover(solid, on_solid),
        on_solid=on_solid,
        edge=line if vanishes else solid,
        link=link,
        link_hover=_moved(link, -0.07 if ground is LIGHT else 0.06),
        line=line,
        tint=tint,
    )


def _tint(brand: str, ground: Ground) -> str:
    _, chroma, hue = _oklch(brand)
    return _hex_of(ground.tint_lightness, min(chroma, ground.tint_chroma - _ROUNDING), hue)


def _hover(solid: str, on_solid: str) -> str:
    """A little further from its text, so that reading it never gets harder; near the ends a little closer."""
    lightness = _oklch(solid)[0]
    if on_solid == "#ffffff":
        return _moved(solid, -0.06 if lightness > 0.3 else 0.1)
    return _moved(solid, 0.05 if lightness < 0.9 else -0.06)


def _reach(brand: str, behind: Iterable[str], ratio: float, towards: int) -> str:
    """The colour nearest to the brand, going towards black (0) or white (1), that stands out from all `behind`."""
    behind = tuple(behind)

    def stands_out(candidate: str) -> bool:
        return all(contrast(candidate, ground) >= ratio + _MARGIN for ground in behind)

    if stands_out(brand):
        return brand
    near, chroma, hue = _oklch(brand)
    far = float(towards)
    found = "#ffffff" if towards else "#000000"
    for _ in range(_STEPS):
        middle = (near + far) / 2
        candidate = _hex_of(middle, chroma, hue)
        if stands_out(candidate):
            far, found = middle, candidate
        else:
            near = middle
    return found


def _moved(hex_: str, by: float) -> str:
    lightness, chroma, hue = _oklch(hex_)
    return _hex_of(min(1.0, max(0.0, lightness + by)), chroma, hue)


def _oklch(hex_: str) -> tuple[float, float, float]:
    lightness, chroma, hue = Color(hex_).convert("oklch").coords(nans=False)
    return lightness, chroma, 0.0 if math.isnan(hue) else hue


def _hex_of(lightness: float, chroma: float, hue: float) -> str:
    color = Color("oklch", [lightness, chroma, hue]).convert("srgb")
    if not color.in_gamut(tolerance=0.0):
        color.fit("srgb", method="oklch-chroma")
    return str(color.to_string(hex=True))


def _luminance(hex_: str) -> float:
    red, green, blue = (_linear(int(hex_[at : at + 2], 16)) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(maxsize=256)
def _linear(channel: int) -> float:
    share = channel / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)
