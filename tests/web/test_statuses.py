"""Every status that the business knows has a look, with an icon that exists."""

from typing import get_args

from portal.invoices.status import InvoiceStatus
from portal.payments.transitions import State
from portal.programs.lifecycle import ProgramStatus
from portal.web.branding import render
from portal.web.statuses import LOOKS
from tests.web.pages import make_pages_app


def test_every_status_has_words_and_an_icon() -> None:
    assert {*get_args(InvoiceStatus), *get_args(State), *get_args(ProgramStatus)} <= LOOKS.keys()
    badges = '{% from "components/status.html" import badge %}{% for name in names %}{{ badge(name) }}{% endfor %}'
    with make_pages_app(templates={"badges.html": badges}).test_request_context("/"):
        page = render("badges.html", names=list(LOOKS))
    assert page.count("<svg") == len(LOOKS)
    assert all(str(look.label) in page for look in LOOKS.values())
