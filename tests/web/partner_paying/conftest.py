"""A portal whose payments go to the sandbox, and a partner of its agency."""

import pytest
from flask import Flask

from tests.factories.desk import Desk
from tests.factories.partners import make_partner, make_partner_user, partner_visitor
from tests.web.paying.conftest import app, desk
from tests.web.visitor import Visitor

DANA, EVE, VIEWER = "dana@northgate.example", "eve@northgate.example", "vic@northgate.example"
__all__ = ["app", "desk"]


@pytest.fixture
def partner_id(desk: Desk) -> int:  # the fixture
    """Dana manages it, Eve pays too, Vic only looks."""
    with desk.till.writing() as session:
        partner = make_partner(session, DANA, name="Northgate Risk Advisors")
        make_partner_user(session, partner, EVE, "pay")
        make_partner_user(session, partner, VIEWER, "view")
        return partner.id


@pytest.fixture
def dana(app: Flask, desk: Desk, partner_id: int) -> Visitor:  # the fixtures
    """Signed in."""
    return partner_visitor(app, desk.agency, DANA)
