"""What compiled templates hold beforehand: words of their language, files and icons, and nothing else."""

import pytest
from babel.support import NullTranslations
from jinja2 import DictLoader, Environment, StrictUndefined, UndefinedError

from portal.app import ROOT
from portal.web.template_constants import settle_constants

ICONS = (ROOT / "templates" / "components" / "icons.html").read_text()


class _Loud(NullTranslations):
    def ugettext(self, message: str) -> str:
        return message.replace("due", "DUE")


def environment_with(page: str) -> Environment:
    loader = DictLoader({"components/icons.html": ICONS, "page.html": page})
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
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
