"""Web, worker and sandbox as real processes: they end at failpoints or are killed while people pay, and start again."""

import re
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from itertools import count
from pathlib import Path
from random import Random

import requests
import stripe
from sqlalchemy import select, update

from portal.agencies.keys import ProcessorKeys, set_keys
from portal.cli.demo import parts
from portal.cli.demo_settings import Ports, as_environment
from portal.cli.processes import Part, Processes, StartFailed
from portal.core.db import make_engine
from portal.core.outbox import OutboxRow
from portal.core.tenancy import writing_global
from portal.jobs.engine import migrate_engine
from portal.jobs.wake import Waker
from portal.payments.models import GatewayEvent, Payment
from portal.payments.transitions import CLOSED
from portal.programs.links import issue_link
from portal.settings import Settings
from tests.factories.desk import Desk, open_desk
from tests.factories.people import BOX, FERNET
from tests.factories.ports import free_ports
from tests.faults.figures import Figures
from tests.faults.recovery import Delivered, under_way
from tests.faults.verdict import judge
from tests.postgresql import APP_ROLE
from tests.sandbox.stripe.conftest import client_for
from tests.sandbox.stripe.paying import token

ACCOUNT = "street"
CARDS = (*["pm_card_visa"] * 6, "pm_card_threeDSecure2Required")
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
SEALED = re.compile(r'name="agreed" value="([^"]+)"')
HOURS_LATER = timedelta(hours=2)
SETTLED_WITHIN_SECONDS = 240.0
PAYERS = 4
MOST_SECONDS_A_ROUND = 20.0


@dataclass(frozen=True)
class Elsewhere:
    """A sandbox in another process."""

    url: str


@dataclass
class Town:
    """The running parts, and a desk from which the test looks on.

    Args:
        presses: how often a press of "Pay" was answered.
        crowd: the portal's own parts that run, beside the sandbox and the inbox.
    """

    desk: Desk
    settings: Settings
    folder: Path
    commands: Mapping[str, Part]
    chance: Random
    figures: Figures = field(default_factory=Figures)
    running: dict[str, Processes] = field(default_factory=dict)
    starts: Iterator[int] = field(default_factory=lambda: count(1))
    presses: int = 0
    crowd: tuple[str, ...] = ("web", "worker")

    def start(self, name: str, fail_at: int = 0) -> None:
        """Start a part, perhaps so that it ends by itself at a failpoint."""
        settings = self.settings.model_copy(update={"fail_at": fail_at, "worker_slot": name})
        self.running[name] = Processes(self.folder / f"{name}-{next(self.starts)}", as_environment(settings))
        self.running[name].start(self.commands[name])

    def start_together(self, *names: str) -> None:
        """Start parts that live, and wait for them."""
        for name in names:
            self.start(name)
        for name in names:
            self.running[name].wait_until_up(self.commands[name])

    def wait_until_up(self, name: str) -> None:
        """It may end before it is up: its failpoint was near."""
        with suppress(StartFailed):
            self.running[name].wait_until_up(self.commands[name])

    def kill(self, name: str) -> None:
        """End a part, unless it has ended at its failpoint."""
        how = "ended at a failpoint" if self.running[name].ended() else "killed"
        with suppress(ProcessLookupError):
            self.running[name].signal(name, signal.SIGKILL)
        self.running.pop(name).stop()
        self.figures.seen["kills"] += 1
        self.figures.seen[f"{name} {how}"] += 1

    def round(self) -> None:
        """Let everything run until someone has pressed "Pay", and a moment; kill some of it, start it again."""
        presses, begun = self.presses, time.monotonic()
        while self.presses == presses and time.monotonic() - begun < MOST_SECONDS_A_ROUND:
            if any(processes.ended() for processes in self.running.values()):
                break
            time.sleep(0.05)
        time.sleep(self.chance.uniform(0, 2))
        victims = ["web", "worker"] if self.chance.random() < 0.8 else ["web", "worker", "stripe"]
        self.chance.shuffle(victims)
        for name in victims:
            self.kill(name)
            time.sleep(self.chance.uniform(0, 0.3))
        for name in victims:
            self.start(name, self.chance.randint(3, 40) if name != "stripe" and self.chance.random() < 0.6 else 0)
        for name in victims:
            self.wait_until_up(name)

    def link(self) -> str:
        """The token of a link to pay a new invoice by."""
        invoice = self.desk.invoice()
        with self.desk.till.writing() as session:
            return issue_link(session, self.desk.clock(), invoice_id=invoice).token

    def settle(self) -> float:
        """All parts run in peace, hours have passed: how many seconds it takes until everything has come to its end.

        Raises:
            AssertionError: something has not.
        """
        for name in ("web", "worker", "stripe"):
            if name in self.running:
                self.running.pop(name).stop()
        begun = time.monotonic()
        self.leases_end()
        self.start_together("stripe")
        self.start_together("web", "worker")
        self.come_to_an_end(begun)
        return time.monotonic() - begun

    def come_to_an_end(self, begun: float) -> None:
        """Hours pass until nothing is under way any more.

        Args:
            begun: when this began, on the monotonic clock.

        Raises:
            AssertionError: something stays under way.
        """
        waker = Waker(self.settings.database_url)
        while left := under_way(self.desk):
            assert time.monotonic() - begun < SETTLED_WITHIN_SECONDS, f"stuck: {left}"
            self._hours_pass()
            waker.wake("reconcile")  # its own turn comes once a minute
            time.sleep(2)

    def _hours_pass(self) -> None:
        """What waits has waited for hours: its times are moved back, since nobody can move the machine's clock."""
        with self.desk.till.writing() as session:
            for payment in session.scalars(select(Payment).where(Payment.state.not_in(CLOSED))):
                payment.created_at -= HOURS_LATER
                payment.changed_at -= HOURS_LATER
                payment.checked_at = None

    def leases_end(self) -> None:
        """Nobody is there any more of those that had taken rows to work."""
        with self.desk.till.writing() as session:
            waiting = update(OutboxRow).where(OutboxRow.done_at.is_(None)).values(lease_until=self.desk.clock())
            session.execute(waiting.execution_options(synchronize_session=False))
        with writing_global(self.desk.till.engine) as session:
            unhandled = update(GatewayEvent).where(GatewayEvent.handled_at.is_(None))
            later = unhandled.values(lease_until=self.desk.clock())
            session.execute(later.execution_options(synchronize_session=False))

    def sent(self) -> Delivered:
        """What has left."""
        with self.desk.till.reading() as session:
            rows = session.execute(
                select(OutboxRow.kind, OutboxRow.dedupe_key).where(OutboxRow.done_at.is_not(None))
            ).all()
        return Delivered(rows=dict.fromkeys(rows, 1))


@contextmanager
def running_town(
    url: str, owner_url: str, folder: Path, chance: Random, more: Mapping[str, str] | None = None
) -> Iterator[Town]:
    """Everything up, with an agency that takes payments; stopped at the end.

    Args:
        url: a migrated database, for the portal's own role.
        owner_url: the same for the role that owns its tables.
        more: further parts of the portal, each with the part that it is a twin of.
    """
    ports = Ports(*free_ports(5))
    commands = {part.name: part for part in parts(folder, ports)}
    for name, twin in (more or {}).items():
        commands[name] = twin_of(commands[twin], name, ports.web)
    settings = Settings(
        mode="demo",
        database_url=url,
        secret_key="a secret key that only the tests know",
        encryption_keys=FERNET,
        base_url=f"http://localhost:{ports.web}",
        data_dir=folder,
        mail_from="payments@portal.example",
        smtp_port=ports.smtp,
        stripe_sandbox_url=f"http://localhost:{ports.stripe}",
        inbox_url=f"http://localhost:{ports.inbox}",
        processor_timeout_seconds=10,
    )
    migrate_engine(owner_url, "" if owner_url == url else APP_ROLE)
    engine = make_engine(url)
    desk = open_desk(engine, Elsewhere(settings.stripe_sandbox_url), ACCOUNT, timeout_seconds=10)
    town = Town(desk, settings, folder, commands, chance, crowd=("web", "worker", *(more or {})))
    try:
        town.start_together("stripe", "inbox")
        _hear_events(town)
        town.start_together(*town.crowd)
        yield town
    finally:
        with ExitStack() as stack:
            for processes in town.running.values():
                stack.callback(processes.stop)
        engine.dispose()


def twin_of(part: Part, name: str, port: int) -> Part:
    """A second process like another; where that listens on a port, it has one of its own."""
    (other,) = free_ports(1)
    command = [str(other) if word == str(port) else word for word in part.command]
    return replace(part, name=name, command=command, health=part.health.replace(f":{port}/", f":{other}/"))


def _hear_events(town: Town) -> None:
    """The sandbox sends its events to the web process."""
    url = f"{town.settings.base_url}/{town.desk.agency.slug}/webhooks/processor"
    made = client_for(town.desk.sandbox, ACCOUNT).v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})
    with town.desk.till.writing() as session:
        secret = f"sk_test_sandbox_{ACCOUNT}"
        keys = ProcessorKeys(ACCOUNT, f"pk_test_sandbox_{ACCOUNT}", secret, (str(made.secret),))
        set_keys(session, BOX, keys)


class Payer(threading.Thread):
    """Someone who pays one invoice after the other by its link; when no answer comes, presses the button again."""

    def __init__(self, town: Town, links: list[str], seed: float, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._town, self._links, self._chance, self._end = town, links, Random(seed), stop

    def run(self) -> None:
        """Go on until told to stop."""
        while not self._end.is_set():
            with suppress(requests.RequestException, stripe.StripeError, LookupError):
                self._pay(self._chance.choice(self._links))
            self._end.wait(0.05)

    def _pay(self, link: str) -> None:
        browser = requests.Session()
        place = f"{self._town.settings.base_url}/{self._town.desk.agency.slug}/pay/{link}"
        page = browser.get(place, timeout=15).text
        sent = {
            "csrf_token": _found(CSRF, page),
            "confirmation_token": token(self._town.desk.processor, self._chance.choice(CARDS)),
            "invoice": re.findall(r'name="invoice"[^>]*value="(\d+)"', page),
            "payer_name": "Ana Ruiz",
            "payer_email": "ana@bakery.example",
        }
        reviewed = browser.post(f"{place}/review", data=sent, timeout=15).text
        agreed = {"csrf_token": sent["csrf_token"], "agreed": _found(SEALED, reviewed)}
        for _ in range(3):
            try:
                browser.post(f"{place}/submit", data=agreed, timeout=15, allow_redirects=False)
            except requests.RequestException:
                time.sleep(0.5)
            else:
                self._town.presses += 1
                return


def _found(what: re.Pattern[str], page: str) -> str:
    found = what.search(page)
    if found is None:
        raise LookupError(what.pattern)
    return unescape(found.group(1))


def kill_and_restart(url: str, owner_url: str, folder: Path, seed: int, kills: int) -> Figures:
    """One history of so many kills: people pay all the while, and in the end both sides' books are compared."""
    chance = Random(seed)
    with running_town(url, owner_url, folder, chance) as town:
        links = [town.link() for _ in range(kills * 2)]
        stop = threading.Event()
        payers = [Payer(town, links, chance.random(), stop) for _ in range(PAYERS)]
        for payer in payers:
            payer.start()
        while town.figures.seen["kills"] < kills or not town.desk.charged_cents():
            town.round()
        stop.set()
        for payer in payers:
            payer.join()
        town.figures.slowest_seconds = town.settle()
        town.figures.seen["charges"] = judge(town.desk, town.sent())
        town.figures.seen["histories"] = 1
        return town.figures
