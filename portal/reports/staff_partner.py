"""One partner as staff see it, with everything that belongs to it."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from portal.core.audit import AuditEntry, Told, tell
from portal.core.tenancy import Scoped
from portal.insureds.dead_addresses import dead_of
from portal.partners.accounts import partner_of
from portal.partners.models import Partner, PartnerReference, PartnerUser
from portal.partners.users import open_admins, users_of
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.policy_system.models import PolicyMapping
from portal.policy_system.retailers import SYSTEM_NAME
from portal.programs.models import Program
from portal.reports.partner_commissions import PayoutRow, payouts_of, unpaid_commissions
from portal.reports.partner_statements import StatementRow, statements_of
from portal.reports.staff_partners import owed_by
from portal.reports.staff_programs import ListedProgram, programs_by_id

MOST_PROGRAMS = 10
MOST_ENTRIES = 50
MOST_PAPERS = 6
"""Statements and payouts that are shown, the newest first."""


@dataclass(frozen=True, slots=True)
class NameElsewhere:
    """What another system calls a partner, and whether it has closed it there."""

    system: str
    external_id: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class SeenPartner:
    """A partner with everything.

    Args:
        dead: the users' addresses that do not work.
        has_open_admin: somebody of theirs can manage the users.
        programs: the newest, at most ten; `program_count` is of all.
        payable_cents: commission that goes out with the next payout; below nothing it is a debt that waits.
        statements, payouts: the newest, at most six; the counts are of all.
        names_elsewhere: what other systems call it.
        entries: the newest first, at most fifty.
    """

    partner: Partner
    users: tuple[PartnerUser, ...]
    dead: frozenset[str]
    has_open_admin: bool
    programs: tuple[ListedProgram, ...]
    program_count: int
    open_cents: int
    overdue_cents: int
    credit_cents: int
    payable_cents: int
    statements: tuple[StatementRow, ...]
    statement_count: int
    payouts: tuple[PayoutRow, ...]
    payout_count: int
    names_elsewhere: tuple[NameElsewhere, ...]
    entries: tuple[Told, ...]


def seen_partner(session: Scoped, partner_id: int, today: date) -> SeenPartner:
    """A partner of this agency.

    Args:
        today: the day at the agency.

    Raises:
        NotFound: there is none.
    """
    partner = partner_of(session, partner_id)
    users = tuple(users_of(session, partner_id))
    dead = frozenset(dead_of(session, [user.email for user in users]))
    own = select(Program.id).where(Program.partner_id == partner_id).order_by(Program.id.desc())
    history = select(AuditEntry).where(AuditEntry.subject_kind == "partner", AuditEntry.subject_id == partner_id)
    newest = history.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(MOST_ENTRIES)
    owed = owed_by(session, [partner_id], today).get(partner_id, (0, 0))
    statements, payouts = statements_of(session, partner_id), payouts_of(session, partner_id)
    return SeenPartner(
        partner=partner,
        users=users,
        dead=dead,
        has_open_admin=any(admin.email not in dead for admin in open_admins(session, partner_id)),
        programs=tuple(programs_by_id(session, session.scalars(own.limit(MOST_PROGRAMS)).all(), today)),
        program_count=session.scalar(select(func.count(Program.id)).where(Program.partner_id == partner_id)) or 0,
        open_cents=owed[0],
        overdue_cents=owed[1],
        credit_cents=credit_balance(session, CreditOwner(partner_id=partner_id)),
        payable_cents=unpaid_commissions(session, partner_id, today)[0],
        statements=tuple(statements[:MOST_PAPERS]),
        statement_count=len(statements),
        payouts=payouts[:MOST_PAPERS],
        payout_count=len(payouts),
        names_elsewhere=_names_elsewhere(session, partner_id),
        entries=tuple(tell(session, session.scalars(newest).all())),
    )


def _names_elsewhere(session: Scoped, partner_id: int) -> tuple[NameElsewhere, ...]:
    """BindHQ's sync keeps whether an agency is active there, with what it read of it."""
    rows = session.execute(
        select(PartnerReference.system, PartnerReference.external_id, PolicyMapping.is_active)
        .outerjoin(
            PolicyMapping,
            (PolicyMapping.kind == "agency")
            & (PolicyMapping.external_id == PartnerReference.external_id)
            & (PartnerReference.system == SYSTEM_NAME),
        )
        .where(PartnerReference.partner_id == partner_id)
        .order_by(PartnerReference.system, PartnerReference.external_id)
    )
    return tuple(NameElsewhere(system, number, is_active is not False) for system, number, is_active in rows)
