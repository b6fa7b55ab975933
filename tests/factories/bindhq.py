"""An agency with both ends open: it takes payments at the Stripe sandbox, and its policies come from the BindHQ one."""

from dataclasses import dataclass, field
from typing import Any

import requests
from sqlalchemy import select

from portal.cli.receipt_jobs import ReceiptJobs
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.integrations.bindhq.calls import Patience
from portal.integrations.bindhq.systems import BindHQSystems
from portal.invoices.models import Invoice
from portal.jobs.context import OutboxItem
from portal.payments.inbox import sweep
from portal.payments.processor_payouts import read_payouts
from portal.policy_system.calling import Line
from portal.policy_system.connection import connection_of
from portal.policy_system.feed import poll
from portal.policy_system.mappings import TheirName, map_suggested, see
from portal.policy_system.models import ImportRecord
from portal.policy_system.protocol import ConnectionDetails
from portal.policy_system.receipt_models import PolicyReceipt
from portal.policy_system.receipt_plan import DELIVER
from portal.policy_system.work import work
from portal.sandbox.bindhq.machine import API_KEY, CLIENT_CODE
from portal.sandbox.bindhq.server import Running
from tests.factories.desk import Desk
from tests.factories.people import BOX, key_of
from tests.factories.policy_system import make_connection
from tests.sandbox.stripe.paying import DAY, control


@dataclass
class Both:
    """The agency, its BindHQ, and what the jobs do."""

    desk: Desk
    url: str
    systems: BindHQSystems
    line: Line
    failed: list[str] = field(default_factory=list)

    def there(self, path: str, **fields: Any) -> Any:
        """Make something happen at BindHQ."""
        answer = requests.post(f"{self.url}/sandbox/{path}", json=fields, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def books_there(self) -> Any:
        return requests.get(f"{self.url}/sandbox/books", timeout=10).json()

    def receipts_there(self) -> list[tuple[str, str, str]]:
        return [(each["external_id"], each["amount"], each["status"]) for each in self.books_there()["receipt"]]

    def bind(self, **changes: Any) -> tuple[str, int]:
        """Bind a policy there and import it; its id there and our invoice."""
        policy_id = self.there("policies", **changes)["id"]
        self.sync()
        return policy_id, self.invoice_of(policy_id)

    def sync(self) -> None:
        poll(self.line, self.desk.clock)
        work(self.line, self.desk.clock, lambda: True)

    def invoice_of(self, object_id: str) -> int:
        with self.desk.till.reading() as session:
            record = session.scalars(select(ImportRecord).where(ImportRecord.object_id == object_id)).one()
            assert record.state == "imported", record.failures
            if record.invoice_id is not None:
                return record.invoice_id
            query = select(Invoice.id).where(Invoice.program_id == record.program_id).order_by(Invoice.id)
            found = session.scalars(query).first()
            assert found is not None
            return found

    def pay_out(self, *, arrives: bool = True) -> None:
        """What is available goes to the bank, and gets there."""
        self.pass_days(2)
        payout = control(self.desk.sandbox, "payouts", {"account": self.desk.till.account})
        for step in ("reconcile", "arrive") if arrives else ("reconcile",):
            control(self.desk.sandbox, f"payouts/{payout['id']}/{step}")
        sweep(self.desk.till)
        read_payouts(self.desk.till)

    def pass_days(self, days: int) -> None:
        self.desk.clock.pass_(days=days)
        control(self.desk.sandbox, "clock", {"advance_seconds": days * DAY})

    def jobs(self) -> ReceiptJobs:
        return ReceiptJobs(self.desk.till.engine, BOX, self.systems, self.desk.clock)

    def send(self) -> None:
        """What the job and the outbox do, until nothing is left; what fails is kept for the next time."""
        poll(self.line, self.desk.clock)
        self.jobs().send_receipts(self.desk.agency.id)
        for _ in range(5):
            if not self.drain():
                return

    def drain(self) -> int:
        """Work the outbox's receipts once; how many were done."""
        handler, done = self.jobs().handlers()[DELIVER], 0
        with self.desk.till.reading() as session:
            open_rows = OutboxRow.kind == DELIVER, OutboxRow.done_at.is_(None)
            items = [
                OutboxItem(self.desk.agency.id, row.id, row.kind, row.dedupe_key, row.payload, 1)
                for row in session.scalars(select(OutboxRow).where(*open_rows).order_by(OutboxRow.id))
            ]
        for item in items:
            try:
                handler(item)
            except Exception as error:  # noqa: BLE001 - as the drain keeps it for later
                self.failed.append(type(error).__name__)
                continue
            done += 1
            with self.desk.till.writing() as session:
                row = session.scalars(select(OutboxRow).where(OutboxRow.id == item.id)).one()
                row.done_at = self.desk.clock()
        return done

    def states(self) -> list[str]:
        with self.desk.till.reading() as session:
            return list(session.scalars(select(PolicyReceipt.state).order_by(PolicyReceipt.id)))

    def tasks(self) -> list[str]:
        with self.desk.till.reading() as session:
            return list(session.scalars(select(StaffTask.kind).where(StaffTask.closed_at.is_(None))))


def open_both(desk: Desk, running: Running, *, timeout_seconds: float = 20, **typed: Any) -> Both:
    """Connect an agency that takes payments to a BindHQ, with everything of the usual policy mapped."""
    systems = BindHQSystems(running.url, (), Patience(timeout_seconds=timeout_seconds, sleep=lambda _seconds: None))
    url = f"{running.url}/api/v2"
    at = desk.clock()
    with desk.till.writing() as session:
        make_connection(session, BOX, base_url=url, api_key=API_KEY, client_code=CLIENT_CODE, **typed)
        connection = connection_of(session)
        assert connection is not None
        connection.bank_account_id, connection.bank_account_name = "1095", "Portal FBO"
        see(session, "coverage", [TheirName("CGL", "General Liability")], at)
        see(session, "carrier", [TheirName("301", "Evanston Insurance Company", "35378")], at)
        see(session, "marketing_company", [TheirName("77", "Sample Surplus Brokers")], at)
        map_all(session, at)
    system = systems.connect(ConnectionDetails(url, CLIENT_CODE, API_KEY))
    line = Line(desk.till.engine, desk.agency.id, system, key_of(desk.agency), desk.agency.time_zone)
    return Both(desk, running.url, systems, line)


def map_all(session: Any, at: Any) -> None:
    """By what the names suggest."""
    from portal.agencies.kept_lists import put
    from portal.policy_system.calling import BINDHQ

    put(session, "wholesaler", "", "Sample Surplus Brokers", BINDHQ, at)
    for kind in ("coverage", "carrier", "marketing_company"):
        assert map_suggested(session, kind, BINDHQ, at) == 1  # type: ignore[arg-type]
