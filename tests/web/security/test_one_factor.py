"""Staff who have shown one factor only, against every staff page, from the URL map."""

import pytest
from flask import Flask

from portal.web.guards import access_of
from tests.factories.staff import staff_visitor
from tests.web.security.addresses import addresses
from tests.web.security.holdings import World
from tests.web.security.test_forgery import token_of
from tests.web.visitor import Visitor

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_mail_alone_opens_the_second_factor_and_nothing_else(app: Flask, world: World) -> None:
    staff_visitor(app, world.harbor, "admin")
    by_mail = Visitor(app, world.harbor, "198.51.100.8")
    by_mail.sign_in("admin@harbor.example")
    token = token_of(by_mail)
    for address in addresses(app):
        if access_of(app, address.endpoint) != "staff":
            continue
        path = address.path(world.ana)
        answer = by_mail.get(path) if address.method == "GET" else by_mail.send(path, csrf_token=token)
        assert answer.status_code in {302, 303}, address
        assert (answer.location or "").startswith("/harbor/admin/second-factor"), address
