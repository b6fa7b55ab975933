"""Staff type for longer than the second factor is good for: it is asked for again, and what was typed is sent then."""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.test import TestResponse
from wtforms import PasswordField
from wtforms.fields.core import UnboundField

from portal.agencies.models import Agency, StaffMember
from portal.core.tenancy import reading
from portal.web.admin.second_factor import SECRETS
from tests.factories.authenticator import Authenticator
from tests.factories.people import make_agency
from tests.factories.staff import app_code, staff_visitor
from tests.web.admin.test_passkeys import ask as ask_device
from tests.web.admin.test_passkeys import enrol
from tests.web.admin.test_second_factor import recovery_codes
from tests.web.security.forms import Page
from tests.web.visitor import Visitor, engine_of, set_clock, wait, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
NEW = "/admin/staff/new"
STEP = "/admin/second-factor"
KEYS = "/admin/processor"
LOGO = "/admin/branding/logo"
TYPED = {"name": 'Omar "O\'" <b>Reyes</b> & Söhne', "email": "omar@harbor.example", "role": "producer"}


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency)


def form_to(answer: TestResponse, address: str) -> dict[str, str]:
    """What the one form of a page holds that is sent to an address."""
    (found,) = [form for form in Page(answer.text, "", "no-such-mark").forms if form.action == f"/harbor{address}"]
    return found.values


def send(visitor: Visitor, answer: TestResponse, address: str, **fields: str) -> TestResponse:
    return visitor.send(address, **(form_to(answer, address) | fields))


def typed_too_long(app: Flask, visitor: Visitor) -> TestResponse:
    form = form_to(visitor.get(NEW), NEW)
    wait(app, minutes=11)
    return visitor.send(NEW, **(form | TYPED))


def staff(app: Flask, agency: Agency) -> list[str]:
    with reading(engine_of(app), agency.id) as session:
        return list(session.scalars(select(StaffMember.name).order_by(StaffMember.id)))


def test_it_is_sent_after_the_code(app: Flask, agency: Agency, admin: Visitor) -> None:
    asked = typed_too_long(app, admin)
    assert asked.status_code == 403
    assert "nothing is lost" in words(asked)
    assert asked.headers["Cache-Control"] == "no-store"
    wrong = send(admin, asked, STEP, code="12")
    assert (wrong.status_code, "That code is not right" in words(wrong)) == (422, True)
    shown = send(admin, wrong, STEP, code=app_code(app))
    assert (shown.status_code, "has not been sent yet" in words(shown)) == (200, True)
    assert {name: form_to(shown, NEW)[name] for name in TYPED} == TYPED
    assert len(staff(app, agency)) == 1
    assert send(admin, shown, NEW).location == "/harbor/admin/staff"
    assert staff(app, agency)[1:] == [TYPED["name"]]


def test_it_is_sent_after_a_recovery_code_or_back_at_the_app(app: Flask, agency: Agency, admin: Visitor) -> None:
    code = recovery_codes(admin)[0]
    asked = typed_too_long(app, admin)
    other = send(admin, asked, f"{STEP}/recovery-code")
    assert (other.status_code, "Enter one of your recovery codes." in words(other)) == (200, False)
    back = send(admin, other, STEP)
    assert (back.status_code, "Enter the 6-digit code" in words(back)) == (200, False)
    wrong = send(admin, other, f"{STEP}/recovery-code", code="aaaaa-aaaaa")
    assert wrong.status_code == 422
    shown = send(admin, wrong, f"{STEP}/recovery-code", code=code)
    send(admin, shown, NEW)
    assert staff(app, agency)[1:] == [TYPED["name"]]


def test_it_is_sent_after_a_passkey(app: Flask, agency: Agency, admin: Visitor) -> None:
    device = Authenticator()
    enrol(admin, device)
    asked = typed_too_long(app, admin)
    wrong = send(admin, asked, f"{STEP}/passkey", credential="{}")
    assert (wrong.status_code, "did not work" in words(wrong)) == (422, True)
    answer = device.get(ask_device(admin, "passkey/options"))
    shown = send(admin, wrong, f"{STEP}/passkey", credential=answer)
    send(admin, shown, NEW)
    assert staff(app, agency)[1:] == [TYPED["name"]]


def test_a_file_cannot_be_kept_and_is_named(app: Flask, admin: Visitor) -> None:
    token = form_to(admin.get("/admin/branding"), LOGO)["csrf_token"]
    wait(app, minutes=11)
    asked = admin.send(LOGO, csrf_token=token, logo=(BytesIO(b"x"), "our <logo>.png"))
    shown = send(admin, asked, STEP, code=app_code(app))
    assert "nothing is lost" not in words(asked)
    assert "Only a file cannot be kept. Choose it again on its page: our <logo>.png" in words(shown)
    assert set(form_to(shown, LOGO)) == {"csrf_token"}


def test_a_secret_is_asked_for_again(app: Flask, admin: Visitor) -> None:
    form = form_to(admin.get(KEYS), KEYS)
    wait(app, minutes=11)
    asked = admin.send(KEYS, **(form | {"publishable_key": "pk_test_12", "secret_key": "sk_test_34"}))
    assert "nothing is lost" not in words(asked)
    shown = send(admin, asked, STEP, code=app_code(app))
    assert "Secret key A secret is not kept. Enter it once more." in words(shown)
    assert shown.text.count('type="password"') == 1, "the other was not typed"
    assert "sk_test_34" not in asked.text + shown.text
    assert {name: form_to(shown, KEYS)[name] for name in ("publishable_key", "secret_key", "webhook_secret")} == {
        "publishable_key": "pk_test_12",
        "secret_key": "",
        "webhook_secret": "",
    }


def forms_below(form: type[FlaskForm]) -> Iterator[type[FlaskForm]]:
    for each in form.__subclasses__():
        yield each
        yield from forms_below(each)


def test_no_field_for_a_secret_is_carried() -> None:
    named = {
        name
        for form in forms_below(FlaskForm)
        for name, field in vars(form).items()
        if isinstance(field, UnboundField) and (field.field_class is PasswordField or "secret" in name)
    }
    assert named == set(SECRETS)


def test_what_was_typed_in_two_tabs_is_sent_from_both(app: Flask, agency: Agency, admin: Visitor) -> None:
    first, second = (form_to(admin.get(NEW), NEW) | TYPED | {"email": f"{n}@harbor.example"} for n in "ab")
    wait(app, minutes=11)
    asked = [admin.send(NEW, **form) for form in (first, second)]
    for page in asked:
        shown = send(admin, page, STEP, code=app_code(app))
        assert send(admin, shown, NEW).location == "/harbor/admin/staff"
        wait(app, seconds=30)
    assert len(staff(app, agency)) == 3


def test_a_file_that_is_too_large_is_refused_as_ever(app: Flask, admin: Visitor) -> None:
    token = form_to(admin.get("/admin/branding"), LOGO)["csrf_token"]
    large = (BytesIO(b"x" * 3_000_000), "logo.png")
    wait(app, minutes=11)
    assert admin.send(LOGO, csrf_token=token, logo=large).status_code == 413


def test_what_another_site_has_filled_in_is_not_kept(app: Flask, agency: Agency, admin: Visitor) -> None:
    wait(app, minutes=11)
    for token in ({}, {"csrf_token": "theirs"}):
        answer = admin.send(NEW, **TYPED, **token)
        assert answer.location == f"/harbor/admin/second-factor?next={NEW}"
        assert "Omar" not in answer.text
    assert len(staff(app, agency)) == 1


def test_it_is_sent_to_a_page_of_this_portal_alone(app: Flask, admin: Visitor) -> None:
    asked = typed_too_long(app, admin)
    for elsewhere in ("https://evil.example/", "//evil.example/", "/no-such-page"):
        shown = send(admin, asked, STEP, code=app_code(app), next=elsewhere)
        assert [form.action for form in Page(shown.text, "", "x-").forms if "email" in form.values] == [
            "/harbor/admin/"
        ]
        asked = typed_too_long(app, admin)


def test_a_part_of_a_page_sends_the_browser_as_before(app: Flask, admin: Visitor) -> None:
    """htmx changes a part of a page: it cannot carry a form to another."""
    form = form_to(admin.get(NEW), NEW)
    wait(app, minutes=11)
    answer = admin.send(NEW, {"HX-Request": "true"}, **(form | TYPED))
    assert answer.headers["HX-Redirect"] == f"/harbor/admin/second-factor?next={NEW}"
