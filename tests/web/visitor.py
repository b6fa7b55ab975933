"""A person with a browser, for route tests: fills in forms as they stand on the page, with their CSRF token."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from typing import Any

from flask import Flask
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from portal.access.sign_in import SignInMail, sign_in_mail
from portal.agencies.models import Agency
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading
from portal.web.services import EXTENSION, Services

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Visitor:
    """A browser at one agency's portal. Each has cookies of its own."""

    def __init__(self, app: Flask, agency: Agency, ip: str = "192.0.2.1", browser: str = "") -> None:
        self.app = app
        self.agency = agency
        self._client = app.test_client()
        self._from = {"REMOTE_ADDR": ip} | ({"HTTP_USER_AGENT": browser} if browser else {})

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._client.get(f"/{self.agency.slug}{path}", environ_overrides=self._from, **more)

    def head(self, path: str) -> TestResponse:
        return self._client.head(f"/{self.agency.slug}{path}", environ_overrides=self._from)

    def post(self, path: str, page: str | None = None, **fields: Any) -> TestResponse:
        """Send a form that stands on `page` (the same address by default)."""
        found = TOKEN.search(self.get(page or path).text)
        return self.send(path, csrf_token=found.group(1) if found else "", **fields)

    def send(self, path: str, headers: dict[str, str] | None = None, **fields: Any) -> TestResponse:
        """Send a form as it is given, without a look at the page."""
        return self._client.post(
            f"/{self.agency.slug}{path}", data=fields, headers=headers, environ_overrides=self._from
        )

    def cookies(self) -> list[tuple[str, str]]:
        """What the browser holds: names and values."""
        return [(cookie.key, cookie.value) for cookie in self._client._cookies.values()]

    def take(self, cookie: tuple[str, str]) -> None:
        """Put a cookie into this browser."""
        self._client.set_cookie(*cookie)

    def sign_in(self, email: str, next_page: str = "") -> TestResponse:
        """Ask, and press the button of the newest mail."""
        self.post("/sign-in", email=email, next=next_page)
        return self.post(f"/sign-in/link/{newest_mail(self.app, self.agency).link_token}")


def agree(visitor: Visitor, path: str, shown: TestResponse | None = None, **fields: Any) -> TestResponse:
    """Send the form of a page that says what follows, with all that goes along unseen.

    Args:
        path: of the form.
        shown: the page; else it is looked up now, with `fields` entered before.
    """
    page = shown or (visitor.post(path, **fields) if fields else visitor.get(path))
    assert f'action="/{visitor.agency.slug}{path}"' in page.text
    along: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(page.text):
        along.setdefault(name, []).append(unescape(value))
    return visitor.send(path, **along | {"csrf_token": along["csrf_token"][-1]})


def services_of(app: Flask) -> Services:
    services: Services = app.extensions[EXTENSION]
    return services


def engine_of(app: Flask) -> Engine:
    return services_of(app).engine


def set_clock(app: Flask, at: datetime) -> None:
    """What time it is for the routes, from now on."""
    app.extensions[EXTENSION] = replace(services_of(app), now=lambda: at)


def wait(app: Flask, **spans: int) -> None:
    """Let time pass."""
    set_clock(app, services_of(app).now() + timedelta(**spans))


def mails(app: Flask, agency: Agency) -> list[SignInMail]:
    """The sign-in mails that the job would send now."""
    services = services_of(app)
    with reading(services.engine, agency.id) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.sign_in").order_by(OutboxRow.id))
        found = [sign_in_mail(session, services.secret, row.payload["challenge_id"], services.now()) for row in rows]
    return [mail for mail in found if mail]


def newest_mail(app: Flask, agency: Agency) -> SignInMail:
    return mails(app, agency)[-1]


def words(answer: TestResponse) -> str:
    """What a person reads: no markup, one space between words."""
    without_scripts = re.sub(r"<(script|style|template).*?</\1>", "", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without_scripts)).split())


def without_secrets(answer: TestResponse) -> str:
    """A page without what differs at each showing: CSRF token and nonce."""
    return re.sub(r'nonce="[^"]+"', "", TOKEN.sub("", answer.text))
