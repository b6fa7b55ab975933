"""Admins set the agency's look: seen before it counts, on pages, mails and paper at once, kept off everybody else."""

import io

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from portal.agencies.brand_settings import brand_draft, parse_name, parse_website
from portal.agencies.models import Agency
from portal.core.audit import AuditEntry
from portal.core.errors import BadInput
from portal.core.tenancy import reading
from portal.documents.filled import letterhead_of
from tests.factories.people import make_agency
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, words

PAGE = "/admin/branding"
TYPED = {
    "brand_hex": "FFD400",
    "name": " Quay  Insurance ",
    "phone": "828-555-0199",
    "email": "Hello@quay.example",
    "website": "quay.example",
    "address_line1": "1 Quay St",
    "city": "Boston",
    "state": "ma",
    "postal_code": "02110",
    "footer": "License 12345",
}


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "admin")


def stored(app: Flask, agency: Agency) -> Agency:
    fresh = services_of(app).directory.by_id(agency.id)
    assert fresh is not None
    return fresh


def test_what_is_saved_shows_at_once_and_is_in_the_audit(app: Flask, agency: Agency, admin: Visitor) -> None:
    before = brand_draft(stored(app, agency))
    assert admin.post(PAGE, **TYPED).location == "/harbor" + PAGE
    page = admin.get(PAGE)
    assert "Quay Insurance" in words(page)
    assert "License 12345" in words(page)
    assert "On dark pages" not in words(page)
    assert "On light pages links are" in words(page)
    letterhead = letterhead_of(stored(app, agency))
    assert (letterhead.agency_name, letterhead.solid_color) == ("Quay Insurance", "#ffd400")
    assert letterhead.address_lines == ("1 Quay St", "Boston, MA 02110")
    assert (letterhead.email, letterhead.website) == ("hello@quay.example", "quay.example")
    with reading(engine_of(app), agency.id) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "agency.brand_set")).one()
    assert f"brand_hex: {before.brand_hex} → #ffd400" in entry.detail["changed"]


def test_the_colours_have_an_address_of_their_own(admin: Visitor) -> None:
    old = admin.get(PAGE).text.partition("/brand-")[2][:12]
    admin.post(PAGE, **TYPED)
    new = admin.get(PAGE).text.partition("/brand-")[2][:12]
    assert new != old
    assert "--brand-solid:#ffd400" in admin.get(f"/brand-{new}.css").text
    assert admin.get(f"/brand-{old}.css").status_code == 302


@pytest.mark.parametrize("view", ["home", "pay", "mail"])
def test_what_is_typed_is_seen_and_not_stored(app: Flask, agency: Agency, admin: Visitor, view: str) -> None:
    asked = {"view": view, "scheme": "dark", "name": "<b>Quay</b>", "brand_hex": "#ffd400"}
    seen = admin.get(f"{PAGE}/preview", query_string=asked)
    assert seen.status_code == 200
    assert "&lt;b&gt;Quay&lt;/b&gt;" in seen.text
    assert "<script" not in seen.text
    assert "$412.50" in seen.text
    assert stored(app, agency).name == agency.name


def test_styles_and_paper_of_what_is_typed(admin: Visitor) -> None:
    dark = admin.get(f"{PAGE}/preview.css?hex=ffd400&scheme=dark").text
    assert "--brand-solid:#ffd400" in dark
    assert "prefers-color-scheme" not in dark
    assert "@media all" in dark
    paper = admin.get(f"{PAGE}/preview.png?name=Quay")
    with Image.open(io.BytesIO(paper.data)) as picture:
        assert picture.format == "PNG"
    assert 'id="adjusted"' in admin.get(f"{PAGE}/previews?brand_hex=no", headers={"HX-Request": "true"}).text


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("brand_hex", "yellow", "is not a color"),
        ("name", " ", "An agency needs a name"),
        ("name", "Quay\x07", "cannot be shown"),
        ("phone", "12", "is not a phone number"),
        ("email", "quay", "e-mail"),
        ("website", "javascript:alert(1)", "not a web address"),
        ("state", "Mass", "two letters"),
        ("postal_code", "123", "A ZIP code has five digits"),
        ("footer", "x" * 401, "too long"),
    ],
)
def test_what_is_wrong_is_said_and_kept(
    app: Flask, agency: Agency, admin: Visitor, field: str, typed: str, said: str
) -> None:
    answer = admin.post(PAGE, **(TYPED | {field: typed}))
    assert answer.status_code == 422
    assert said in words(answer)
    assert "License 12345" in answer.text or field == "footer"
    assert stored(app, agency).name == agency.name


def test_a_logo_is_written_anew_and_can_be_taken_away(app: Flask, agency: Agency, admin: Visitor) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "navy").save(out, "JPEG", comment=b"SecretCamera")
    assert admin.post(f"{PAGE}/logo", PAGE, logo=(io.BytesIO(out.getvalue()), "logo.jpg")).status_code == 303
    logo = stored(app, agency).logo
    assert logo is not None
    assert logo.startswith(b"\x89PNG")
    assert b"SecretCamera" not in logo
    refused = admin.post(f"{PAGE}/logo", PAGE, logo=(io.BytesIO(b"<svg/>"), "logo.svg"))
    assert refused.status_code == 422
    assert "no picture that we can read" in words(refused)
    assert "Choose a picture." in words(admin.post(f"{PAGE}/logo", PAGE))
    admin.post(f"{PAGE}/logo", PAGE, remove="y")
    assert stored(app, agency).logo is None


def test_only_admins_set_it(app: Flask, agency: Agency) -> None:
    assert staff_visitor(app, agency, "accountant").get(PAGE).status_code == 403


def test_addresses_and_names_as_people_type_them() -> None:
    assert parse_website("http://a.example/x") == "http://a.example/x"
    for wrong in ("ftp://a.example", "https://user@a.example", "https://", "https://[", "a b.example"):
        with pytest.raises(BadInput):
            parse_website(wrong)
    with pytest.raises(BadInput):
        parse_name("x" * 81)
