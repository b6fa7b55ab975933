"""What is the same on every page of a language is written into the compiled templates: words, files, icons, parts.

Jinja would ask for each of them in each request. Nothing else is settled beforehand: nothing of an agency or a person.
"""

import re
from collections.abc import Callable
from typing import Any

from babel.support import NullTranslations
from jinja2 import Environment, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

ICONS = "components/icons.html"


def settle_constants(environment: Environment, words: NullTranslations) -> None:
    """Let an environment that has compiled nothing yet write words, files, icons and parts into what it compiles.

    Args:
        words: of the one language in which it will be used.
    """

    class InOneLanguage(CodeGenerator):
        def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802 - Jinja's name
            self.writeline("from markupsafe import _escape_inner")
            super().visit_Template(_Constants(self.environment, words, str(self.name)).visit(node), frame)

        def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
            """All is escaped but markup. `escape` does the same, with five calls for a text and seven for markup."""
            assert frame.eval_ctx.autoescape and not frame.eval_ctx.volatile, "every page escapes, from end to end"
            self.write("(each if type(each := ")

        def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
            self.write(") is Markup else _escape_inner(each) if type(each) is str else escape(each))")

    environment.code_generator_class = InOneLanguage


class _Constants(NodeTransformer):
    """Puts constants in the place of `_("…")`, `asset("…")` and `icon("…")`, and templates in that of `include "…"`."""

    def __init__(self, environment: Environment, words: NullTranslations, template: str) -> None:
        self._environment = environment
        self._words = words
        self._known: dict[str, Callable[[str], str]] = {"asset": environment.globals["asset"]}  # type: ignore[dict-item]
        if template != ICONS:
            self._known["icon"] = self._icon

    def visit_Include(self, node: nodes.Include) -> nodes.Node:  # noqa: N802 - Jinja's name
        """The included template's nodes, whose own names end with them; Jinja would copy all names at each request.

        An error in them is said to be in the line that includes. Not where templates are read anew once they change.
        """
        loader = None if self._environment.auto_reload else self._environment.loader
        match node.template:
            case nodes.Const(value=str(name)) if loader and node.with_context and not node.ignore_missing:
                source, _, _ = loader.get_source(self._environment, name)
                included = self.visit(self._environment.parse(source, name))
                return nodes.Scope(included.set_lineno(node.lineno, override=True).body, lineno=node.lineno)
            case _:
                return node

    def visit_Output(self, node: nodes.Output) -> nodes.Node:  # noqa: N802 - Jinja's name
        """Words with values as words and values in turn, each escaped as all that a page shows."""
        self.generic_visit(node)
        node.nodes = [piece for child in node.nodes for piece in _pieces(child)]
        return node

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's name
        """A constant, where the call is one; values are put into a text, escaped, when the page is made."""
        self.generic_visit(node)
        called = getattr(node.node, "name", "")
        match node.args:
            case [nodes.Const(value=str(value))]:
                pass
            case _:
                return node
        if called == "_":
            text = Markup(self._words.ugettext(value))  # noqa: S704 - written by us  # nosec B704
            if not node.kwargs:
                return _constant(text % {} if "%" in text else text, node)
            values = [nodes.Pair(nodes.Const(each.key), each.value) for each in node.kwargs]
            filled = nodes.Mod(_constant(text, node), nodes.Dict(values), lineno=node.lineno)
            return filled.set_environment(self._environment)
        if called in self._known and not node.kwargs:
            return _constant(self._known[called](value), node)
        return node

    def _icon(self, name: str) -> str:
        icons: Any = self._environment.get_template(ICONS).module
        return Markup(icons.icon(name))  # noqa: S704 - our own template's  # nosec B704


def _pieces(shown: nodes.Expr) -> list[nodes.Expr]:
    match shown:
        case nodes.Mod(left=nodes.Const(value=Markup() as text), right=nodes.Dict(items=pairs)):
            if "%%(" in text:  # a sign of its own before a bracket
                return [shown]
            values = {pair.key.as_const(): pair.value for pair in pairs}
            words = re.split(r"%\((\w+)\)s", str(text))
            words[::2] = [Markup(part % {}) for part in words[::2]]  # noqa: S704 - written by us  # nosec B704
            return [values[part] if index % 2 else _constant(part, shown) for index, part in enumerate(words)]
        case _:
            return [shown]


def _constant(value: object, node: nodes.Node) -> nodes.Const:
    return nodes.Const(value, lineno=node.lineno, environment=node.environment)
