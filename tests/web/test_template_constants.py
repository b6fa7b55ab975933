"""What compiled templates hold beforehand: words of their language, files and icons, and nothing else."""

import pytest
from babel.support import NullTranslations
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError
from markupsafe import Markup, escape

from portal.app import ROOT
from portal.core.text import Text
from portal.web.template_constants import settle_constants

ICONS = (ROOT / "templates" / "components" / "icons.html").read_text()

PART = '{% set own = "<" ~ _("due") ~ name ~ ">" %}{{ own }}{{ given }}'


class _Loud(NullTranslations):
    def ugettext(self, message: str) -> str:
        return message.replace("due", "DUE")


def environment_with(page: str) -> Environment:
    loader = DictLoader({"components/icons.html": ICONS, "part.html": PART, "page.html": page})
    environment = Environment(loader=loader, autoescape=True, auto_reload=False, undefined=StrictUndefined)
    environment.globals.update(asset=lambda name: f"/static/{name}?a&b", _=lambda words: words)
    settle_constants(environment, _Loud())
    return environment


def compiled(page: str) -> str:
    return str(environment_with(page).compile(page, "page.html", raw=True))


def shown(page: str, **values: object) -> str:
    return environment_with(page).get_template("page.html").render(**values)


def test_words_of_the_language_stand_in_the_template() -> None:
    assert "<p>Nothing is DUE</p>" in compiled('<p>{{ _("Nothing is due") }}</p>')
    assert shown('{{ _("due") ~ ": " ~ name }} {{ _("<b>50%%") }}', name="<i>") == "DUE: &lt;i&gt; <b>50%"


def test_values_come_when_the_page_is_made_and_are_escaped() -> None:
    page = '{{ _("<b>due</b> %(name)s", name=name) }}'
    assert shown(page, name="<i>") == "<b>DUE</b> &lt;i&gt;"
    assert shown(page, name="you") == "<b>DUE</b> you"


def test_files_and_icons_stand_in_the_template() -> None:
    page = '{% from "components/icons.html" import icon %}{{ asset("a.css") }}{{ icon("check") }}'
    assert "/static/a.css?a&amp;b<svg" in compiled(page)
    assert shown(page).count("<svg") == 1
    with pytest.raises(UndefinedError):
        compiled('{{ icon("no such icon") }}')


def test_what_the_page_brings_is_left_to_it() -> None:
    page = '{% from "components/icons.html" import icon %}{{ icon(name) }}{{ asset(file) }}{{ _(words) }}'
    assert "<svg" not in compiled(page)
    assert shown(page, name="check", file="b.css", words="due").endswith("/static/b.css?a&amp;bdue")


def test_an_included_part_stands_in_its_place_and_keeps_its_names_for_itself() -> None:
    page = '{% set given = 1 %}{% for name in names %}{% include "part.html" %}{% endfor %}{{ own is defined }}'
    assert "get_template" not in compiled(page)
    assert shown(page, names=["a", "&"]) == "&lt;DUEa&gt;1&lt;DUE&amp;&gt;1False"


def test_a_part_that_may_change_stays_by_itself() -> None:
    page = '{% set given = 1 %}{% set name = "a" %}{% include "part.html" %}'
    environment = environment_with(page)
    environment.auto_reload = True
    assert "get_template" in str(environment.compile(page, "page.html", raw=True))


def test_a_percent_sign_before_brackets_is_one() -> None:
    assert shown('{{ _("%%(one)s is %(one)s", one=given) }}', given="<") == "%(one)s is &lt;"


class _Hand:
    def __html__(self) -> str:
        return "<hr>"


class _Name(str):
    __slots__ = ()


def test_all_is_escaped_but_markup() -> None:
    bold = "{% macro bold(it) %}<b>{{ it }}</b>{% endmacro %}{{ bold(text) }}"
    assert shown(bold, text="<") == "<b>&lt;</b>"
    sign = "<>&\"'%"
    for given in (sign, _Name(sign), Markup(sign), Text(sign), _Hand(), 2, None, "", [sign]):
        assert shown("{{ given }}", given=given) == str(escape(given))
        assert shown("{% set part %}{{ given }}{% endset %}{{ part }}", given=given) == str(escape(given))
        assert shown('{{ _("%(one)s %%<i> %(two)s", one=given, two=1) }}', given=given) == f"{escape(given)} %<i> 1"
