"""A portal with two agencies, and browsers in it."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.web.guards import Access
from tests.factories.staff import staff_visitor
from tests.web.security.holdings import World, make_world
from tests.web.visitor import Visitor, set_clock

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)


@pytest.fixture
def world(app: Flask) -> World:
    """Two agencies, three insureds."""
    set_clock(app, AT)
    return make_world(app)


@pytest.fixture
def stranger(app: Flask, world: World) -> Visitor:
    """Somebody at Harbor who has shown nothing."""
    return Visitor(app, world.harbor, "198.51.100.1")


@pytest.fixture
def ana(app: Flask, world: World) -> Visitor:
    """Ana at Harbor, signed in."""
    visitor = Visitor(app, world.harbor, "198.51.100.2")
    visitor.sign_in(world.ana.email)
    return visitor


@pytest.fixture
def accountant(app: Flask, world: World) -> Visitor:
    """A third party who has looked Ana's program up."""
    visitor = Visitor(app, world.harbor, "198.51.100.3")
    visitor.post("/pay-a-policy", policy_number=world.ana.policy_number, zip="78701")
    return visitor


@pytest.fixture
def admin(app: Flask, world: World) -> Visitor:
    """An admin of Harbor, past both factors."""
    return staff_visitor(app, world.harbor, "admin")


class Callers(dict[Access | None, Visitor]):
    """Who may call the routes of each kind."""

    def __missing__(self, access: Access | None) -> Visitor:
        pytest.fail(f"Say in tests/web/security/conftest.py who may call the routes that state {access!r}.")


@pytest.fixture
def callers(ana: Visitor, accountant: Visitor, admin: Visitor) -> Callers:
    """Who may call which routes with Ana's things."""
    return Callers(
        deployment=ana,
        public=ana,
        insured=ana,
        holder=ana,
        partner=ana,
        guest=accountant,
        staff_entering=admin,
        staff=admin,
    )
