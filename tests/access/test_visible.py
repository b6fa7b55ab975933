"""What an e-mail address may see."""

from sqlalchemy import Engine, event, select

from portal.access.visible import SEEN_PROGRAMS, sight_of, visible_invoice, visible_program
from portal.core.tenancy import reading, writing
from portal.invoices.models import Invoice
from portal.programs.models import Program
from tests.factories.people import make_agency, make_insured, make_invoice, make_program

ANA, BEN, ACCOUNTANT = "ana@bakery.example", "ben@bakery.example", "books@else.example"
_SEEN = select(Program.id).where(SEEN_PROGRAMS)


def test_an_insureds_address_opens_everything_of_that_insured_and_nothing_else(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        bakery, cafe, other = make_insured(session, ANA, BEN), make_insured(session, ANA), make_insured(session, BEN)
        programs = [make_program(session, insured) for insured in (bakery, cafe, other)]
        invoices = [make_invoice(session, bakery, programs[0]), make_invoice(session, cafe)]
        foreign = make_invoice(session, other, programs[2])
    with reading(engine, agency.id) as session:
        sight = sight_of(session, ANA)
        assert set(sight.insured_ids) == {bakery.id, cafe.id}
        assert set(session.scalars(_SEEN, sight.values)) == {programs[0].id, programs[1].id}
        assert set(session.scalars(select(Invoice.id).where(sight.invoices()))) == {each.id for each in invoices}
        assert visible_program(session, ANA, programs[2].id) is None
        assert visible_invoice(session, ANA, foreign.id) is None
        assert visible_invoice(session, BEN, foreign.id) is not None


def test_an_address_on_one_item_opens_only_that_item(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        bakery = make_insured(session, ANA)
        own, other = make_program(session, bakery, contact_email=ACCOUNTANT), make_program(session, bakery)
        of_own, of_other = make_invoice(session, bakery, own), make_invoice(session, bakery, other)
        one_time, another = make_invoice(session, bakery, contact_email=ACCOUNTANT), make_invoice(session, bakery)
    with reading(engine, agency.id) as session:
        sight = sight_of(session, ACCOUNTANT)
        assert session.scalars(_SEEN, sight.values).all() == [own.id]
        assert set(session.scalars(select(Invoice.id).where(sight.invoices()))) == {of_own.id, one_time.id}
        assert visible_invoice(session, ANA, of_other.id) is not None
        assert visible_invoice(session, ANA, another.id) is not None
        assert visible_program(session, ANA, own.id) is not None


def test_drafts_are_for_staff(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        bakery = make_insured(session, ANA)
        draft = make_program(session, bakery, is_draft=True)
        invoice = make_invoice(session, bakery, state="draft")
    with reading(engine, agency.id) as session:
        assert visible_program(session, ANA, draft.id) is None
        assert visible_invoice(session, ANA, invoice.id) is None


def test_an_unknown_address_and_one_of_another_agency_see_nothing(engine: Engine) -> None:
    agency, other = make_agency(engine), make_agency(engine, "other")
    with writing(engine, other.id) as session:
        insured = make_insured(session, ANA)
        make_program(session, insured, contact_email=BEN)
        make_invoice(session, insured, contact_email=ACCOUNTANT)
    with reading(engine, agency.id) as session:
        assert not any(sight_of(session, email) for email in (ANA, BEN, ACCOUNTANT, "", "nobody@else.example"))
        assert session.scalars(_SEEN, sight_of(session, ANA).values).all() == []


def test_it_takes_one_query(engine: Engine) -> None:
    agency = make_agency(engine)
    queries: list[str] = []
    with reading(engine, agency.id) as session:
        session.connection()
        event.listen(engine, "before_cursor_execute", lambda *call: queries.append(call[2]))
        sight_of(session, ANA)
    assert len(queries) == 1
