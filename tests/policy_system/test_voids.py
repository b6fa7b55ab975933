"""What is voided, canceled or reinstated in BindHQ, each case by its name: what stops, what stays, what staff do."""

from datetime import date

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import SYSTEM
from portal.invoices.models import Invoice
from portal.policy_system.records import LineItem
from portal.programs.models import Program
from portal.servicing.archive import unarchive
from tests.factories.financing import make_loan
from tests.factories.there import endorsement_there, policy_there
from tests.policy_system.fake import Office, make_office
from tests.policy_system.meanwhile import end_debit, pay, start_debit, tasks

REINSTATEMENT = "BHQ_REINSTATEMENT_NOT_SYNCED"


@pytest.fixture
def office(engine: Engine) -> Office:
    return make_office(engine)


def test_cancellation_endorsement(office: Office) -> None:
    office.there.bind()
    office.there.issue(endorsement_there(kind="cancellation", line_items=(LineItem("premium", -900_00),)))
    office.sync()
    assert office.record("55120").state == "ignored"
    assert tasks(office) == ["policy_system.canceled"]


def test_void_nothing_paid(office: Office) -> None:
    office.there.bind()
    office.sync()
    office.there.change(kind="policy.voided", status="voided")
    assert office.sync() == {"voided": 1}
    assert office.one(Program).archived_at == office.now
    assert office.one(Invoice).state == "void"
    assert (office.record().state, tasks(office)) == ("voided", [])


def test_void_partly_paid(office: Office) -> None:
    office.there.bind()
    office.sync()
    pay(office, 100_00)
    office.there.change(kind="policy.voided", status="voided")
    office.sync()
    assert office.one(Program).archived_at is not None
    assert (office.one(Invoice).state, office.codes()) == ("open", ["BHQ_VOID_HAS_PAYMENTS"])
    assert "$100.00" in office.record().failures[0]["message"]
    assert tasks(office) == ["policy_system.voided_paid"]


def test_void_policy_never_imported(office: Office) -> None:
    """Its endorsement came in as a program of its own, which ends with it."""
    office.there.held["10442"] = policy_there()
    office.there.issue(endorsement_there())
    assert office.sync() == {"imported": 1}
    office.there.change(kind="policy.voided", status="voided")
    assert office.sync() == {"voided": 1}
    assert (office.record().state, office.record("55120").state) == ("voided", "voided")
    assert office.one(Program).archived_at == office.now
    assert (office.one(Invoice).state, tasks(office)) == ("void", [])


def test_void_endorsement_with_the_number_of_a_policy(office: Office) -> None:
    """BindHQ counts policies and endorsements apart: what hangs on the policy of that number is not meant."""
    office.there.held["10442"], office.there.held["55120"] = policy_there(), policy_there("55120")
    office.there.issue(endorsement_there())
    office.there.issue(endorsement_there(id="77", policy=policy_there("55120")))
    assert office.sync() == {"imported": 2}
    office.there.issue(endorsement_there(status="voided", version=2), "endorsement.voided")
    assert office.sync() == {"voided": 1}
    states = {program.reference: program.archived_at is not None for program in office.all(Program)}
    assert states == {"BHQ-10442-E55120": True, "BHQ-55120-E77": False}
    assert office.record("77").state == "imported"


@pytest.mark.parametrize(
    ("end", "task", "codes"),
    [("consumed", ["policy_system.voided_paid"], ["BHQ_VOID_HAS_PAYMENTS"]), ("released", [], [])],
)
def test_void_ach_in_flight(office: Office, end: str, task: list[str], codes: list[str]) -> None:
    office.there.bind()
    office.sync()
    start_debit(office)
    office.there.change(kind="policy.voided", status="voided")
    office.sync()
    assert office.one(Program).archived_at is not None
    assert (office.record().waits_for_debit, tasks(office)) == (True, [])
    end_debit(office, end)
    if end == "consumed":
        pay(office)
    assert office.work() == {"settled": 1}
    assert (tasks(office), office.codes(), office.record().waits_for_debit) == (task, codes, False)


def test_void_financed(office: Office) -> None:
    office.there.bind()
    office.sync()
    with office.writing() as session:
        make_loan(session, session.scalars(select(Program)).one(), "FA-1", b"%PDF signed").state = "bound"
    office.there.change(kind="policy.voided", status="voided")
    office.sync()
    assert office.one(Program).archived_at is None
    assert (office.codes(), tasks(office)) == (["BHQ_VOID_FINANCED"], ["policy_system.voided_financed"])


def test_void_of_an_endorsement_only(office: Office) -> None:
    office.there.bind()
    office.there.issue(endorsement_there())
    office.sync()
    office.there.issue(endorsement_there(status="voided", version=2), "endorsement.voided")
    office.sync()
    assert office.one(Program).archived_at is None
    assert [one.state for one in office.all(Invoice)] == ["open", "void"]
    assert office.record("55120").state == "voided"


def test_void_of_a_policy_that_has_endorsements(office: Office) -> None:
    office.there.bind()
    office.there.issue(endorsement_there())
    office.sync()
    office.there.change(kind="policy.voided", status="voided")
    office.sync()
    assert office.one(Program).archived_at is not None
    assert [one.state for one in office.all(Invoice)] == ["void", "void"]
    assert (office.record().state, office.record("55120").state) == ("voided", "voided")


@pytest.mark.parametrize("failed", [False, True], ids=["before import finished", "failed import"])
def test_void_before_import_finished_or_failed_import(office: Office, failed: bool) -> None:
    office.there.bind(policy_there(policy_number=None))
    if failed:
        office.sync()
    office.there.change(kind="policy.voided", status="voided")
    office.sync()
    assert (office.record().state, office.all(Program)) == ("voided", [])


def test_void_repeated_or_void_then_bind_again(office: Office) -> None:
    office.there.bind()
    office.sync()
    office.there.change(kind="policy.voided", status="voided")
    office.sync()
    office.there.tell("policy.voided", "10442")
    office.sync()
    assert len(office.all(Program)) == 1
    office.there.bind(policy_there("10500", policy_number="CPS 10442"))
    office.sync()
    assert [one.archived_at is None for one in office.all(Program)] == [False, True]


def test_reinstatement_archived_and_unpaid(office: Office) -> None:
    """Archived and unpaid: Un-archive, which bills anew what was voided."""
    office.there.bind()
    office.sync()
    office.there.change(kind="policy.voided", status="voided")
    office.sync()
    office.there.change(kind="policy.reinstated", status="bound")
    office.sync()
    assert (office.codes(), office.record().failures[0]["value"]) == ([REINSTATEMENT], "Un-archive")
    assert tasks(office) == ["policy_system.reinstated"]
    with office.writing() as session:
        program = session.scalars(select(Program)).one()
        unarchive(session, program, SYSTEM, office.now.date(), office.now)
    assert [(one.state, one.total_cents) for one in office.all(Invoice)] == [("void", 12_849_03), ("open", 12_849_03)]


def test_reinstatement_canceled_and_paid(office: Office) -> None:
    office.there.bind()
    office.sync()
    with office.writing() as session:
        session.scalars(select(Program)).one().canceled_on = date(2026, 7, 5)
    office.there.issue(endorsement_there(kind="reinstatement"))
    office.sync()
    assert office.record("55120").failures[0]["value"] == "Reinstate"
    assert office.record("55120").state == "ignored"
