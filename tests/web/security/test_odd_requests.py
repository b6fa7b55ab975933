"""What a browser never sends is refused in words, on both databases."""

from flask import Flask

from tests.web.security.conftest import Callers
from tests.web.security.holdings import World
from tests.web.visitor import Visitor


def test_text_that_postgresql_cannot_keep_is_refused(app: Flask, world: World, callers: Callers) -> None:
    stranger = Visitor(app, world.harbor, "198.51.100.91")
    asked = [
        stranger.post("/sign-in", email="a\0b@bakery.example"),
        stranger.post("/pay-a-policy", policy_number="GL\0-1", zip="78701"),
        stranger.get("/sign-in", query_string={"next": "/\0"}),
        callers["insured"].post("/account/email", email="\0@bakery.example"),
        callers["staff"].get("/admin/customers", query_string={"q": "a\0b"}),
        callers["staff"].post(
            f"/admin/programs/{world.ana.program_id}/notes", f"/admin/programs/{world.ana.program_id}", body="a\0b"
        ),
    ]
    for answer in asked:
        assert answer.status_code == 400, answer.request.path
        assert "Your browser sent something that we could not read" in answer.text


def test_an_origin_that_is_none_is_another_site(app: Flask, world: World) -> None:
    visitor = Visitor(app, world.harbor, "198.51.100.92")
    visitor.get("/sign-in")
    for origin in ("http://[", "http://[::1", "https://a]b", "\\\\"):
        assert visitor.send("/language", {"Origin": origin}, language="es").status_code == 403
