"""Admins give mails words of their own: versions, previews, a test to themselves; mails that left stay as they were."""

from dataclasses import replace
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency, StaffMember
from portal.cli.job_handlers import job_context
from portal.cli.mail_jobs import MailJobs
from portal.core.audit import AuditEntry
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.jobs.drain_outbox import drain
from portal.notices.mail_kinds import KINDS, LANGUAGES
from portal.notices.message import Message, OwnWords
from portal.notices.models import MailText
from portal.notices.own_test import TEST
from portal.notices.own_texts import in_own_words, mail_texts, words_of
from portal.settings import Settings
from tests.cli.test_mail_jobs import Postbox
from tests.factories.people import BEGINNING, make_agency
from tests.factories.staff import staff_visitor
from tests.notices.test_own_words import a_sample
from tests.web.visitor import Visitor, engine_of, services_of, words

PAGE = "/admin/mail-texts/payment_receipt/en"
SUBJECT = "Thank you: {amount} on {date}"
TYPED = {"subject": SUBJECT, "opening": "Hello {name},\n\nthank you.", "closing": "Yours, {agency}", "version": "0"}


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app))


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "admin")


def stored(app: Flask, agency: Agency) -> list[OwnWords]:
    with reading(engine_of(app), agency.id) as session:
        return [words_of(row) for row in mail_texts(session, "payment_receipt", "en")]


def own(app: Flask, agency: Agency, message: Message) -> OwnWords:
    with reading(engine_of(app), agency.id) as session:
        return in_own_words(session, message).own


def test_each_save_is_a_version_and_an_older_one_comes_back(app: Flask, agency: Agency, admin: Visitor) -> None:
    assert "Receipt: English · version" not in words(admin.get("/admin/mail-texts"))
    assert admin.post(PAGE, **TYPED).location == "/harbor" + PAGE
    assert "version 1" in words(admin.get("/admin/mail-texts"))
    assert admin.post(PAGE, **TYPED | {"opening": "Hi {name}!", "version": "1"}).status_code == 303
    page = admin.get(PAGE)
    assert "Version 2 · in use" in words(page)
    assert "Hi {name}!" in page.text
    older = admin.get(f"{PAGE}?from=1")
    assert 'name="version" value="2"' in older.text
    assert "thank you.</textarea>" in older.text
    assert admin.post(PAGE, **TYPED | {"version": "2"}).status_code == 303
    assert [one.opening for one in stored(app, agency)] == [TYPED["opening"], "Hi {name}!", TYPED["opening"]]
    assert admin.post(PAGE, subject="", opening="", closing="", version="3").status_code == 303
    assert "Version 4: standard text · in use" in words(admin.get(PAGE))
    assert "version 4" not in words(admin.get("/admin/mail-texts"))
    assert own(app, agency, a_sample("payment_receipt")) == OwnWords()
    with reading(engine_of(app), agency.id) as session:
        query = select(AuditEntry).where(AuditEntry.action == "mail_text.written").order_by(AuditEntry.id)
        entries = session.scalars(query).all()
    assert [entry.detail["version"] for entry in entries] == [1, 2, 3, 4]
    assert [entry.detail["is_standard"] for entry in entries] == [False, False, False, True]


def test_only_readers_of_its_language_and_agency_get_it(app: Flask, agency: Agency, admin: Visitor) -> None:
    admin.post(PAGE, **TYPED)
    english = a_sample("payment_receipt")
    assert own(app, agency, english).subject == SUBJECT
    assert own(app, agency, replace(english, recipient=replace(english.recipient, locale="es_US"))) == OwnWords()
    assert own(app, agency, a_sample("payment_link")) == OwnWords()
    cedar = make_agency(engine_of(app), slug="cedar")
    assert own(app, cedar, english) == OwnWords()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"opening": "Hello {nme}"}, "This mail has no {nme}. It has {name}, {agency}, {phone}, {amount}, {date}."),
        ({"subject": "Thank you"}, "The subject has to name {amount}, as the standard one does."),
        ({"closing": "See evil.example/pay"}, "reads like a web or e-mail address"),
        ({"version": "7"}, "Version 0 was saved meanwhile."),
        ({"subject": "", "opening": "", "closing": ""}, "Nothing has changed."),
    ],
)
def test_what_is_wrong_is_said_and_kept(
    app: Flask, agency: Agency, admin: Visitor, changed: dict[str, str], said: str
) -> None:
    answer = admin.post(PAGE, **(TYPED | changed))
    assert answer.status_code == 422
    assert said in words(answer)
    assert answer.text.count("thank you.</textarea>") == (0 if "opening" in changed else 1)
    assert stored(app, agency) == []


def test_what_is_typed_is_seen_in_every_mail_and_not_stored(app: Flask, agency: Agency, admin: Visitor) -> None:
    for kind, language in product(KINDS, LANGUAGES):
        address = f"/admin/mail-texts/{kind}/{language}"
        assert admin.get(address).status_code == 200, address
        seen = admin.get(f"{address}/preview", query_string={"scheme": "dark", "opening": "Dear <b>{name}</b>"})
        assert seen.status_code == 200, address
        assert "Dear &lt;b&gt;Sample Bakery LLC&lt;/b&gt;" in seen.text, address
        assert "@media all" in seen.text
        assert "style-src 'self' 'unsafe-inline'" in seen.headers["Content-Security-Policy"]
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(MailText)).all() == []


def test_a_preview_leaves_out_what_is_wrong_and_says_so(admin: Visitor) -> None:
    typed = {"subject": SUBJECT, "opening": "Hello {nme}", "closing": "Yours"}
    shown = admin.get(f"{PAGE}/previews", query_string=typed, headers={"HX-Request": "true"})
    assert "First paragraph: This mail has no {nme}." in words(shown)
    assert "Thank you: $412.50 on" in words(shown)
    assert "Yours" in words(shown)
    assert "<html" not in shown.text


@pytest.mark.parametrize("path", ["payment_receipt/fr", "sign_in/en", "payment_receipt/en?from=3"])
def test_what_is_not_there_is_not_found(admin: Visitor, path: str) -> None:
    assert admin.get(f"/admin/mail-texts/{path}").status_code == 404


@pytest.mark.parametrize("role", ["support", "producer", "accountant"])
def test_others_than_admins_do_not_come_near(app: Flask, agency: Agency, role: str) -> None:
    visitor = staff_visitor(app, agency, role)
    assert visitor.get(PAGE).status_code == 403
    assert "Mail texts" not in visitor.get("/admin/settings").text


def test_a_test_goes_to_whoever_asked_as_typed_once_a_minute(
    app: Flask, settings: Settings, agency: Agency, admin: Visitor
) -> None:
    for _ in range(2):
        answer = admin.post(f"{PAGE}/test", PAGE, **TYPED)
        assert "A test is on its way to admin@harbor.example. Nothing was saved." in words(answer)
        assert "thank you.</textarea>" in answer.text
    assert admin.post(f"{PAGE}/test", PAGE, **TYPED | {"opening": "{no}"}).status_code == 422
    assert stored(app, agency) == []
    postbox = drained(app, settings)
    ((message, _key),) = postbox.sent
    assert message.recipient.address == "admin@harbor.example"
    assert message.own == OwnWords("Test: " + SUBJECT, TYPED["opening"], TYPED["closing"])
    assert message.attachments == ()


def test_a_test_for_who_has_left_is_dropped(app: Flask, settings: Settings, agency: Agency, admin: Visitor) -> None:
    admin.post(f"{PAGE}/test", PAGE, **TYPED)
    with writing(engine_of(app), agency.id) as session:
        for member in session.scalars(select(StaffMember)):
            member.is_active = False
    assert drained(app, settings).sent == []


def test_a_version_that_no_longer_fits_its_mail_gives_the_standard_words(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        row = {"kind": "autopay_ended", "language": "en", "version": 1, "written_by": "x", "written_at": BEGINNING}
        session.add(MailText(**row, subject="Any", opening="{amount}", closing="Yours, {agency}"))
    assert own(app, agency, a_sample("autopay_ended")) == OwnWords("", "", "Yours, {agency}")


def drained(app: Flask, settings: Settings) -> Postbox:
    """What leaves now."""
    parts, postbox = services_of(app), Postbox()
    jobs = MailJobs(parts.engine, parts.directory, parts.links, postbox, parts.renderer, parts.secret, parts.now)
    drain(replace(job_context(app, settings), outbox={TEST: jobs.handlers()[TEST]}))
    with reading(engine_of(app), parts.directory.by_slug("harbor").id) as session:  # type: ignore[union-attr]
        left = session.scalars(select(OutboxRow).where(OutboxRow.kind == TEST, OutboxRow.done_at.is_(None))).all()
    assert left == []
    return postbox
