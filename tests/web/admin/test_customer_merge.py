"""Admins merge customers who are one: found by name and e-mail, shown before, done once, and nobody else may."""

import re
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask

from portal.agencies.models import Agency
from portal.core.tenancy import writing
from portal.insureds.models import Insured
from tests.factories.people import make_agency, make_insured, make_invoice, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 16, tzinfo=UTC)
SEEN = re.compile(r'name="seen" value="([^"]*)"')


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def pair(app: Flask, agency: Agency) -> tuple[Insured, Insured]:
    with writing(engine_of(app), agency.id) as session:
        keep = make_insured(session, "ana@bakery.example", reference="BAK-1")
        gone = make_insured(
            session, "bo@bakery.example", reference="BAK-2", name="The Riverside Bakery, L.L.C.", postal_code="10001"
        )
        program = make_program(session, gone, name="Winter package", reference="HBR-2")
        make_invoice(session, gone, program, total_cents=300_00)
        make_invoice(session, gone, description="Loss survey", total_cents=50_00)
        make_insured(session, "cy@forge.example", reference="FRG-1", name="Forge & Sons")
    return keep, gone


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "admin")


def test_they_are_found_shown_and_merged(admin: Visitor, pair: tuple[Insured, Insured]) -> None:
    keep, gone = pair
    path = f"/admin/customers/{keep.id}/merge"
    assert path in admin.get(f"/admin/customers/{keep.id}").text
    found = words(admin.get(path))
    assert "The Riverside Bakery, L.L.C." in found
    assert "Same name" in found
    assert "Forge" not in found
    page = admin.get(f"{path}?other={gone.id}")
    for part in (
        "Program Winter package (HBR-2) moves.",
        "1 one-time payment moves.",
        "$350.00 that are open and $0.00 of credit",
        "bo@bakery.example signs in to everything of Riverside Bakery LLC",
        "need the ZIP 78701 for the programs that move, not 10001",
        "Merge BAK-2 into BAK-1",
    ):
        assert part in words(page)
    seen = SEEN.search(page.text)
    assert seen
    fields = {"other": str(gone.id), "seen": unescape(seen[1])}
    done = admin.post(path, page=f"{path}?other={gone.id}", **fields)
    assert done.location == f"/harbor/admin/customers/{keep.id}"
    after = words(admin.get(f"/admin/customers/{keep.id}"))
    for part in ("They are one customer now", "Winter package", "Loss survey", "bo@bakery.example", "$350.00 open"):
        assert part in after
    assert admin.get(f"/admin/customers/{gone.id}").location == f"/harbor/admin/customers/{keep.id}"
    assert "BAK-2" not in words(admin.get("/admin/customers"))
    assert admin.post(path, page=path, **fields).status_code == 404
    for gone_page in ("edit", "merge", "one-time"):
        assert admin.get(f"/admin/customers/{gone.id}/{gone_page}").status_code == 404
    to_sign_in = f"/admin/insureds/{gone.id}/email"  # an address there would open nothing, and nobody would know
    assert admin.get(to_sign_in).status_code == 404
    late = admin.post(to_sign_in, page="/admin/customers", old="add", email="new@bakery.example", reason="Lost")
    assert late.status_code == 404


def test_by_reference_and_what_is_none(admin: Visitor, pair: tuple[Insured, Insured]) -> None:
    path = f"/admin/customers/{pair[0].id}/merge"
    assert "Merge FRG-1 into BAK-1" in words(admin.get(f"{path}?reference=FRG-1"))
    answer = admin.get(f"{path}?reference=XYZ")
    assert answer.status_code == 422
    assert "No customer has the reference “XYZ”." in words(answer)
    assert "Choose another customer." in words(admin.get(f"{path}?reference=BAK-1"))


def test_what_changed_meanwhile_is_shown_again(
    app: Flask, agency: Agency, admin: Visitor, pair: tuple[Insured, Insured]
) -> None:
    keep, gone = pair
    path = f"/admin/customers/{keep.id}/merge"
    answer = admin.post(path, page=f"{path}?other={gone.id}", other=str(gone.id), seen="something else")
    assert answer.status_code == 409
    assert "Nothing was merged. Look again." in words(answer)
    assert "Program Winter package (HBR-2) moves." in words(answer)


def test_only_admins_may(app: Flask, agency: Agency, pair: tuple[Insured, Insured]) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    assert accountant.get(f"/admin/customers/{pair[0].id}/merge").status_code == 403
    assert "Merge with" not in words(accountant.get(f"/admin/customers/{pair[0].id}"))
