"""Admins add, check and remove hosts; what is next is said in words; the host's own answer proves whose it is."""

from dataclasses import replace

import pytest
from flask import Flask

from portal.agencies.hosts import HostFound, proof_of
from portal.agencies.models import Agency
from portal.web.services import EXTENSION
from tests.factories.people import make_agency
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, words

PAGE = "/admin/hosts"
HOST = "pay.quay-insurance.com"


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "admin")


def test_a_host_from_adding_to_removing(
    app: Flask, agency: Agency, admin: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is none yet." in words(admin.get(PAGE))
    admin.post(PAGE, host=f"https://{HOST}/")
    page = words(admin.get(PAGE))
    assert f"{HOST}. CNAME localhost." in page
    assert "Set the DNS record below" in page
    asked: list[tuple[str, str]] = []

    def probe(host: str, proof: str) -> HostFound:
        asked.append((host, proof))
        return HostFound("here", "right", "right")

    monkeypatch.setitem(app.extensions, EXTENSION, replace(services_of(app), probe_host=probe))
    admin.post(f"{PAGE}/check", PAGE, host=HOST)
    assert "All is right. Mails and documents lead here." in words(admin.get(PAGE))
    assert services_of(app).links.url(agency, "insured.home") == f"http://{HOST}/"
    there = app.test_client().get("/.well-known/portal-host", headers={"Host": HOST})
    assert asked == [(HOST, there.text)]
    assert there.text == proof_of(services_of(app).secret, HOST, agency.id)
    removing = admin.get(f"{PAGE}/remove?host={HOST}")
    assert f"Remove {HOST}?" in words(removing)
    admin.post(f"{PAGE}/remove", f"{PAGE}/remove?host={HOST}", host=HOST)
    assert HOST not in words(admin.get(PAGE))
    assert app.test_client().get("/", headers={"Host": HOST}).status_code == 400


def test_another_agencys_host_is_nobodys(app: Flask, agency: Agency, admin: Visitor) -> None:
    admin.post(PAGE, host=HOST)
    other = staff_visitor(app, make_agency(engine_of(app), "oak"), "admin")
    assert "is in use already" in words(other.post(PAGE, host=HOST))
    assert other.post(f"{PAGE}/check", PAGE, host=HOST).status_code == 404
    assert other.post(f"{PAGE}/remove", PAGE, host=HOST).status_code == 404
    assert staff_visitor(app, agency, "accountant").get(PAGE).status_code == 403
