"""A favicon made from the brand colour and the agency's initial."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from portal.agencies.brand import Brand

SIZE = 96  # pixels; browsers scale it down
_CORNER = 22
_DRAWN = 4  # times the size, then scaled down, so that the corners are smooth


def draw_favicon(brand: Brand) -> bytes:
    """A rounded tile in the brand's solid colour with the first letter of the agency's name, as PNG."""
    solid = brand.palette.light
    return _draw(solid.solid, solid.on_solid, next((letter for letter in brand.name if letter.isalnum()), "·").upper())


@lru_cache(maxsize=64)
def _draw(fill: str, ink: str, letter: str) -> bytes:
    side = SIZE * _DRAWN
    tile = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(tile)
    pen.rounded_rectangle((0, 0, side - 1, side - 1), radius=_CORNER * _DRAWN, fill=fill)
    pen.text((side / 2, side / 2), letter, font=ImageFont.load_default(side * 0.62), fill=ink, anchor="mm",
             stroke_width=side * 0.012, stroke_fill=ink)  # fmt: skip
    out = BytesIO()
    tile.resize((SIZE, SIZE), Image.Resampling.LANCZOS).save(out, format="PNG", optimize=True)
    return out.getvalue()
