"""Each agency sees its own look and its folder's templates, never another's."""

import re

import pytest
from flask import Flask, g
from jinja2 import UndefinedError

from portal.web.branding import render
from tests.web.pages import agency_of, make_pages_app

GREETING = "Neighbors insuring neighbors"
PAGES = {
    "page.html": '{% extends "layout.html" %}{% block main %}<h1>Hello</h1>{% endblock %}',
    "part.html": '{% include "components/_footer.html" %}',
    "typo.html": "{{ amuont }}",
}


def rendered(app: Flask, template: str, agency: object) -> str:
    with app.test_request_context("/"):
        g.agency = agency
        return render(template)


def test_an_override_works_when_reached_by_extends_and_include_and_never_leaks() -> None:
    app = make_pages_app(templates=PAGES)
    juniper, harbor = agency_of("juniper-oak"), agency_of("harborline")
    for template in ("page.html", "part.html"):
        for _ in range(2):
            assert GREETING in rendered(app, template, juniper)
            assert GREETING not in rendered(app, template, harbor)
            assert GREETING not in rendered(app, template, None)


def test_every_page_names_the_agency_its_phone_and_the_other_language() -> None:
    page = rendered(make_pages_app(templates=PAGES), "page.html", agency_of("harborline"))
    assert "Harborline Specialty" in page and 'href="tel:2125550142"' in page and "Español" in page
    assert "Demo – no money moves" in page
    spanish = make_pages_app(templates=PAGES, locale="es_US")
    assert '<html lang="es">' in rendered(spanish, "page.html", agency_of("harborline"))


def test_two_agencies_of_one_folder_keep_their_own_colours() -> None:
    app = make_pages_app(templates=PAGES)
    one, other = (rendered(app, "page.html", agency_of("_default", brand_hex=hex_)) for hex_ in ("#102030", "#a03010"))
    assert re.findall(r"brand-\w+\.css", one) != re.findall(r"brand-\w+\.css", other)


def test_a_name_nobody_gave_raises() -> None:
    with pytest.raises(UndefinedError):
        rendered(make_pages_app(templates=PAGES), "typo.html", None)


@pytest.mark.parametrize(("name", "kind"), [("brand", "text/css"), ("logo", "image/png"), ("favicon", "image/png")])
def test_brand_files_are_cached_for_good_and_an_old_address_leads_to_the_new(name: str, kind: str) -> None:
    agency = agency_of("harborline")
    app = make_pages_app(agency, templates=PAGES)
    found = re.search(rf"/{name}-\w+\.(css|png)", rendered(app, "page.html", agency))
    assert found
    answer = app.test_client().get(found[0])
    assert answer.status_code == 200 and answer.mimetype == kind
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    old = app.test_client().get(f"/{name}-000000000000.{found[1]}")
    assert old.status_code == 302 and old.headers["Location"] == found[0]
    assert old.headers["Cache-Control"] == "no-store"


def test_each_brand_folder_serves_its_files() -> None:
    answer = make_pages_app().test_client().get("/brands/juniper-oak/logo.png")
    assert answer.status_code == 200 and answer.mimetype == "image/png"


@pytest.mark.parametrize("code", [403, 404, 410, 422, 429, 500])
def test_error_pages_help_with_and_without_an_agency_and_as_a_fragment(code: int) -> None:
    app = make_pages_app(agency_of("harborline"))
    with app.test_request_context("/"):
        g.agency = agency_of("harborline")
        page = render(f"errors/{code}.html", message=None)
        g.agency = None
        plain = render(f"errors/{code}.html", message="The reason")
    with app.test_request_context("/", headers={"HX-Request": "true"}):
        g.agency = agency_of("harborline")
        fragment = render(f"errors/{code}.html", message=None)
    assert "<h1" in page and "Call Harborline Specialty at" in page
    assert "The reason" in plain and "Call " not in plain.split("<main")[1]
    assert "<html" not in fragment and "Call Harborline Specialty at" in fragment and "data-focus" in fragment
