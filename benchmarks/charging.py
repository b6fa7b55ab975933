"""How fast money moves: charging in bulk, taking webhooks, and the reconciler beside many settled payments.

All on PostgreSQL. The Stripe sandbox waits 20 ms before each answer; it is three processes on one file, each as busy as
a worker, so that it is the portal that is measured.
"""

import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from http.client import HTTPConnection
from itertools import count, cycle, pairwise
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, cast

import stripe
from sqlalchemy import Engine, select, text

from benchmarks.postgresql import ROLE
from portal.agencies.keys import ProcessorKeys, set_keys
from portal.agencies.models import Agency
from portal.cli.database import upgrade_tables
from portal.cli.demo import parts
from portal.cli.demo_data import load_demo
from portal.cli.demo_settings import Ports, as_environment
from portal.cli.processes import LOCAL, Part, Processes
from portal.core.clock import now
from portal.core.db import make_engine, refresh_statistics
from portal.core.events import subscribe
from portal.core.secrets import SecretBox
from portal.core.tenancy import reading, reading_global, writing
from portal.insureds.models import Insured
from portal.integrations.stripe.gateway import StripeGateway
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.jobs.engine import migrate_engine
from portal.payments.bulk import charge_many
from portal.payments.bulk_claims import BulkOrder
from portal.payments.claims import KeptMethod, Payer
from portal.payments.gateway import Gateway
from portal.payments.models import Payment
from portal.payments.reconcile import due
from portal.payments.till import Till
from portal.settings import Settings
from portal.subscriptions import SUBSCRIPTIONS

LATENCY_MS, CENTS = 20, 100_00
FREE, RATED, PER_SECOND = 1_000, 120, 20
SETTLED, OPEN = 1_000_000, 40
EVENTS, AT_ONCE = 1_500, 8
SLUG, WEBHOOK_SECRET, MADE = "juniper-oak", "whsec_of_the_benchmark", "Made to be charged"
PAYER = Payer("insured", "Maria Lopez", "maria@riverbend-bakery.example", "en_US")
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Charged:
    """What a run of charging in bulk took."""

    charges: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Charges a second, from the first claim to the last entry in the books."""
        return self.charges / self.seconds


@dataclass(frozen=True, slots=True)
class Looked:
    """How long the reconciler's query for what is due takes beside so many settled payments, and its plan."""

    settled: int
    ms: float
    plan: str


def prepare(settings: Settings) -> Engine:
    """The demo's data in a new database; an engine for the tables' owner."""
    upgrade_tables(settings.database_url)
    migrate_engine(settings.database_url, ROLE)
    load_demo(settings)
    return make_engine(settings.database_url)


@contextmanager
def sandbox(folder: Path, ports: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """The Stripe sandbox as processes that share their books; their addresses."""
    command = [sys.executable, "-m", "portal.sandbox.stripe", "--latency-ms", str(LATENCY_MS)]
    urls = tuple(f"http://{LOCAL}:{port}" for port in ports)
    processes = Processes(folder, {})
    try:
        for port, url in zip(ports, urls, strict=True):
            own = ["--port", str(port), "--db", str(folder / "slow-stripe.db")]
            part = Part(f"slow-stripe-{port}", [*command, *own], health=f"{url}/")
            processes.start(part)
            processes.wait_until_up(part)
        yield urls
    finally:
        processes.stop()


class Spread:
    """A gateway that calls several processes of one sandbox in turn."""

    def __init__(self, gateways: Sequence[Gateway]) -> None:
        self._gateways = cycle(gateways)

    def __getattr__(self, name: str) -> Any:
        """The next one's."""
        return getattr(next(self._gateways), name)


def charge(settings: Settings, urls: tuple[str, ...]) -> dict[str, Charged]:
    """Charge in bulk as fast as it goes, by one worker and by two, each for an agency; then at the account's rate."""
    engine = make_engine(settings.database_url)
    with reading_global(engine) as session:
        agencies = session.scalars(select(Agency).order_by(Agency.id)).all()
    works = []
    for agency in agencies:
        keys = ProcessorKeys(agency.slug, f"pk_test_sandbox_{agency.slug}", _secret(agency.slug), (WEBHOOK_SECRET,))
        with writing(engine, agency.id) as session:
            set_keys(session, SecretBox(settings.encryption_keys.get_secret_value()), keys)
        works.append(
            Work(settings.database_url, urls, agency.id, agency.slug, agency.time_zone, _keep(urls[0], agency.slug))
        )
    for work in works:
        _bill(engine, work, 200)
        work.charge(0)  # warms up
    refresh_statistics(engine)
    done = {"one worker": _together([works[0]], engine, FREE), "two workers": _together(works, engine, FREE)}
    _bill(engine, works[0], RATED)
    began = time.perf_counter()
    charged = works[0].charge(PER_SECOND)
    done[f"one worker, {PER_SECOND} calls a second"] = Charged(charged, time.perf_counter() - began)
    engine.dispose()
    return done


def _secret(slug: str) -> str:
    return f"sk_test_sandbox_{slug}"


@dataclass(frozen=True, slots=True)
class Work:
    """What one worker charges: all open invoices of an agency that were made for it."""

    database_url: str
    sandbox_urls: tuple[str, ...]
    agency_id: int
    account: str
    zone: str
    method: KeptMethod

    def till(self, engine: Engine, per_second: float) -> Till:
        """The agency's till."""
        # A rate holds for all calls of an account: then one process of the sandbox gets them all.
        urls = self.sandbox_urls[:1] if per_second else self.sandbox_urls
        gateways = [StripeGateway(_secret(self.account), url, 30, per_second) for url in urls]
        return Till(engine, self.agency_id, self.account, cast(Gateway, Spread(gateways)), self.zone, now)

    def charge(self, per_second: float) -> int:
        """Charge them; how many there were."""
        subscribe(SUBSCRIPTIONS)
        engine = make_engine(self.database_url)
        till = self.till(engine, per_second)
        with till.reading() as session:
            query = select(Invoice.id).where(Invoice.description == MADE, Invoice.state == "open")
            ids = session.scalars(query).all()
        orders = [BulkOrder(f"autopay:{each}:1", {each: CENTS}, 0, self.method, PAYER) for each in ids]
        ends = charge_many(till, orders)
        engine.dispose()
        if set(ends.values()) != {"succeeded"}:
            sys.exit(f"Charging in bulk ended with {sorted(set(ends.values()))}")
        return len(ends)


def _together(works: list[Work], engine: Engine, size: int) -> Charged:
    """Each work in a process of its own."""
    for work in works:
        _bill(engine, work, size)
    with ProcessPoolExecutor(len(works), get_context("spawn")) as workers:
        list(workers.map(abs, range(len(works) * 4)))  # they are up
        began = time.perf_counter()
        charged = sum(workers.map(Work.charge, works, [0.0] * len(works)))
        return Charged(charged, time.perf_counter() - began)


def _bill(engine: Engine, work: Work, size: int) -> None:
    """New open invoices, in the books."""
    till = work.till(engine, 0)
    at, today = now(), till.today()
    with till.reading() as session:
        insured_id = session.scalars(select(Insured.id).order_by(Insured.id).limit(1)).one()
    lines = [LineDraft("premium", "Premium", CENTS - 10_00, 5_00), LineDraft("policy_fee", "Fee", 10_00)]
    due_date = today + timedelta(days=10)
    for first in range(0, size, 200):
        with till.writing() as session:
            for _ in range(min(200, size - first)):
                draft = InvoiceDraft(insured_id, "one_time", lines, today, due_date, description=MADE)
                issue_invoice(session, draft, at)


def _keep(url: str, account: str) -> KeptMethod:
    """A card that is kept at the sandbox."""
    client = stripe.StripeClient(_secret(account), base_addresses={"api": url})
    owner = client.v1.customers.create({"email": PAYER.email}).id
    setup = client.v1.setup_intents.create({"customer": owner})
    token = client.v1.test_helpers.confirmation_tokens.create({"payment_method": "pm_card_visa"}).id
    done = client.v1.setup_intents.confirm(setup.id, {"confirmation_token": token, "return_url": "https://a.example"})
    return KeptMethod(owner, str(done.payment_method), "card", "visa", "4242", "credit", "fp_4242")


def settle_many(owner: Engine, size: int) -> None:
    """Add settled payments by copying one that is, until there are so many. As the tables' owner, in one statement."""
    columns = [column.name for column in Payment.__table__.columns]
    new = {
        "id": "(SELECT max(id) FROM payment) + number",
        "token": "'settled-token-' || number",
        "reference": "'S-' || number",
        "request_key": "'settled-' || number",
        "intent_id": "'pi_settled_' || number",
    }
    values = ", ".join(new.get(name, name) for name in columns)
    with owner.begin() as connection:
        have = connection.scalar(text("SELECT count(*) FROM payment WHERE state = 'succeeded'")) or 0
        connection.execute(
            text(
                f"INSERT INTO payment ({', '.join(columns)}) SELECT {values} "
                "FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS number, "
                "(SELECT * FROM payment WHERE state = 'succeeded' AND agency_id = "
                "(SELECT id FROM agency WHERE slug = :slug) ORDER BY id LIMIT 1) AS one"
            ),
            {"first": have + 1, "last": size, "slug": SLUG},
        )
    refresh_statistics(owner)


def open_some(owner: Engine) -> None:
    """Let some of the settled payments be submitted an hour ago, and not settled."""
    with owner.begin() as connection:
        connection.execute(
            text(
                "UPDATE payment SET state = 'submitted', changed_at = now() - interval '1 hour', checked_at = NULL "
                "WHERE id IN (SELECT id FROM payment WHERE agency_id = "
                "(SELECT id FROM agency WHERE slug = :slug) ORDER BY id LIMIT :some)"
            ),
            {"some": OPEN, "slug": SLUG},
        )


def look(engine: Engine, owner: Engine, settled: int) -> Looked:
    """Ask as the reconciler does for what is due."""
    with reading_global(engine) as session:
        agency_id = session.scalars(select(Agency.id).where(Agency.slug == SLUG)).one()
    taken = []
    for _ in range(30):
        began = time.perf_counter()
        with reading(engine, agency_id) as session:
            found = due(session, now())
        taken.append((time.perf_counter() - began) * 1000)
        if len(found) != OPEN:
            sys.exit(f"The reconciler found {len(found)} of {OPEN} open payments")
    with owner.connect() as connection:
        plan = connection.scalars(
            text(
                "EXPLAIN SELECT id FROM payment WHERE agency_id = :agency "
                "AND state NOT IN ('succeeded', 'failed', 'canceled')"
            ),
            {"agency": agency_id},
        ).all()
    return Looked(settled, median(taken), plan[0].split("  (")[0])


@contextmanager
def serving_web(settings: Settings, ports: Ports, folder: Path) -> Iterator[None]:
    """The web server alone, with a worker for each of two cores."""
    ports.require_free()
    web = parts(folder, ports)[2]
    command = ["2" if before == "--workers" else word for before, word in pairwise(["", *web.command])]
    processes = Processes(folder, as_environment(settings))
    part = replace(web, command=command)
    try:
        processes.start(part)
        processes.wait_until_up(part)
        yield
    finally:
        processes.stop()


def webhooks_per_second(base_url: str) -> float:
    """Send signed events to a running portal, eight at a time over kept connections; how many it takes a second."""
    host = base_url.partition("://")[2]
    bodies = [_event() for _ in range(EVENTS)]

    def send(mine: list[str]) -> None:
        connection = HTTPConnection(host)
        for body in mine:
            at = int(time.time())
            signature = stripe.WebhookSignature._compute_signature(f"{at}.{body}", WEBHOOK_SECRET)
            headers = {"Stripe-Signature": f"t={at},v1={signature}", "Content-Type": "application/json"}
            connection.request("POST", f"/{SLUG}/webhooks/processor", body, headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                sys.exit(f"A webhook was answered {answer.status}")
        connection.close()

    send(bodies[:100])
    rest = bodies[100:]
    with ThreadPoolExecutor(AT_ONCE) as threads:
        began = time.perf_counter()
        list(threads.map(send, [rest[number::AT_ONCE] for number in range(AT_ONCE)]))
        return len(rest) / (time.perf_counter() - began)


def _event() -> str:
    number = next(_numbers)
    about = {"id": f"pi_{number}", "object": "payment_intent"}
    event = {"id": f"evt_{number}", "object": "event", "type": "payment_intent.created", "livemode": False}
    return json.dumps({**event, "created": int(time.time()), "data": {"object": about}})
