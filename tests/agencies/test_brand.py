"""Brands: what the agency's row says wins over its folder; brand.css follows from one colour."""

from io import BytesIO

from PIL import Image

from agency_branding import brand_folders, read_folder
from portal.agencies.brand import brand_of, content_hash, default_brand, render_brand_css
from portal.agencies.favicon import SIZE, draw_favicon
from portal.agencies.models import Agency
from portal.agencies.palette import derive_palette


def agency(**changes: object) -> Agency:
    facts: dict[str, object] = {
        "slug": "harbor", "name": "Harbor", "brand_hex": "#0b4a5b", "brand_folder": "harborline",
        "phone": "(212) 555-0142", "email": "", "website": "", "footer": "", "logo": None,
        "address_line1": "40 Fulton Street", "address_line2": "", "city": "New York", "state": "NY",
        "postal_code": "10038",
    }  # fmt: skip
    return Agency(**(facts | changes))


def test_address_lines_leave_out_what_is_empty() -> None:
    assert brand_of(agency()).address_lines == ("40 Fulton Street", "New York, NY 10038")
    assert brand_of(agency(city="", state="", postal_code="")).address_lines == ("40 Fulton Street",)


def test_an_uploaded_logo_wins_over_the_folder_and_gets_a_plate_in_the_dark() -> None:
    folder, uploaded = brand_of(agency()), brand_of(agency(logo=b"png"))
    assert folder.logo == read_folder("harborline").logo and folder.logo_has_plate
    assert uploaded.logo == b"png" and not uploaded.logo_has_plate


def test_a_folder_that_is_gone_reads_as_the_default() -> None:
    assert brand_of(agency(brand_folder="../harborline")).folder == "_default"
    assert default_brand().folder == "_default"


def test_every_folder_has_a_readable_brand_and_a_logo_that_is_a_small_png() -> None:
    for name in brand_folders():
        folder = read_folder(name)
        assert derive_palette(folder.hex).brand == folder.hex
        assert folder.logo is not None and len(folder.logo) < 10_000
        assert Image.open(BytesIO(folder.logo)).format == "PNG"


def test_the_phone_number_can_be_dialed() -> None:
    assert brand_of(agency()).phone_link == "tel:2125550142"


def test_brand_css_holds_both_schemes_and_its_hash_changes_with_the_colour() -> None:
    harbor, juniper = (render_brand_css(derive_palette(hex_)) for hex_ in ("#0b4a5b", "#b8481b"))
    assert harbor.startswith(":root{--brand-solid:#0b4a5b;")
    assert "@media screen and (prefers-color-scheme:dark)" in harbor
    assert content_hash(harbor.encode()) != content_hash(juniper.encode())


def test_the_favicon_is_a_tile_in_the_brands_colour() -> None:
    tile = Image.open(BytesIO(draw_favicon(brand_of(agency())))).convert("RGBA")
    assert tile.size == (SIZE, SIZE)
    assert tile.getpixel((SIZE // 2, 6)) == (0x0B, 0x4A, 0x5B, 255)
    assert tile.getpixel((0, 0))[3] == 0  # type: ignore[index]
