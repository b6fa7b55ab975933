"""The audit: written once, erasable all the same where it is personal, and sealed so that tampering is found."""

import ast
from collections.abc import Iterator
from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, Table, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from portal.agencies.models import Agency
from portal.cli.verify_audit import verify_audit_command
from portal.core.app_role import APPEND_ONLY
from portal.core.audit import SYSTEM, Actor, AuditEntry, Personal, Told, record, tell
from portal.core.audit_seals import AT_ONCE, SETTLED, AuditSeal, find_tampering, seal_entries
from portal.core.db import Base, make_engine
from portal.core.personal_keys import ERASED, drop_keys, of_email, of_insured
from portal.core.secrets import AUDIT_SEALS, derive_key
from portal.core.tenancy import reading, writing
from portal.ledger.models import JournalEntry, JournalLine
from portal.reports.audit_words import ACTION_WORDS
from portal.settings import Settings
from tests.architecture.source import modules
from tests.factories.financing import make_loan
from tests.factories.payments import make_mandate, make_payment
from tests.factories.people import BEGINNING, make_agency, make_insured, make_program

KEY = b"a key that only the tests know"
LATER = BEGINNING + timedelta(hours=1)
ANA = Actor("insured", "ana@bakery.example", "192.0.2.7")
ENTRIES: Table = Base.metadata.tables["audit_entry"]
SEALS: Table = Base.metadata.tables["audit_seal"]


@pytest.fixture
def agency(engine: Engine) -> Agency:
    return make_agency(engine)


@pytest.fixture
def owner(owner_url: str) -> Iterator[Engine]:
    """The tables' owner, who has taken the triggers away."""
    opened = make_engine(owner_url, pool_size=1)
    with opened.begin() as connection:
        for table in ("audit_entry", "audit_seal"):
            if opened.dialect.name == "postgresql":
                connection.exec_driver_sql(f"DROP TRIGGER written_once ON {table}")
            else:
                for change in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_refuses_{change}")
    yield opened
    opened.dispose()


def write(engine: Engine, agency: Agency, count: int = 3) -> None:
    with writing(engine, agency.id) as session:
        for number in range(count):
            record(session, SYSTEM, "invoice.issued", "invoice", number, BEGINNING, total_cents=number * 100)


def seal(engine: Engine, agency: Agency, at=LATER) -> AuditSeal | None:
    with writing(engine, agency.id) as session:
        return seal_entries(session, KEY, at)


def tampering(engine: Engine, agency: Agency) -> list[str]:
    with reading(engine, agency.id) as session:
        return list(find_tampering(session, KEY))


def told(engine: Engine, agency: Agency) -> list[Told]:
    with reading(engine, agency.id) as session:
        return tell(session, session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all())


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1", "DELETE FROM {}"])
def test_not_even_the_owner_changes_what_is_written_once(
    engine: Engine, owner_url: str, table: str, statement: str
) -> None:
    agency = make_agency(engine)
    write(engine, agency)
    seal(engine, agency)
    with writing(engine, agency.id) as session:
        entry = JournalEntry(kind="note", ref="1", booked_on=BEGINNING.date(), posted_at=BEGINNING)
        session.add(entry)
        session.flush()
        session.add(JournalLine(entry_id=entry.id, account="cash", debit_cents=1))
        make_mandate(session, make_payment(session, amount_cents=100))
        make_loan(session, make_program(session, make_insured(session)), "FA-1", b"%PDF")
    opened = make_engine(owner_url, pool_size=1)
    with pytest.raises(DBAPIError, match=f"{table}: this table is written once"), opened.begin() as connection:
        connection.exec_driver_sql(statement.format(table))
    opened.dispose()


def test_whoever_is_not_of_the_agency_is_sealed_and_can_be_erased(engine: Engine, agency: Agency) -> None:
    with writing(engine, agency.id) as session:
        record(session, ANA, "insured.signed_in", "insured", 7, BEGINNING)
        changed = Personal(of_insured(7), {"name": ["Riverside Bakery", "Riverside Bakery LLC"]})
        record(session, Actor("staff", "sam@harbor.example"), "insured.changed", "insured", 7, BEGINNING, changed)
    with reading(engine, agency.id) as session:
        stored = " ".join(
            str(row) for row in session.execute(select(AuditEntry.actor, AuditEntry.ip, AuditEntry.detail))
        )
    assert "ana@" not in stored
    assert "192.0.2.7" not in stored
    assert "Bakery" not in stored
    assert [entry.actor for entry in told(engine, agency)] == [ANA, Actor("staff", "sam@harbor.example")]
    assert told(engine, agency)[1].detail == {"name": ["Riverside Bakery", "Riverside Bakery LLC"]}
    seal(engine, agency)
    with writing(engine, agency.id) as session:
        drop_keys(session, [of_email(ANA.name), of_insured(7)])
    assert told(engine, agency)[0].actor == Actor("insured", ERASED, ERASED)
    assert told(engine, agency)[1].detail == {"name": ERASED}
    assert told(engine, agency)[1].actor.name == "sam@harbor.example"
    assert tampering(engine, agency) == []


def test_a_person_erased_and_back_has_a_new_key(engine: Engine, agency: Agency) -> None:
    for _ in range(2):
        with writing(engine, agency.id) as session:
            record(session, ANA, "insured.signed_in", "insured", 7, BEGINNING)
            drop_keys(session, [of_email(ANA.name)])
            record(session, ANA, "insured.signed_in", "insured", 7, BEGINNING)
    assert [entry.actor.name for entry in told(engine, agency)] == [ERASED, ERASED, ERASED, ANA.name]


def test_an_untouched_chain_holds_over_many_seals(engine: Engine, agency: Agency) -> None:
    other = make_agency(engine, "other")
    for hour in range(3):
        write(engine, agency, 4)
        write(engine, other, 2)
        assert seal(engine, agency, LATER + timedelta(hours=hour)) is not None
        assert seal(engine, agency, LATER + timedelta(hours=hour)) is None
    assert seal(engine, other) is not None
    assert tampering(engine, agency) == []
    assert tampering(engine, other) == []


def test_a_long_gap_is_sealed_in_several_links(engine: Engine, agency: Agency) -> None:
    write(engine, agency, AT_ONCE + 5)
    first, second = seal(engine, agency), seal(engine, agency)
    assert first is not None
    assert second is not None
    assert (len(first.entries), len(second.entries)) == (AT_ONCE, 5)
    assert tampering(engine, agency) == []


def test_what_is_too_young_waits_for_the_next_seal(engine: Engine, agency: Agency) -> None:
    write(engine, agency)
    assert seal(engine, agency, BEGINNING + SETTLED - timedelta(seconds=1)) is None
    assert seal(engine, agency, BEGINNING + SETTLED) is not None


FORGED = {
    "agency_id": 1,
    "at": BEGINNING,
    "actor_kind": "system",
    "actor": "",
    "ip": "",
    "action": "invoice.voided",
    "subject_kind": "invoice",
    "subject_id": 1,
    "detail": {},
}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        (update(ENTRIES).where(ENTRIES.c.id == 2).values(actor="somebody"), ["entry 2 was edited"]),
        (update(ENTRIES).where(ENTRIES.c.id == 2).values(detail={"total_cents": 1}), ["entry 2 was edited"]),
        (update(ENTRIES).where(ENTRIES.c.id == 2).values(at=LATER), ["entry 2 was edited"]),
        (delete(ENTRIES).where(ENTRIES.c.id == 3), ["entry 3 was deleted"]),
        (delete(ENTRIES).where(ENTRIES.c.id == 6), ["entry 6 was deleted"]),
        (insert(ENTRIES).values(id=4, **FORGED), ["entry 4 was inserted after seal 2"]),
        (delete(SEALS).where(SEALS.c.number == 1), ["seal 1 is missing"]),
        (update(SEALS).where(SEALS.c.number == 1).values(to_id=2), ["seal 1 of 2026-07-01 13:00 is not the one"]),
    ],
)
def test_what_was_edited_deleted_or_inserted_is_found(
    engine: Engine, owner: Engine, agency: Agency, statement, expected: list[str]
) -> None:
    write(engine, agency, 3)
    seal(engine, agency)
    with owner.begin() as connection:
        connection.execute(insert(ENTRIES).values(**FORGED))
    write(engine, agency, 2)
    with owner.begin() as connection:
        connection.execute(delete(ENTRIES).where(ENTRIES.c.id == 4))
    seal(engine, agency)
    assert tampering(engine, agency) == []
    with owner.begin() as connection:
        connection.execute(statement)
    found = tampering(engine, agency)
    assert [line for line in found if any(line.startswith(start) for start in expected)], found


def test_without_the_key_no_seal_can_be_made(engine: Engine, owner: Engine, agency: Agency) -> None:
    write(engine, agency, 3)
    seal(engine, agency)
    with owner.begin() as connection:
        connection.execute(delete(SEALS))
        connection.execute(update(ENTRIES).where(ENTRIES.c.id == 2).values(actor="somebody"))
    with writing(engine, agency.id) as session:
        seal_entries(session, b"a guess", LATER)
    assert "seal 1 of 2026-07-01 13:00 is not the one that was made" in tampering(engine, agency)


def test_the_command_names_the_agency_and_the_entry(
    engine: Engine, owner: Engine, agency: Agency, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mode", "database_url", "base_url", "mail_from", "stripe_sandbox_url"):
        monkeypatch.setenv(f"PORTAL_{name.upper()}", str(getattr(settings, name)))
    for name in ("secret_key", "encryption_keys"):
        monkeypatch.setenv(f"PORTAL_{name.upper()}", getattr(settings, name).get_secret_value())
    key = derive_key(settings.secret_key.get_secret_value(), AUDIT_SEALS)
    write(engine, agency)
    with writing(engine, agency.id) as session:
        seal_entries(session, key, LATER)
    fine = CliRunner().invoke(verify_audit_command, [])
    assert (fine.exit_code, fine.output) == (0, "harbor: 1 seals hold; 0 newer entries wait for theirs.\n")
    with owner.begin() as connection:
        connection.execute(update(ENTRIES).where(ENTRIES.c.id == 2).values(actor="somebody"))
    found = CliRunner().invoke(verify_audit_command, ["--agency", "harbor"])
    assert (found.exit_code, found.output) == (1, "harbor: entry 2 was edited\n")


def test_every_action_has_words_for_people() -> None:
    """Literal actions of `record(…)`; those made of parts, like payment.<state>, stand in the words by hand."""
    missing = []
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "record" and len(node.args) > 2:
                action = node.args[2]
                if isinstance(action, ast.Constant) and action.value not in ACTION_WORDS:
                    missing.append(f"{name}:{node.lineno} {action.value}: write it into portal/reports/audit_words.py")
    assert missing == []
