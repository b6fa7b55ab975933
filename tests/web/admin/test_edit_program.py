"""Staff edit a program: anything while nothing is paid, and the second of two editors loses nothing."""

from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select, update

from portal.access.models import SignInSession
from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.audit import SYSTEM, AuditEntry
from portal.core.clock import local_date
from portal.core.invariants import check
from portal.core.tenancy import reading, writing
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.claims import Payer
from portal.payments.offline import Received, record_offline
from portal.programs.models import PaymentLink, Policy, Program
from tests.factories.autopay import make_enrollment
from tests.factories.methods import make_method
from tests.factories.people import make_agency, make_payment_under_way
from tests.factories.staff import staff_visitor
from tests.factories.typed_program import POLICY, typed
from tests.web.admin.test_new_program import create, seen
from tests.web.security.forms import Page
from tests.web.visitor import Visitor, engine_of, services_of, wait, words


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app), state="TX")


@pytest.fixture
def producer(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "producer")


@pytest.fixture
def edit(producer: Visitor) -> str:
    """The address at which a program with two policies, of $1,335.50 and $100.00, is edited."""
    second = {**POLICY, "policy_number": "N-2", "coverage": "Property", "premium_cents": "100"}
    second |= {"taxes_cents": "", "policy_fee_cents": ""}
    return create(producer, typed(POLICY, second)) + "/edit"


def fields_on(page: str) -> dict[str, str]:
    """What the form holds as it stands on a page."""
    (form,) = [form for form in Page(page, "", "no-such-mark").forms if "base" in form.values]
    return {name: value for name, value in form.values.items() if name != "step"}


def save(visitor: Visitor, edit: str, fields: dict[str, str], step: str = "save") -> str:
    """Save, reading what follows; what the page says then."""
    answer = visitor.send(edit, **fields, step=step)
    if answer.status_code == 422 and seen(answer.text):
        answer = visitor.send(edit, **fields | {"seen": seen(answer.text)}, step=step)
    assert answer.location, words(answer)
    page = visitor.get(str(answer.location).removeprefix("/harbor"))
    assert page.status_code == 200
    return words(page)


def invoices(app: Flask, agency: Agency) -> Sequence[Invoice]:
    with reading(engine_of(app), agency.id) as session:
        assert list(check(session, ALL)) == []
        return session.scalars(select(Invoice).order_by(Invoice.id)).all()


def test_what_is_billed_changes_by_void_and_reissue(app: Flask, agency: Agency, producer: Visitor, edit: str) -> None:
    with reading(engine_of(app), agency.id) as session:
        link = session.scalars(select(PaymentLink.token)).one()
    fields = fields_on(producer.get(edit).text)
    assert fields["policies-1-premium_cents"] == "100.00"
    asked = producer.send(edit, **fields | {"policies-1-premium_cents": "150"}, step="save")
    (first,) = invoices(app, agency)
    said = f"Invoice {first.number} of $1,435.50 becomes void. A new invoice of $1,485.50 is issued, due Sep 1, 2026."
    assert said in words(asked)
    page = save(producer, edit, fields | {"policies-1-premium_cents": "150", "producer": "Omar"})
    assert "Saved." in page
    assert "producer Nadia Newman → Omar, N-2 premium $100.00 → $150.00" in page
    first, second = invoices(app, agency)
    assert (first.state, second.state, second.open_cents) == ("void", "open", 148_550)
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(PaymentLink.token)).one() == link
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "program.changed")).one()
    changed = {"N-2 premium_cents": [10_000, 15_000], "producer": ["Nadia Newman", "Omar"]}
    assert entry.detail["changed"] == changed


def test_the_billing_type_changes_only_by_a_new_invoice(
    app: Flask, agency: Agency, producer: Visitor, edit: str
) -> None:
    fields = fields_on(producer.get(edit).text)
    save(producer, edit, fields | {"billing_type": "agency_bill"})
    assert [one.state for one in invoices(app, agency)] == ["void", "open"]
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(Program)).one().billing_type == "agency_bill"


def test_what_is_no_matter_of_money_is_saved_at_once(app: Flask, agency: Agency, producer: Visitor, edit: str) -> None:
    fields = fields_on(producer.get(edit).text)
    changed = {"producer": "Omar", "insured-phone": "828 555 0199", "due_date": "2026-09-15"}
    answer = producer.send(edit, **fields | changed, step="save")
    assert answer.status_code == 303
    (invoice,) = invoices(app, agency)
    assert invoice.due_date.isoformat() == "2026-09-15"
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(Program)).one().producer == "Omar"
        assert session.scalars(select(Insured)).one().phone == "828-555-0199"
    assert producer.send(edit, **fields_on(producer.get(edit).text), step="save").status_code == 303
    with reading(engine_of(app), agency.id) as session:
        changes = session.scalars(select(AuditEntry).where(AuditEntry.action.in_(["program.changed"]))).all()
    assert len(changes) == 1


def test_a_policy_comes_in_and_billed_ones_stay(app: Flask, agency: Agency, producer: Visitor, edit: str) -> None:
    fields = fields_on(producer.get(edit).text)
    assert "Remove" not in words(producer.get(edit))
    added = fields_on(producer.send(edit, **fields, step="add").text)
    third = POLICY | {"policy_number": "N-3", "premium_cents": "10", "taxes_cents": "", "policy_fee_cents": ""}
    added |= {f"policies-2-{name}": value for name, value in third.items()}
    save(producer, edit, added)
    assert [one.total_cents for one in invoices(app, agency)] == [143_550, 144_550]
    gone = {name: value for name, value in fields_on(producer.get(edit).text).items() if "policies-0" not in name}
    refused = words(producer.send(edit, **gone | {"seen": ""}, step="save"))
    assert "the books name its policies" in refused or "becomes void" in refused
    answer = producer.send(edit, **gone | {"seen": seen(producer.send(edit, **gone, step="save").text)}, step="save")
    assert "Set the amounts to zero instead." in words(answer)


def test_a_draft_loses_a_policy_and_is_billed(app: Flask, agency: Agency, producer: Visitor) -> None:
    place = create(producer, typed(POLICY, POLICY | {"policy_number": ""}), "draft")
    fields = fields_on(producer.get(f"{place}/edit").text)
    removed = fields_on(producer.send(f"{place}/edit", **fields, step="remove-1").text)
    assert "Saved." in save(producer, f"{place}/edit", removed, "draft")
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(Policy.policy_number)).all() == ["CPS-0071234"]
    fields = fields_on(producer.get(f"{place}/edit").text)
    assert "Saved, and billed." in save(producer, f"{place}/edit", fields)
    assert [one.total_cents for one in invoices(app, agency)] == [133_550]


def test_of_two_editors_the_second_is_told_and_loses_nothing(
    app: Flask, agency: Agency, producer: Visitor, edit: str
) -> None:
    other = staff_visitor(app, agency, "admin")
    mine = fields_on(producer.get(edit).text) | {"producer": "Omar", "policies-0-premium_cents": "1300"}
    theirs = fields_on(other.get(edit).text) | {"account_manager": "Ada", "policies-0-premium_cents": "1250"}
    save(other, edit, theirs)
    told = producer.send(edit, **mine, step="save")
    assert told.status_code == 422
    said = words(told)
    assert "Somebody else has changed this program" in said
    assert "Account manager – Ada –" in said
    assert "Policy 1, Premium 1200.00 1250.00 1300" in said
    merged = fields_on(told.text)
    assert (merged["producer"], merged["account_manager"]) == ("Omar", "Ada")
    assert merged["policies-0-premium_cents"] == "1300"
    save(producer, edit, merged)
    with reading(engine_of(app), agency.id) as session:
        program, policy = session.scalars(select(Program)).one(), session.get(Policy, 1)
    assert policy is not None
    assert (program.producer, program.account_manager, policy.premium_cents) == ("Omar", "Ada", 130_000)
    assert [one.state for one in invoices(app, agency)] == ["void", "void", "open"]


def test_who_brings_no_version_is_sent_back(producer: Visitor, edit: str) -> None:
    fields = fields_on(producer.get(edit).text)
    for base in ("", "[]", "{}"):
        assert producer.send(edit, **fields | {"base": base}, step="save").status_code == 409


def test_a_paid_program_keeps_what_was_paid_for(app: Flask, agency: Agency, producer: Visitor, edit: str) -> None:
    opened = fields_on(producer.get(edit).text)
    (invoice,) = invoices(app, agency)
    with writing(engine_of(app), agency.id) as session:
        now = services_of(app).now()
        payer = Payer("insured", "Maria", "", "en_US")
        day = local_date(now, agency.time_zone)
        received = Received("offline:1", "wire", "W-1", day, 10_000, {invoice.id: invoice.open_cents}, payer, "")
        record_offline(session, received, agency.time_zone, SYSTEM, now)
    late = producer.send(edit, **opened | {"policies-0-premium_cents": "1", "producer": "Omar"}, step="save")
    assert late.status_code == 422
    said = words(late)
    assert "What it costs can no longer be edited Something was paid on it." in said
    assert "Policy 1, Premium 1200.00 1200.00 1" in said
    assert 'value="Omar"' in late.text
    page = producer.get(edit)
    assert "change by an endorsement or another action" in words(page)
    fields = fields_on(page.text)
    assert "policies-0-premium_cents" not in fields
    changed = {"producer": "Omar", "policies-0-policy_number": "CPS-9", "insured-city": "Dallas"}
    assert "Saved." in save(producer, edit, fields | changed)
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(Policy.policy_number).order_by(Policy.id)).all() == ["CPS-9", "N-2"]
        assert session.scalars(select(Insured.city)).one() == "Dallas"
    assert [one.open_cents for one in invoices(app, agency)] == [133_550]


def test_a_payment_under_way_holds_what_it_costs(app: Flask, agency: Agency, producer: Visitor, edit: str) -> None:
    (invoice,) = invoices(app, agency)
    with writing(engine_of(app), agency.id) as session:
        make_payment_under_way(session, session.get_one(Invoice, invoice.id))
    assert "A payment is under way." in words(producer.get(edit))


def test_another_address_of_the_program_needs_the_second_step_again(
    app: Flask, agency: Agency, producer: Visitor, edit: str
) -> None:
    fields = fields_on(producer.get(edit).text) | {"contact_email": "books@keeper.example", "producer": "Omar"}
    wait(app, minutes=11)
    refused = producer.send(edit, **fields, step="save")
    assert refused.status_code == 422
    assert "Show your second step again, then save." in words(refused)
    assert 'value="Omar"' in refused.text
    with writing(engine_of(app), agency.id) as session:
        session.execute(update(SignInSession).values(second_factor_at=services_of(app).now()))
    save(producer, edit, fields)
    (invoice,) = invoices(app, agency)
    assert invoice.contact_email == "books@keeper.example"


def test_a_program_is_restricted_to_one_way_of_paying_unless_autopay_charges_the_other(
    app: Flask, agency: Agency, producer: Visitor, edit: str
) -> None:
    fields = fields_on(producer.get(edit).text)
    assert "Saved." in save(producer, edit, fields | {"restricted_to": "card"})
    with writing(engine_of(app), agency.id) as session:
        program = session.scalars(select(Program)).one()
        assert program.restricted_to == "card"
        make_enrollment(session, program.id, make_method(session, "maria@books.example"))
    fields = fields_on(producer.get(edit).text)
    refused = producer.send(edit, **fields | {"restricted_to": "us_bank_account"}, step="save")
    assert "Autopay charges this program in the other way. Stop autopay first." in words(refused)
    assert len(invoices(app, agency)) == 1


def test_archived_programs_are_not_edited(app: Flask, agency: Agency, producer: Visitor, edit: str) -> None:
    fields = fields_on(producer.get(edit).text)
    with writing(engine_of(app), agency.id) as session:
        session.scalars(select(Program)).one().archived_at = services_of(app).now()
    assert "Take it out of the archive to edit it." in words(producer.get(edit))
    assert producer.send(edit, **fields, step="save").status_code == 409
    assert producer.get("/admin/programs/98765432/edit").status_code == 404
