"""Programs and one-time payments are found by their words, as they are now, on both databases."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, delete, select, update

from portal.access.email_change import replace_everywhere
from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.tenancy import Scoped, reading, writing
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.programs.models import Policy, Program
from portal.programs.word_index import OneTimeWord, ProgramWord, words_are_old
from portal.reports import word_search
from portal.reports.word_search import find_one_times, find_programs
from tests.factories.people import BEGINNING, make_agency, make_insured, make_invoice, make_policy, make_program


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine)


def bakery(session: Scoped) -> Program:
    insured = make_insured(session, "ana@bakery.example", name="Smith-Jones Bakery LLC")
    program = make_program(session, insured, reference="HBR-2001", contact_email="books@office.example")
    make_policy(session, program, "CPS 0071234")
    make_invoice(session, insured, program, number="INV-2026-000017")
    return program


@pytest.mark.parametrize(
    "typed",
    ["smith", "JONES", "bakery smith", "hbr20", "HBR 2001", "cps-007", "ana@bak", "books@", "inv-2026-0000", "llc cps"],
)
def test_a_program_is_found_by_the_beginning_of_each_word(engine: Engine, agency: Agency, typed: str) -> None:
    with writing(engine, agency.id) as session:
        program = bakery(session)
        make_program(session, make_insured(session, name="Zebra Crossing"))
    with reading(engine, agency.id) as session:
        assert find_programs(session, typed, 50) == [program.id]


@pytest.mark.parametrize("typed", ["mith", "0071234", "smith zebra", "b", "%", "", "INV-2027"])
def test_what_does_not_fit_is_not_found(engine: Engine, agency: Agency, typed: str) -> None:
    with writing(engine, agency.id) as session:
        bakery(session)
        make_program(session, make_insured(session, name="Zebra Crossing"))
    with reading(engine, agency.id) as session:
        assert find_programs(session, typed, 50) == []


def rename(session: Scoped, program: Program) -> None:
    session.get_one(Insured, program.insured_id).name = "Quinoa Palace"


def number_anew(session: Scoped, program: Program) -> None:
    session.scalars(select(Policy)).one().policy_number = "Quinoa 7"


def write_to(session: Scoped, program: Program) -> None:
    session.add(InsuredEmail(insured_id=program.insured_id, email="quinoa@palace.example"))


def replace_email(session: Scoped, program: Program) -> None:
    replace_everywhere(session, "books@office.example", "quinoa@palace.example", SYSTEM, BEGINNING)


def change_by_statement(session: Scoped, program: Program) -> None:
    query = update(Insured).where(Insured.id == program.insured_id).values(name="Quinoa Palace")
    session.execute(query.execution_options(synchronize_session=False))
    words_are_old(session, insured_ids=[program.insured_id])


@pytest.mark.parametrize("change", [rename, number_anew, write_to, replace_email, change_by_statement])
def test_the_words_follow_every_change(
    engine: Engine, agency: Agency, change: Callable[[Scoped, Program], None]
) -> None:
    with writing(engine, agency.id) as session:
        program = bakery(session)
    with writing(engine, agency.id) as session:
        change(session, program)
    with reading(engine, agency.id) as session:
        assert find_programs(session, "quinoa", 50) == [program.id]
        assert find_programs(session, "hbr", 50) == [program.id]


def test_an_old_name_is_forgotten(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        program = bakery(session)
    with writing(engine, agency.id) as session:
        rename(session, program)
        gone = delete(InsuredEmail).where(InsuredEmail.insured_id == program.insured_id)
        session.execute(gone.execution_options(synchronize_session=False))
    with reading(engine, agency.id) as session:
        assert find_programs(session, "smith", 50) == find_programs(session, "ana@", 50) == []
        assert set(session.scalars(select(ProgramWord.word))) == {
            "quinoa", "palace", "2026", "package", "hbr2001", "booksofficeexample", "cps0071234"
        }  # fmt: skip


def test_one_time_payments_are_found_in_the_same_way(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        one = make_invoice(session, insured, number="INV-2026-000018", description="Inspection fee")
    with reading(engine, agency.id) as session:
        for typed in ("inspection", "river insp", "INV-2026-000018", "ana@"):
            assert find_one_times(session, typed, 20) == [one.id]
    with writing(engine, agency.id) as session:
        session.get_one(Invoice, one.id).description = "Survey"
    with reading(engine, agency.id) as session:
        assert find_one_times(session, "inspection", 20) == []
        assert "survey" in set(session.scalars(select(OneTimeWord.word)))


def test_nobody_finds_what_another_agency_has(engine: Engine, agency: Agency) -> None:
    other = make_agency(engine, "juniper")
    with writing(engine, other.id) as session:
        bakery(session)
    with reading(engine, agency.id) as session:
        assert find_programs(session, "smith", 50) == find_programs(session, "INV-2026-000017", 50) == []


def test_of_what_fits_thousands_the_exact_and_newest_come_first(
    engine: Engine, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(word_search, "FEW", 2)
    with writing(engine, agency.id) as session:
        smithers = make_program(session, make_insured(session, name="Smithers Rentals"))
        old, new, newest = (make_program(session, make_insured(session, name="Smith Rentals")) for _ in range(3))
    with reading(engine, agency.id) as session:
        assert find_programs(session, "smith", 2) == [newest.id, new.id]
        assert find_programs(session, "smith rent", 9) == [newest.id, new.id, old.id, smithers.id]
        assert find_programs(session, "smithe rent", 9) == [smithers.id]
