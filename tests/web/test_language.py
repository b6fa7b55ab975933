"""Which language a reader gets: chosen, else the browser's, else the agency's; and what follows from it."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import reading, writing
from portal.insureds.models import Insured
from tests.factories.people import make_agency, make_insured, make_invoice
from tests.web.visitor import Visitor, engine_of, mails, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
ANA = "ana@bakery.example"


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, ANA)
        make_invoice(session, insured, total_cents=123_456)
        make_insured(session, "bob@else.example", name="Somebody Else")
    return agency


def language(visitor: Visitor, accepts: str | None = None, path: str = "/") -> str:
    found = re.search(
        r'<html lang="(\w+)"', visitor.get(path, headers={"Accept-Language": accepts} if accepts else None).text
    )
    assert found
    return found[1]


def choose(visitor: Visitor, wished: str) -> None:
    visitor.post("/language", "/signed-out", language=wished)


def locales(app: Flask, agency: Agency) -> dict[str, str]:
    with reading(engine_of(app), agency.id) as session:
        return {insured.name: insured.locale for insured in session.scalars(select(Insured))}


@pytest.mark.parametrize(
    ("accepts", "shown"),
    [
        (None, "en"),
        ("en-US,en;q=0.9", "en"),
        ("es", "es"),
        ("es-MX,es;q=0.9,en;q=0.8", "es"),
        ("en;q=0.3,es-419;q=0.7", "es"),
        ("en;q=0.5,es;q=0", "en"),
        ("fr-FR,fr;q=0.9", "en"),
        ("zz-!!;q=x", "en"),
    ],
)
def test_the_browsers_wish_counts_where_nothing_was_chosen(
    app: Flask, agency: Agency, accepts: str | None, shown: str
) -> None:
    assert language(Visitor(app, agency), accepts) == shown


def test_an_agency_has_a_language_for_browsers_that_wish_none(app: Flask) -> None:
    agency = make_agency(engine_of(app), "cedar", locale="es_US")
    assert language(Visitor(app, agency)) == "es"
    assert language(Visitor(app, agency), "en") == "en"


def test_what_was_chosen_counts_most_on_every_page_of_this_agency(app: Flask, agency: Agency) -> None:
    visitor = Visitor(app, agency)
    choose(visitor, "es")
    for path in ("/", "/sign-in", "/pay-a-policy", "/no-such-page"):
        assert language(visitor, "en", path) == "es"
    page = visitor.get("/pay-a-policy").text
    assert 'value="en" lang="en">' in page
    elsewhere = Visitor(app, make_agency(engine_of(app), "cedar"))
    elsewhere._client = visitor._client
    assert language(elsewhere) == "en"
    choose(visitor, "en")
    assert language(visitor, "es") == "en"
    choose(visitor, "tlh")
    assert language(visitor, "es") == "en"


def test_switching_leads_back_to_the_page(app: Flask, agency: Agency) -> None:
    answer = Visitor(app, agency).post("/language", "/pay-a-policy", language="es", next="/pay-a-policy")
    assert answer.location == "/harbor/pay-a-policy"


def test_the_sign_in_mail_comes_in_the_language_of_the_page(app: Flask, agency: Agency) -> None:
    visitor = Visitor(app, agency)
    choose(visitor, "es")
    visitor.post("/sign-in", email=ANA)
    assert [mail.locale for mail in mails(app, agency)] == ["es_US"]


def test_the_choice_lasts_through_sign_in_and_sign_out(app: Flask, agency: Agency) -> None:
    visitor = Visitor(app, agency)
    choose(visitor, "es")
    visitor.sign_in(ANA)
    assert "Usted debe" in words(visitor.get("/"))
    visitor.post("/sign-out", "/")
    assert language(visitor) == "es"


def test_an_insureds_choice_is_kept_for_mails_and_for_other_browsers(app: Flask, agency: Agency) -> None:
    visitor = Visitor(app, agency)
    visitor.sign_in(ANA)
    assert language(visitor) == "en"
    choose(visitor, "es")
    assert locales(app, agency) == {"Riverside Bakery LLC": "es_US", "Somebody Else": "en_US"}
    phone = Visitor(app, agency)
    phone.sign_in(ANA)
    assert language(phone, "en") == "es"
    choose(phone, "en")
    assert set(locales(app, agency).values()) == {"en_US"}


def test_who_has_not_signed_in_changes_nobodys_mails(app: Flask, agency: Agency) -> None:
    choose(Visitor(app, agency), "es")
    assert set(locales(app, agency).values()) == {"en_US"}


def test_money_and_days_are_written_as_spanish_readers_in_the_us_do(app: Flask, agency: Agency) -> None:
    visitor = Visitor(app, agency)
    choose(visitor, "es")
    visitor.sign_in(ANA)
    shown = words(visitor.get("/"))
    assert "Usted debe $1,234.56" in shown
    assert "1 ago 2026" in shown
    assert re.search(r"(en|hace) \d+ días", shown)
    assert "Pagar $1,234.56" in shown
