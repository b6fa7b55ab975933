"""Admins enter the processor's keys: never shown again, told to all admins, checked against what is registered."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.keys import stored_keys
from portal.agencies.models import Agency
from portal.core.audit import AuditEntry
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading
from tests.factories.people import make_agency
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, words

PAGE = "/admin/processor"
SECRET, HOOK = "sk_test_51AbCdEfGhIjKl9876", "whsec_5678901234567890abcd"
TYPED = {
    "account": "acct_1Quay",
    "publishable_key": "pk_test_51AbCd",
    "secret_key": SECRET,
    "webhook_secret": HOOK,
    "statement_descriptor": "QUAY INSURANCE",
}


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "admin")


def test_keys_are_kept_and_never_shown(app: Flask, agency: Agency, admin: Visitor) -> None:
    assert admin.post(PAGE, **TYPED).location == "/harbor" + PAGE
    page = admin.get(PAGE)
    assert SECRET not in page.text
    assert HOOK not in page.text
    assert "sk_test_…9876" in page.text
    assert "http://localhost/harbor/webhooks/processor" in words(page)
    admin.post(PAGE, **(TYPED | {"secret_key": "", "webhook_secret": "", "statement_descriptor": "QUAY INS"}))
    with reading(engine_of(app), agency.id) as session:
        keys = stored_keys(session, services_of(app).box)
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "keys.set")).all()
        told = session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == "mail.staff_news")).all()
    assert keys is not None
    assert (keys.secret_key, keys.webhook_secrets, keys.statement_descriptor) == (SECRET, (HOOK,), "QUAY INS")
    assert [entry.detail for entry in entries] == [{"account": "acct_1Quay", "mode": "test"}] * 2
    assert {each["news"] for each in told} == {"keys_set"}
    admin.post(f"{PAGE}/check", PAGE)
    assert "Stripe did not answer." in words(admin.get(PAGE))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"account": "quay"}, "An account id looks like acct_1AbC."),
        ({"secret_key": "sk_live_1"}, "of the same mode"),
        ({"webhook_secret": "secret"}, "A signing secret looks like whsec_"),
        ({"statement_descriptor": "Q*"}, "What statements show has 5 to 22 characters"),
    ],
)
def test_what_is_wrong_is_said_and_secrets_are_not_sent_back(
    app: Flask, agency: Agency, admin: Visitor, typed: dict[str, str], said: str
) -> None:
    answer = admin.post(PAGE, **(TYPED | typed))
    assert answer.status_code == 422
    assert said in words(answer)
    assert "pk_test_51AbCd" in answer.text
    assert (TYPED | typed)["secret_key"] not in answer.text
    with reading(engine_of(app), agency.id) as session:
        assert stored_keys(session, services_of(app).box) is None


def test_the_account_itself_stays(admin: Visitor) -> None:
    admin.post(PAGE, **TYPED)
    assert "Only the operator" in words(admin.post(PAGE, **(TYPED | {"account": "acct_2"})))


def test_only_admins_see_it(app: Flask, agency: Agency) -> None:
    assert staff_visitor(app, agency, "accountant").get(PAGE).status_code == 403
