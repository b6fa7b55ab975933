"""An agency with a key, and a system that calls the API with it."""

from collections.abc import Collection
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from portal.access.api_keys import Scope, create_key
from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.tenancy import writing
from tests.factories.people import make_agency
from tests.web.visitor import engine_of, services_of


class Robot:
    """A system of an agency, with a key."""

    def __init__(self, app: Flask, agency: Agency, scopes: Collection[Scope] = tuple(Scope)) -> None:
        with writing(engine_of(app), agency.id) as session:
            row, self.token = create_key(session, "Back office", scopes, SYSTEM, services_of(app).now())
        self.key_id = row.id
        self._client = app.test_client()

    def call(
        self, method: str, path: str, json: Any = None, once: str = "", slug: str = "", **headers: str
    ) -> TestResponse:
        """One request; without a slug the key alone says which agency."""
        sent = {"Authorization": f"Bearer {self.token}"} | ({"Idempotency-Key": once} if once else {}) | headers
        prefix = f"/{slug}" if slug else ""
        return self._client.open(f"{prefix}/api/v1{path}", method=method, json=json, headers=sent)


@pytest.fixture
def agency(app: Flask) -> Agency:
    made = make_agency(engine_of(app))
    services_of(app).directory.forget()
    return made


@pytest.fixture
def robot(app: Flask, agency: Agency) -> Robot:
    """One that may do everything."""
    return Robot(app, agency)
