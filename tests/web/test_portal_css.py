"""Contrast of the neutral and status colours in static/css/portal.css, and of what stands on a brand's tint."""

import re

import pytest

from portal.agencies.palette import DARK, LIGHT, Ground, contrast, derive_palette
from portal.app import ROOT

CSS = (ROOT / "static" / "css" / "portal.css").read_text()
TONES = ("ok", "warn", "bad", "info", "busy", "neutral")
BRANDS = ("#0b4a5b", "#b8481b", "#3f4fb5", "#ffe45c", "#00ff00", "#ff0000", "#000000", "#ffffff", "#808080", "#5b2b82")


def colours(block: int) -> dict[str, str]:
    """The custom properties of the light (0) or the dark (1) block."""
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", CSS.split(":root {")[block + 1].split("}")[0]))


SCHEMES = [pytest.param(colours(0), LIGHT, id="light"), pytest.param(colours(1), DARK, id="dark")]


@pytest.mark.parametrize(("found", "ground"), SCHEMES)
def test_the_ground_is_the_one_palettes_are_made_for(found: dict[str, str], ground: Ground) -> None:
    assert (found["page"], found["surface"]) == (ground.page, ground.surface)


@pytest.mark.parametrize(("found", "ground"), SCHEMES)
def test_text_can_be_read(found: dict[str, str], ground: Ground) -> None:
    tints = [(derive_palette(hex_).light if ground is LIGHT else derive_palette(hex_).dark).tint for hex_ in BRANDS]
    grounds = [found["page"], found["surface"], found["sunken"], *tints]
    pairs = [(found[name], on) for name in ("text", "muted") for on in grounds]
    pairs += [(found[tone], found[f"{tone}-tint"]) for tone in TONES]
    pairs += [(found["text"], found[f"{tone}-tint"]) for tone in TONES]
    pairs += [(found["bad"], on) for on in (found["page"], found["surface"])]
    assert [pair for pair in pairs if contrast(*pair) < 4.5] == []


@pytest.mark.parametrize(("found", "ground"), SCHEMES)
def test_borders_of_inputs_can_be_seen(found: dict[str, str], ground: Ground) -> None:
    tints = [(derive_palette(hex_).light if ground is LIGHT else derive_palette(hex_).dark).tint for hex_ in BRANDS]
    around = [found["page"], found["surface"], found["sunken"], *tints]
    lines = [found["line-strong"], *(found[tone] for tone in ("ok", "warn", "bad", "busy"))]
    assert [(line, on) for line in lines for on in around if contrast(line, on) < 3] == []


def test_what_people_type_into_is_drawn_with_the_strong_line() -> None:
    for selector in (r"\.input \{", r"\.choice input \{", r"\.choice-cards \.choice \{"):
        rule = re.search(selector + r"[^}]*\}", CSS)
        assert rule and "var(--line-strong)" in rule[0]
    assert "outline: 3px solid var(--brand-line)" in CSS
