"""A sandbox of BindHQ whose every exchange is held against the contract, and a client of it."""

from contextlib import closing

import pytest
import requests

from portal.integrations.bindhq.calls import Patience
from portal.integrations.bindhq.systems import BindHQSystems
from portal.policy_system.protocol import ConnectionDetails
from portal.sandbox.bindhq.machine import API_KEY, CLIENT_CODE
from portal.sandbox.bindhq.server import serve_in_thread
from tests.integrations.bindhq.contract import Checked


class Stand:
    """The sandbox as tests use it."""

    def __init__(self, running, checked):
        self.url, self.machine, self.checked, self.waits = running.url, running.machine, checked, []

    def connect(self, *, timeout_seconds=5.0, **changes):
        systems = BindHQSystems(self.url, (), Patience(timeout_seconds=timeout_seconds, sleep=self.waits.append))
        details = {"url": f"{self.url}/api/v2", "client_code": CLIENT_CODE, "api_key": API_KEY, **changes}
        return systems.connect(ConnectionDetails(**details))

    def do(self, path, **fields):
        answer = requests.post(f"{self.url}/sandbox/{path}", json=fields, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def books(self):
        return requests.get(f"{self.url}/sandbox/books", timeout=10).json()


@pytest.fixture(scope="module")
def shared_stand(tmp_path_factory):
    kept = []

    def around(app):
        kept.append(Checked(app))
        return kept[0]

    with closing(serve_in_thread(tmp_path_factory.mktemp("bindhq") / "bindhq.db", around=around)) as running:
        yield Stand(running, kept[0])


@pytest.fixture
def stand(shared_stand):
    """The sandbox as on its first day; whatever broke the contract fails the test."""
    shared_stand.do("reset")
    shared_stand.checked.problems.clear()
    shared_stand.waits.clear()
    yield shared_stand
    assert shared_stand.checked.problems == []


@pytest.fixture
def system(stand):
    return stand.connect()
