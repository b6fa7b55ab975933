"""The ways around the agency's scope stay closed outside `core`, and money is never a float."""

import ast

from tests.architecture.source import modules

FORBIDDEN_CALLS = {
    "connection": "the scope is put on ORM statements only",
    "bulk_insert_mappings": "it bypasses the scope",
    "bulk_update_mappings": "it bypasses the scope",
    "bulk_save_objects": "it bypasses the scope",
    "on_conflict_do_update": "a conflict target without the agency reaches another's row",
    "on_conflict_do_nothing": "a conflict target without the agency reaches another's row",
    "exec_driver_sql": "the scope is put on ORM statements only",
}
OPEN_TO_ENGINES = ("portal/core/", "portal/sandbox/", "portal/jobs/engine.py")
MONEY = ("portal/core/money.py", "portal/ledger/", "portal/invoices/", "portal/payments/", "portal/financing/",
         "portal/programs/", "portal/documents/", "portal/servicing/")  # fmt: skip


def slices():
    return ((name, tree) for name, tree in modules() if not name.startswith(OPEN_TO_ENGINES))


def test_the_ways_around_the_scope_are_closed():
    found = []
    for name, tree in slices():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "__table__":
                found.append(f"{name}:{node.lineno} __table__")
            if not isinstance(node, ast.Call):
                continue
            if isinstance(node.func, ast.Attribute) and node.func.attr in FORBIDDEN_CALLS:
                found.append(f"{name}:{node.lineno} {node.func.attr}: {FORBIDDEN_CALLS[node.func.attr]}")
    assert found == []


def test_sql_is_never_written_as_text():
    """`text` is ours, for messages; SQLAlchemy's is not used outside `core`."""
    found = []
    for name, tree in slices():
        for node in ast.walk(tree):
            from_sqlalchemy = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
            if from_sqlalchemy and {"text", "literal_column"} & {alias.name for alias in node.names}:
                found.append(f"{name}:{node.lineno}")
    assert found == []


def test_sessions_are_opened_by_core_alone():
    found = []
    for name, tree in slices():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in {"Session", "sessionmaker", "Scoped", "Unscoped"}
            ):
                found.append(f"{name}:{node.lineno} {node.func.id}")
    assert found == []


def test_money_is_never_a_float():
    found = []
    for name, tree in modules():
        if not name.startswith(MONEY):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id == "float":
                found.append(f"{name}:{node.lineno} float")
            if isinstance(node, ast.Constant) and isinstance(node.value, float):
                found.append(f"{name}:{node.lineno} {node.value}")
    assert found == []


def test_only_edges_ask_for_the_time():
    """Rules take times as arguments."""
    found = []
    for name, tree in slices():
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"today", "utcnow"}
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id in {"date", "datetime"}
            ):
                found.append(f"{name}:{node.lineno}")
    assert found == []
