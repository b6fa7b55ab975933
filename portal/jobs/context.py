"""What the jobs need from the rest: the database, and who works each kind of item. Plugged in by `cli`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.core import clock
from portal.core.tenancy import reading_global
from portal.servicing.late.notices import Paper


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A leased outbox row. `attempts` counts this one."""

    agency_id: int
    id: int
    kind: str
    dedupe_key: str
    payload: Mapping[str, Any]
    attempts: int


@dataclass(frozen=True, slots=True)
class EventItem:
    """A leased processor event: whose account, what it is called there, and which object it is about."""

    id: int
    account: str
    event_id: str
    kind: str
    object_id: str
    received_at: datetime
    attempts: int


OutboxHandler = Callable[[OutboxItem], object]
"""Delivers one item; opens its own units, none across a network call; raises if it must be tried again."""

EventHandler = Callable[[EventItem], str]
"""Works one event, says in a word what came of it; raises if it must be tried again."""

AgencyJob = Callable[[int], None]
"""Does something for one agency, by its id."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What is handed to every job.

    Args:
        engine: the portal's database.
        outbox: kind of outbox row -> who delivers it.
        handle_event: works a processor event.
        reconcile: asks the processor about an agency's unsettled payments.
        autopay: announces and charges what autopay has to, at an agency.
        sweep_events: fetches an agency's recent processor events that no webhook brought.
        read_payouts: reads the movements of an agency's balance at the processor, and its payouts.
        money_back: looks at an agency's refunds and disputes of late.
        send_receipts: finds what receipts an agency's policy system has to have or lose.
        compare_books: compares the processor's books with an agency's own.
        import_policies: reads the feed of an agency's BindHQ, and works what waits to be imported.
        sync_agencies: looks at the retail agencies and users of an agency's BindHQ.
        check_hosts: looks at an agency's own hosts.
        paper: what an agency's notices are printed with.
        audit_key: seals the audit.
        now: the clock.
    """

    engine: Engine
    outbox: Mapping[str, OutboxHandler]
    handle_event: EventHandler
    reconcile: AgencyJob
    autopay: AgencyJob
    sweep_events: AgencyJob
    read_payouts: AgencyJob
    money_back: AgencyJob
    compare_books: AgencyJob
    import_policies: AgencyJob
    sync_agencies: AgencyJob
    send_receipts: AgencyJob
    check_hosts: AgencyJob
    paper: Callable[[int], Paper]
    audit_key: bytes
    now: Callable[[], datetime] = clock.now

    def agency_ids(self) -> list[int]:
        """Every agency, for jobs that loop over them with one scoped session each."""
        with reading_global(self.engine) as session:
            return list(session.scalars(select(Agency.id).order_by(Agency.id)))
