"""Merging two customers moves everything of the one, changes nothing else, and leaves the books as they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, update

from portal.access.visible import sight_of
from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.audit import Actor, AuditEntry, tell
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.invariants import check
from portal.core.tenancy import Scoped, writing
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.invoices.settle import settle_opening
from portal.ledger.journal import post
from portal.ledger.models import JournalLine
from portal.ledger.postings import Entry, Line
from portal.payments.money_back.credit import CreditOwner, credit_balance, enter_credit
from portal.personal_data.erase import erase
from portal.personal_data.person import find_person, insured_by_reference
from portal.programs.guest_keys import digests, reindex
from portal.programs.models import GuestKey, Program
from portal.servicing.bind import Binding, bind
from portal.servicing.merge import follow_merged, merge, moving
from portal.servicing.one_time import OneTimeDraft, ask_for
from portal.servicing.one_time_schedule import schedule
from portal.servicing.stored import stored_programs
from tests.factories.financing import bakery_program
from tests.factories.methods import make_method
from tests.factories.people import BEGINNING, key_of, make_agency, make_insured, make_policy, make_program

STAFF = Actor("staff", "ada@harbor.example")
DAY = date(2026, 7, 1)
ADDRESSES = ("ana@bakery.example", "bo@bakery.example", "cy@bakery.example")


@dataclass(frozen=True)
class Thing:
    """What a customer has: invoices in a program or without, each with what is paid on it; credit; addresses."""

    emails: frozenset[str]
    invoices: tuple[tuple[bool, int, int], ...]
    credits: tuple[int, ...]


THINGS = st.builds(
    Thing,
    st.frozensets(st.sampled_from(ADDRESSES)),
    st.lists(st.tuples(st.booleans(), st.integers(1, 9_999_99), st.integers(0, 100)), max_size=3).map(tuple),
    st.lists(st.integers(1, 5_000_00), max_size=2).map(tuple),
)


class Undo(Exception):
    """Ends an example without a trace."""


@contextmanager
def unit(engine: Engine, agency: Agency) -> Iterator[Scoped]:
    """A write unit that is not kept."""
    with pytest.raises(Undo), writing(engine, agency.id) as session:
        yield session
        raise Undo


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine)


def make(session: Scoped, thing: Thing, **more: Any) -> Insured:
    insured = make_insured(session, *sorted(thing.emails), **more)
    program = make_program(session, insured)
    make_policy(session, program, f"CPS {program.id}")
    for number, (in_program, cents, paid_percent) in enumerate(thing.invoices):
        lines = [LineDraft("premium", "Premium", cents, cents // 10)]
        kind = "endorsement" if in_program else "one_time"
        draft = InvoiceDraft(insured.id, kind, lines, DAY, DAY, program.id if in_program else None, str(number))
        invoice = issue_invoice(session, draft, BEGINNING)
        if paid := cents * paid_percent // 100:
            settle_opening(session, [(invoice, paid)], DAY, BEGINNING)
    for number, cents in enumerate(thing.credits):
        ref = f"{insured.id}-{number}"
        post(
            session,
            [Entry("charge", ref, DAY, (Line("opening_balance", cents), Line("customer_credit", -cents)))],
            BEGINNING,
        )
        enter_credit(session, "charge", ref, cents, DAY, BEGINNING, owner=CreditOwner(insured_id=insured.id))
    return insured


def books(session: Scoped) -> list[tuple[Any, ...]]:
    lines = session.execute(
        select(JournalLine.id, JournalLine.account, JournalLine.debit_cents, JournalLine.credit_cents)
    )
    invoices = session.execute(
        select(Invoice.id, Invoice.number, Invoice.state, Invoice.open_cents, Invoice.total_cents)
    )
    return sorted(map(tuple, lines)) + sorted(map(tuple, invoices))


def owned(session: Scoped, insured_id: int) -> tuple[set[int], set[int], int, set[str]]:
    """Ids of programs and invoices, credit, and addresses."""
    return (
        set(session.scalars(select(Program.id).where(Program.insured_id == insured_id))),
        set(session.scalars(select(Invoice.id).where(Invoice.insured_id == insured_id))),
        credit_balance(session, CreditOwner(insured_id=insured_id)),
        set(session.scalars(select(InsuredEmail.email).where(InsuredEmail.insured_id == insured_id))),
    )


def merged(session: Scoped, agency: Agency, keep: Insured, gone: Insured) -> None:
    seen = moving(session, keep.id, gone.id).seen
    merge(session, keep.id, gone.id, seen, key_of(agency), STAFF, BEGINNING)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(THINGS, THINGS, THINGS)
def test_all_of_the_one_is_the_others_and_nothing_else_changes(
    engine: Engine, agency: Agency, first: Thing, second: Thing, third: Thing
) -> None:
    with unit(engine, agency) as session:
        keep, gone, other = (make(session, thing) for thing in (first, second, third))
        keeps, goes, others = (owned(session, insured.id) for insured in (keep, gone, other))
        unsound, before = check(session, ALL), books(session)
        merged(session, agency, keep, gone)
        session.expire_all()
        assert owned(session, keep.id) == (
            keeps[0] | goes[0],
            keeps[1] | goes[1],
            keeps[2] + goes[2],
            keeps[3] | goes[3],
        )
        assert owned(session, gone.id) == (set(), set(), 0, set())
        assert owned(session, other.id) == others
        assert books(session) == before
        assert check(session, ALL) == unsound
        for email in keeps[3] | goes[3]:
            assert keep.id in sight_of(session, email).insured_ids
        with pytest.raises(NotFound):
            moving(session, keep.id, gone.id)


def test_the_books_are_sound_to_begin_with(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        thing = Thing(frozenset(), ((True, 10_000, 50), (False, 5_000, 0)), ())
        keep, gone = make(session, thing), make(session, thing)
        assert check(session, ALL) == []
        merged(session, agency, keep, gone)
        assert check(session, ALL) == []
        session.execute(update(Insured).where(Insured.id == keep.id).values(merged_into_id=gone.id))
        assert [name for name, _ in check(session, ALL)] == [
            "no invoice belongs to a customer who was merged into another"
        ]


def test_what_changed_since_one_looked_is_not_merged(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        keep, gone = make(session, Thing(frozenset(), (), ())), make(session, Thing(frozenset(), (), ()))
        seen = moving(session, keep.id, gone.id).seen
        make_program(session, gone)
        with pytest.raises(Conflict, match="Nothing was merged"):
            merge(session, keep.id, gone.id, seen, key_of(agency), STAFF, BEGINNING)
        with pytest.raises(BadInput):
            moving(session, keep.id, keep.id)
        with pytest.raises(NotFound):
            moving(session, keep.id, 98_765_432)


def test_third_parties_need_the_zip_that_stays(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        keep = make_insured(session, postal_code="78701")
        gone = make_insured(session, postal_code="10001")
        program = make_program(session, gone)
        make_policy(session, program, "CPS 0071234")
        reindex(session, key_of(agency), [program.id])
        merged(session, agency, keep, gone)
        found = set(session.scalars(select(GuestKey.digest)))
        assert set(digests(key_of(agency), agency.id, "CPS 0071234", "78701")) <= found
        assert not set(digests(key_of(agency), agency.id, "CPS 0071234", "10001")) & found


def test_files_that_name_the_one_find_the_other(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        keep = make_insured(session, "ana@bakery.example", reference="BAK-1")
        gone = make_insured(session, reference="BAK-2", name="River Side Bakery")
        last = make_insured(session, reference="BAK-3")
        make_policy(session, make_program(session, gone, reference="HBR-1"), "CPS 0071234")
        draft = stored_programs(session, ["HBR-1"])["HBR-1"].draft
        assert follow_merged(session, [draft]) == [draft]
        merged(session, agency, keep, gone)
        assert follow_merged(session, [draft])[0].insured.reference == "BAK-1"
        merged(session, agency, last, keep)
        assert follow_merged(session, [draft])[0].insured.reference == "BAK-3"
        assert insured_by_reference(session, "BAK-2") == last.id


def test_nothing_new_is_asked_of_who_is_gone(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        keep, gone = make_insured(session), make_insured(session, reference="BAK-2")
        merged(session, agency, keep, gone)
        parts = schedule([LineDraft("item", "Loss survey", 100_00)], DAY, 1, "month", DAY)
        with pytest.raises(NotFound):
            ask_for(session, OneTimeDraft(gone.id, "Loss survey", parts), "form", STAFF, DAY, BEGINNING)
        draft = replace(bakery_program(DAY, "HBR-9", reference="BAK-2"), due_date=DAY)
        bind(session, draft, Binding(STAFF, key_of(agency), DAY, BEGINNING))
        assert session.scalars(select(Program.insured_id).where(Program.reference == "HBR-9")).one() == keep.id


def test_saved_methods_stay_with_their_address_and_the_audit_tells(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        keep, gone = make_insured(session), make_insured(session, "bo@bakery.example", name="Bo's Bakery")
        method = make_method(session, "bo@bakery.example")
        merged(session, agency, keep, gone)
        assert find_person(session, keep.id).method_ids == (method.id,)
        [entry] = tell(session, session.scalars(select(AuditEntry).where(AuditEntry.action == "insured.merged")).all())
        assert (entry.subject_id, entry.actor.name, entry.detail["reference"]) == (keep.id, STAFF.name, gone.reference)
        assert entry.detail["name"] == ["Bo's Bakery", keep.name]


def test_who_is_erased_is_erased_with_all_that_was_merged(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        keep, gone = make_insured(session), make_insured(session, reference="BAK-2", name="Bo's Bakery")
        merged(session, agency, keep, gone)
        erase(session, keep.id, STAFF, BEGINNING)
        rows = session.scalars(select(AuditEntry).where(AuditEntry.action == "insured.merged")).all()
        assert "Bo's Bakery" not in str(tell(session, rows))
        assert gone.reference == f"erased-{gone.id}"
