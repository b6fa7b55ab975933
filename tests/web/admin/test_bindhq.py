"""Staff connect BindHQ, map its names, and see what came in and why some of it did not."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import reading, writing
from portal.partners.models import PartnerReference
from portal.policy_system.models import ImportRecord, PolicyConnection, PolicyEvent, PolicyMapping
from portal.policy_system.protocol import AuthFailed, ConnectionDetails, UnsafeAddress, WhoWeAre
from portal.policy_system.records import Company, CoverageTypeThere, LedgerAccount, Page
from portal.policy_system.rules import failure
from portal.web.services import EXTENSION
from tests.factories.partners import make_partner
from tests.factories.people import BEGINNING, make_agency
from tests.factories.policy_system import make_import
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, words

PAGE, NAMES, IMPORTS = "/admin/bindhq", "/admin/bindhq/mappings", "/admin/imports"
TYPED = {
    "is_enabled": "y", "base_url": "https://mymga.bindhq.com/api/v2/", "client_code": "mymga", "api_key": "canary-key",
    "webhook_secret": "canary-secret", "auth_header": "", "auth_prefix": "",
}  # fmt: skip


class Stand:
    """BindHQ as the pages ask it."""

    def __init__(self) -> None:
        self.details: list[ConnectionDetails] = []
        self.error: Exception | None = None

    def connect(self, details: ConnectionDetails) -> "Stand":
        self.details.append(details)
        if isinstance(self.error, UnsafeAddress):
            raise self.error
        return self

    def test(self) -> WhoWeAre:
        if self.error is not None:
            raise self.error
        return WhoWeAre("mymga", "portal-user")

    def ledger_accounts(self) -> list[LedgerAccount]:
        return [LedgerAccount("1095", "Portal FBO", "asset", True), LedgerAccount("4010", "Income", "income")]

    def coverage_types(self) -> list[CoverageTypeThere]:
        return [CoverageTypeThere("16", "CGL", "General Liability")]

    def carriers(self, page: int = 1) -> Page[Company]:
        return Page((Company("301", "Evanston Ins. Co.", "35378"), Company("9", "Ninth of Nowhere")), None, 2)

    def marketing_companies(self, page: int = 1) -> Page[Company]:
        return Page((), None, 0)


@pytest.fixture
def stand(app: Flask) -> Stand:
    found = Stand()
    app.extensions[EXTENSION] = replace(services_of(app), policy_systems=found)
    return found


@pytest.fixture
def agency(app: Flask, stand: Stand) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "admin")


def rows(app: Flask, agency: Agency, model: type[Any]) -> list[Any]:
    with reading(engine_of(app), agency.id) as session:
        return list(session.scalars(select(model).order_by(model.id)))


def test_it_is_connected_tested_and_given_an_account(app: Flask, agency: Agency, admin: Visitor, stand: Stand) -> None:
    assert admin.post(PAGE, **TYPED).location == "/harbor" + PAGE
    page = admin.get(PAGE)
    assert "A key is stored. Empty keeps it." in words(page)
    assert "canary" not in page.text
    row = rows(app, agency, PolicyConnection)[0]
    assert f"/harbor/webhooks/bindhq/{row.id}" in page.text
    assert "canary" not in row.api_key + row.webhook_secrets
    admin.post("/admin/bindhq/test", page=PAGE)
    seen = words(admin.get(PAGE))
    assert "BindHQ answers: client mymga, as portal-user." in seen
    assert "Carriers 2 are known 2 not mapped" in seen
    assert stand.details[-1].api_key == "canary-key"
    assert admin.post("/admin/bindhq/account", account="1095").location == "/harbor" + PAGE
    assert "Portal FBO" in words(admin.get(PAGE))
    assert "Income" not in words(admin.get("/admin/bindhq/account"))
    admin.post(PAGE, **TYPED | {"api_key": "", "webhook_secret": ""})
    assert rows(app, agency, PolicyConnection)[0].api_key == row.api_key


@pytest.mark.parametrize(
    ("error", "said"),
    [(AuthFailed("401"), "BindHQ refused the API key."), (UnsafeAddress("That host is private."), "host is private")],
)
def test_what_does_not_work_is_said(admin: Visitor, stand: Stand, error: Exception, said: str) -> None:
    admin.post(PAGE, **TYPED)
    stand.error = error
    admin.post("/admin/bindhq/test", page=PAGE)
    assert said in words(admin.get(PAGE))


def test_it_is_not_switched_on_without_a_key(app: Flask, agency: Agency, admin: Visitor) -> None:
    answer = admin.post(PAGE, **TYPED | {"api_key": ""})
    assert answer.status_code == 422
    assert "To switch it on, enter the address, the client code and the API key." in words(answer)
    assert 'value="mymga"' in answer.text
    assert rows(app, agency, PolicyConnection) == []


def test_names_are_suggested_typed_and_read_from_exports(app: Flask, agency: Agency, admin: Visitor) -> None:
    admin.post(PAGE, **TYPED)
    admin.post("/admin/bindhq/test", page=PAGE)
    with writing(engine_of(app), agency.id) as session:
        unmapped = failure("BHQ_CARRIER_UNMAPPED", "policy.carrier", "Evanston Ins. Co.").stored()
        make_import(session, failures=[unmapped])
    page = admin.get(f"{NAMES}?kind=carrier")
    assert 'value="Evanston Insurance Company"' in page.text
    known = {row.name: row for row in rows(app, agency, PolicyMapping)}
    ninth, evanston = known["Ninth of Nowhere"], known["Evanston Ins. Co."]
    typed = {f"ours-{ninth.id}": "Nobody Mutual", f"ours-{evanston.id}": "Evanston Insurance Company"}
    answer = admin.post(f"{NAMES}?kind=carrier", **typed)
    assert answer.status_code == 422
    assert "“Nobody Mutual” is not known here." in words(answer)
    assert 'value="Nobody Mutual"' in answer.text
    assert {row.our_code for row in rows(app, agency, PolicyMapping)} == {"", "35378"}
    assert rows(app, agency, ImportRecord)[0].state == "queued"
    export = b"BindHQ ID,Name,Address,Phone,Primary contact\n512,Hill Country,1 Main St,5125550199,Dana Reyes\n"
    page = f"{NAMES}?kind=agency"
    fields = {"file": (BytesIO(export), "agencies.csv")}
    assert admin.post(f"{NAMES}/file?kind=agency", page=page, **fields).location.endswith("kind=agency")
    assert "1 Main St · 5125550199 · Dana Reyes" in words(admin.get(page))
    bad = admin.post(f"{NAMES}/file?kind=agency", page=page, file=(BytesIO(b"a,b\n1,2\n"), "x.csv"))
    assert (bad.status_code, "a column with the name" in words(bad)) == (422, True)


def test_an_agency_is_linked_to_a_partner(app: Flask, agency: Agency, admin: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        make_partner(session, "dana@hillcountry.example", name="Hill Country Insurance")
        row = PolicyMapping(
            kind="agency", external_id="512", name="HILL COUNTRY INSURANCE", detail={}, seen_at=BEGINNING
        )
        session.add(row)
        session.flush()
        number = row.id
    assert 'value="Hill Country Insurance"' in admin.get(f"{NAMES}?kind=agency").text
    admin.post(f"{NAMES}?kind=agency", **{f"ours-{number}": "Hill Country Insurance"})
    assert [one.external_id for one in rows(app, agency, PartnerReference)] == ["512"]


@pytest.fixture
def failed(app: Flask, agency: Agency, admin: Visitor) -> int:
    admin.post(PAGE, **TYPED)
    with writing(engine_of(app), agency.id) as session:
        missing = failure("BHQ_POLICY_NUMBER_MISSING", "policy.policy_number", "").stored()
        phone = failure("BHQ_INSURED_PHONE_INVALID", "insured.phone", "555-0142").stored()
        row = make_import(
            session, name="Lone Star Roofing", search_key="10442 lone star roofing", failures=[missing, phone],
            payload='{"id": "10442", "name": "<script>alert(1)</script>"}',
        )  # fmt: skip
        make_import(session, "10443", state="imported", name="Pecan Cafe", search_key="10443 pecan cafe")
        return row.id


def test_what_failed_is_counted_listed_and_explained(app: Flask, agency: Agency, admin: Visitor, failed: int) -> None:
    assert "Incomplete Quotes Failed imports from BindHQ 1" in words(admin.get("/admin/programs"))
    seen = words(admin.get(IMPORTS))
    assert "Lone Star Roofing Policy 10442" in seen
    assert "Policy number is missing. Assign it in BindHQ, then re-sync. and 1 more" in seen
    assert "Pecan Cafe" not in seen
    assert "Pecan Cafe" in words(admin.get(f"{IMPORTS}?show=all&q=pecan"))
    page = admin.get(f"{IMPORTS}/{failed}")
    seen = words(page)
    assert "insured.phone 555-0142 Error BHQ_INSURED_PHONE_INVALID" in seen
    assert "<script>alert" not in page.text
    assert "10442,,Lone Star Roofing,failed" in admin.get(f"{IMPORTS}.csv").text
    assert admin.get(f"{IMPORTS}/987654").status_code == 404


def test_it_is_asked_for_again(app: Flask, agency: Agency, admin: Visitor, failed: int) -> None:
    producer, support = (staff_visitor(app, agency, role) for role in ("producer", "support"))
    assert support.post(f"{IMPORTS}/re-sync", page=IMPORTS, **{"import": failed}).status_code == 403
    producer.post(f"{IMPORTS}/re-sync", page=IMPORTS, **{"import": failed, "filters": "show=failed"})
    record = rows(app, agency, ImportRecord)[0]
    assert (record.state, record.news) == ("queued", ["staff:producer@harbor.example"])
    assert [one.kind for one in rows(app, agency, PolicyEvent)] == ["staff", "staff"]
    assert "Asked BindHQ again: 1." in words(producer.get(IMPORTS))
    assert "No import has failed" in words(producer.get(IMPORTS))
    producer.post(f"{IMPORTS}/re-sync", page=IMPORTS)
    assert "Choose at least one import first." in words(producer.get(IMPORTS))


def test_an_agency_without_bindhq_sees_nothing_of_it(app: Flask, agency: Agency) -> None:
    assert "Incomplete Quotes" not in words(staff_visitor(app, agency, "producer").get("/admin/programs"))
