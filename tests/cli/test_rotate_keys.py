"""`flask rotate-keys`: afterwards the old key opens nothing, and no encrypted column was forgotten."""

import ast
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import Engine, select

from portal.access.second_factor import start_app
from portal.access.staff import Staff, staff_of
from portal.agencies.found import add_staff
from portal.agencies.keys import ProcessorKeys, read_keys, set_keys
from portal.agencies.models import Agency
from portal.cli.rotate_keys import ENCRYPTED, rotate_all
from portal.core.audit import SYSTEM, AuditEntry
from portal.core.db import Base
from portal.core.secrets import CannotDecrypt, SecretBox
from portal.core.tenancy import Tenant, reading, writing
from tests.architecture.source import modules
from tests.factories.people import BEGINNING, make_agency
from tests.factories.policy_system import make_connection

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
KEYS = ProcessorKeys("acct_1", "pk_test_1", "sk_test_secret", ("whsec_1", "whsec_2"))
MARK = "gAAAA"
"""How everything closed by Fernet begins."""


@pytest.fixture
def agencies(engine: Engine) -> list[Agency]:
    """Two agencies with every secret there is, closed with the old key."""
    box = SecretBox(OLD)
    made = [make_agency(engine, slug, lookup_key=box.close(f"key of {slug}")) for slug in ("one", "two")]
    for agency in made:
        with writing(engine, agency.id) as session:
            set_keys(session, box, replace(KEYS, account=f"acct_{agency.slug}"))
            add_staff(session, f"sam@{agency.slug}.example", "Sam", "admin", SYSTEM, BEGINNING)
            start_app(session, box, staff(session, agency), BEGINNING)
            make_connection(session, box)
    return made


def staff(session, agency: Agency) -> Staff:
    found = staff_of(session, f"sam@{agency.slug}.example")
    assert found is not None
    return found


def sealed_values(engine: Engine, agency: Agency) -> dict[str, list[str]]:
    """Everything encrypted that is stored, by table and column, wherever it stands."""
    found: dict[str, list[str]] = {}
    with reading(engine, agency.id) as session:
        for mapper in Base.registry.mappers:
            if not issubclass(mapper.class_, Tenant | Agency):
                continue
            for row in session.scalars(select(mapper.class_)):
                if isinstance(row, Agency) and row.id != agency.id:
                    continue
                for attribute in mapper.column_attrs:
                    value = getattr(row, attribute.key)
                    if isinstance(value, str) and value.startswith(MARK):
                        found.setdefault(f"{mapper.local_table.name}.{attribute.key}", []).append(value)
    return found


def test_afterwards_the_new_key_alone_opens_everything(engine: Engine, agencies: list[Agency]) -> None:
    assert list(rotate_all(engine, SecretBox(f"{NEW},{OLD}"))) == [("one", 6), ("two", 6)]
    for agency in agencies:
        with reading(engine, agency.id) as session:
            keys = read_keys(session, SecretBox(NEW))
            assert keys is not None
            assert (keys.secret_key, keys.webhook_secrets) == (KEYS.secret_key, KEYS.webhook_secrets)
            assert session.scalars(select(AuditEntry.detail).where(AuditEntry.action == "keys.rotated")).all() == [
                {"count": 6}
            ]
        for values in sealed_values(engine, agency).values():
            for value in values:
                assert SecretBox(NEW).open(value)
                with pytest.raises(CannotDecrypt):
                    SecretBox(OLD).open(value)


def test_without_the_old_key_nothing_is_changed(engine: Engine, agencies: list[Agency]) -> None:
    before = sealed_values(engine, agencies[0])
    with pytest.raises(CannotDecrypt):
        list(rotate_all(engine, SecretBox(NEW)))
    assert sealed_values(engine, agencies[0]) == before


def test_everything_encrypted_is_in_the_list(engine: Engine, agencies: list[Agency]) -> None:
    assert set(sealed_values(engine, agencies[0])) == {encrypted.name for encrypted in ENCRYPTED}


def test_no_code_encrypts_into_a_column_that_is_not_in_the_list() -> None:
    """`row.name = box.close(…)` and `Row(name=box.close(…))` are the ways to write a secret."""
    known = {encrypted.column.key for encrypted in ENCRYPTED}
    found, all_calls = set(), 0
    for _, tree in modules():
        for node in ast.walk(tree):
            all_calls += is_close(node)
            if isinstance(node, ast.Assign) and is_close(node.value):
                found |= {target.attr for target in node.targets if isinstance(target, ast.Attribute)}
            if isinstance(node, ast.keyword) and is_close(node.value):
                found.add(str(node.arg))
    assert found == known, "add the column to ENCRYPTED in portal/cli/rotate_keys.py"
    assert all_calls == len(ENCRYPTED), "write secrets straight into their column, so that this test sees them"


def is_close(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "close"
        and isinstance(node.func.value, ast.Name | ast.Attribute)
        and (node.func.value.id if isinstance(node.func.value, ast.Name) else node.func.value.attr) in {"box", "_box"}
    )


def test_the_application_knows_the_command(app: Flask) -> None:
    assert "rotate-keys" in app.cli.commands
