"""Merging partners loses nothing, is done once, and can be undone; agencies never share a partner."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.audit import Actor, AuditEntry
from portal.core.db import Base
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.invariants import check
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import Scoped, writing
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.invoices.settle import settle_opening
from portal.partners.models import Partner, PartnerMerge, PartnerReference, PartnerUser
from portal.partners.users import UserDraft, add_user, remove_user
from portal.partners.waiting import WAITING
from portal.programs.models import Program
from portal.servicing.partner_merge import merge, moving, naming_partners
from portal.servicing.partner_merge_rule import merge_by_rule
from portal.servicing.partner_merge_undo import undo
from tests.factories.partners import make_partner, make_partner_user
from tests.factories.payments import make_payment
from tests.factories.people import BEGINNING, make_agency, make_insured, make_program

STAFF = Actor("staff", "ada@harbor.example")
DAY = date(2026, 7, 1)
LATER = BEGINNING + timedelta(days=3)
NOT_MOVED = {"partner_merge.kept_id", "partner_merge.gone_id", "partner.merged_into_id"}
"""What a merge writes itself."""


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


def bill(session: Scoped, partner: Partner, cents: int, paid_cents: int = 0) -> Invoice:
    """A program of agency bill with an open invoice."""
    program = make_program(session, make_insured(session), billing_type="agency_bill", partner_id=partner.id)
    return bill_again(session, program, cents, paid_cents)


def bill_again(session: Scoped, program: Program, cents: int, paid_cents: int = 0) -> Invoice:
    lines = [LineDraft("premium", "Premium", cents, cents // 10)]
    draft = InvoiceDraft(
        program.insured_id, "pay_in_full", lines, DAY, DAY, program.id, partner_id=program.paying_partner_id
    )
    invoice = issue_invoice(session, draft, BEGINNING)
    if paid_cents:
        settle_opening(session, [(invoice, paid_cents)], DAY, BEGINNING)
    return invoice


def holdings(session: Scoped, partner_id: int) -> dict[str, Any]:
    """Everything of a partner, as a person would count it."""
    session.flush()
    invoices = select(func.count(Invoice.id), func.coalesce(func.sum(Invoice.open_cents), 0))
    users = select(PartnerUser.email, PartnerUser.role, PartnerUser.state, PartnerUser.partner_id)
    names = select(PartnerReference.system, PartnerReference.external_id)
    return {
        "programs": set(session.scalars(select(Program.id).where(Program.partner_id == partner_id))),
        "invoices": session.execute(invoices.where(Invoice.partner_id == partner_id)).one(),
        "users": set(session.execute(users.where(PartnerUser.partner_id == partner_id))),
        "names": set(session.execute(names.where(PartnerReference.partner_id == partner_id))),
    }


def test_no_table_that_names_a_partner_is_left_out() -> None:
    named = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("partner_id")
        or any(key.column.table.name == "partner" and column.name != "agency_id" for key in column.foreign_keys)
    }
    moved = {f"{model.__tablename__}.{column}" for model, column in naming_partners()}
    assert {"invoice.partner_id", "program.partner_id", "partner_reference.partner_id"} <= moved
    assert named - NOT_MOVED == moved | {"partner_user.partner_id"}, (
        "A column that names a partner needs a foreign key to it (`belongs_to`), so that merging partners moves it."
    )


BILLS = st.lists(st.tuples(st.integers(1_00, 9_000_00), st.integers(0, 100)), max_size=3)
USERS = st.dictionaries(
    st.sampled_from(["ana@elm.example", "bo@elm.example", "cy@elm.example"]),
    st.tuples(st.sampled_from(["view", "pay", "admin"]), st.sampled_from(["invited", "active", "held", "removed"])),
)
SIDE = st.tuples(BILLS, USERS, st.integers(0, 2))


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.tuples(SIDE, SIDE, SIDE))
def test_nothing_is_lost_balances_add_up_and_undoing_leaves_no_trace(
    engine: Engine, agency: Agency, sides: Any
) -> None:
    with unit(engine, agency) as session:
        partners = []
        for number, (bills, users, names) in enumerate(sides):
            partner = make_partner(session, name=f"Partner {number}")
            for email, (role, state) in users.items():
                make_partner_user(session, partner, email, role=role, state=state)
            for cents, percent in bills:
                bill(session, partner, cents, cents * percent // 100)
            for each in range(names):
                named = PartnerReference(partner_id=partner.id, system="bindhq", external_id=f"{number}-{each}")
                session.add(named)
            partners.append(partner)
        keep, gone, other = partners
        before = [holdings(session, partner.id) for partner in partners]
        unsound = check(session, ALL)
        merged = merge(session, keep.id, gone.id, STAFF, BEGINNING)
        after = holdings(session, keep.id)
        assert after["programs"] == before[0]["programs"] | before[1]["programs"]
        assert after["names"] == before[0]["names"] | before[1]["names"]
        assert after["invoices"] == tuple(map(sum, zip(before[0]["invoices"], before[1]["invoices"], strict=True)))
        assert {row[0] for row in after["users"]} == {row[0] for side in before[:2] for row in side["users"]}
        assert holdings(session, gone.id)["invoices"] == (0, 0)
        assert holdings(session, other.id) == before[2]
        assert check(session, ALL) == unsound
        with pytest.raises(NotFound):
            merge(session, keep.id, gone.id, STAFF, BEGINNING)
        undo(session, merged.id, STAFF, LATER)
        assert [holdings(session, partner.id) for partner in partners] == before
        assert gone.merged_into_id is None
        with pytest.raises(Conflict, match="undone already"):
            undo(session, merged.id, STAFF, LATER)


def test_the_rule_merges_once_and_leaves_alone_what_staff_took_apart(engine: Engine, agency: Agency) -> None:
    other_agency = make_agency(engine, "cedar")
    with writing(engine, other_agency.id) as session:
        make_partner(session, "ana@elm.example")
    with unit(engine, agency) as session:
        old = make_partner(session, "ana@elm.example", name="Elm, Inc.", bills_agency=False, due_days=0)
        new = make_partner(session, "bo@elm.example", name="ELM INC", bills_agency=True, due_days=25)
        make_partner(session, "cy@elm.example", name="Elm Inc", archived_at=BEGINNING)
        make_partner(session, "di@elm.example", name="Elm Inc", postal_code="02111")
        assert merge_by_rule(session, BEGINNING, near=new.id) == 1
        assert (new.merged_into_id, old.bills_agency, old.due_days) == (old.id, True, 25)
        assert merge_by_rule(session, BEGINNING) == 0
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "partner.merged")).one()
        assert (entry.actor_kind, entry.subject_id, entry.detail["by_rule"]) == ("system", old.id, True)
        undo(session, session.scalars(select(PartnerMerge.id)).one(), STAFF, LATER)
        assert merge_by_rule(session, LATER) == 0
        third = make_partner(session, "eve@elm.example", name="Elm Inc", created_at=LATER)
        assert merge_by_rule(session, LATER) == 1
        assert third.merged_into_id == old.id


def test_what_came_since_stays_but_a_program_takes_its_invoices_along(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        keep, gone = make_partner(session, "ana@elm.example"), make_partner(session, "ana@elm.example")
        theirs = bill(session, gone, 5_000)
        merged = merge(session, keep.id, gone.id, STAFF, BEGINNING)
        since = bill(session, keep, 7_000)
        program = session.get_one(Program, theirs.program_id)
        session.refresh(program)
        endorsed = bill_again(session, program, 900)
        make_partner_user(session, keep, "new@elm.example")
        assert check(session, ALL) == []
        theirs.partner_id = gone.id
        session.flush()
        assert [name for name, _ in check(session, ALL)] == [
            "no invoice belongs to a partner who was merged into another"
        ]
        theirs.partner_id = keep.id
        session.flush()
        undo(session, merged.id, STAFF, LATER)
        session.expire_all()
        assert (since.partner_id, theirs.partner_id, endorsed.partner_id) == (keep.id, gone.id, gone.id)
        assert {row[0] for row in holdings(session, keep.id)["users"]} == {"ana@elm.example", "new@elm.example"}
        assert holdings(session, gone.id)["users"] == {("ana@elm.example", "admin", "active", gone.id)}


def test_why_a_merge_stays(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        first, second, third = (make_partner(session, name=f"Partner {number}") for number in range(3))
        theirs, ours = bill(session, second, 5_000), bill(session, first, 6_000)
        merged = merge(session, first.id, second.id, STAFF, BEGINNING)
        with pytest.raises(Conflict, match="within 30 days"):
            undo(session, merged.id, STAFF, BEGINNING + timedelta(days=31))
        make_payment(session, theirs, ours, reference="P-77", created_at=LATER)
        with pytest.raises(Conflict, match="Payment P-77, made since the merge, pays invoices of both"):
            undo(session, merged.id, STAFF, LATER)
        merge(session, third.id, first.id, STAFF, LATER)
        with pytest.raises(Conflict, match="Partner 0 was merged into Partner 2 since"):
            undo(session, merged.id, STAFF, LATER)
        with pytest.raises(NotFound):
            undo(session, 98_765_432, STAFF, LATER)


def test_what_changed_since_one_looked_is_not_merged(engine: Engine, agency: Agency) -> None:
    with unit(engine, agency) as session:
        keep, gone = make_partner(session), make_partner(session)
        seen = moving(session, keep.id, gone.id).seen
        bill(session, gone, 5_000)
        with pytest.raises(Conflict, match="Nothing was merged"):
            merge(session, keep.id, gone.id, STAFF, BEGINNING, seen=seen)
        keep.archived_at = BEGINNING
        for wrong, error in ((keep.id, BadInput), (98_765_432, NotFound)):
            with pytest.raises(error):
                moving(session, keep.id, wrong)
        with pytest.raises(BadInput, match="is archived"):
            moving(session, keep.id, gone.id)


def test_staff_are_asked_about_who_waits_as_long_as_they_wait(engine: Engine, agency: Agency) -> None:
    """Somebody who waits here and is in there already is in after the merge; and waits again when it is undone."""

    def open_task() -> bool:
        with writing(engine, agency.id) as session:
            task = session.scalars(select(StaffTask).where(StaffTask.kind == WAITING)).one()
            return task.closed_at is None

    with writing(engine, agency.id) as session:
        keep, gone = make_partner(session, "ada@elm.example"), make_partner(session, "ray@desk.example")
        add_user(session, keep.id, UserDraft("ray@desk.example", "view"), "imported", STAFF, LATER)
    assert open_task()
    with writing(engine, agency.id) as session:
        merge_id = merge(session, keep.id, gone.id, STAFF, LATER).id
    assert not open_task()
    with writing(engine, agency.id) as session:
        undo(session, merge_id, STAFF, LATER)
    assert open_task()
    with writing(engine, agency.id) as session:
        waiting = session.scalars(select(PartnerUser).where(PartnerUser.state == "held")).one()
        remove_user(session, keep.id, waiting.id, Actor("partner", "ada@elm.example"), LATER)
    assert not open_task()
