"""The guest's way in: a policy number and the insured's ZIP, and the same answer to every miss.

Unknown, wrong ZIP, archived, a draft, billed to a partner, switched off, canceled without anything to
pay: the query finds no row, in one probe of the index of keyed digests. While the agency's breaker is open,
the PIN printed on the invoice is needed too, or the insured gets the payment link by mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select

from portal.access.guest_breaker import breaker_is_open, count_find, count_miss
from portal.access.limits import (
    GUEST_LINK_NETWORK,
    GUEST_LINK_POLICY,
    GUEST_NETWORK,
    GUEST_POLICY,
    OpenUnit,
    counted,
    missed_nothing,
    network_of,
    start_tries,
)
from portal.agencies.models import Agency
from portal.core.audit import Actor, AuditEntry, record
from portal.core.clock import local_date
from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.programs.guest_keys import digests
from portal.programs.guest_pin import is_guest_pin
from portal.programs.models import GuestKey, Policy, Program
from portal.programs.policy_numbers import loose_key

CAPABILITY = timedelta(minutes=15)
"""How long one browser may look at what was found."""
LOOKED_UP = "guest.looked_up"
LINK_ASKED = "mail.guest_link_asked"


@dataclass(frozen=True, slots=True)
class Found:
    """A policy with that number and ZIP, and what its program still asks for (cents)."""

    is_exact: bool
    program_id: int
    insured_id: int
    effective_date: date
    expiration_date: date
    open_cents: int


@dataclass(frozen=True, slots=True)
class Match:
    """What a look-up answers: programs to show, or what is needed too, or (false) nothing."""

    program_ids: tuple[int, ...] = ()
    asks_effective_date: bool = False
    asks_pin: bool = False

    def __bool__(self) -> bool:
        return bool(self.program_ids) or self.asks_effective_date or self.asks_pin


MISS = Match()
ASKS_PIN = Match(asks_pin=True)


def look_up(
    open_unit: OpenUnit,
    agency: Agency,
    key: bytes,
    policy_number: str,
    postal_code: str,
    ip: str,
    at: datetime,
    effective_date: date | None = None,
    pin: str = "",
) -> Match:
    """Look for the programs behind a policy number and a ZIP. Opens its own units.

    Args:
        open_unit: opens a write unit of the agency; none may be open.
        key: the agency's look-up key.
        policy_number: as typed.
        postal_code: five digits (`zip5`).
        ip: of the browser.
        effective_date: asked for only when a first answer wanted it.
        pin: the same; from the invoice, as typed.

    Raises:
        TooMany: too many misses at this number, or from this network.
    """
    if not pin:
        with open_unit() as session:
            if breaker_is_open(session, at):
                return ASKS_PIN
    tries = start_tries(
        open_unit,
        [counted(key, GUEST_POLICY, loose_key(policy_number)), counted(key, GUEST_NETWORK, network_of(ip))],
        at,
    )
    with open_unit() as session:
        needs_pin = count_miss(session, at)
    if needs_pin and not pin:
        return ASKS_PIN
    today = local_date(at, agency.time_zone)
    with open_unit() as session:
        found = _probe(session, digests(key, agency.id, policy_number, postal_code), today)
        if needs_pin:
            found = [row for row in found if is_guest_pin(pin, key, agency.id, row.program_id)]
        match = choose(found, effective_date, today) if agency.guest_payments else MISS
        if match:
            count_find(session, at, _newly_found(session, match.program_ids, at))
            missed_nothing(session, tries, match.program_ids[0] if match.program_ids else None)
        for program_id in match.program_ids:
            record(session, Actor("guest", ip=ip), LOOKED_UP, "program", program_id, at)
    return match


def choose(found: Sequence[Found], effective_date: date | None, today: date) -> Match:
    """Decide what the guest sees of what was found. Pure.

    A number that fits exactly wins over one that fits without its leading zeros. One insured: what is
    current and what has anything open, to choose from. Several insureds: the effective date must tell
    them apart, or it is a miss.
    """
    rows = [row for row in found if row.is_exact] or list(found)
    if len({row.insured_id for row in rows}) > 1:
        if effective_date is None:
            return Match(asks_effective_date=True)
        rows = [row for row in rows if row.effective_date == effective_date]
        if len({row.insured_id for row in rows}) > 1:
            return MISS
    newest_first = sorted(rows, key=lambda row: row.effective_date, reverse=True)
    wanted = [row for row in newest_first if row.open_cents or row.effective_date <= today < row.expiration_date]
    return Match(tuple(dict.fromkeys(row.program_id for row in wanted or newest_first[:1])))


def ask_for_link(
    open_unit: OpenUnit, agency_id: int, key: bytes, policy_number: str, postal_code: str, ip: str, at: datetime
) -> None:
    """Have the payment link mailed to the insured's addresses on file, if there is such a policy.

    The request is the same for every number and ZIP: a job finds out. Opens its own units.

    Args: as for `look_up`.

    Raises:
        TooMany: asked too often for this number, or from this network.
    """
    subjects = [counted(key, GUEST_LINK_POLICY, loose_key(policy_number))]
    subjects.append(counted(key, GUEST_LINK_NETWORK, network_of(ip)))
    start_tries(open_unit, subjects, at)
    pair = digests(key, agency_id, policy_number, postal_code)
    with open_unit() as session:
        enqueue(session, LINK_ASKED, f"{pair[0]}:{int(at.timestamp())}", {"digests": list(pair)}, at)


def programs_asked_for(session: Scoped, pair: tuple[str, str], today: date) -> tuple[int, ...]:
    """The programs whose link was asked for, for the job; several insureds with one number get nothing.

    Args:
        pair: the digests of the request.
        today: the day at the agency.
    """
    return choose(_probe(session, pair, today), None, today).program_ids


def _newly_found(session: Scoped, program_ids: Sequence[int], at: datetime) -> int:
    """How many of these nobody has found in the last 24 hours: one and the same, again and again, proves nothing."""
    seen = select(AuditEntry.subject_id).where(
        AuditEntry.subject_kind == "program",
        AuditEntry.subject_id.in_(program_ids),
        AuditEntry.action == LOOKED_UP,
        AuditEntry.at > at - timedelta(days=1),
    )
    return len(set(program_ids) - set(session.scalars(seen)))


def _probe(session: Scoped, pair: tuple[str, str], today: date) -> list[Found]:
    open_cents = (
        select(func.coalesce(func.sum(Invoice.open_cents), 0))
        .where(Invoice.program_id == Program.id, Invoice.state == "open")
        .correlate(Program)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            GuestKey.is_exact,
            Program.id,
            Program.insured_id,
            Policy.effective_date,
            Policy.expiration_date,
            open_cents.label("open_cents"),
        )
        .join(Policy, Policy.id == GuestKey.policy_id)
        .join(Program, Program.id == GuestKey.program_id)
        .where(
            GuestKey.digest.in_(pair),
            Program.archived_at.is_(None),
            Program.is_draft.is_(False),
            Program.guest_payments.is_(True),
            Program.billing_type == "direct_bill",
            or_(Program.canceled_on.is_(None), Program.canceled_on > today, open_cents > 0),
        )
    )
    return [Found(*row) for row in rows]
