"""Who belongs elsewhere sees nothing here: made from the URL map, for every route that names somebody's thing.

What is not yours answers exactly as what does not exist, as a page and as a fragment, and leaves no trace.
"""

import re
from collections.abc import Iterator
from html import unescape

from flask import Flask
from werkzeug.test import TestResponse

from tests.web.security.addresses import STAFF, UNKNOWN, Address, addresses
from tests.web.security.conftest import Callers
from tests.web.security.holdings import Holdings, World
from tests.web.security.test_forgery import everything, token_of
from tests.web.visitor import TOKEN, Visitor, engine_of

BY_NAME = {"token"}
"""Arguments that nobody can guess: in one agency, whoever holds one may use it."""
ODD_NAMES = ["\0", "a\0b", "é", "\u202e", "'", "%", "..", "x" * 5_000, "-1", "0", "9" * 19, "9" * 5_000, "1.0", "0x1"]
HTMX = {"HX-Request": "true"}
GONE = {404, 410}


def owned_addresses(app: Flask) -> Iterator[Address]:
    """What a system calls by its signature is tested where it is received: no person has a way to it."""
    return (address for address in addresses(app) if address.owned and address.access != "processor")


def ask(visitor: Visitor, address: Address, path: str, headers: dict[str, str] | None = None) -> TestResponse:
    if address.method == "GET":
        return visitor.get(path, headers=headers)
    return visitor.send(path, headers, csrf_token=token_of(visitor))


def comparable(answer: TestResponse, *paths: str) -> tuple[int, str | None, str]:
    """An answer without what differs at each showing, and without the address that was asked for."""
    body = unescape(re.sub(r'nonce="[^"]+"', "", TOKEN.sub("", answer.text)))
    for path in paths:
        body = body.replace(path, "…")
    return answer.status_code, answer.location, body


def traces(answer: TestResponse, owner: Holdings) -> list[str]:
    """The words of somebody that stand in an answer: in its text, its headers, its bytes."""
    told = answer.get_data().decode("latin-1") + str(answer.headers)
    return [word for word in owner.words if word in told]


def test_owners_reach_their_own(app: Flask, world: World, callers: Callers) -> None:
    """Else the tests below would prove nothing."""
    for address in owned_addresses(app):
        answer = ask(callers[address.access], address, address.path(world.ana))
        assert answer.status_code not in GONE, address
        if address.method == "GET":
            assert answer.status_code in {200, 302}, address


def test_what_belongs_to_others_is_like_what_does_not_exist(app: Flask, world: World, callers: Callers) -> None:
    before = everything(engine_of(app))
    for address in owned_addresses(app):
        visitor = callers[address.access]
        unknown = address.path(world.ana, **{name: UNKNOWN[name] for name in address.owned})
        for owner in (world.cleo, world.bob):
            if owner is world.bob and (address.owned <= BY_NAME or address.access in STAFF):
                continue  # the staff of an agency see all of its insureds
            foreign = address.path(owner)
            for headers in (None, HTMX):
                answer = ask(visitor, address, foreign, headers)
                assert answer.status_code in GONE, f"{address} with what is {owner.email}'s: {answer.status}"
                assert traces(answer, owner) == [], f"{address} tells of {owner.email}"
                never = ask(visitor, address, unknown, headers)
                assert comparable(answer, foreign) == comparable(never, unknown), f"{address} tells {owner.email}'s"
    assert everything(engine_of(app)) == before


def test_who_has_shown_nothing_reaches_nothing(app: Flask, world: World, stranger: Visitor) -> None:
    """Pages for those who have signed in or looked a policy up lead there, whatever stands in the address."""
    before = everything(engine_of(app))
    for address in owned_addresses(app):
        if address.access in {"public", "holder"}:
            continue
        for owner in (world.ana, world.cleo):
            answer = ask(stranger, address, address.path(owner))
            assert answer.status_code in {302, 303}, address
            assert re.fullmatch(r"/harbor/(sign-in\?next=.*|pay-a-policy)", answer.location or ""), address
            assert traces(answer, owner) == [], address
    assert everything(engine_of(app)) == before


def test_staff_pages_are_for_the_agencys_own_staff(
    app: Flask, world: World, ana: Visitor, stranger: Visitor, admin: Visitor
) -> None:
    """An insured is not told that there are any; staff of another agency are nobody here."""
    elsewhere = Visitor(app, world.cedar, "198.51.100.6")
    elsewhere._client = admin._client
    before = everything(engine_of(app))
    for address in addresses(app):
        if address.access in STAFF:
            path = address.path(world.ana)
            assert ask(ana, address, path).status_code == 404, address
            for visitor in (stranger, elsewhere):
                answer = ask(visitor, address, path)
                assert answer.status_code in {302, 303}, address
                assert "/sign-in" in (answer.location or ""), address
    assert everything(engine_of(app)) == before


def test_odd_names_and_numbers_are_not_found(app: Flask, world: World, callers: Callers) -> None:
    """A database would trip over some of them."""
    for address in owned_addresses(app):
        for argument in address.owned:
            right = str(address.path(world.ana)).split("/")
            for odd in ODD_NAMES:
                marker = address.path(world.ana, **{argument: 4_711 if argument.endswith("_id") else "m-4711"})
                path = "/".join(odd if part in {"4711", "m-4711"} else part for part in marker.split("/"))
                assert len(path.split("/")) == len(right)
                answer = ask(callers[address.access], address, path)
                assert answer.status_code in GONE | {405}, f"{address} with {odd[:20]!r}: {answer.status}"


def test_a_payment_takes_no_invoice_of_others(app: Flask, world: World, ana: Visitor, accountant: Visitor) -> None:
    """Ids in forms and in the part of the address after the question mark count no more than ids in paths."""
    before = everything(engine_of(app))
    doors = {
        "/pay": ana,
        "/guest/pay": accountant,
        f"/pay/{world.ana.link_token}": accountant,
    }
    for base, visitor in doors.items():
        for owner in (world.bob, world.cleo):
            wished = str(owner.invoice_id)
            assert traces(visitor.get(f"{base}?invoice={wished}"), owner) == []
            answer = visitor.post(
                f"{base}/review",
                base,
                invoice=wished,
                confirmation_token="ctoken_1",
                payer_name="x",
                payer_email="x@y.zz",
            )
            assert answer.status_code == 422
            assert 'name="agreed"' not in answer.text
            assert traces(answer, owner) == []
    assert everything(engine_of(app)) == before


def test_what_was_reviewed_at_one_door_is_not_charged_at_another(
    app: Flask, world: World, ana: Visitor, accountant: Visitor
) -> None:
    before = everything(engine_of(app))
    for agreed in ("", "nonsense", "e30.x.y"):
        for visitor, base in ((ana, "/pay"), (accountant, "/guest/pay")):
            answer = visitor.post(f"{base}/submit", base, agreed=agreed)
            assert answer.status_code == 422
    assert everything(engine_of(app)) == before


def test_home_and_lists_show_one_agencys_things_alone(app: Flask, world: World, ana: Visitor) -> None:
    """The same address may be known at two agencies."""
    for address in addresses(app):
        if address.method == "GET":
            for owner in (world.bob, world.cleo):
                answer = ana.get(address.path(world.ana))
                assert traces(answer, owner) == [], address
