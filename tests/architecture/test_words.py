"""Whoever changes what is searched by a statement says whose words are old; the index follows the rest by itself."""

import ast

from tests.architecture.source import modules

SEARCHED = {"Program", "Policy", "Insured", "InsuredEmail"}
NOT_SEARCHED = {"portal/insureds/language.py", "portal/insureds/erase.py"}
"""A language is no word; whoever is erased changes their name too, which is seen."""


def test_who_changes_what_is_searched_says_so() -> None:
    silent = []
    for name, tree in modules():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
        changes = [
            node.lineno
            for node in calls
            if getattr(node.func, "id", "") in {"update", "delete"}
            and any(isinstance(arg, ast.Name) and arg.id in SEARCHED for arg in node.args)
        ]
        says_so = any(getattr(node.func, "id", "") == "words_are_old" for node in calls)
        if changes and not says_so and name not in NOT_SEARCHED and not name.startswith("portal/sandbox/"):
            silent.append(f"{name}:{changes}: call words_are_old (portal/programs/word_index.py) in the same unit")
    assert silent == []
