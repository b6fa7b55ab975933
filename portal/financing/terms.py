"""Set what is lent on: by an agency's default, or for one program."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select

from portal.core.audit import Actor, record
from portal.core.errors import BadInput
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.lifecycle import write_plans
from portal.financing.models import LendingTerms
from portal.financing.offers import LEAST_DOWN, MOST_DOWN, Plan

MOST_RATE = Decimal("0.36")


@dataclass(frozen=True, slots=True)
class TermsDraft:
    """Terms to be.

    Args:
        down_payment_rate: of premium and financed taxes; 0.25 is 25 %.
        note_rate: interest a year; 0.129 is 12.9 %.
        plans: what may be chosen.
        refund_method: actuarial or rule_of_78, the latter only where a state allows it.
        lender_address: lines parted by line breaks.
    """

    is_offered: bool
    down_payment_rate: Decimal
    note_rate: Decimal
    plans: tuple[Plan, ...]
    refund_method: str
    lender_name: str
    lender_address: str


def set_terms(session: Scoped, draft: TermsDraft, program_id: int | None, actor: Actor, at: datetime) -> LendingTerms:
    """Store the terms of the agency, or with `program_id` those of one program. What is signed stays as it is.

    Raises:
        BadInput: a rate that is out of all proportion, or an offer without lender or plans.
    """
    if not 0 <= draft.note_rate <= MOST_RATE:
        raise BadInput(text("The interest has to lie between 0 and 36 percent a year."))
    if not LEAST_DOWN <= draft.down_payment_rate <= MOST_DOWN:
        raise BadInput(text("The down payment has to lie between 5 and 90 percent."))
    if draft.is_offered and not (draft.plans and draft.lender_name.strip() and draft.lender_address.strip()):
        raise BadInput(text("To offer financing, name the lender with its address and choose at least one plan."))
    query = select(LendingTerms)
    where = LendingTerms.program_id.is_(None) if program_id is None else LendingTerms.program_id == program_id
    row = session.scalars(query.where(where)).one_or_none()
    if row is None:
        row = LendingTerms(program_id=program_id)
        session.add(row)
    row.is_offered, row.refund_method, row.changed_at = draft.is_offered, draft.refund_method, at
    row.down_payment_rate, row.note_rate, row.plans = draft.down_payment_rate, draft.note_rate, write_plans(draft.plans)
    row.lender_name, row.lender_address = draft.lender_name.strip(), draft.lender_address.strip()
    record(
        session,
        actor,
        "lending.set",
        "agency" if program_id is None else "program",
        session.agency_id if program_id is None else program_id,
        at,
        is_offered=draft.is_offered,
        note_rate=str(draft.note_rate),
        down_payment_rate=str(draft.down_payment_rate),
        plans=row.plans,
        refund_method=draft.refund_method,
        lender=row.lender_name,
    )
    session.flush()
    return row


def agency_terms(session: Scoped) -> LendingTerms | None:
    """The agency's own default; None where it has set none."""
    return session.scalars(select(LendingTerms).where(LendingTerms.program_id.is_(None))).one_or_none()


def drop_terms(session: Scoped, program_id: int, actor: Actor, at: datetime) -> None:
    """Let the agency's terms hold for a program again; nothing where they do."""
    query = delete(LendingTerms).where(LendingTerms.program_id == program_id).returning(LendingTerms.id)
    if session.scalars(query).one_or_none() is not None:
        record(session, actor, "lending.removed", "program", program_id, at)
        session.flush()
