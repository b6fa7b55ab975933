"""Files into the database: once, again, changed, cut off; on both databases."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, func, select

from portal.access.visible import sight_of
from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.audit import Actor, AuditEntry
from portal.core.invariants import check
from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, reading, writing
from portal.imports import load
from portal.imports.load import Loaded, load_programs
from portal.imports.programs_csv import read_programs
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice, InvoiceLine
from portal.ledger.models import JournalLine
from portal.payments.models import Payment
from portal.programs.guest_keys import digests
from portal.programs.models import GuestKey, PaymentLink, Policy, Program
from portal.servicing.bind import Binding, bind_programs
from tests.factories.people import key_of, make_agency, make_payment_under_way
from tests.factories.programs_file import csv_bytes

TODAY = date(2026, 7, 20)
EVERYTHING = (Program, Policy, Invoice, JournalLine, AuditEntry, GuestKey, InsuredEmail, PaymentLink)
NOW = datetime(2026, 7, 20, 15, tzinfo=UTC)


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine)


def run(engine: Engine, agency: Agency, content: bytes, **options: bool) -> Loaded:
    binding = Binding(Actor("operator", "test"), key_of(agency), TODAY, NOW)
    return load_programs(engine, agency.id, read_programs(content), binding, **options)


@pytest.fixture
def books(engine: Engine, agency: Agency) -> Iterator[Scoped]:
    with reading(engine, agency.id) as session:
        yield session
        assert check(session, ALL) == []


def count(session: Scoped, model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def balance(session: Scoped, account: str) -> int:
    lines = select(func.sum(JournalLine.debit_cents - JournalLine.credit_cents)).where(JournalLine.account == account)
    return int(session.scalar(lines) or 0)


def test_a_program_comes_in_whole(engine: Engine, agency: Agency, books: Scoped) -> None:
    done = run(engine, agency, csv_bytes({}, {"Policy number": "UMB-1", "Coverage code": "CUMBR"}))
    assert (done.created, done.policies) == (1, 2)
    invoice = books.scalars(select(Invoice)).one()
    assert (invoice.kind, invoice.total_cents, invoice.open_cents, invoice.state) == (
        "pay_in_full",
        2200_00,
        2200_00,
        "open",
    )
    assert (invoice.issued_on, invoice.due_date) == (TODAY, date(2026, 8, 1))
    query = select(InvoiceLine.kind, InvoiceLine.amount_cents, InvoiceLine.commission_cents).order_by(InvoiceLine.id)
    assert [tuple(line) for line in books.execute(query)] == 2 * [
        ("premium", 1000_00, 150_00),
        ("tax", 40_00, 0),
        ("policy_fee", 60_00, 0),
    ]
    assert balance(books, "receivable") == 2200_00
    assert balance(books, "premium_billed") == -2 * 850_00
    assert count(books, PaymentLink) == 1
    assert books.scalars(select(AuditEntry.action)).all() == ["program.bound"]


def test_the_guest_finds_it_and_the_address_sees_it(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({}))
    exact, _ = digests(key_of(agency), agency.id, "cps-0071234", "02139")
    assert books.scalar(select(GuestKey.program_id).where(GuestKey.digest == exact)) is not None
    assert sight_of(books, "ana@riverside.example").insured_ids


def test_what_was_paid_before(engine: Engine, agency: Agency, books: Scoped) -> None:
    rows = {"Amount paid so far": "100"}, {"Program reference": "P-2", "Amount paid so far": "1,100.00"}
    run(engine, agency, csv_bytes(*rows))
    invoices = books.execute(select(Invoice.state, Invoice.open_cents).order_by(Invoice.id)).all()
    assert [tuple(row) for row in invoices] == [("open", 1000_00), ("paid", 0)]
    assert balance(books, "receivable") == 1000_00
    assert count(books, Payment) == 0


def test_importing_never_mails(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({"Due date": "1/5/2026"}))
    assert count(books, OutboxRow) == 0


def test_a_draft_is_not_billed_until_it_is_bound(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({"Draft": "yes"}))
    assert count(books, Invoice) == 0
    assert run(engine, agency, csv_bytes({"Draft": "no"}), update=True).updated == 1
    books.rollback()
    assert count(books, Invoice) == 1


def test_the_same_file_again_changes_nothing(engine: Engine, agency: Agency, books: Scoped) -> None:
    content = csv_bytes({"Amount paid so far": "100"}, {"Program reference": "P-2", "Phone": "828-555-0134"})
    run(engine, agency, content)
    before = [
        count(books, model) for model in (Program, Policy, Invoice, JournalLine, AuditEntry, GuestKey, InsuredEmail)
    ]
    for update in (False, True):
        done = run(engine, agency, content, update=update)
        assert (done.created, done.unchanged, done.changed) == (0, 2, [])
    books.rollback()
    after = [
        count(books, model) for model in (Program, Policy, Invoice, JournalLine, AuditEntry, GuestKey, InsuredEmail)
    ]
    assert before == after


def test_a_dry_run_changes_nothing(engine: Engine, agency: Agency, books: Scoped) -> None:
    assert run(engine, agency, csv_bytes({}), dry_run=True).created == 1
    assert count(books, Program) == 0
    run(engine, agency, csv_bytes({}))
    assert run(engine, agency, csv_bytes({"Premium": "2000"}), dry_run=True, update=True).updated == 1
    books.rollback()
    assert books.scalars(select(Invoice.total_cents)).all() == [1100_00]


def test_changes_are_reported_and_applied_only_on_request(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({}))
    changed = csv_bytes({"Premium": "2000", "Phone": "828-555-0134", "Due date": "9/1/2026"})
    done = run(engine, agency, changed)
    assert done.updated == 0
    said = {
        (item.kind, change.field): (change.before, change.after) for item in done.changed for change in item.changes
    }
    assert said == {
        ("insured", "phone"): ("", "828-555-0134"),
        ("program", "due_date"): (date(2026, 8, 1), date(2026, 9, 1)),
        ("program", "premium_cents"): (1000_00, 2000_00),
    }
    assert run(engine, agency, changed, update=True).updated == 2
    invoices = books.execute(select(Invoice.state, Invoice.total_cents, Invoice.due_date).order_by(Invoice.id)).all()
    assert [tuple(row) for row in invoices] == [
        ("void", 1100_00, date(2026, 8, 1)),
        ("open", 2100_00, date(2026, 9, 1)),
    ]
    assert balance(books, "receivable") == 2100_00
    assert books.scalars(select(Insured.phone)).one() == "828-555-0134"


def test_a_later_due_date_keeps_the_invoice(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({}))
    run(engine, agency, csv_bytes({"Due date": "9/1/2026", "Amount paid so far": "200"}), update=True)
    invoice = books.scalars(select(Invoice)).one()
    assert (invoice.due_date, invoice.open_cents) == (date(2026, 9, 1), 900_00)


def test_a_corrected_policy_number_and_a_policy_more(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({"Policy number": "TBD"}))
    rows = {"Policy number": "REAL-1"}, {"Policy number": "REAL-2", "Coverage code": "CYBER"}
    run(engine, agency, csv_bytes(*rows), update=True)
    assert books.scalars(select(Policy.policy_number).order_by(Policy.id)).all() == ["REAL-1", "REAL-2"]
    exact, _ = digests(key_of(agency), agency.id, "TBD", "02139")
    assert books.scalars(select(GuestKey.id).where(GuestKey.digest == exact)).all() == []
    assert books.scalars(select(Invoice.open_cents).where(Invoice.state == "open")).all() == [2200_00]
    done = run(engine, agency, csv_bytes(rows[0]), update=True)
    assert "left out" in str(done.changed[0].why_not)


def test_a_new_zip_counts_for_all_the_insureds_programs(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({}, {"Program reference": "P-2", "Policy number": "OTHER-9"}))
    run(engine, agency, csv_bytes({"ZIP": "2140", "E-mails": "new@riverside.example"}), update=True)
    for number in ("CPS 0071234", "OTHER-9"):
        old, new = (digests(key_of(agency), agency.id, number, code)[0] for code in ("02139", "02140"))
        assert books.scalars(select(GuestKey.id).where(GuestKey.digest == old)).all() == []
        assert len(books.scalars(select(GuestKey.id).where(GuestKey.digest == new)).all()) == 1
    assert books.scalars(select(InsuredEmail.email)).all() == ["new@riverside.example"]


def test_what_was_paid_for_is_left_alone(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({"Amount paid so far": "100"}))
    changed = csv_bytes({"Amount paid so far": "100", "Premium": "9", "Phone": "828-555-0134"})
    done = run(engine, agency, changed, update=True)
    assert {item.kind: item.why_not is None for item in done.changed} == {"insured": True, "program": False}
    assert books.scalars(select(Invoice.open_cents)).one() == 1000_00
    assert books.scalars(select(Insured.phone)).one() == "828-555-0134"


def test_a_payment_under_way_locks_the_program(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({}))
    with writing(engine, agency.id) as session:
        invoice = session.scalars(select(Invoice)).one()
        make_payment_under_way(session, invoice)
    done = run(engine, agency, csv_bytes({"Premium": "9"}), update=True)
    assert "under way" in str(done.changed[0].why_not)
    assert books.scalars(select(Invoice.state)).all() == ["open"]


def test_columns_that_a_file_lacks_leave_what_is_stored(engine: Engine, agency: Agency, books: Scoped) -> None:
    run(engine, agency, csv_bytes({"Phone": "828-555-0134", "Producer": "Ada", "Broker fee": "5"}))
    done = run(engine, agency, csv_bytes({}), update=True)
    assert (done.unchanged, done.changed) == (1, [])


def test_a_load_that_was_cut_off_is_completed_by_running_it_again(
    engine: Engine, agency: Agency, books: Scoped, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "CHUNK", 2)
    content = csv_bytes(*({"Program reference": f"P-{number}", "Policy number": f"N-{number}"} for number in range(5)))
    binding = Binding(Actor("operator"), key_of(agency), TODAY, NOW)

    def stop_after_two_chunks(_programs: int) -> None:
        if count_programs() == 4:
            raise KeyboardInterrupt

    def count_programs() -> int:
        with reading(engine, agency.id) as session:
            return count(session, Program)

    with pytest.raises(KeyboardInterrupt):
        load_programs(engine, agency.id, read_programs(content), binding, on_progress=stop_after_two_chunks)
    done = run(engine, agency, content)
    assert (done.created, done.unchanged) == (1, 4)
    numbers = books.scalars(select(Invoice.number).order_by(Invoice.id)).all()
    assert numbers == [f"INV-2026-00000{number}" for number in range(1, 6)]


def test_agencies_do_not_see_each_others_programs(engine: Engine, agency: Agency, books: Scoped) -> None:
    other = make_agency(engine, "juniper")
    run(engine, agency, csv_bytes({}))
    assert run(engine, other, csv_bytes({"Premium": "5"}), update=True).created == 1
    assert books.scalars(select(Policy.premium_cents)).all() == [1000_00]


def test_an_import_beside_another_one_finds_what_that_brought_in(engine: Engine, agency: Agency, books: Scoped) -> None:
    file = read_programs(csv_bytes({}, {"Program reference": "P-2", "Policy number": "N-2"}))
    binding = Binding(Actor("operator", "test"), key_of(agency), TODAY, NOW)
    with ThreadPoolExecutor(1) as other:
        with writing(engine, agency.id) as session:
            bind_programs(session, file.programs[:1], binding)
            late = other.submit(
                run, engine, agency, csv_bytes({}, {"Program reference": "P-2", "Policy number": "N-2"})
            )
            time.sleep(0.3)
        done = late.result(timeout=30)
    assert (done.created, done.unchanged) == (1, 1)
    assert count(books, Program) == 2
