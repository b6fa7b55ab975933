"""The jobs' part in payments: which agency's till an event, a sweep or the reconciler works at."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from sqlalchemy import Engine, select

from portal.agencies.directory import Directory
from portal.agencies.keys import ProcessorKeys, read_keys
from portal.agencies.models import Agency, ProcessorAccount
from portal.core.secrets import SecretBox
from portal.core.tenancy import reading, reading_global
from portal.jobs.context import EventItem, OutboxHandler, OutboxItem
from portal.jobs.leasing import Postponed, work_leased
from portal.payments import inbox
from portal.payments.autopay.asking import BEGIN
from portal.payments.autopay.beginning import begin_asked
from portal.payments.autopay.run import run as autopay
from portal.payments.bulk import ChargedElsewhere
from portal.payments.comparison import compare
from portal.payments.gateway import Gateway
from portal.payments.methods.paying import KEEP, keep_paid_with
from portal.payments.methods.reconcile import due_setups, let_go, reconcile_setup
from portal.payments.methods.saved import DETACH
from portal.payments.money_back.nightly import look_again
from portal.payments.money_back.unsettled import due_refunds, reconcile_refund
from portal.payments.processor_payouts import read_payouts
from portal.payments.reconcile import due, reconcile
from portal.payments.till import Till

RECONCILED_AT_ONCE = 4
_log = structlog.get_logger("portal.jobs")


@dataclass(frozen=True, slots=True)
class PaymentJobs:
    """What jobs do about payments.

    Args:
        gateway: the gateway of an agency's keys.
    """

    engine: Engine
    directory: Directory
    box: SecretBox
    gateway: Callable[[ProcessorKeys], Gateway]
    now: Callable[[], datetime]

    def agency_ids(self) -> list[int]:
        """Every agency."""
        with reading_global(self.engine) as session:
            return list(session.scalars(select(Agency.id).order_by(Agency.id)))

    def till(self, agency_id: int) -> Till | None:
        """An agency's till, or None while it takes no payments online."""
        agency = self.directory.by_id(agency_id)
        with reading(self.engine, agency_id) as session:
            keys = read_keys(session, self.box)
        if agency is None or keys is None:
            return None
        return Till(self.engine, agency_id, keys.account, self.gateway(keys), agency.time_zone, self.now)

    def handle_event(self, item: EventItem) -> str:
        """Work an event at the till of its account. A decline at the second time only: see `inbox.ON_SCREEN`.

        Raises:
            Postponed: the payer's own page comes first; it shows why, and no mail has to.
            LookupError: no agency has this account, or it has no working keys; tried again later.
        """
        if item.kind == inbox.DECLINED and item.attempts == 1:
            raise Postponed("the payer's own page comes first")
        for agency_id in self.agency_ids():
            with reading(self.engine, agency_id) as session:
                owner = session.scalar(select(ProcessorAccount.id).where(ProcessorAccount.account == item.account))
            till = self.till(agency_id) if owner is not None else None
            if till is not None:
                return inbox.handle(till, item.kind, item.object_id)
        raise LookupError(f"no agency takes payments with account {item.account}")

    def reconcile(self, agency_id: int) -> None:
        """Bring an agency's unfinished payments and refunds on; one that cannot be holds up no other, and waits."""
        till = self.till(agency_id)
        if till is None:
            return
        with till.reading() as session:
            waiting = due(session, self.now())
            setups = due_setups(session, till.account, self.now())
            refunds = due_refunds(session, self.now())
        works: list[tuple[list[int], Callable[[Till, int], object]]] = [
            (waiting, reconcile),
            (setups, reconcile_setup),
            (refunds, reconcile_refund),
        ]
        for ids, work in works:
            work_leased(
                ids,
                work=partial(work, till),
                put_back=lambda _id: None,
                failed=partial(_reconcile_failed, work.__name__),
                threads=RECONCILED_AT_ONCE,
            )

    def handlers(self) -> dict[str, OutboxHandler]:
        """What payments have to do at the processor after a commit."""
        return {DETACH: self._let_go, KEEP: self._keep, BEGIN: self._begin}

    def _begin(self, item: OutboxItem) -> None:
        """Begin autopay that was asked for with a payment.

        Raises:
            Postponed: the payment's method is not kept yet.
            LookupError: the agency has no working keys; tried again later.
        """
        till = self.till(item.agency_id)
        if till is None:
            raise LookupError("no working keys")
        if not begin_asked(till, item.payload["payment_id"]):
            raise Postponed("the payment's method is not kept yet")

    def _keep(self, item: OutboxItem) -> None:
        """Keep what a payment was made with, as its payer has asked.

        Raises:
            Postponed: the payment has no outcome yet.
            LookupError: the agency has no working keys; tried again later.
        """
        till = self.till(item.agency_id)
        if till is None:
            raise LookupError("no working keys")
        if not keep_paid_with(till, item.payload["payment_id"]):
            raise Postponed("the payment has no outcome yet")

    def _let_go(self, item: OutboxItem) -> None:
        """Let go of a method that was removed here.

        Raises:
            LookupError: the agency cannot reach the account that keeps it; tried again later, and shown to staff.
        """
        till = self.till(item.agency_id)
        if till is None or till.account != item.payload["account"]:
            raise LookupError(f"no working keys for account {item.payload['account']}")
        let_go(till, item.payload["method_id"], item.payload["setup_id"])

    def autopay(self, agency_id: int) -> None:
        """Announce what autopay will charge, and charge what is due. Another worker may be at it already."""
        till = self.till(agency_id)
        if till is not None:
            with suppress(ChargedElsewhere):
                autopay(till)

    def money_back(self, agency_id: int) -> None:
        """Read an agency's refunds and disputes of late."""
        till = self.till(agency_id)
        if till is not None:
            look_again(till)

    def sweep_events(self, agency_id: int) -> None:
        """Fetch an agency's events that no webhook brought."""
        till = self.till(agency_id)
        if till is not None:
            inbox.sweep(till)

    def read_payouts(self, agency_id: int) -> None:
        """Read an agency's balance and payouts at the processor."""
        till = self.till(agency_id)
        if till is not None:
            read_payouts(till)

    def compare_books(self, agency_id: int) -> None:
        """Compare an agency's books with the processor's."""
        till = self.till(agency_id)
        if till is not None:
            compare(till)


def _reconcile_failed(work: str, item_id: int, error: str) -> None:
    """Say which kind of error it was; its text may quote the processor's answer."""
    _log.warning("reconcile.failed", job=work, item=item_id, error=error.partition(":")[0])
