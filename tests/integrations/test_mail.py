"""Mail goes over real SMTP into the local inbox."""

import dataclasses
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from portal.core.tenancy import UnitOpen, reading_global
from portal.integrations.mail import SmtpMailer, _refusal
from portal.notices.message import AddressRefused, Attachment, BadHeader, MailUndeliverable, Message, Recipient
from portal.notices.payment_receipt import payment_receipt
from portal.notices.sign_in import sign_in
from tests.factories.mail import (
    DANA,
    LINK,
    RENDERER,
    RunningInbox,
    a_letterhead,
    a_receipt,
    pages,
    running_inbox,
)
from tests.factories.ports import free_ports


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInbox]:
    with running_inbox(tmp_path_factory.mktemp("inbox") / "mails.sqlite3") as running:
        yield running


def a_message(to: str = "dana@heron.example", name: str = "Dana Reyes", **letterhead: object) -> Message:
    return sign_in(Recipient(to, name), a_letterhead(**letterhead), link=LINK, code="481920")


def test_a_receipt_arrives_with_its_pdf_and_logo(inbox: RunningInbox) -> None:
    receipt = a_receipt()
    pdf = RENDERER.render(receipt)
    inbox.mailer().send(payment_receipt(DANA, receipt, pdf=pdf, view_url=LINK), dedupe_key="receipt:1")
    mail = inbox.newest("dana@heron.example")
    headers = dict(mail["headers"])
    assert mail["subject"] == "Receipt: $426.94 paid on Aug 1, 2026"
    assert headers["From"] == "Harbor Point Insurance <no-reply@portal.example>"
    assert headers["To"] == "Dana Reyes <dana@heron.example>"
    assert headers["Reply-To"] == "billing@harborpoint.example"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert "Visa ••4242" in mail["text"]
    assert "data:image/png;base64," in mail["html"]
    (file,) = mail["attachments"]
    assert file["filename"] == "receipt-P-7F3K2Q.pdf"
    with urllib.request.urlopen(inbox.url + file["url"]) as answer:
        assert answer.read() == pdf


def test_the_same_key_is_the_same_message(inbox: RunningInbox) -> None:
    mailer = inbox.mailer()
    first = mailer.send(a_message(), dedupe_key="sign-in:7")
    assert mailer.send(a_message(), dedupe_key="sign-in:7") == first
    assert mailer.send(a_message(), dedupe_key="sign-in:8") != first
    assert inbox.get("/api/messages")["messages"][1]["message_id"] == first


@pytest.mark.parametrize(
    "name",
    [
        "Sunbelt Specialty Underwriters, LLC",
        'The "Best" Agency',
        "Seguros Núñez & Hijos, una agencia con un nombre larguísimo que no cabe en una línea, S.A. de C.V.",
        "Agency <fake@evil.example>",
        "王小明",
    ],
)
def test_names_arrive_whole(inbox: RunningInbox, name: str) -> None:
    inbox.mailer().send(a_message(name=name, agency_name=name), dedupe_key=name)
    mail = inbox.newest()
    assert mail["subject"] == f"Sign in to {name}"
    for header, address in (("From", "<no-reply@portal.example>"), ("To", "<dana@heron.example>")):
        value = dict(mail["headers"])[header]
        assert value.endswith(address)
        assert value.removesuffix(address).strip().strip('"').replace("\\", "") == name


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\x00", "\u2028"])
def test_line_breaks_never_reach_a_header(inbox: RunningInbox, break_: str) -> None:
    before = len(inbox.get("/api/messages")["messages"])
    evil = f"x{break_}Bcc: all@victims.example"
    messages = [
        a_message(name=evil),
        a_message(to=f"dana@heron.example{break_}Bcc: all@victims.example"),
        a_message(agency_name=evil),
        a_message(email=evil),
        dataclasses.replace(a_message(), attachments=(Attachment(evil, "application/pdf", b""),)),
    ]
    for message in messages:
        with pytest.raises(BadHeader):
            inbox.mailer().send(message, dedupe_key="evil")
    assert len(inbox.get("/api/messages")["messages"]) == before


def test_an_address_refused_for_good(inbox: RunningInbox) -> None:
    with pytest.raises(AddressRefused, match="550"):
        inbox.mailer().send(a_message(to="bounce@heron.example"), dedupe_key="b")


def test_an_address_refused_for_now(inbox: RunningInbox) -> None:
    with pytest.raises(MailUndeliverable, match="451"):
        inbox.mailer().send(a_message(to="later@heron.example"), dedupe_key="l")


def test_a_name_outside_ascii_before_the_at_cannot_be_delivered_to(inbox: RunningInbox) -> None:
    with pytest.raises(AddressRefused):
        inbox.mailer().send(a_message(to="núñez@heron.example"), dedupe_key="u")


def test_an_international_domain_is_delivered_to(inbox: RunningInbox) -> None:
    inbox.mailer().send(a_message(to="info@bücher.example"), dedupe_key="idn")
    assert inbox.newest()["recipients"] == ["info@xn--bcher-kva.example"]


def test_no_server_means_later() -> None:
    mailer = SmtpMailer("127.0.0.1", *free_ports(1), "", "", False, "no-reply@portal.example", pages())
    with pytest.raises(MailUndeliverable):
        mailer.send(a_message(), dedupe_key="x")


@pytest.mark.parametrize(
    ("code", "reason", "kind"),
    [
        (550, b"5.1.1 no such user", AddressRefused),
        (553, b"mailbox name not allowed", AddressRefused),
        (550, b"5.7.1 relaying denied", MailUndeliverable),
        (554, b"5.7.606 banned sending IP", MailUndeliverable),
        (552, b"5.2.2 mailbox full", MailUndeliverable),
        (452, b"4.2.2 mailbox full", MailUndeliverable),
        (421, b"try later", MailUndeliverable),
    ],
)
def test_only_the_address_itself_is_marked_dead(code: int, reason: bytes, kind: type[Exception]) -> None:
    assert type(_refusal(code, reason)) is kind


def test_mails_survive_a_restart_of_the_inbox(tmp_path: Path) -> None:
    with running_inbox(tmp_path / "mails.sqlite3") as running:
        running.mailer().send(a_message(), dedupe_key="1")
    with running_inbox(tmp_path / "mails.sqlite3") as running:
        assert running.newest()["subject"] == "Sign in to Harbor Point Insurance"


def test_no_transaction_waits_for_a_mail_server(engine: Engine) -> None:
    mailer = SmtpMailer("127.0.0.1", 1, "", "", False, "no-reply@portal.example", pages())
    with reading_global(engine), pytest.raises(UnitOpen):
        mailer.send(a_message(), dedupe_key="1")
