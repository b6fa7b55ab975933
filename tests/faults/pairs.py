"""Two web and two worker processes over one PostgreSQL: any of them dies while people pay, and nobody else notices.

Payers change from one web process to the other from page to page, as behind a proxy that takes turns.
"""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import requests
from sqlalchemy import func, select

from portal.core.outbox import OutboxRow
from portal.payments.models import Payment
from tests.faults.figures import Figures
from tests.faults.processes import CSRF, SEALED, Town, _found, running_town
from tests.faults.verdict import RECEIPT, judge
from tests.sandbox.stripe.paying import token

MORE = {"web-2": "web", "worker-2": "worker"}
WEBS = ("web", "web-2")
PAYERS = 3
ANSWER_WITHIN_SECONDS = 30.0
GRACE_SECONDS = 0.5
"""So long after a process was killed a request to it may have begun before the payer could know."""
WRONG_POLICY = {"policy_number": "NO-SUCH-1", "zip": "10001"}
MOST_GUESSES = 10


@dataclass
class Watch:
    """What payers saw of each web process, and when each was down.

    Args:
        down: web process -> the times between its kill and its coming back; open ones end at infinity.
        failed: requests that got no answer, as (web process, begun, ended).
        errors: answers with a status of 500 or more.
    """

    down: dict[str, list[list[float]]] = field(default_factory=lambda: {name: [] for name in WEBS})
    failed: list[tuple[str, float, float]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    answered: int = 0

    def unexplained(self) -> list[tuple[str, float, float]]:
        """Requests without an answer although their process was not killed meanwhile."""
        return [
            (name, begun, ended)
            for name, begun, ended in self.failed
            if not any(begun <= back and ended >= killed - GRACE_SECONDS for killed, back in self.down[name])
        ]


class Doors:
    """The web processes as a proxy sees them: it takes turns, and goes to the other when one does not answer."""

    def __init__(self, town: Town, watch: Watch) -> None:
        self._watch = watch
        self._own = urlsplit(town.settings.base_url).netloc
        self.at = {name: urlsplit(town.commands[name].health).netloc for name in WEBS}

    def ask(self, browser: requests.Session, method: str, path: str, first: str, **more: object) -> requests.Response:
        """One request; sent again to the other process when the first one is gone.

        Raises:
            requests.RequestException: neither has answered.
        """
        for name in (first, *(each for each in WEBS if each != first)):
            begun = time.monotonic()
            try:
                answer = browser.request(
                    method,
                    f"http://{self.at[name]}{path}",
                    headers={"Host": self._own},
                    timeout=ANSWER_WITHIN_SECONDS,
                    allow_redirects=False,
                    **more,  # type: ignore[arg-type]
                )
            except requests.RequestException:
                self._watch.failed.append((name, begun, time.monotonic()))
                continue
            self._watch.answered += 1
            if answer.status_code >= 500:
                self._watch.errors.append(f"{name}: {answer.status_code} {path.rsplit('/', 1)[-1]}")
            return answer
        raise requests.ConnectionError("neither web process answers")


class Shopper(threading.Thread):
    """Someone who pays one invoice after the other, each page at another web process, and presses twice at both."""

    def __init__(self, town: Town, doors: Doors, seed: float, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._town, self._doors = town, doors
        self._chance, self._end = Random(seed), stop
        self.wrong: list[str] = []

    def run(self) -> None:
        """Go on until told to stop."""
        while not self._end.is_set():
            try:
                self._pay(self._town.link())
            except LookupError as error:
                self.wrong.append(str(error))

    def _pay(self, link: str) -> None:
        browser = requests.Session()
        path = f"/{self._town.desk.agency.slug}/pay/{link}"
        here, there = self._chance.sample(WEBS, 2)
        page = self._doors.ask(browser, "GET", path, here).text
        sent = {
            "csrf_token": _found(CSRF, page),
            "confirmation_token": token(self._town.desk.processor, "pm_card_visa"),
            "invoice": re.findall(r'name="invoice"[^>]*value="(\d+)"', page),
            "payer_name": "Ana Ruiz",
            "payer_email": "ana@bakery.example",
        }
        reviewed = self._doors.ask(browser, "POST", f"{path}/review", there, data=sent).text
        agreed = {"csrf_token": sent["csrf_token"], "agreed": _found(SEALED, reviewed)}
        with ThreadPoolExecutor(2) as hands:
            presses = [
                hands.submit(self._doors.ask, _same(browser), "POST", f"{path}/submit", name, data=agreed)
                for name in (here, there)
            ]
        for press in presses:
            press.result()
        self._town.presses += 1


def _same(browser: requests.Session) -> requests.Session:
    """The same browser's other tab: sessions of `requests` are not for two threads."""
    tab = requests.Session()
    tab.cookies.update(browser.cookies)
    return tab


def guesses_until_stopped(town: Town, doors: Doors) -> int:
    """How many wrong policy numbers one network may try when it asks the two web processes in turn."""
    path = f"/{town.desk.agency.slug}/pay-a-policy"
    for tried in range(MOST_GUESSES + 2):
        browser = requests.Session()
        page = doors.ask(browser, "GET", path, WEBS[tried % 2]).text
        form = WRONG_POLICY | {"csrf_token": _found(CSRF, page), "policy_number": f"NO-SUCH-{tried}"}
        if doors.ask(browser, "POST", path, WEBS[(tried + 1) % 2], data=form).status_code == 429:
            return tried
    return MOST_GUESSES + 2


def kill_one_of_four(url: str, owner_url: str, folder: Path, seed: int, kills: int) -> Figures:
    """One history: people pay all the while, one process after the other is killed and comes back.

    Raises:
        AssertionError: a request failed whose process lived, or the two sides' books differ.
    """
    chance, watch = Random(seed), Watch()
    with running_town(url, owner_url, folder, chance, MORE) as town:
        doors = Doors(town, watch)
        stop = threading.Event()
        shoppers = [Shopper(town, doors, chance.random(), stop) for _ in range(PAYERS)]
        for shopper in shoppers:
            shopper.start()
        for victim in _victims(chance, kills):
            _one_dies(town, watch, victim)
        stop.set()
        for shopper in shoppers:
            shopper.join()
        begun = time.monotonic()
        town.leases_end()
        town.come_to_an_end(begun)
        town.figures.slowest_seconds = time.monotonic() - begun
        assert not [wrong for shopper in shoppers for wrong in shopper.wrong]
        assert not watch.errors, watch.errors
        assert not (unexplained := watch.unexplained()), unexplained
        town.figures.seen["charges"] = judge(town.desk, town.sent())
        _each_has_one_receipt(town)
        assert guesses_until_stopped(town, doors) == MOST_GUESSES
        town.figures.seen["histories"] = 1
        town.figures.seen["requests answered"] = watch.answered
        town.figures.seen["requests of a killed process"] = len(watch.failed)
        return town.figures


def _victims(chance: Random, kills: int) -> list[str]:
    """Who dies, at random; a web process and a worker among them."""
    crowd = ["web", "web-2", "worker", "worker-2"]
    chosen = [chance.choice(crowd[:2]), chance.choice(crowd[2:])] + [chance.choice(crowd) for _ in range(kills - 2)]
    chance.shuffle(chosen)
    return chosen


def _one_dies(town: Town, watch: Watch, victim: str) -> None:
    """Once somebody has paid since the last one died, this one dies, and comes back."""
    presses, until = town.presses, time.monotonic() + ANSWER_WITHIN_SECONDS
    while town.presses == presses and time.monotonic() < until:
        time.sleep(0.02)
    time.sleep(town.chance.uniform(0, 0.4))
    times = [time.monotonic(), float("inf")]
    if victim in WEBS:
        watch.down[victim].append(times)
    town.kill(victim)
    town.start(victim)
    town.wait_until_up(victim)
    times[1] = time.monotonic()


def _each_has_one_receipt(town: Town) -> None:
    """Two workers have not made two mails of one payment."""
    with town.desk.till.reading() as session:
        paid = session.scalar(select(func.count()).select_from(Payment).where(Payment.state == "succeeded"))
        receipts = session.scalar(select(func.count()).select_from(OutboxRow).where(OutboxRow.kind == RECEIPT))
    assert paid == receipts
