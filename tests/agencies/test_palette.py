"""Every claim a palette makes, over the corners of the colour space and many colours between."""

import os
import random
from collections.abc import Iterator
from itertools import product

import pytest
from coloraide import Color

from portal.agencies.palette import DARK, LIGHT, Ground, Scheme, contrast, derive_palette, parse_hex
from portal.core.errors import BadInput

MANY = int(os.environ.get("PORTAL_TEST_COLOURS", "200"))


def colours() -> Iterator[str]:
    for channels in product((0, 128, 255), repeat=3):
        yield "#{:02x}{:02x}{:02x}".format(*channels)
    chance = random.Random(2026)
    for _ in range(MANY):
        yield f"#{chance.randrange(1 << 24):06x}"


def failures(scheme: Scheme, ground: Ground) -> list[str]:
    behind = {"page": ground.page, "surface": ground.surface, "tint": scheme.tint}
    claims = [(role, name, contrast(getattr(scheme, role), at), ratio)
              for role, ratio in (("link", 4.5), ("link_hover", 4.5), ("line", 3.0))
              for name, at in behind.items()]  # fmt: skip
    claims += [("on_solid", fill, contrast(scheme.on_solid, getattr(scheme, fill)), 4.5)
               for fill in ("solid", "solid_hover")]  # fmt: skip
    claims += [("edge", name, contrast(scheme.edge, behind[name]), 3.0) for name in ("page", "surface")]
    return [f"{role} on {at}: {found:.2f}" for role, at, found, needed in claims if found < needed]


def test_every_claim_holds_for_many_colours() -> None:
    wrong = {}
    for colour in colours():
        palette = derive_palette(colour)
        found = failures(palette.light, LIGHT) + failures(palette.dark, DARK)
        if Color(palette.light.tint).convert("oklch")["chroma"] > 0.02:
            found.append("light tint is too strong")
        if Color(palette.dark.tint).convert("oklch")["chroma"] > 0.045:
            found.append("dark tint is too strong")
        if palette.light.solid != colour:
            found.append("the exact brand colour was not kept")
        if found:
            wrong[colour] = found
    assert wrong == {}


def test_text_on_the_brand_is_white_where_white_can_be_read_else_black() -> None:
    for colour in colours():
        expected = "#ffffff" if contrast("#ffffff", colour) >= 4.5 else "#000000"
        assert derive_palette(colour).light.on_solid == expected


def test_a_pale_brand_gets_an_edge_and_a_dark_one_needs_none() -> None:
    pale, dark = derive_palette("#ffe45c").light, derive_palette("#0f4c5c").light
    assert pale.edge == pale.line != pale.solid
    assert dark.edge == dark.solid


def test_says_where_the_colour_had_to_give_way() -> None:
    assert [(item.scheme, item.role) for item in derive_palette("#ffe45c").adjusted] == [
        ("light", "link"), ("light", "line"),
    ]  # fmt: skip
    assert {item.scheme for item in derive_palette("#0f4c5c").adjusted} == {"dark"}


def test_the_hue_survives() -> None:
    wanted = Color("#c2410c").convert("oklch")["hue"]
    for colour in (derive_palette("#c2410c").dark.link, derive_palette("#c2410c").light.link):
        assert abs(Color(colour).convert("oklch")["hue"] - wanted) < 4


@pytest.mark.parametrize(
    ("raw", "colour"), [("#0F4C5C", "#0f4c5c"), (" 0f4c5c ", "#0f4c5c"), ("#08C", "#0088cc"), ("abc", "#aabbcc")]
)
def test_reads_a_colour_as_people_write_it(raw: str, colour: str) -> None:
    assert parse_hex(raw) == colour


@pytest.mark.parametrize("raw", ["", "#", "red", "#12345", "#12345g", "#1234567", "rgb(0,0,0)", "#fff;}body{}"])
def test_refuses_what_is_no_colour(raw: str) -> None:
    with pytest.raises(BadInput):
        derive_palette(raw)


def test_contrast_as_wcag_defines_it() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
