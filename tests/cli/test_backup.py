"""Back up, pay, restore: the payment since comes back into the books, and nobody is charged a second time."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, make_url, text, update

from portal.agencies.keys import read_keys
from portal.agencies.models import ProcessorAccount
from portal.cli.after_restore import after_restore_command
from portal.cli.backup import _address, backup_command, restore_command
from portal.cli.database import revisions
from portal.cli.demo_settings import as_environment
from portal.payments.gateway import OutcomeUnknown
from portal.payments.money_back import found_refund
from portal.payments.submit import submit
from portal.sandbox.stripe.server import Running
from portal.settings import Settings
from tests.factories.desk import Desk, open_desk
from tests.factories.people import BOX, FERNET


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


@pytest.fixture
def run(settings: Settings, owner_url: str, desk: Desk) -> object:
    update = {
        "stripe_sandbox_url": desk.sandbox.url,
        "encryption_keys": SecretStr(FERNET),
        "migration_database_url": owner_url if owner_url != settings.database_url else "",
    }
    environment = as_environment(settings.model_copy(update=update))

    def invoke(command, *arguments: object) -> Result:
        return CliRunner().invoke(command, [str(argument) for argument in arguments], env=environment)

    return invoke


def takes_payments(desk: Desk) -> bool:
    with desk.till.reading() as session:
        return read_keys(session, BOX) is not None


def test_back_up_pay_restore(run, desk: Desk, tmp_path: Path) -> None:
    before, since, still_open = desk.invoice(100_00), desk.invoice(200_00), desk.invoice(300_00)
    submit(desk.till, desk.order(before))
    backup = tmp_path / "backups" / "portal.backup"
    assert "Backed up" in run(backup_command, backup).output
    assert backup.stat().st_mode & 0o077 == 0
    assert takes_payments(desk)
    submit(desk.till, replace(desk.order(since), fee_cents=6_00))
    assert desk.charged_cents() == 306_00

    restored = run(restore_command, backup, "--yes")
    assert "flask after-restore" in restored.output, restored.output
    assert desk.invoice_state(before) == ("paid", 0)
    assert desk.invoice_state(since) == ("open", 200_00)
    assert not takes_payments(desk)

    said = run(after_restore_command)
    assert (said.exit_code, "1 found, 1 known" in said.output) == (0, True), said.output
    assert desk.invoice_state(since) == ("paid", 0)
    assert desk.invoice_state(still_open) == ("open", 300_00)
    assert desk.charged_cents() == 306_00
    desk.assert_sound()
    assert takes_payments(desk)
    submit(desk.till, desk.order(still_open))
    assert desk.charged_cents() == 606_00
    desk.assert_sound()
    assert "nothing to read again" in run(after_restore_command).output


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (RuntimeError("nobody knows it"), "a refund or dispute is not in the books: RuntimeError: nobody knows it"),
        (OutcomeUnknown(), "the processor could not be asked about 1 of the refunds and disputes (OutcomeUnknown)."),
    ],
)
def test_an_account_stays_closed_while_a_refund_is_not_in_the_books(
    run, desk: Desk, monkeypatch: pytest.MonkeyPatch, error: Exception, why: str
) -> None:
    payment = submit(desk.till, desk.order(desk.invoice()))
    desk.processor.v1.refunds.create({"payment_intent": str(payment.intent_id)})
    with desk.till.writing() as session:
        session.execute(update(ProcessorAccount).values(restored_from=desk.clock()))

    def fail(*_: object) -> None:
        raise error

    with monkeypatch.context() as patched:
        patched.setattr(found_refund, "_tell_staff", fail)
        said = run(after_restore_command)
    assert said.exit_code == 1
    assert why in said.output
    assert "all others are in the books" in said.output
    assert not takes_payments(desk)
    desk.assert_sound()
    assert run(after_restore_command).exit_code == 0
    assert takes_payments(desk)
    desk.assert_sound()


def set_version(owner_url: str, version: str) -> None:
    """Let the database be of this version of the portal, or of none."""
    owner = create_engine(owner_url)
    with owner.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version"))
        if version:
            connection.execute(text("INSERT INTO alembic_version VALUES (:version)"), {"version": version})
    owner.dispose()


def test_a_backup_is_never_overwritten(run, tmp_path: Path) -> None:
    run(backup_command, tmp_path / "portal.backup")
    second = run(backup_command, tmp_path / "portal.backup")
    assert second.exit_code == 1
    assert "is there already" in second.output


def test_a_database_of_another_version_is_backed_up_and_an_empty_one_is_not(
    run, desk: Desk, owner_url: str, tmp_path: Path
) -> None:
    """Before it migrates, or when its migration failed, the new version is all that there is to back up with."""
    set_version(owner_url, "later")
    assert "Backed up" in run(backup_command, tmp_path / "portal.backup").output
    set_version(owner_url, "")
    assert "is empty" in run(backup_command, tmp_path / "none.backup").output
    assert not (tmp_path / "none.backup").exists()


def test_what_is_no_backup_changes_nothing(run, desk: Desk, tmp_path: Path) -> None:
    invoice = desk.invoice()
    wrong = tmp_path / "notes.txt"
    wrong.write_text("not a backup;")
    assert run(restore_command, wrong, "--yes").exit_code == 1
    assert desk.invoice_state(invoice) == ("open", 41_250)
    assert takes_payments(desk)


def test_a_backup_that_was_cut_short_changes_nothing(run, desk: Desk, owner_url: str, tmp_path: Path) -> None:
    invoice = desk.invoice()
    backup = tmp_path / "portal.backup"
    run(backup_command, backup)
    content = backup.read_bytes()
    backup.write_bytes(content[: len(content) * 2 // 3])
    said = run(restore_command, backup, "--yes")
    assert ("damaged" if owner_url.startswith("sqlite") else "no whole backup") in said.output
    assert desk.invoice_state(invoice) == ("open", 41_250)


def test_a_backup_of_a_later_version_changes_nothing(run, desk: Desk, owner_url: str, tmp_path: Path) -> None:
    [present] = revisions(owner_url)
    set_version(owner_url, "9999")
    backup = tmp_path / "portal.backup"
    run(backup_command, backup)
    set_version(owner_url, present)
    invoice = desk.invoice()
    said = run(restore_command, backup, "--yes")
    assert (said.exit_code, "later version of the portal (its database is at 9999)" in said.output) == (1, True)
    assert desk.invoice_state(invoice) == ("open", 41_250)
    assert takes_payments(desk)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_later_versions_tables_are_not_in_the_way(run, desk: Desk, owner_url: str, tmp_path: Path) -> None:
    """Going back after a migration that made a table which refers to an older one, and a function."""
    invoice = desk.invoice()
    backup = tmp_path / "portal.backup"
    run(backup_command, backup)
    with psycopg.connect(make_url(owner_url).set(drivername="postgresql").render_as_string(False)) as later:
        later.execute("CREATE TABLE later (id int PRIMARY KEY, agency_id int NOT NULL REFERENCES agency (id))")
        later.execute("INSERT INTO later SELECT id, id FROM agency")
        later.execute("CREATE FUNCTION later_too() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    said = run(restore_command, backup, "--yes")
    assert (said.exit_code, "flask after-restore" in said.output) == (0, True), said.output
    with psycopg.connect(make_url(owner_url).set(drivername="postgresql").render_as_string(False)) as now:
        assert now.execute("SELECT to_regclass('later'), to_regproc('later_too')").fetchone() == (None, None)
    assert desk.invoice_state(invoice) == ("open", 41_250)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_backup_changes_nothing(run, desk: Desk, tmp_path: Path) -> None:
    invoice = desk.invoice()
    backup = tmp_path / "portal.backup"
    run(backup_command, backup)
    content = bytearray(backup.read_bytes())
    content[4_096:12_288] = bytes(8_192)
    backup.write_bytes(content)
    assert "damaged" in run(restore_command, backup, "--yes").output
    assert desk.invoice_state(invoice) == ("open", 41_250)


def test_without_the_tools_of_postgresql_it_says_what_to_install(
    run, owner_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if owner_url.startswith("sqlite"):
        return
    monkeypatch.setattr("portal.cli.backup._candidates", lambda _name: [])
    said = run(backup_command, tmp_path / "portal.backup")
    assert "apt-get install postgresql-client-" in said.output
    assert list(tmp_path.iterdir()) == []


def test_the_tools_of_postgresql_read_no_password_in_the_address() -> None:
    """Not even ***: they would sign in with it. The tests' own server asks for none, and would not tell."""
    url = make_url("postgresql+psycopg://owner:p%40ss@db.example:5433/portal?sslmode=require")
    assert _address(url) == "postgresql://owner@db.example:5433/portal?sslmode=require"
