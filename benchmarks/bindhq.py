"""How long BindHQ takes: ten thousand bound policies that become programs, and an hourly sync that finds nothing new.

By one worker beside the sandbox, a process of its own that waits 5 ms before each answer; `python -m benchmarks.bindhq`
measures this alone, on PostgreSQL.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, insert, select

from benchmarks.postgresql import as_app, make_database, postgresql
from portal.agencies.kept_lists import put
from portal.agencies.models import Agency
from portal.cli.database import upgrade_tables
from portal.cli.demo_settings import Ports, demo_settings
from portal.cli.processes import LOCAL, Part, Processes
from portal.core.clock import now
from portal.core.db import make_engine
from portal.core.secrets import SecretBox
from portal.core.tenancy import reading, writing, writing_global
from portal.integrations.bindhq.systems import BindHQSystems
from portal.partners.models import Partner, PartnerReference, PartnerUser
from portal.policy_system.calling import BINDHQ, Line, open_line
from portal.policy_system.connection import TypedConnection, save_connection
from portal.policy_system.mappings import map_suggested
from portal.policy_system.models import ImportRecord, SyncRun
from portal.policy_system.retail_sync import refresh_lists
from portal.policy_system.retailers import SYSTEM_NAME
from portal.policy_system.runs import import_policies, sync_agencies
from portal.programs.models import Program
from portal.sandbox.bindhq import records, sample
from portal.sandbox.bindhq.machine import API_KEY, CLIENT_CODE, create_machine
from portal.sandbox.bindhq.store import Json, timestamp
from portal.settings import Settings

POLICIES, RETAILERS, LATENCY_MS = 10_000, 5_000, 5
WITH_POLICIES = 500
"""Of so many of the agencies are the policies."""
LOOK_EVERY_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Synced:
    """What was measured, in seconds.

    Args:
        first: the first sync, which takes note of agencies that are partners already.
        policies: the import, and `imported` how many programs it made.
        seen: how many different counts the page of runs showed while it went on.
        unchanged: an hourly sync of agencies that are all as they were.
    """

    first: float
    policies: float
    imported: int
    seen: int
    unchanged: float

    @property
    def per_second(self) -> float:
        """Policies a second."""
        return self.imported / self.policies


def measure(settings: Settings, port: int, folder: Path) -> Synced:
    """Fill a new database and a new BindHQ, and measure.

    Args:
        settings: of the tables' owner.
        port: of the sandbox.
    """
    upgrade_tables(settings.database_url)
    box = SecretBox(settings.encryption_keys.get_secret_value())
    owner = make_engine(settings.database_url)
    with writing_global(owner) as unscoped:
        agency = Agency(
            slug="bench", name="Bench", phone="", email="", brand_hex="#0b5fa5", lookup_key=box.close("a key"),
            created_at=now(),
        )  # fmt: skip
        unscoped.add(agency)
    owner.dispose()
    _bind(folder / "bindhq.db")
    engine = make_engine(as_app(settings).database_url)
    with _sandbox(folder, port) as url:
        line = _connected(engine, agency.id, box, url)
        _know_retailers(engine, agency.id)
        first = _seconds(lambda: sync_agencies(line, now))
        counts: set[int] = set()
        with _looking(engine, agency.id, counts):
            took = _seconds(lambda: import_policies(line, now, lambda: True))
        unchanged = _seconds(lambda: sync_agencies(line, now))
    with reading(engine, agency.id) as session:
        imported = session.scalar(select(func.count(Program.id))) or 0
        runs = session.scalars(select(SyncRun).order_by(SyncRun.id)).all()
        waiting = session.scalar(select(func.count(ImportRecord.id)).where(ImportRecord.state != "imported"))
    engine.dispose()
    told = [(run.kind, run.counts, run.errors) for run in runs]
    if imported != POLICIES or waiting or told[-1][1].get("unchanged", 0) < RETAILERS:
        sys.exit(f"BindHQ: {imported} programs, {waiting} not imported, {told}")
    return Synced(first, took, imported, len(counts), unchanged)


def _bind(path: Path) -> None:
    """Agencies and policies at BindHQ, before anybody looks."""
    machine = create_machine(path)
    with machine.store.turn() as store:
        for number in range(RETAILERS):
            store.save("agency", _agency(number))
        for number in range(POLICIES):
            records.bind(
                store, {"agency_id": str(10_000 + number % min(RETAILERS, WITH_POLICIES)), "tax": 4_013, "fee": 2_500}
            )
    machine.store.close()


def _agency(number: int) -> Json:
    agent = sample.person(f"a{number}", "Dana", "Reyes", f"dana@retailer{number}.example", "5125550111")
    where = sample.address(f"{number} Main St", "Round Rock", "TX", f"{78_000 + number % 900}")
    return {
        **sample.agency(str(10_000 + number), f"Retailer {number}", "5125550199", where, agent),
        "updated_at": timestamp(),
    }


@contextmanager
def _sandbox(folder: Path, port: int) -> Iterator[str]:
    url = f"http://{LOCAL}:{port}"
    command = [sys.executable, "-m", "portal.sandbox.bindhq", "--latency-ms", str(LATENCY_MS), "--port", str(port)]
    part = Part("slow-bindhq", [*command, "--db", str(folder / "bindhq.db")], health=f"{url}/")
    processes = Processes(folder, {})
    try:
        processes.start(part)
        processes.wait_until_up(part)
        yield url
    finally:
        processes.stop()


def _connected(engine: Engine, agency_id: int, box: SecretBox, url: str) -> Line:
    """Connected, and everything mapped."""
    typed = TypedConnection(
        is_enabled=True, base_url=f"{url}/api/v2", client_code=CLIENT_CODE, api_key=API_KEY, auth_header="",
        auth_prefix="", webhook_secret="", sends_link=False, sends_offline_receipts=False, strict_surplus_lines=False,
    )  # fmt: skip
    with writing(engine, agency_id) as session:
        save_connection(session, box, typed, BINDHQ, now())
        put(session, "wholesaler", "", str(sample.MARKETING_COMPANIES[0]["name"]), BINDHQ, now())
    line = open_line(engine, agency_id, box, BindHQSystems(url, ()))
    assert line is not None
    refresh_lists(line, now())
    with writing(engine, agency_id) as session:
        for kind in ("coverage", "carrier", "marketing_company"):
            map_suggested(session, kind, BINDHQ, now())
    return line


def _know_retailers(engine: Engine, agency_id: int) -> None:
    """The agencies are partners with a user each, as after the import of a list."""
    with writing(engine, agency_id) as session:
        rows = [_partner(number) for number in range(RETAILERS)]
        ids = session.scalars(insert(Partner).returning(Partner.id, sort_by_parameter_order=True), rows).all()
        references = [
            {"partner_id": partner_id, "system": SYSTEM_NAME, "external_id": str(10_000 + number)}
            for number, partner_id in enumerate(ids)
        ]
        session.execute(insert(PartnerReference), references)
        users = [
            {
                "partner_id": partner_id, "email": row["contact_email"], "first_name": "Dana", "last_name": "Reyes",
                "role": "admin", "state": "invited", "origin": "contact", "created_at": row["created_at"],
            }
            for row, partner_id in zip(rows, ids, strict=True)
        ]  # fmt: skip
        session.execute(insert(PartnerUser), users)


def _partner(number: int) -> dict[str, object]:
    return {
        "kind": "retail", "name": f"Retailer {number}", "address_line1": f"{number} Main St", "city": "Round Rock",
        "state": "TX", "postal_code": f"{78_000 + number % 900}", "contact_first_name": "Dana",
        "contact_last_name": "Reyes", "contact_email": f"dana@retailer{number}.example", "bills_agency": True,
        "bills_direct": True, "created_at": now(),
    }  # fmt: skip


@contextmanager
def _looking(engine: Engine, agency_id: int, counts: set[int]) -> Iterator[None]:
    """Look at the run that goes on, as its page does, and keep how many it says were imported."""
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_EVERY_SECONDS):
            with reading(engine, agency_id) as session:
                query = select(SyncRun.counts).where(SyncRun.kind == "feed", SyncRun.ended_at.is_(None))
                counts.update(each.get("imported", 0) for each in session.scalars(query))

    looker = threading.Thread(target=look)
    looker.start()
    try:
        yield
    finally:
        over.set()
        looker.join()


def _seconds(run: Callable[[], None]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def main() -> None:
    """Measure this alone."""
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        settings = demo_settings(Path(folder), Ports())
        found = measure(
            settings.model_copy(update={"database_url": make_database(server, "bindhq")}), 8424, Path(folder)
        )
    sys.stdout.write(f"{found}\n{found.per_second:.0f} policies a second\n")


if __name__ == "__main__":
    main()
