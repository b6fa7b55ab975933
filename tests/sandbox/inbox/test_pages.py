"""The inbox's pages and JSON, without the network."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from portal.sandbox.inbox.pages import create_inbox
from portal.sandbox.inbox.parts import take_apart
from portal.sandbox.inbox.store import MailStore


def put(store: MailStore, to: str, subject: str) -> int:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = "a@x.example", to, subject, "<1@x.example>"
    mail.set_content("Plain words https://pay.example/1")
    mail.add_alternative("<html><head></head><body><script>top.evil()</script>Rich words</body></html>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="receipt.pdf")
    return store.add(
        sender="a@x.example", recipients=[to], subject=subject, message_id="<1@x.example>", raw=bytes(mail)
    )


@pytest.fixture
def store(tmp_path: Path) -> MailStore:
    return MailStore(tmp_path / "new" / "mails.sqlite3")


@pytest.fixture
def client(store: MailStore) -> FlaskClient:
    return create_inbox(store).test_client()


def test_the_newest_mail_comes_first(store: MailStore, client: FlaskClient) -> None:
    put(store, "one@x.example", "First")
    put(store, "two@x.example", "Second")
    page = client.get("/").text
    assert page.index("Second") < page.index("First")


def test_an_empty_inbox_says_so(client: FlaskClient) -> None:
    assert "No mail yet" in client.get("/").text
    assert "No mail to “nobody”" in client.get("/?to=nobody").text


def test_search_by_recipient(store: MailStore, client: FlaskClient) -> None:
    put(store, "one@x.example", "First")
    put(store, "Two@x.example", "Second")
    assert [entry["subject"] for entry in client.get("/api/messages?to=TWO@").json["messages"]] == ["Second"]
    assert "First" not in client.get("/?to=two").text


def test_subjects_are_escaped(store: MailStore, client: FlaskClient) -> None:
    number = put(store, "one@x.example", "<script>x</script>")
    assert "<script>x" not in client.get("/").text
    assert "<script>x" not in client.get(f"/messages/{number}").text


def test_the_html_part_runs_nothing_and_opens_links_elsewhere(store: MailStore, client: FlaskClient) -> None:
    answer = client.get(f"/messages/{put(store, 'one@x.example', 'S')}/html")
    assert "Rich words" in answer.text
    assert '<base target="_blank">' in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy


def test_text_headers_and_attachment(store: MailStore, client: FlaskClient) -> None:
    number = put(store, "one@x.example", "S")
    assert 'href="https://pay.example/1"' in client.get(f"/messages/{number}?view=text").text
    assert "&lt;1@x.example&gt;" in client.get(f"/messages/{number}?view=headers").text
    (file,) = client.get(f"/api/messages/{number}").json["attachments"]
    answer = client.get(file["url"])
    assert answer.data == b"%PDF-1.7"
    assert answer.headers["Content-Disposition"] == "attachment; filename=receipt.pdf"


@pytest.mark.parametrize("path", ["/messages/99", "/messages/99/html", "/api/messages/99", "/messages/1/files/5"])
def test_what_is_not_there(store: MailStore, client: FlaskClient, path: str) -> None:
    put(store, "one@x.example", "S")
    assert client.get(path).status_code == 404


def test_delete_all_by_the_page_only(store: MailStore, client: FlaskClient) -> None:
    put(store, "one@x.example", "S")
    assert client.post("/delete-all", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert store.entries()
    client.post("/delete-all", headers={"Sec-Fetch-Site": "same-origin"})
    assert store.entries() == []


def test_letters_that_nobody_knows_stop_no_mail() -> None:
    raw = b"Subject: =?klingon?q?Hegh?=\r\nContent-Type: text/plain; charset=klingon\r\n\r\nbatlh \xff"
    parts = take_apart(raw)
    assert parts.header("Subject") == "=?klingon?q?Hegh?="
    assert parts.text.startswith("batlh")
