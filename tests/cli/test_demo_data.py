"""The demo's data: deterministic, complete, and loaded once."""

from collections import Counter
from datetime import date

from sqlalchemy import Engine, func, select

from portal.agencies.models import Agency
from portal.cli.demo_data import demo_addresses, load_demo
from portal.cli.demo_data.customers import customers_of
from portal.cli.demo_data.programs import PREFIXES, planned_programs, programs_file
from portal.cli.demo_signpost import render
from portal.cli.verify_ledger import ALL
from portal.core.invariants import check
from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, reading, reading_global
from portal.imports.programs_csv import read_programs
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.programs.lifecycle import InvoiceFacts, program_status
from portal.programs.models import Policy, Program
from portal.sandbox.stripe.resources.cards import CARDS as SANDBOX_CARDS
from portal.settings import Settings

TODAY = date(2026, 2, 27)


def test_60_insureds_and_120_programs_of_real_carriers() -> None:
    assert sum(len(customers_of(slug)) for slug in PREFIXES) == 60
    assert sum(len(planned_programs(slug)) for slug in PREFIXES) == 120
    for slug in PREFIXES:
        file = read_programs(programs_file(slug, TODAY).encode())
        assert file.problems == ()
        assert programs_file(slug, TODAY) == programs_file(slug, TODAY)
        assert all(300_00 <= program.total_cents <= 60_000_00 for program in file.programs)


def test_it_works_on_any_day() -> None:
    for today in (date(2028, 2, 29), date(2026, 12, 31), date(2027, 3, 1)):
        for slug in PREFIXES:
            assert read_programs(programs_file(slug, today).encode()).errors == ()


def statuses(session: Scoped) -> Counter[str]:
    """How many programs are shown in each status."""
    found: Counter[str] = Counter()
    for program in session.scalars(select(Program)):
        invoices = session.scalars(select(Invoice).where(Invoice.program_id == program.id))
        facts = [
            InvoiceFacts(row.kind, row.state, row.due_date, row.open_cents, row.total_cents - row.open_cents, False)
            for row in invoices
        ]
        status = program_status(
            is_draft=program.is_draft,
            is_archived=program.archived_at is not None,
            canceled_on=None,
            last_expiration=session.scalar(
                select(func.max(Policy.expiration_date)).where(Policy.program_id == program.id)
            ),
            invoices=facts,
            today=TODAY,
        )
        found[status] += 1
    return found


def test_every_status_is_there_and_loading_again_changes_nothing(settings: Settings, engine: Engine) -> None:
    load_demo(settings, TODAY)
    with reading_global(engine) as unscoped:
        agencies = unscoped.scalars(select(Agency)).all()
    wanted = {"incomplete", "payment_due", "active", "endorsement_due", "overdue", "completed", "archived"}
    before = {}
    for agency in agencies:
        with reading(engine, agency.id) as session:
            before[agency.id] = statuses(session)
            assert set(before[agency.id]) == wanted
            assert check(session, ALL) == []
            assert session.scalar(select(func.count(OutboxRow.id))) == 0
            one_time = select(Invoice.state).where(Invoice.kind == "one_time")
            assert set(session.scalars(one_time)) == {"open", "paid"}
            zips = session.scalars(select(Insured.postal_code)).all()
            assert all(len(code) == 5 for code in zips)
    load_demo(settings, date(2026, 3, 1))
    for agency in agencies:
        with reading(engine, agency.id) as session:
            assert statuses(session) == before[agency.id]


def test_addresses_to_try(settings: Settings, engine: Engine) -> None:
    load_demo(settings, TODAY)
    portals, people, staff, partners, lookups, link, cards = demo_addresses(engine, "http://localhost:8000")
    assert [line[0] for line in portals.lines] == [
        "http://localhost:8000/harborline/",
        "http://localhost:8000/juniper-oak/",
    ]
    assert people.lines[0][1] == "maria@riverbend-bakery.example"
    assert staff.lines == [("http://localhost:8000/harborline/sign-in", "nadia@harborline.example")]
    assert len(lookups.lines) == 3
    assert partners.lines == [("http://localhost:8000/harborline/sign-in", "dana@northgate-risk.example")]
    assert "/juniper-oak/pay/" in link.lines[0][0]
    assert {line[0].replace(" ", "") for line in cards.lines} <= {card.number for card in SANDBOX_CARDS}
    assert all(
        len(line) <= 100 for line in render([portals, people, staff, partners, lookups, link, cards]).splitlines()
    )
