"""The mails of autopay: amount and date in the subject, what follows, one button; in both languages."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from jinja2 import FileSystemLoader

from portal.core.text import text
from portal.integrations.catalogs import compiled_catalogs
from portal.integrations.mail_page import MailPages
from portal.notices.autopay import (
    Coming,
    autopay_agreed,
    autopay_asks,
    autopay_ended,
    autopay_failed,
    autopay_notice,
    card_expires,
)
from portal.notices.message import Message
from portal.payments.autopay.ending import ENDED_FOR
from tests.factories.mail import DANA, LINK, a_letterhead, pages
from tests.notices.test_messages import seen

PROJECT = Path(__file__).parents[2]
COMING = Coming("Installment 3 of 9", date(2026, 8, 1), 412_50)
ABOUT = {"program": "2026 package", "method": "Visa ••4242"}


def a_failure(follows: str) -> Message:
    return autopay_failed(
        DANA,
        a_letterhead(),
        **ABOUT,
        failed=COMING,
        due_on=COMING.on,
        reason=text("Your card was declined."),
        follows=follows,
        again_on=date(2026, 8, 2) if follows == "retry" else None,
        pay_url=LINK,
    )


def an_agreement(**more: object) -> Message:
    values = {"first": COMING, "is_replaced": False, "authorization": ("You authorize us.", "Aug 1, 2026: $412.50")}
    return autopay_agreed(DANA, a_letterhead(), **ABOUT, **(values | more), autopay_url=LINK)


def a_notice(**more: object) -> Message:
    values = {"coming": COMING, "fee_cents": 0, "before_cents": None}
    return autopay_notice(DANA, a_letterhead(), **ABOUT, **(values | more), autopay_url=LINK)


CASES = [
    (an_agreement(), "Autopay is on: $412.50 on Aug 1, 2026", ["You authorize us.", "Aug 1, 2026: $412.50"]),
    (an_agreement(first=None), "Autopay is on: 2026 package", ["Keep it for your records"]),
    (an_agreement(is_replaced=True), "Autopay is on: $412.50 on Aug 1, 2026", ["charges another method now"]),
    (a_notice(), "Autopay: $412.50 on Aug 1, 2026", ["Visa ••4242", "You need not do anything"]),
    (a_notice(before_cents=400_00, fee_cents=150), "Autopay: $412.50 on Aug 1, 2026", ["It was $400.00", "$1.50"]),
    (a_failure("retry"), "Autopay of $412.50 on Aug 1, 2026 did not go through", ["We try again on Aug 2, 2026"]),
    (a_failure("in_person"), "Autopay of $412.50 on Aug 1, 2026 did not go through", ["We do not try this one again"]),
    (a_failure("ask"), "Autopay of $412.50 on Aug 1, 2026 did not go through", ["choose another method"]),
    (a_failure("off"), "Autopay of $412.50 on Aug 1, 2026 did not go through", ["We have turned autopay off"]),
    (
        autopay_asks(DANA, a_letterhead(), **ABOUT, coming=COMING, autopay_url=LINK),
        "Your payment of $412.50 on Aug 1, 2026 needs another payment method",
        ["Choose another method"],
    ),
    (
        autopay_ended(DANA, a_letterhead(), **ABOUT, why=ENDED_FOR["staff"], due=[COMING], program_url=LINK),
        "Autopay is off: $412.50 is due on Aug 1, 2026",
        ["We stopped it for you.", "Installment 3 of 9, due on Aug 1, 2026"],
    ),
    (
        autopay_ended(DANA, a_letterhead(), **ABOUT, why=ENDED_FOR["insured"], due=[], program_url=LINK),
        "Autopay is off: 2026 package",
        ["You turned it off."],
    ),
    (
        card_expires(
            DANA,
            a_letterhead(),
            method="Visa ••4242",
            expires_on=date(2026, 9, 30),
            programs=["2026 package"],
            after=COMING,
            autopay_url=LINK,
        ),
        "Your card for autopay expires on Sep 30, 2026",
        ["Good until", "$412.50 on Aug 1, 2026"],
    ),
]


@pytest.mark.parametrize(("message", "subject", "said"), CASES)
def test_html_and_text_say_the_same(message: Message, subject: str, said: list[str]) -> None:
    mail = pages().render(message)
    assert mail.subject == subject
    for words in said:
        assert words in seen(mail)
        assert words in " ".join(mail.text.split())
    assert LINK in mail.text


@pytest.mark.parametrize(("message", "subject", "said"), CASES)
def test_in_spanish_nothing_of_it_is_english(message: Message, subject: str, said: list[str], tmp_path: Path) -> None:
    catalogs = compiled_catalogs(PROJECT / "portal" / "translations", tmp_path)
    spanish = replace(message, recipient=replace(DANA, locale="es_US"))
    mail = MailPages(FileSystemLoader(PROJECT / "templates"), catalogs).render(spanish)
    assert mail.subject != subject
    assert "utopay" not in mail.text
