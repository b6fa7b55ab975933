"""The portal's role may delete from a table exactly if the portal's code does."""

import ast

from portal.core.app_role import APPEND_ONLY, DELETABLE
from portal.core.db import Base
from tests.architecture.source import modules

MODELS = {mapper.class_.__name__: mapper.class_.__tablename__ for mapper in Base.registry.mappers}


def changed_by(function: str) -> set[str]:
    """The tables named in calls like delete(Model)."""
    found = set()
    for name, tree in modules():
        if name.startswith("portal/sandbox/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
                found |= {MODELS[arg.id] for arg in node.args if isinstance(arg, ast.Name) and arg.id in MODELS}
    return found


def test_rows_are_deleted_from_the_tables_that_say_so():
    assert changed_by("delete") == DELETABLE, "write the table into portal/core/app_role.py, or take it out"


def test_what_is_written_once_is_never_changed():
    assert not (changed_by("update") | changed_by("delete")) & APPEND_ONLY


def test_rows_are_deleted_by_statements_that_name_their_table():
    """`session.delete(row)` would hide from the tests above what it deletes."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        if not name.startswith("portal/sandbox/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "delete"
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "session"
    ]
    assert found == []
