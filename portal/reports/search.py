"""Staff look for a program: by insured, e-mail address, policy, invoice or its own reference."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, or_, select

from portal.core.tenancy import Scoped
from portal.insureds.dead_addresses import DeadAddress
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.programs.lifecycle import ProgramStatus
from portal.programs.models import Program
from portal.reports.word_search import find_programs
from portal.servicing.program_facts import statuses_of

MOST_FOUND = 50


@dataclass(frozen=True, slots=True)
class FoundProgram:
    """One line of the answer; `open_cents` is what its open invoices ask for.

    Args:
        has_dead_address: an address that mails about it go to does not work.
    """

    id: int
    name: str
    reference: str
    insured_name: str
    status: ProgramStatus
    open_cents: int
    has_dead_address: bool


def search_programs(session: Scoped, typed: str, today: date) -> list[FoundProgram]:
    """The programs that fit, at most fifty; see `find_programs`.

    Args:
        typed: as typed.
        today: the day at the agency.
    """
    ids = find_programs(session, typed, MOST_FOUND)
    found = _found(session, ids, today) if ids else {}
    return [found[program_id] for program_id in ids]


def _found(session: Scoped, ids: list[int], today: date) -> dict[int, FoundProgram]:
    open_cents = (
        select(func.coalesce(func.sum(Invoice.open_cents), 0))
        .where(Invoice.program_id == Program.id, Invoice.state == "open")
        .correlate(Program)
        .scalar_subquery()
    )
    own_is_dead = exists().where(DeadAddress.agency_id == Program.agency_id, DeadAddress.email == Program.contact_email)
    one_is_dead = exists().where(
        InsuredEmail.agency_id == Program.agency_id,
        InsuredEmail.insured_id == Program.insured_id,
        DeadAddress.agency_id == InsuredEmail.agency_id,
        DeadAddress.email == InsuredEmail.email,
    )
    rows = session.execute(
        select(
            Program.id,
            Program.name,
            Program.reference,
            Insured.name.label("insured_name"),
            open_cents.label("open"),
            or_(own_is_dead, one_is_dead).label("is_dead"),
        )
        .join(Insured, Insured.id == Program.insured_id)
        .where(Program.id.in_(ids))
    ).all()
    statuses = statuses_of(session, ids, today)
    return {
        row.id: FoundProgram(
            row.id, row.name, row.reference, row.insured_name, statuses[row.id], int(row.open), bool(row.is_dead)
        )
        for row in rows
    }
