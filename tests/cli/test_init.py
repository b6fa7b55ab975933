"""An operator brings a portal up: from nothing to an agency that takes payments, and again without harm."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, select

from portal.agencies.keys import read_keys
from portal.agencies.models import Agency, AgencyHost, StaffMember
from portal.cli.demo_settings import as_environment
from portal.cli.init import init_command
from portal.core.audit import AuditEntry
from portal.core.tenancy import reading, reading_global
from portal.payments.gateway import EventSeen
from portal.payments.inbox import store
from portal.sandbox.stripe.server import Running
from portal.settings import Settings
from tests.factories.mail import RunningInbox, running_inbox
from tests.factories.people import BEGINNING, BOX, make_agency
from tests.sandbox.stripe.conftest import client_for

Init = Callable[..., Result]
ACME = ("acme", "--name", "Acme", "--phone", "828-555-0100", "--email", "pay@acme.example", "--hex", "#0b5fa5")
WITH_ADMIN = (*ACME, "--admin", "Ann.Sample@acme.example")
WEBHOOK = "http://localhost/acme/webhooks/processor"


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningInbox]:
    with running_inbox(tmp_path_factory.mktemp("inbox") / "mails.sqlite3") as running:
        yield running


@pytest.fixture
def account(request: pytest.FixtureRequest) -> str:
    """An account of the test's own at the sandbox."""
    return "".join(letter if letter.isalnum() else "-" for letter in request.node.name)[-60:]


@pytest.fixture
def init(app: Flask, settings: Settings, inbox: RunningInbox, stripe_sandbox: Running) -> Init:
    """`flask init` as a person at the machine runs it; `secret` and `webhook` stand in the environment."""

    def run(*words: str, typed: str = "", secret: str = "", webhook: str = "", **changes: Any) -> Result:
        of_machine = {"smtp_port": inbox.smtp_port, "stripe_sandbox_url": stripe_sandbox.url}
        chosen = settings.model_copy(update=of_machine | changes)
        keys = {"PORTAL_INIT_STRIPE_KEY": secret, "PORTAL_INIT_WEBHOOK_SECRET": webhook}
        return app.test_cli_runner().invoke(init_command, words, input=typed, env=as_environment(chosen) | keys)

    return run


def test_from_nothing_to_payments_and_again(
    init: Init, engine: Engine, inbox: RunningInbox, stripe_sandbox: Running, account: str
) -> None:
    given = (*WITH_ADMIN, "--host", "Pay.Acme.example", "--publishable-key", "pk_test_sandbox_1", "--unattended")
    secret = f"sk_test_sandbox_{account}"
    done = init(*given, secret=secret)
    assert done.exit_code == 0, done.output
    for said in ("Acme is made", "pay.acme.example leads to acme", "is an admin", f"opens acct_{account}"):
        assert said in done.output
    assert secret not in done.output
    assert "whsec" not in done.output
    assert "mail.sent" not in done.output + done.stderr  # a log line among what a person reads
    with reading_global(engine) as session:
        agency = session.scalars(select(Agency)).one()
        assert session.scalars(select(AgencyHost.host)).all() == ["pay.acme.example"]
    with reading(engine, agency.id) as session:
        keys = read_keys(session, BOX)
        assert session.execute(select(StaffMember.name, StaffMember.role)).all() == [("Ann Sample", "admin")]
    assert keys is not None
    assert keys.secret_key == secret
    mail = inbox.newest("ann.sample@acme.example")
    assert "http://pay.acme.example/admin/" in mail["text"]
    (endpoint,) = client_for(stripe_sandbox, account).v1.webhook_endpoints.list()
    assert endpoint.url == "http://pay.acme.example/webhooks/processor"

    again = init("acme", "--unattended", "--host", "pay.acme.example")
    assert again.exit_code == 0, again.output
    assert "acme is there already" in again.output
    assert "no event has arrived yet" in again.output
    assert "dashboard.stripe.com/webhooks" not in again.output  # nobody can send one from there to the sandbox
    store(engine, keys.account, EventSeen("evt_1", "payout.paid", "po_1", False, BEGINNING), BEGINNING)
    assert "the last event arrived 2026-07-01 12:00 UTC" in init("acme", "--unattended").output
    with reading(engine, agency.id) as session:
        assert read_keys(session, BOX) == keys
        kinds = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert kinds == ["agency.created", "agency.host_added", "staff.added", "keys.set"]


def test_who_sits_there_is_asked(init: Init, engine: Engine, account: str) -> None:
    answers = ["acme", "Acme", "828-555-0100", "pay@acme.example", "", "ann@acme.example", "Ann"]
    done = init(typed="\n".join([*answers, f"sk_test_sandbox_{account}", "pk_test_sandbox_1", ""]))
    assert done.exit_code == 0, done.output
    assert "the keys are stored" in done.output
    assert "sk_test" not in done.output


def test_what_is_not_given_is_said_to_be_missing(init: Init, engine: Engine) -> None:
    done = init(*ACME, "--unattended")
    assert done.exit_code == 0
    for said in ("there is none yet", "no keys yet", "does not answer", "Still to do", "PORTAL_INIT_STRIPE_KEY"):
        assert said in done.output
    assert init("other", "--unattended").exit_code == 1
    with reading_global(engine) as session:
        assert session.scalars(select(Agency.slug)).all() == ["acme"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"smtp_port": 1}, "127.0.0.1:1 does not work"),
        ({"smtp_tls": True}, "does not work: STARTTLS"),
        ({"secret": "sk_test_of_another"}, "does not take the key in PORTAL_INIT_STRIPE_KEY"),
        ({"secret": "sk_test_sandbox_1", "stripe_sandbox_url": "http://127.0.0.1:1"}, "cannot be asked"),
    ],
)
def test_what_does_not_work_is_said(init: Init, given: dict[str, Any], says: str) -> None:
    done = init(*WITH_ADMIN, "--unattended", **given)
    assert (done.exit_code, says in done.output) == (1, True), done.output


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_webhook_that_is_there_already(init: Init, engine: Engine, stripe_sandbox: Running, account: str) -> None:
    """Its signing secret was shown when it was made; here it is not known until it is given."""
    endpoints = client_for(stripe_sandbox, account).v1.webhook_endpoints
    endpoints.create({"url": WEBHOOK, "enabled_events": ["payment_intent.succeeded"]})
    given = {"secret": f"sk_test_sandbox_{account}"}
    done = init(*WITH_ADMIN, "--publishable-key", "pk_test_sandbox_1", "--unattended", **given)
    assert done.exit_code == 1
    assert "does not get" in done.output
    assert "signing secret is not known here" in done.output
    done = init("acme", "--unattended", webhook="whsec_known")
    assert "the keys are stored" in done.output
    with reading_global(engine) as session:
        agency_id = session.scalars(select(Agency.id)).one()
    with reading(engine, agency_id) as session:
        keys = read_keys(session, BOX)
    assert keys is not None
    assert keys.webhook_secrets == ("whsec_known",)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_somebody_elses_host_is_not_taken(init: Init, engine: Engine) -> None:
    make_agency(engine, "cedar")
    assert init("cedar", "--host", "pay.acme.example", "--unattended").exit_code == 0
    refused = init(*ACME, "--host", "pay.acme.example", "--unattended")
    assert (refused.exit_code, "leads to another agency" in refused.output) == (1, True)
    assert "serves all agencies" in init("cedar", "--host", "localhost", "--unattended").output
