"""Signing in, as people and machines meet it over HTTP."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal.access.models import SignInChallenge, SignInSession
from portal.agencies.models import Agency
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.web.next_page import safe_path
from tests.factories.people import make_agency, make_insured
from tests.web.visitor import Visitor, engine_of, mails, newest_mail, set_clock, wait, without_secrets, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
ANA = "ana@bakery.example"


@pytest.fixture
def agency(app: Flask) -> Agency:
    agency = make_agency(engine_of(app))
    set_clock(app, AT)
    with writing(engine_of(app), agency.id) as session:
        make_insured(session, ANA)
    return agency


@pytest.fixture
def ana(app: Flask, agency: Agency) -> Visitor:
    return Visitor(app, agency)


def sessions(app: Flask, agency: Agency) -> list[SignInSession]:
    with reading(engine_of(app), agency.id) as session:
        return list(session.scalars(select(SignInSession).order_by(SignInSession.id)))


def is_signed_in(visitor: Visitor) -> bool:
    """Who has signed in does not see the sign-in page."""
    return visitor.get("/sign-in").status_code == 302


def test_ask_press_the_link_and_arrive_where_one_was_going(app: Flask, agency: Agency, ana: Visitor) -> None:
    asked = ana.post("/sign-in", "/sign-in?next=/pay-a-policy", email=" Ana@Bakery.example ", next="/pay-a-policy")
    assert (asked.status_code, asked.location) == (303, "/harbor/sign-in/check")
    waiting = ana.get("/sign-in/check")
    assert ANA in words(waiting)
    assert 'autocomplete="one-time-code"' in waiting.text
    link = f"/sign-in/link/{newest_mail(app, agency).link_token}"
    assert ANA in words(ana.get(link))
    arrived = ana.post(link)
    assert (arrived.status_code, arrived.location) == (303, "/harbor/pay-a-policy")
    assert is_signed_in(ana)


def test_type_the_code(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.post("/sign-in", email=ANA)
    code = newest_mail(app, agency).code
    arrived = ana.post("/sign-in/check", code=f"{code[:3]} {code[3:]}")
    assert (arrived.status_code, arrived.location) == (303, "/harbor/")
    assert is_signed_in(ana)


def test_known_and_unknown_addresses_get_the_same_answers(app: Flask, agency: Agency) -> None:
    pages = []
    for email in (ANA, "bob@bakery.example"):
        visitor = Visitor(app, agency)
        asked = visitor.post("/sign-in", email=email)
        page = without_secrets(visitor.get("/sign-in/check")).replace(email, "…")
        wrong = without_secrets(visitor.post("/sign-in/check", code="no")).replace(email, "…")
        pages.append((asked.status_code, asked.location, asked.text, page, wrong))
    assert pages[0] == pages[1]
    assert [mail.email for mail in mails(app, agency)] == [ANA]
    with reading(engine_of(app), agency.id) as session:
        kinds = session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)).all()
    assert kinds == ["mail.sign_in", "audit.sign_in_failed"] * 2


@pytest.mark.parametrize("typed", ["", "ana", "ana@", "ana@bakery", "a" * 255 + "@bakery.example"])
def test_what_is_no_address_is_shown_again_as_typed(ana: Visitor, typed: str) -> None:
    answer = ana.post("/sign-in", email=typed)
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    assert f'value="{typed}"' in answer.text
    assert 'href="#email"' in answer.text
    assert ana.get("/sign-in/check").location == "/harbor/sign-in"


def test_with_htmx_errors_are_a_fragment_and_success_a_redirect(ana: Visitor) -> None:
    token = re.search(r'name="csrf_token" value="([^"]+)"', ana.get("/sign-in").text)
    assert token is not None
    htmx = {"HX-Request": "true"}
    wrong = ana.send("/sign-in", htmx, csrf_token=token.group(1), email="")
    assert (wrong.status_code, wrong.text.lstrip()[:5]) == (422, "<form")
    assert "HX-Request" in wrong.headers["Vary"]
    right = ana.send("/sign-in", htmx, csrf_token=token.group(1), email=ANA)
    assert right.headers["HX-Redirect"] == "/harbor/sign-in/check"


def test_looking_at_a_link_uses_nothing_up(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.post("/sign-in", email=ANA)
    link = f"/sign-in/link/{newest_mail(app, agency).link_token}"
    scanner = Visitor(app, agency, "198.51.100.9")
    for _ in range(3):
        for visitor in (scanner, ana):
            assert visitor.get(link).status_code == 200
            assert visitor.head(link).status_code == 200
    scanner.post(link)
    scanner.post(f"{link}/new", link)
    assert not is_signed_in(scanner)
    assert not is_signed_in(ana)
    assert ana.post(link).status_code == 303
    assert is_signed_in(ana)


def test_the_page_of_a_link_does_not_submit_itself(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.post("/sign-in", email=ANA)
    page = ana.get(f"/sign-in/link/{newest_mail(app, agency).link_token}").text
    form = page[page.index('<form method="post" action="/harbor/sign-in/link/') :]
    assert "hx-trigger" not in page
    assert '<button class="button button-large button-block" type="submit">' in form


def test_another_browser_is_shown_the_code_for_the_first(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.post("/sign-in", email=ANA)
    mail = newest_mail(app, agency)
    phone = Visitor(app, agency, "198.51.100.7")
    shown = phone.get(f"/sign-in/link/{mail.link_token}")
    assert f"{mail.code[:3]} {mail.code[3:]}" in words(shown)
    assert phone.post(f"/sign-in/link/{mail.link_token}", "/sign-in").status_code == 200
    assert not is_signed_in(phone)
    assert ana.post("/sign-in/check", code=mail.code).status_code == 303
    assert is_signed_in(ana)
    assert not is_signed_in(phone)


def test_a_used_link_is_over_for_others_and_leads_on_who_has_signed_in(
    app: Flask, agency: Agency, ana: Visitor
) -> None:
    ana.sign_in(ANA, "/pay-a-policy")
    with reading(engine_of(app), agency.id) as session:
        assert session.scalars(select(SignInChallenge)).one().used_at == AT
    phone = Visitor(app, agency)
    ana2 = Visitor(app, agency)
    ana2.post("/sign-in", email=ANA)
    mail = newest_mail(app, agency)
    ana2.post(f"/sign-in/link/{mail.link_token}")
    assert ana2.get(f"/sign-in/link/{mail.link_token}").location == "/harbor/"
    again = phone.get(f"/sign-in/link/{mail.link_token}")
    assert again.status_code == 410
    assert mail.code not in again.text
    assert phone.post(f"/sign-in/link/{mail.link_token}").status_code == 410
    assert not is_signed_in(phone)


def test_an_expired_link_is_replaced_in_one_tap(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.post("/sign-in", email=ANA, next="/pay-a-policy")
    old = newest_mail(app, agency).link_token
    wait(app, minutes=10)
    assert ana.get(f"/sign-in/link/{old}").status_code == 410
    assert ana.post(f"/sign-in/link/{old}").status_code == 410
    assert "can no longer be used" in words(ana.get("/sign-in/check"))
    assert ana.post(f"/sign-in/link/{old}/new", f"/sign-in/link/{old}").location == "/harbor/sign-in/check"
    new = newest_mail(app, agency).link_token
    assert new != old
    assert ana.post(f"/sign-in/link/{new}").location == "/harbor/pay-a-policy"


def test_made_up_links_are_over_too(ana: Visitor) -> None:
    assert ana.get("/sign-in/link/made-up.token").status_code == 410
    assert ana.post("/sign-in/link/made-up.token", "/sign-in").status_code == 410
    assert ana.post("/sign-in/link/made-up.token/new", "/sign-in").status_code == 410


def test_send_again(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.post("/sign-in", email=ANA)
    first = newest_mail(app, agency)
    wait(app, minutes=1)
    assert ana.post("/sign-in/resend", "/sign-in/check").location == "/harbor/sign-in/check"
    assert len(mails(app, agency)) == 2
    assert "We have sent the e-mail again" in words(ana.get("/sign-in/check"))
    assert "We have sent the e-mail again" not in words(ana.get("/sign-in/check"))
    assert ana.post("/sign-in/check", code=first.code).status_code == 303
    assert Visitor(app, agency).post("/sign-in/resend", "/sign-in").location == "/harbor/sign-in"


def test_five_codes(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.post("/sign-in", email=ANA)
    code = newest_mail(app, agency).code
    for _ in range(5):
        answer = ana.post("/sign-in/check", code="00000x")
        assert answer.status_code == 422
    assert "can no longer be used" in words(answer)
    assert ana.post("/sign-in/check", "/sign-in", code=code).status_code == 422
    assert not is_signed_in(ana)


@pytest.mark.parametrize("email", [ANA, "nobody@bakery.example"])
def test_too_many_requests_for_an_address(app: Flask, agency: Agency, email: str) -> None:
    for number in range(5):
        assert Visitor(app, agency, f"192.0.2.{number}").post("/sign-in", email=email).status_code == 303
    refused = Visitor(app, agency, "192.0.2.99").post("/sign-in", email=email)
    assert refused.status_code == 429
    assert agency.phone in words(refused)


def test_a_session_is_new_at_each_sign_in_and_dead_after_sign_out(app: Flask, agency: Agency, ana: Visitor) -> None:
    name = f"portal-{agency.slug}"
    ana.post("/sign-in", email=ANA)
    before = ana._client.get_cookie(name)
    ana.post(f"/sign-in/link/{newest_mail(app, agency).link_token}")
    signed_in = ana._client.get_cookie(name)
    assert before is not None
    assert signed_in is not None
    assert before.value != signed_in.value
    assert ana.post("/sign-out", "/pay-a-policy").location == "/harbor/signed-out"
    assert not is_signed_in(ana)
    ana._client.set_cookie(name, signed_in.value)
    assert not is_signed_in(ana)
    assert [row.ended_at for row in sessions(app, agency)] == [AT]


def test_a_cookie_planted_before_the_sign_in_opens_nothing_afterwards(app: Flask, agency: Agency, ana: Visitor) -> None:
    name = f"portal-{agency.slug}"
    ana.post("/sign-in", email=ANA)
    planted = ana._client.get_cookie(name)
    assert planted is not None
    ana.post(f"/sign-in/link/{newest_mail(app, agency).link_token}")
    mallory = Visitor(app, agency)
    mallory._client.set_cookie(name, planted.value)
    assert not is_signed_in(mallory)


def test_signing_out_ends_the_session_of_this_browser_only(app: Flask, agency: Agency, ana: Visitor) -> None:
    laptop = Visitor(app, agency)
    ana.sign_in(ANA)
    laptop.sign_in(ANA)
    ana.post("/sign-out", "/pay-a-policy")
    assert (is_signed_in(ana), is_signed_in(laptop)) == (False, True)
    assert [row.ended_at for row in sessions(app, agency)] == [AT, None]


def test_idle_and_absolute_limits(app: Flask, agency: Agency, ana: Visitor) -> None:
    ana.sign_in(ANA)
    for _ in range(24):
        wait(app, minutes=29)
        assert is_signed_in(ana)
    wait(app, minutes=24)
    assert not is_signed_in(ana)
    ana.sign_in(ANA)
    wait(app, minutes=30)
    assert not is_signed_in(ana)


def test_a_session_of_one_agency_is_worth_nothing_at_another(app: Flask, agency: Agency, ana: Visitor) -> None:
    other = make_agency(engine_of(app), "cedar")
    ana.sign_in(ANA)
    cookie = ana._client.get_cookie("portal-harbor")
    assert cookie is not None
    elsewhere = Visitor(app, other)
    elsewhere._client.set_cookie("portal-cedar", cookie.value)
    assert not is_signed_in(elsewhere)


def test_forms_need_their_token_and_must_come_from_here(app: Flask, agency: Agency, ana: Visitor) -> None:
    assert ana.send("/sign-in", email=ANA).status_code == 403
    token = re.search(r'name="csrf_token" value="([^"]+)"', ana.get("/sign-in").text)
    assert token is not None
    foreign = {"Origin": "https://evil.example"}
    assert ana.send("/sign-in", foreign, csrf_token=token.group(1), email=ANA).status_code == 403
    assert mails(app, agency) == []


@given(
    st.one_of(
        st.text(), st.text(alphabet="/\\:@.%?#evil\t\n\r \u2028ht"), st.from_regex(r"[/\\]{1,4}.*", fullmatch=True)
    )
)
@hypothesis_settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_next_leads_to_pages_of_this_portal_only(app: Flask, agency: Agency, wished: str) -> None:
    environ = {"portal.agency": agency.slug}
    with app.test_request_context("/sign-in", base_url="http://localhost/harbor", environ_overrides=environ):
        path = safe_path(wished)
    assert path.startswith("/harbor/")
    assert not re.search(r"[\\\r\n\t]", path)


@pytest.mark.parametrize(
    "wished",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%2f/evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "evil",
        "/no-such-page",
        "/sign-out",
        "/../other/",
    ],
)
def test_other_wishes_lead_home(app: Flask, agency: Agency, ana: Visitor, wished: str) -> None:
    assert ana.sign_in(ANA, wished).location == "/harbor/"
