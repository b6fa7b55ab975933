"""A portal whose card payments go to the sandbox."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import Engine

from portal.sandbox.stripe.server import Running
from portal.settings import Settings
from tests.conftest import portal_of
from tests.factories.desk import Desk, open_desk
from tests.factories.people import FERNET, make_insured
from tests.web.visitor import Visitor


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    """The agency, with a till."""
    return open_desk(engine, stripe_sandbox)


@pytest.fixture
def app(settings: Settings, desk: Desk) -> Iterator[Flask]:
    """The portal."""
    update = {"stripe_sandbox_url": desk.sandbox.url, "encryption_keys": SecretStr(FERNET)}
    with portal_of(settings.model_copy(update=update)) as made:
        yield made


@pytest.fixture
def ana(app: Flask, desk: Desk) -> Visitor:
    """The insured, signed in."""
    with desk.till.writing() as session:
        make_insured(session, "ana@bakery.example")
    visitor = Visitor(app, desk.agency)
    visitor.sign_in("ana@bakery.example")
    return visitor


@pytest.fixture
def stranger(app: Flask, desk: Desk) -> Visitor:
    """Somebody else's browser."""
    return Visitor(app, desk.agency, ip="198.51.100.7")
