"""The edge cases of the import, each by its name: what came in, what the books say, and what staff are told."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import SYSTEM
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.partners.models import Partner, PartnerReference
from portal.policy_system.intake import Heard, hear, hold, lease
from portal.policy_system.models import ImportRecord
from portal.policy_system.protocol import AuthFailed, ChangedSchema, Unavailable
from portal.policy_system.records import LineItem
from portal.programs.changes import Endorsement
from portal.programs.models import Policy, Program
from portal.servicing.archive import archive
from tests.factories.there import CHARGES, ROOFER, endorsement_there, policy_there
from tests.policy_system.fake import Office, make_office
from tests.policy_system.meanwhile import pay, tasks


@pytest.fixture
def office(engine: Engine) -> Office:
    return make_office(engine)


def test_a_bound_policy_becomes_a_program_with_everybody_in_it(office: Office) -> None:
    office.there.bind()
    assert office.sync() == {"imported": 1}
    program, policy, invoice = office.one(Program), office.one(Policy), office.one(Invoice)
    partner, insured = office.one(Partner), office.one(Insured)
    assert (program.reference, program.billing_type, program.partner_id) == ("BHQ-10442", "direct_bill", partner.id)
    assert (program.producer, program.account_manager) == ("Sam Okafor", "Sam Okafor")
    assert (policy.policy_number, policy.carrier_naic, policy.coverage_code) == ("CPS 10442", "35378", "CGL")
    assert (policy.minimum_earned_rate, policy.retail_commission_rate) == (Decimal("0.25"), Decimal("0.1"))
    assert (invoice.total_cents, invoice.due_date) == (12_849_03, date(2026, 7, 6))
    assert (insured.name, insured.kind, insured.postal_code) == ("Lone Star Roofing, Inc.", "business", "78701-4042")
    assert (insured.contact_first_name, insured.phone) == ("Ada", "512-555-0142")
    assert office.one(InsuredEmail).email == "ap@lonestarroofing.example"
    assert (partner.name, partner.contact_email) == ("Hill Country Insurance Agency", "dana@hillcountry.example")
    assert office.one(PartnerReference).external_id == "512"
    record = office.record()
    assert (record.state, record.version, record.program_id) == ("imported", 1, program.id)
    assert (record.number, record.name) == ("CPS 10442", "Lone Star Roofing, Inc.")


def test_agency_bill_is_due_by_the_partners_days(office: Office) -> None:
    office.there.bind(policy_there(billing_type="agency_bill"))
    office.sync()
    with office.writing() as session:
        session.scalars(select(Partner)).one().due_days = 30
    office.there.bind(policy_there("10443", billing_type="agency_bill"))
    office.sync()
    invoices = office.all(Invoice)
    assert [one.due_date for one in invoices] == [date(2026, 7, 6), date(2026, 7, 31)]
    assert {one.partner_id for one in invoices} == {office.one(Partner).id}


def test_duplicate_bind_event(office: Office) -> None:
    office.there.bind()
    office.sync()
    office.there.tell("policy.bound", "10442")
    office.there.tell("policy.bound", "10442")
    assert office.sync() == {"duplicate": 1}
    assert len(office.all(Program)) == len(office.all(Invoice)) == 1
    assert office.outcomes() == ["imported", "duplicate"]


def test_two_workers_import_once(office: Office) -> None:
    """One has the lease; another one that has waited for it finds that the record is no longer its own."""
    office.there.bind()
    office.sync()
    with office.writing() as session:
        hear(session, [Heard("policy", "10442", "policy.updated")], office.now)
    first = lease(office.engine, office.line.agency_id, 10, office.now)
    assert lease(office.engine, office.line.agency_id, 10, office.now) == []
    later = lease(office.engine, office.line.agency_id, 10, office.now + timedelta(hours=1))
    with office.writing() as session:
        assert hold(session, first) == {}
        assert len(hold(session, later)) == 1


def test_bind_event_before_required_data(office: Office) -> None:
    office.there.bind(policy_there(policy_number=None, agent=None, insured=replace(ROOFER, email=None)))
    assert office.sync() == {"failed": 1}
    assert len(office.codes()) == 5
    assert office.all(Program) == office.all(Partner) == office.all(Insured) == []
    office.there.bind(policy_there(version=2), "policy.updated")
    assert office.sync() == {"imported": 1}
    assert (office.record().state, office.codes()) == ("imported", [])


def test_policy_edited_after_import_unpaid(office: Office) -> None:
    office.there.bind()
    office.sync()
    quote = replace(office.there.held["10442"].quote, line_items=CHARGES[:2])
    insured = replace(ROOFER, phone="5125550143", first_name=None, last_name=None)
    office.there.change(quote=quote, insured=insured)
    assert office.sync() == {"updated": 1}
    assert [(one.state, one.total_cents) for one in office.all(Invoice)] == [("void", 12_849_03), ("open", 12_250_00)]
    changed = office.one(Insured)
    assert (changed.phone, changed.contact_first_name) == ("512-555-0143", "Ada")
    assert len(office.all(Program)) == 1


def test_policy_edited_after_import_paid(office: Office) -> None:
    office.there.bind()
    office.sync()
    pay(office, 100_00)
    quote = replace(office.there.held["10442"].quote, line_items=CHARGES[:2])
    office.there.change(quote=quote)
    assert office.sync() == {"flagged": 1}
    assert (office.codes(), tasks(office)) == (["BHQ_CHANGED_AFTER_PAYMENT"], ["policy_system.changed"])
    assert office.one(Invoice).total_cents == 12_849_03
    assert office.record().state == "imported"


def test_what_staff_have_changed_stays_while_bindhq_has_changed_nothing_of_it(office: Office) -> None:
    office.there.bind()
    office.sync()
    with office.writing() as session:
        session.scalars(select(Insured)).one().phone = "512-555-9999"
        session.scalars(select(Program)).one().name = "Roofing"
    office.there.change(void_reason="nothing of ours")
    assert office.sync() == {"duplicate": 1}
    assert (office.one(Insured).phone, office.one(Program).name) == ("512-555-9999", "Roofing")
    assert office.record().version == 2


def test_endorsement_original_present(office: Office) -> None:
    office.there.bind()
    office.sync()
    office.there.issue(endorsement_there())
    assert office.sync() == {"imported": 1}
    assert len(office.all(Program)) == 1
    bill = office.all(Invoice)[-1]
    assert (bill.kind, bill.total_cents, bill.due_date) == ("endorsement", 1_573_35, date(2026, 8, 15))
    record = office.record("55120")
    assert (record.parent_id, record.endorsement_id, record.invoice_id) == (
        "10442", office.one(Endorsement).id, bill.id,
    )  # fmt: skip
    office.there.tell("endorsement.issued", "55120")
    assert office.sync() == {"duplicate": 1}
    assert len(office.all(Invoice)) == 2


def test_endorsement_original_absent(office: Office) -> None:
    office.there.held["10442"] = policy_there()
    office.there.issue(endorsement_there())
    assert office.sync() == {"imported": 1}
    program, policy = office.one(Program), office.one(Policy)
    assert (program.reference, policy.policy_number) == ("BHQ-10442-E55120", "CPS 10442")
    assert (policy.effective_date, office.one(Invoice).total_cents) == (date(2026, 8, 15), 1_573_35)
    office.there.tell("policy.bound", "10442")
    office.sync()
    assert len(office.all(Program)) == 2
    assert tasks(office) == ["policy_system.endorsed_apart"]


def test_endorsement_original_archived(office: Office) -> None:
    office.there.bind()
    office.sync()
    with office.writing() as session:
        archive(session, session.scalars(select(Program)).one(), SYSTEM, office.now)
    office.there.issue(endorsement_there())
    office.sync()
    assert [one.reference for one in office.all(Program)] == ["BHQ-10442", "BHQ-10442-E55120"]


def test_endorsement_of_a_failed_import(office: Office) -> None:
    office.there.bind(policy_there(policy_number=None))
    office.sync()
    office.there.held["10442"] = policy_there(version=2)
    office.there.issue(endorsement_there())
    office.sync()
    assert office.one(Program).reference == "BHQ-10442-E55120"


def test_both_queued_the_parent_comes_first(office: Office) -> None:
    office.there.issue(endorsement_there("9"))
    office.there.bind()
    office.sync()
    assert office.one(Program).reference == "BHQ-10442"
    assert [one.kind for one in office.all(Invoice)] == ["pay_in_full", "endorsement"]


def test_endorsement_number_0(office: Office) -> None:
    office.there.bind()
    office.there.issue(endorsement_there(number=0))
    office.sync()
    assert (office.record("55120").state, office.record("55120").is_quiet) == ("ignored", True)
    assert len(office.all(Invoice)) == 1


@pytest.mark.parametrize(
    ("cents", "state", "quiet"), [(-500_00, "failed", False), (0, "ignored", True)], ids=["return", "non-premium"]
)
def test_return_premium_negative_zero_endorsement(office: Office, cents: int, state: str, quiet: bool) -> None:
    office.there.bind()
    office.there.issue(endorsement_there(line_items=(LineItem("premium", cents),)))
    office.sync()
    record = office.record("55120")
    assert (record.state, record.is_quiet, office.codes("55120")) == (state, quiet, ["BHQ_PREMIUM_NOT_POSITIVE"])
    assert len(office.all(Invoice)) == 1


def test_re_sync_data(office: Office) -> None:
    """Idempotent, and it keeps what was tried before."""
    office.there.bind(policy_there(policy_number=None))
    office.sync()
    with office.writing() as session:
        hear(session, [Heard("policy", "10442", "staff:nadia@harbor.example")], office.now)
    office.work()
    office.there.held["10442"] = policy_there()
    for _ in range(2):
        with office.writing() as session:
            hear(session, [Heard("policy", "10442", "staff:nadia@harbor.example")], office.now)
        office.work()
    assert office.outcomes() == ["failed", "failed", "imported", "duplicate"]
    assert len(office.all(Program)) == 1


def test_money(office: Office) -> None:
    """Decimals beyond cents are refused where they are read; charges land where ours stand, and the books agree."""
    charges = (*CHARGES, LineItem("fee", 35_00, code="broker_fee"), LineItem("fee", 15_00, code="inspection_fee"))
    office.there.bind(policy_there(line_items=charges))
    office.there.bind(policy_there("10443"))
    office.there.broken["10443"] = ChangedSchema("quote.line_items[0].amount", "1.005", '{"id": "10443"}')
    office.sync()
    policy = office.one(Policy)
    assert (policy.surplus_lines_tax_cents, policy.taxes_cents) == (594_13, 4_90)
    assert (policy.policy_fee_cents, policy.broker_fee_cents, policy.other_fee_cents) == (250_00, 35_00, 15_00)
    assert (office.codes("10443"), office.record("10443").payload) == (["BHQ_UNREADABLE"], '{"id": "10443"}')


def test_one_that_does_not_fit_does_not_stop_the_others(office: Office) -> None:
    office.there.bind()
    office.sync()
    with office.writing() as session:
        record = session.scalars(select(ImportRecord)).one()
        record.program_id = record.policy_id = None
        record.version = 0
    office.there.tell("policy.bound", "10442")
    office.there.bind(policy_there("10443"))
    assert office.sync() == {"failed": 1, "imported": 1}
    assert (office.codes(), len(office.all(Program))) == (["BHQ_NOT_APPLIED"], 2)


@pytest.mark.parametrize(
    ("error", "code"), [(Unavailable("time-out"), "BHQ_UNAVAILABLE"), (AuthFailed("401"), "BHQ_AUTH_FAILED")]
)
def test_while_bindhq_is_silent_everything_waits(office: Office, error: Exception, code: str) -> None:
    office.there.bind()
    office.there.broken["10442"] = error  # type: ignore[assignment]
    with pytest.raises(type(error)):
        office.sync()
    assert (office.record().state, office.codes()) == ("queued", [code])
    office.there.broken.clear()
    assert office.work() == {}
    office.now += timedelta(hours=1)
    assert office.work() == {"imported": 1}


def test_a_cursor_that_is_too_old_begins_anew(office: Office) -> None:
    office.there.bind()
    office.sync()
    office.there.bind(policy_there("10443"))
    office.there.bind(policy_there("10444"))
    office.there.oldest = 2
    office.sync()
    assert [one.reference for one in office.all(Program)] == ["BHQ-10442", "BHQ-10444"]


def test_the_link_is_sent_only_where_the_agency_wants_it(engine: Engine) -> None:
    from portal.servicing.reminders.models import LinkSequence

    office = make_office(engine, sends_link=True)
    office.there.bind()
    office.sync()
    assert office.one(LinkSequence).program_id == office.one(Program).id
