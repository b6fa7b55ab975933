"""What the status of programs needs, for many at once."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Exists, and_, exists, func, select

from portal.core.tenancy import Scoped
from portal.financing.late.models import CancelNotice
from portal.invoices.models import Invoice
from portal.payments.models import Claim
from portal.programs.lifecycle import InvoiceFacts, Notice, ProgramStatus, program_status
from portal.programs.models import Policy, Program

RUNNING_NOTICE = and_(
    CancelNotice.program_id == Program.id, CancelNotice.closed_at.is_(None), CancelNotice.sent_on.is_not(None)
)
"""How a query about programs joins the notice of intent to cancel whose clock runs; `NOTICE` are its columns."""
NOTICE = CancelNotice.pay_by, CancelNotice.through


def notice_of(pay_by: date | None, through: date | None) -> Notice | None:
    """The notice in a row of such a query."""
    return Notice(pay_by, through) if pay_by is not None and through is not None else None


def running_notices(session: Scoped, program_ids: Collection[int]) -> dict[int, Notice]:
    """The notices of intent to cancel these programs whose clock runs."""
    query = select(CancelNotice.program_id, *NOTICE).where(
        CancelNotice.program_id.in_(program_ids), CancelNotice.closed_at.is_(None), CancelNotice.sent_on.is_not(None)
    )
    rows = session.execute(query).all() if program_ids else []
    return {row.program_id: Notice(row.pay_by, row.through) for row in rows}


def under_way() -> Exists:
    """Condition: a payment holds the invoice of the query around it."""
    return exists().where(Claim.agency_id == Invoice.agency_id, Claim.invoice_id == Invoice.id, Claim.state == "live")


def invoice_facts(session: Scoped, program_ids: Sequence[int]) -> dict[int, list[InvoiceFacts]]:
    """The facts of the programs' invoices, by program, in one query; drafts and void ones count for nothing."""
    rows = session.execute(
        select(
            Invoice.program_id,
            Invoice.kind,
            Invoice.state,
            Invoice.due_date,
            Invoice.open_cents,
            Invoice.total_cents,
            under_way(),
        ).where(
            Invoice.program_id.in_(program_ids), Invoice.state.not_in(("draft", "void")), Invoice.kind != "financed"
        )
    )
    facts: dict[int, list[InvoiceFacts]] = {}
    for program_id, kind, state, due_date, open_cents, total_cents, in_flight in rows:
        facts.setdefault(program_id or 0, []).append(
            InvoiceFacts(kind, state, due_date, open_cents, total_cents - open_cents, in_flight)
        )
    return facts


def statuses_of(session: Scoped, program_ids: Sequence[int], today: date) -> dict[int, ProgramStatus]:
    """The status of each program, in two queries.

    Args:
        today: the day at the agency.
    """
    facts = invoice_facts(session, program_ids)
    programs = session.execute(
        select(
            Program.id,
            Program.is_draft,
            Program.archived_at,
            Program.canceled_on,
            func.max(Policy.expiration_date).label("last"),
            *NOTICE,
        )
        .outerjoin(Policy, Policy.program_id == Program.id)
        .outerjoin(CancelNotice, RUNNING_NOTICE)
        .where(Program.id.in_(program_ids))
        .group_by(Program.id, *NOTICE)
    )
    return {
        row.id: program_status(
            is_draft=row.is_draft,
            is_archived=row.archived_at is not None,
            canceled_on=row.canceled_on,
            last_expiration=row.last,
            invoices=facts.get(row.id, []),
            today=today,
            notice=notice_of(row.pay_by, row.through),
        )
        for row in programs
    }
