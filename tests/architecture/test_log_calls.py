"""Every log call names its event in code, and only fields that may be logged."""

import ast
import re

from portal.core.logs import FIELDS
from tests.architecture.source import modules

LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
EVENT = re.compile(r"[a-z]+(\.[a-z_]+)?")
PASSED_ON = {("portal/web/csp_report.py", "violation"), ("portal/core/logs.py", "")}
"""(file, argument) pairs whose fields are made by one function that has tests of its own."""


def log_calls():
    for name, tree in modules():
        if name.startswith(("portal/sandbox/", "portal/core/logs.py")):
            continue
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in LEVELS
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id.strip("_") in {"log", "logger", "logging"}
            ):
                yield name, node


def test_only_named_fields_are_logged():
    found = []
    for name, call in log_calls():
        event = call.args[0] if call.args else None
        if not (isinstance(event, ast.Constant) and EVENT.fullmatch(str(event.value))):
            found.append(f"{name}:{call.lineno} the event is not a word of ours")
        for keyword in call.keywords:
            passed = getattr(keyword.value, "id", "")
            if keyword.arg is None and (name, passed) not in PASSED_ON:
                found.append(f"{name}:{call.lineno} **{passed}")
            elif keyword.arg not in FIELDS | {"exc_info", None}:
                found.append(
                    f"{name}:{call.lineno} {keyword.arg}: add it to FIELDS in portal/core/logs.py, or leave it out"
                )
    assert found == []


def test_there_are_calls_to_look_at():
    assert len(list(log_calls())) >= 8


def test_nobody_prints_in_place_of_logging():
    found = [
        f"{name}:{node.lineno}"
        for name, tree in modules()
        if not name.startswith(("portal/cli/", "portal/sandbox/"))
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert found == []
