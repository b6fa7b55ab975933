"""What can be paid now: open invoices of programs that take payment, with what is under way marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, or_, select

from portal.core.tenancy import Scoped
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.models import Claim
from portal.programs.models import Program


@dataclass(frozen=True, slots=True)
class Payable:
    """An open invoice.

    Args:
        us_state: of the insured's mailing address; empty outside the US.
        is_under_way: a payment holds it, so it is neither due nor payable now.
        restricted_to: the only kind of method that its program takes; empty for any.
    """

    id: int
    number: str
    kind: str
    description: str
    due_date: date
    open_cents: int
    program_id: int | None
    program_name: str | None
    insured_id: int
    insured_name: str
    us_state: str
    is_under_way: bool
    restricted_to: str

    @property
    def is_waiting(self) -> bool:
        """Whether it can be paid now."""
        return not self.is_under_way


def payable_invoices(session: Scoped, where: ColumnElement[bool], partner_id: int | None = None) -> list[Payable]:
    """Open invoices that satisfy a condition on `Invoice`, by due date.

    Left out: drafts, archived programs, what a loan will pay, and what another pays: agency bill is the partner's.

    Args:
        partner_id: of the partner who pays; None where the insured does.
    """
    under_way = exists().where(
        Claim.agency_id == Invoice.agency_id, Claim.invoice_id == Invoice.id, Claim.state == "live"
    )
    takes_payment = and_(
        Program.archived_at.is_(None),
        Program.is_draft.is_(False),
        Program.billing_type == ("direct_bill" if partner_id is None else "agency_bill"),
    )
    rows: Sequence[Row[*tuple[Any, ...]]] = session.execute(
        select(
            Invoice.id,
            Invoice.number,
            Invoice.kind,
            Invoice.description,
            Invoice.due_date,
            Invoice.open_cents,
            Invoice.program_id,
            Program.name,
            Invoice.insured_id,
            Insured.name,
            case((Insured.country == "US", Insured.state), else_=""),
            under_way,
            func.coalesce(Program.restricted_to, ""),
        )
        .join(Insured, Insured.id == Invoice.insured_id)
        .outerjoin(Program, Program.id == Invoice.program_id)
        .where(
            where,
            Invoice.partner_id.is_(None) if partner_id is None else Invoice.partner_id == partner_id,
            Invoice.state == "open",
            Invoice.kind != "financed",
            or_(Invoice.program_id.is_(None), takes_payment),
        )
        .order_by(Invoice.due_date, Invoice.id)
    ).all()
    return [Payable(*row) for row in rows]
