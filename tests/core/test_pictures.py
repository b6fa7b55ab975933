"""Pictures from outside come out as files of our own: nothing of the sender's bytes but what is seen."""

import io
import random

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from portal.core.errors import BadInput
from portal.core.pictures import MOST_PIXELS, clean_logo, clean_photo

LIMITS = {"most_bytes": 1_000_000, "most_side": 400}
ORIENTATION, CAMERA = 274, 271


def drawn(kind: str, mode: str = "RGB", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    """A picture whose left half is red."""
    picture = Image.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    picture.convert(mode).save(out, kind, **more)
    return out.getvalue()


def with_exif(kind: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION], exif[CAMERA] = orientation, "SecretCamera"
    return drawn(kind, exif=exif)


@pytest.mark.parametrize(
    "sent",
    [drawn("JPEG"), drawn("PNG"), drawn("WEBP"), drawn("PNG", "P"), drawn("PNG", "1"), drawn("JPEG", "CMYK")],
    ids=["jpeg", "png", "webp", "palette", "fax", "print"],
)
def test_every_kind_becomes_a_jpeg_of_ours(sent: bytes) -> None:
    with Image.open(io.BytesIO(clean_photo(sent, **LIMITS))) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (60, 40))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_taken_sideways_stands_upright_and_tells_nothing_of_its_camera(kind: str) -> None:
    sent = with_exif(kind, orientation=6)
    assert b"SecretCamera" in sent
    clean = clean_photo(sent, **LIMITS)
    assert b"SecretCamera" not in clean
    with Image.open(io.BytesIO(clean)) as picture:
        assert picture.size == (40, 60)
        assert not picture.getexif()
        red, _, blue = picture.getpixel((20, 10))  # type: ignore[misc]  # RGB
        assert red > 200 > 60 > blue


def test_comments_and_what_hangs_behind_the_picture_are_gone() -> None:
    text = PngInfo()
    text.add_text("Comment", "<script>alert(1)</script>")
    for sent in (
        drawn("PNG", pnginfo=text),
        drawn("JPEG", comment=b"<script>alert(1)</script>"),
        drawn("JPEG") + b"<script>alert(1)</script>",
        drawn("PNG") + b"PK\x03\x04<script>alert(1)</script>",
    ):
        assert b"script" in sent
        assert b"script" not in clean_photo(sent, **LIMITS)
        assert b"script" not in clean_logo(sent, **LIMITS)


def test_a_large_picture_is_scaled_down() -> None:
    with Image.open(io.BytesIO(clean_photo(drawn("JPEG", size=(1_600, 800)), **LIMITS))) as picture:
        assert picture.size == (400, 200)


def test_a_logo_stays_transparent_and_a_photo_stands_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    with Image.open(io.BytesIO(clean_logo(out.getvalue(), **LIMITS))) as logo:
        assert logo.getpixel((5, 5)) == (0, 0, 0, 0)
    with Image.open(io.BytesIO(clean_photo(out.getvalue(), **LIMITS))) as photo:
        assert photo.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "no picture"),
        (b"%PDF-1.7 not a picture", "no picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "no picture"),
        (b"GIF89a" + bytes(40), "no picture"),
        (drawn("JPEG")[:200], "no picture"),
        (drawn("PNG")[:-30], "no picture"),
        (bytes(1_000_001), "too large: the most is 0.954 MB"),
    ],
    ids=["nothing", "pdf", "svg", "gif", "half a jpeg", "half a png", "large"],
)
def test_what_is_no_picture_is_said_to_be_none(sent: bytes, said: str) -> None:
    with pytest.raises(BadInput) as raised:
        clean_photo(sent, **LIMITS)
    assert said in str(raised.value.message)


@pytest.mark.parametrize("side", [7_100, 14_000])
def test_a_small_file_that_fills_the_memory_is_not_unpacked(side: int) -> None:
    assert side * side > MOST_PIXELS
    out = io.BytesIO()
    Image.new("1", (side, side)).save(out, "PNG", optimize=True)
    assert len(out.getvalue()) < 100_000
    with pytest.raises(BadInput) as raised:
        clean_photo(out.getvalue(), **LIMITS)
    assert "too many pixels" in str(raised.value.message)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_pictures_are_refused_or_read_and_nothing_else(kind: str) -> None:
    chance = random.Random(7)
    for _ in range(300):
        sent = bytearray(with_exif(kind, orientation=8))
        for _ in range(chance.choice((1, 3, 12))):
            sent[chance.randrange(len(sent))] = chance.randrange(256)
        try:
            clean = clean_photo(bytes(sent), **LIMITS)
        except BadInput:
            continue
        with Image.open(io.BytesIO(clean)) as picture:
            assert picture.format == "JPEG"
