"""Files stay small and say what they are about."""

import ast
import re

from tests.architecture.source import PROJECT, files, modules

LONGEST = 400


def test_no_file_has_more_than_400_lines():
    lengths = {path.relative_to(PROJECT).as_posix(): len(path.read_text().splitlines()) for path in all_files()}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def all_files():
    return files(".py", ".html", ".css", ".js", ".typ", ".mjml", ".txt")


def test_no_room_for_odds_and_ends():
    assert [path for path in files(".py") if path.stem in {"utils", "helpers", "common", "misc"}] == []


def test_every_module_says_what_it_is_for():
    silent = [name for name, tree in modules() if tree.body and not ast.get_docstring(tree)]
    assert silent == []


def test_nothing_is_caught_blindly_and_nothing_is_left_to_do():
    blind, to_do = [], []
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.ExceptHandler) and caught(node) & {"Exception", "BaseException", ""}:
                blind.append(f"{name}:{node.lineno}")
        if re.search(r"\b(TODO|FIXME|XXX|HACK)\b", (PROJECT / name).read_text()):
            to_do.append(name)
    assert (blind, to_do) == ([], [])


def caught(handler: ast.ExceptHandler) -> set[str]:
    if handler.type is None:
        return {""}
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return {kind.id for kind in kinds if isinstance(kind, ast.Name)}
