"""Pictures from outside: read with care, turned upright, scaled down and written anew. Pure.

What comes out is our own file: no metadata (place, camera, comments), nothing behind the picture's end, no second
format in the same bytes.
"""

import io
import struct
import zlib

from PIL import Image, ImageOps

from portal.core.errors import BadInput
from portal.core.text import text

FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 50_000_000
"""A phone's largest photo. Read before anything is unpacked: a small file can hold a picture that fills the memory."""
_UNREADABLE = (OSError, SyntaxError, ValueError, TypeError, EOFError, OverflowError, struct.error, zlib.error)
"""What Pillow raises for files that are broken or made to break it."""


def clean_photo(data: bytes, *, most_bytes: int, most_side: int) -> bytes:
    """A photo or scan as a JPEG file on white.

    Args:
        data: as it was sent: JPEG, PNG or WebP.
        most_bytes: the largest file that is taken.
        most_side: in pixels; a larger picture is scaled down.

    Raises:
        BadInput: too large, or no picture that can be read.
    """
    picture = _read(data, most_bytes, most_side)
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture)
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def clean_logo(data: bytes, *, most_bytes: int, most_side: int) -> bytes:
    """A logo as a PNG file that keeps its transparency. Arguments and errors as of `clean_photo`."""
    picture = _read(data, most_bytes, most_side)
    paper = Image.new("RGBA", picture.size)
    paper.paste(picture)
    out = io.BytesIO()
    paper.save(out, "PNG", optimize=True)
    return out.getvalue()


def _read(data: bytes, most_bytes: int, most_side: int) -> Image.Image:
    """The first picture in a file, upright and scaled down, as RGBA."""
    if len(data) > most_bytes:
        most = f"{most_bytes / 1024 / 1024:.3g} MB"
        raise BadInput(text("This file is too large: the most is %(most)s. Nothing was stored.", most=most))
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            image.draft("RGB", (most_side, most_side))
            smooth = image.convert("RGBA") if image.mode in {"1", "P"} else image
            smooth.thumbnail((most_side, most_side))
            return ImageOps.exif_transpose(smooth).convert("RGBA")
    except Image.DecompressionBombError as error:
        raise BadInput(text("This picture has too many pixels. Make it smaller. Nothing was stored.")) from error
    except _UNREADABLE as error:
        raise BadInput(
            text("This is no picture that we can read. Use a JPEG, PNG or WebP file. Nothing was stored.")
        ) from error
