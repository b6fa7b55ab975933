"""Documents and notes of a program: who sees them, what is taken, and what stands in the history."""

import io
from datetime import UTC, datetime

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import func, select

from portal.agencies.models import Agency
from portal.core.files import StoredFile
from portal.core.pdf_files import clean_pdf
from portal.core.tenancy import reading, writing
from portal.programs.documents import MOST_BYTES, documents_of
from portal.programs.models import Program
from tests.factories.pdf_files import make_pdf
from tests.factories.people import make_agency, make_insured, make_invoice, make_policy, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, words

AT = datetime(2026, 7, 15, 16, tzinfo=UTC)
PDF = make_pdf("app.alert(1337)")
KEPT = clean_pdf(PDF)


@pytest.fixture
def program(app: Flask) -> Program:
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        program = make_program(session, insured)
        make_policy(session, program, "CPS 007")
        make_invoice(session, insured, program)
    return program


@pytest.fixture
def producer(app: Flask, program: Program) -> Visitor:
    return staff_visitor(app, agency_of(app), "producer")


def agency_of(app: Flask) -> Agency:
    from portal.core.tenancy import reading_global

    with reading_global(engine_of(app)) as session:
        return session.scalars(select(Agency).where(Agency.slug == "harbor")).one()


def add(staff: Visitor, program: Program, data: bytes, **more: str):
    page = f"/admin/programs/{program.id}/documents/new"
    fields = {"kind": "binder", "title": "Binder 2026"} | more
    return staff.post(page, file=(io.BytesIO(data), "x.exe"), **fields)


def stored(app: Flask, program: Program):
    with reading(engine_of(app), program.agency_id) as session:
        files = session.scalar(select(func.count(StoredFile.id)).where(StoredFile.kind == "program_document"))
        return documents_of(session, program.id), files


def test_a_pdf_is_kept_and_leaves_as_a_download_only(app: Flask, program: Program, producer: Visitor) -> None:
    assert add(producer, program, PDF).location == f"/harbor/admin/programs/{program.id}#documents"
    (document,), _ = stored(app, program)
    page = producer.get(f"/admin/programs/{program.id}")
    assert "Binder 2026" in words(page)
    assert "Document added" in words(page)
    file = producer.get(f"/admin/programs/{program.id}/documents/{document.token}")
    assert file.data == KEPT
    assert file.headers["Content-Disposition"] == f'attachment; filename="binder-{document.id}.pdf"'
    assert file.headers["X-Content-Type-Options"] == "nosniff"
    assert file.mimetype == "application/pdf"


def test_a_picture_is_written_anew(app: Flask, program: Program, producer: Visitor) -> None:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG")
    add(producer, program, out.getvalue() + b"<script>behind the end</script>")
    (document,), _ = stored(app, program)
    file = producer.get(f"/admin/programs/{program.id}/documents/{document.token}")
    assert file.mimetype == "image/jpeg"
    assert b"script" not in file.data


@pytest.mark.parametrize(
    "data", [b"", b"MZ program", b"<html>%PDF-", b"%PDF-1.7 cut off", b"%PDF-" + b"x" * MOST_BYTES + b"%%EOF"]
)
def test_anything_else_is_refused_and_what_was_typed_stays(
    app: Flask, program: Program, producer: Visitor, data: bytes
) -> None:
    page = add(producer, program, data)
    assert page.status_code == 422
    assert 'value="Binder 2026"' in page.text
    assert stored(app, program) == ([], 0)


def test_the_insured_sees_what_is_shared_and_nobody_else(app: Flask, program: Program, producer: Visitor) -> None:
    add(producer, program, PDF)
    (document,), _ = stored(app, program)
    ana, bob = Visitor(app, agency_of(app)), Visitor(app, agency_of(app))
    ana.sign_in("ana@bakery.example")
    path = f"/programs/{program.id}/documents/{document.token}"
    assert "Binder 2026" not in ana.get(f"/programs/{program.id}").text
    assert ana.get(path).status_code == 404
    assert producer.post(f"/admin{path.rpartition('/')[0]}/{document.id}/share", f"/admin/programs/{program.id}")
    assert "Binder 2026" in words(ana.get(f"/programs/{program.id}"))
    assert ana.get(path).data == KEPT
    assert bob.get(path).status_code == 302
    producer.post(f"/admin/programs/{program.id}/documents/{document.id}/share", f"/admin/programs/{program.id}")
    assert ana.get(path).status_code == 404


def test_a_document_is_removed_file_and_all_after_a_page(app: Flask, program: Program, producer: Visitor) -> None:
    add(producer, program, PDF)
    (document,), _ = stored(app, program)
    path = f"/admin/programs/{program.id}/documents/{document.id}/remove"
    assert "cannot be brought back" in words(producer.get(path))
    producer.post(path)
    assert stored(app, program) == ([], 0)
    assert "Document removed" in words(producer.get(f"/admin/programs/{program.id}"))


def test_support_writes_notes_that_the_insured_never_sees(app: Flask, program: Program) -> None:
    support, ana = staff_visitor(app, agency_of(app), "support"), Visitor(app, agency_of(app))
    home = f"/admin/programs/{program.id}"
    support.post(f"{home}/notes", home, body="Called.\nPays <b>Friday</b>.")
    page = support.get(home)
    assert "Pays &lt;b&gt;Friday&lt;/b&gt;." in page.text
    assert "support@harbor.example" in words(page)
    assert support.post(f"{home}/notes", home, body="  ").status_code == 422
    assert support.get(f"{home}/documents/new").status_code == 403
    ana.sign_in("ana@bakery.example")
    assert "Friday" not in ana.get(f"/programs/{program.id}").text


@pytest.mark.parametrize(("side", "said"), [("agency", "The agency's share"), ("carriers", "CPS 007")])
def test_the_sides_of_the_transactions(program: Program, producer: Visitor, side: str, said: str) -> None:
    page = producer.get(f"/admin/programs/{program.id}?side={side}")
    assert said in words(page).replace("’", "'")
    assert 'id="invoices"' not in page.text
