"""Each matter that is opened for staff has words for people, and each fact of it a name."""

import ast

from portal.reports.task_words import FACT_WORDS, TASK_WORDS
from tests.architecture.source import modules

OPENERS = {"open_task", "open_if_new", "_alert"}
"""What opens a task: the functions themselves, and the one of submit.py that takes the kind from its callers."""


def _openings() -> list[tuple[str, str, ast.Call]]:
    found = []
    for name, tree in modules():
        wrappers = {
            id(call)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and function.name in OPENERS
            for call in ast.walk(function)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in OPENERS and id(node) not in wrappers:
                assert isinstance(node.args[1], ast.Constant), f"{name}:{node.lineno} says its kind literally"
                found.append((f"{name}:{node.lineno}", str(node.args[1].value), node))
    return found


def test_every_kind_has_words() -> None:
    missing = [f"{where} {kind}" for where, kind, _ in _openings() if kind not in TASK_WORDS]
    assert missing == [], "write them into portal/reports/task_words.py"


def test_every_fact_has_a_name() -> None:
    details = {keyword.arg for _, _, call in _openings() for keyword in call.keywords}
    assert details <= set(FACT_WORDS), "write them into portal/reports/task_words.py"
