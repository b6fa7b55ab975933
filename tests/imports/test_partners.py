"""The column Partner of a programs file: found by name, or the row says why not. On both databases."""

from sqlalchemy import Engine

from portal.core.tenancy import writing
from portal.imports.partners import with_partners
from portal.imports.programs_csv import read_programs
from tests.factories.partners import make_partner
from tests.factories.people import BEGINNING, make_agency
from tests.factories.programs_file import csv_bytes


def test_partners_are_found_by_name(engine: Engine) -> None:
    names = {
        "P-1": "northgate risk advisors, inc",
        "P-2": "",
        "P-3": "Nobody",
        "P-4": "Old Brokers",
        "P-5": "Twin",
    }
    rows = [
        {"Program reference": reference, "Policy number": f"N {reference}", "Partner": name}
        for reference, name in names.items()
    ]
    with writing(engine, make_agency(engine).id) as session:
        partner = make_partner(session, name="Northgate Risk Advisors, Inc.")
        make_partner(session, name="Old Brokers", archived_at=BEGINNING)
        make_partner(session, name="Twin")
        make_partner(session, name="TWIN")
        make_partner(session, name="Nobody", merged_into_id=partner.id)
        file = with_partners(session, read_programs(csv_bytes(*rows)))
    assert {draft.reference: draft.partner_id for draft in file.programs} == {"P-1": partner.id, "P-2": None}
    assert [(problem.program, str(problem.message).partition(".")[0]) for problem in file.errors] == [
        ("P-3", "The agency has no such partner"),
        ("P-4", "This partner is archived"),
        ("P-5", "Several partners have this name"),
    ]
    assert file.bad_programs == {"P-3", "P-4", "P-5"}
    assert ("program", "partner_id") in file.given
