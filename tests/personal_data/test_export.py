"""What is handed out about an insured: everything, and nothing about anybody else."""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect

from portal.core.db import Base
from portal.core.errors import NotFound
from portal.core.tenancy import Tenant, reading
from portal.integrations.catalogs import compiled_catalogs
from portal.integrations.pdf import PdfRenderer
from portal.personal_data.export import export_insured
from portal.personal_data.held import HELD, NOT_ABOUT_INSUREDS
from portal.personal_data.person import insured_by_reference
from tests.factories.people import BEGINNING, key_of
from tests.personal_data.family import SHARED, Family, Member, make_family

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def renderer(tmp_path_factory: pytest.TempPathFactory) -> PdfRenderer:
    catalogs = compiled_catalogs(PROJECT / "portal" / "translations", tmp_path_factory.mktemp("catalogs"))
    return PdfRenderer(PROJECT / "templates" / "documents", catalogs)


@pytest.fixture
def family(engine: Engine) -> Family:
    return make_family(engine)


def export(engine: Engine, family: Family, member: Member, renderer: PdfRenderer) -> zipfile.ZipFile:
    with reading(engine, family.agency.id) as session:
        return zipfile.ZipFile(
            io.BytesIO(
                export_insured(session, family.agency, key_of(family.agency), member.insured_id, renderer, BEGINNING)
            )
        )


def data_of(file: zipfile.ZipFile) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read("data.json"))
    return found


def test_every_table_with_something_about_them_is_in_it(engine: Engine, family: Family, renderer: PdfRenderer) -> None:
    data = data_of(export(engine, family, family.zoe, renderer))
    assert {name for name, rows in data.items() if not rows} == {"journal_line"}
    assert data["insured"][0]["name"] == "Zoequux Family LLC"
    assert {row["email"] for row in data["insured_email"]} == {"zoequux@family.example", SHARED}
    assert [row["policy_number"] for row in data["policy"]] == ["ZOEQUUX-778899"]
    assert {row["text_body"] for row in data["sent_mail"]} == {"Dear Zoequux"}
    assert [row["by"] for row in data["audit_entry"]] == [
        "insured zoequux@family.example", "insured old-zoequux@family.example", "staff sam@harbor.example", "guest",
    ]  # fmt: skip
    assert data["audit_entry"][2]["detail"] == {"name": ["Zoequux", "Zoequux LLC"]}


def test_nothing_about_anybody_else_is_in_it(engine: Engine, family: Family, renderer: PdfRenderer) -> None:
    file = export(engine, family, family.zoe, renderer)
    said = file.read("data.json").decode()
    assert "maxquux" not in said.lower()
    assert "lender of the bank" not in said.lower()
    assert "lender@bank" not in said.lower()
    payments = data_of(file)["payment"]
    assert [("payer_name" in row, row["charged_cents"]) for row in payments] == [(True, 60_000), (False, 40_000)]


def test_no_secret_is_in_it(engine: Engine, family: Family, renderer: PdfRenderer) -> None:
    data = data_of(export(engine, family, family.zoe, renderer))
    for held in HELD:
        columns = {attribute.key for attribute in inspect(held.model).column_attrs}
        assert held.secret <= columns
        assert not {name for row in data[held.model.__tablename__] for name in row} & held.secret
    assert "sealed:" not in json.dumps(data)


def test_agreements_invoices_and_their_own_receipts_are_in_it_as_documents(
    engine: Engine, family: Family, renderer: PdfRenderer
) -> None:
    file = export(engine, family, family.zoe, renderer)
    pdfs = sorted(name for name in file.namelist() if name.endswith(".pdf"))
    assert [name.partition("/")[0] for name in pdfs] == ["agreements", *["invoices"] * 4, "notices", "receipts"]
    assert all(file.read(name).startswith(b"%PDF") for name in pdfs)


def test_whoever_does_not_exist_is_not_found(engine: Engine, family: Family, renderer: PdfRenderer) -> None:
    with reading(engine, family.agency.id) as session, pytest.raises(NotFound):
        export_insured(session, family.agency, key_of(family.agency), 10_000, renderer, BEGINNING)


def test_an_insured_is_named_by_reference_or_by_an_address_of_theirs_alone(engine: Engine, family: Family) -> None:
    with reading(engine, family.agency.id) as session:
        for name in "REF-Zoequux", " Zoequux@Family.example ":
            assert insured_by_reference(session, name) == family.zoe.insured_id
        for name in SHARED, "nobody", "%":
            with pytest.raises(NotFound, match="not the reference"):
                insured_by_reference(session, name)


def test_every_table_is_looked_into_or_said_not_to_be_about_insureds() -> None:
    tables = {mapper.local_table.name for mapper in Base.registry.mappers if issubclass(mapper.class_, Tenant)}
    held = {held.model.__tablename__ for held in HELD}
    assert tables - held == set(NOT_ABOUT_INSUREDS), (
        "Say in portal/personal_data/held.py what a new table holds about insureds (HELD, and erase.py) or why nothing."
    )
    assert not held & set(NOT_ABOUT_INSUREDS)
