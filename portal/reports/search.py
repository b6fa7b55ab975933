"""Staff look for a program: by insured, e-mail address, policy, invoice or its own reference."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, exists, func, or_, select

from portal.core.tenancy import Scoped
from portal.insureds.dead_addresses import DeadAddress
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.programs.lifecycle import ProgramStatus
from portal.programs.models import Policy, Program
from portal.programs.policy_numbers import exact_key
from portal.servicing.program_facts import statuses_of

SHORTEST = 2
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
    """The programs that fit, the newest first, at most fifty; none for less than two characters.

    Names fit anywhere in them; references, addresses and numbers from their beginning. Policy numbers fit
    however they are spaced.

    Args:
        typed: as typed.
        today: the day at the agency.
    """
    words = typed.strip()
    if len(words) < SHORTEST:
        return []
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
        .where(or_(*_fits(words)))
        .order_by(Program.created_at.desc(), Program.id.desc())
        .limit(MOST_FOUND)
    ).all()
    statuses = statuses_of(session, [row.id for row in rows], today)
    return [
        FoundProgram(
            row.id, row.name, row.reference, row.insured_name, statuses[row.id], int(row.open), bool(row.is_dead)
        )
        for row in rows
    ]


def _fits(words: str) -> list[ColumnElement[bool]]:
    number = func.upper(Policy.policy_number)
    for mark in " -/.":
        number = func.replace(number, mark, "")
    emails = select(InsuredEmail.insured_id).where(InsuredEmail.email.istartswith(words, autoescape=True))
    invoices = select(Invoice.program_id).where(Invoice.number.istartswith(words, autoescape=True))
    conditions = [
        Insured.name.icontains(words, autoescape=True),
        Program.name.icontains(words, autoescape=True),
        Program.reference.istartswith(words, autoescape=True),
        Program.contact_email.istartswith(words, autoescape=True),
        Program.insured_id.in_(emails),
        Program.id.in_(invoices),
    ]
    if key := exact_key(words):
        policies = select(Policy.program_id).where(number.startswith(key, autoescape=True))
        conditions.append(Program.id.in_(policies))
    return conditions
