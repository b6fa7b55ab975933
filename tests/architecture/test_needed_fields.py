"""A field for text that has to be filled in is not filled in by blanks: a reason, a name, a signature."""

import ast

from tests.architecture.source import modules

TEXTS = {"StringField", "TextAreaField", "PasswordField"}


def test_blanks_are_no_answer() -> None:
    """`InputRequired` takes them: it is for days, numbers, choices. Of texts `DataRequired` asks for a letter."""
    found = [
        f"{name}:{field.lineno}"
        for name, tree in modules("portal/web")
        for field in ast.walk(tree)
        if isinstance(field, ast.Call) and getattr(field.func, "id", "") in TEXTS
        for inner in ast.walk(field)
        if isinstance(inner, ast.Call) and getattr(inner.func, "id", "") == "InputRequired"
    ]
    assert found == []
