"""The text of the agreement: written in versions, looked at before it counts, and what is signed keeps its own."""

import io

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.audit import AuditEntry
from portal.core.tenancy import reading
from portal.financing.models import AgreementText
from tests.factories.people import make_agency
from tests.factories.staff import staff_email, staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, words

PAGE = "/admin/financing/agreement"


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def accountant(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "accountant")


def said(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def kept(app: Flask, agency: Agency) -> list[tuple[int, str, str]]:
    with reading(engine_of(app), agency.id) as session:
        rows = session.scalars(select(AgreementText).order_by(AgreementText.version))
        return [(row.version, row.body, row.written_by) for row in rows]


def test_each_save_is_a_version_that_says_who_and_when(app: Flask, agency: Agency, accountant: Visitor) -> None:
    first = accountant.get(PAGE)
    assert "Promise to pay. You promise to pay the lender" in words(first)
    assert "Standard text · in use" in words(first)
    assert accountant.post(PAGE, body="Promise. You pay.\r\n\r\nEnd. All is paid.  ", version="0").status_code == 303
    assert accountant.post(PAGE, body="Promise. You pay it all.", version="1").status_code == 303
    who = staff_email(agency, "accountant")
    assert kept(app, agency) == [
        (1, "Promise. You pay.\n\nEnd. All is paid.", who),
        (2, "Promise. You pay it all.", who),
    ]
    page = words(accountant.get(PAGE))
    assert f"Version 2 · in use {who}" in page
    assert "Promise. You pay it all." in page
    assert "End. All is paid." in words(accountant.get(f"{PAGE}?from=1"))
    assert accountant.get(f"{PAGE}?from=7").status_code == 404
    with reading(engine_of(app), agency.id) as session:
        query = select(AuditEntry).where(AuditEntry.action == "agreement_text.written").order_by(AuditEntry.id)
        entries = session.scalars(query).all()
    assert [entry.detail["version"] for entry in entries] == [1, 2]


@pytest.mark.parametrize(
    ("body", "version", "reason"),
    [
        ("", "1", "Enter the text."),
        ("  \n ", "1", "Enter the text."),
        ("x" * 40_001, "1", "The text is too long."),
        ("Promise. You pay.", "1", "Nothing has changed since version 1."),
        ("Promise. Somebody else’s.", "0", "Version 1 was saved meanwhile."),
    ],
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(
    app: Flask, agency: Agency, accountant: Visitor, body: str, version: str, reason: str
) -> None:
    accountant.post(PAGE, body="Promise. You pay.", version="0")
    answer = accountant.post(PAGE, body=body, version=version)
    assert answer.status_code == 422
    assert reason in words(answer)
    assert body.strip() in answer.text
    assert len(kept(app, agency)) == 1


def test_a_text_is_seen_as_a_pdf_before_it_counts(app: Flask, agency: Agency, accountant: Visitor) -> None:
    typed = accountant.post(f"{PAGE}/preview.pdf", PAGE, body="Promise. You pay in apples.")
    assert typed.mimetype == "application/pdf"
    assert "You pay in apples." in said(typed.data)
    assert "Sample Bakery LLC" in said(typed.data)
    assert kept(app, agency) == []
    accountant.post(PAGE, body="Promise. You pay in pears.", version="0")
    assert "You pay in pears." in said(accountant.get(f"{PAGE}/version.pdf?version=1").data)
    assert "Promise to pay" in said(accountant.get(f"{PAGE}/version.pdf?version=0").data)
    assert accountant.get(f"{PAGE}/version.pdf?version=2").status_code == 404


def test_another_agencys_versions_are_not_there(app: Flask, accountant: Visitor) -> None:
    cedar = make_agency(engine_of(app), "cedar")
    services_of(app).directory.forget()
    staff_visitor(app, cedar, "admin").post(PAGE, body="Promise. You pay Cedar.", version="0")
    assert accountant.get(f"{PAGE}?from=1").status_code == 404
    assert "Cedar" not in words(accountant.get(PAGE))


def test_producers_write_none(app: Flask, agency: Agency) -> None:
    assert staff_visitor(app, agency, "producer").get(PAGE).status_code == 403
