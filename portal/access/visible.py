"""What an e-mail address may see. In one agency the address is the login identity.

An address of an insured opens everything of that insured; an address written on a program or an
invoice opens only that item. Drafts are for staff.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from portal.core.tenancy import Scoped
from portal.insureds.models import InsuredEmail
from portal.invoices.models import Invoice
from portal.programs.models import Program


@dataclass(frozen=True, slots=True)
class Sight:
    """What an address opens: whole insureds, single programs, single invoices (all by id)."""

    insured_ids: tuple[int, ...]
    program_ids: tuple[int, ...]
    invoice_ids: tuple[int, ...]

    def __bool__(self) -> bool:
        return bool(self.insured_ids or self.program_ids or self.invoice_ids)

    def programs(self) -> ColumnElement[bool]:
        """Condition on `Program` for a query: those this address sees."""
        seen = _any_of((Program.insured_id, self.insured_ids), (Program.id, self.program_ids))
        return and_(seen, Program.is_draft.is_(False))

    def invoices(self) -> ColumnElement[bool]:
        """Condition on `Invoice` for a query: those this address sees."""
        seen = _any_of(
            (Invoice.insured_id, self.insured_ids),
            (Invoice.program_id, self.program_ids),
            (Invoice.id, self.invoice_ids),
        )
        return and_(seen, Invoice.state != "draft")


def _any_of(*choices: tuple[InstrumentedAttribute[Any], tuple[int, ...]]) -> ColumnElement[bool]:
    """One of these columns has one of its ids. Empty choices are left out: with them SQLite reads the whole table."""
    return or_(false(), *(column.in_(ids) for column, ids in choices if ids))


def sight_of(session: Scoped, email: str) -> Sight:
    """What this address opens, in one query; an empty (false) Sight when the agency does not know it.

    Args:
        email: as `parse_email` writes it.
    """
    found = union_all(
        select(literal("insured").label("what"), InsuredEmail.insured_id).where(InsuredEmail.email == email),
        select(literal("program"), Program.id).where(Program.contact_email == email),
        select(literal("invoice"), Invoice.id).where(Invoice.contact_email == email),
    )
    ids: dict[str, list[int]] = {"insured": [], "program": [], "invoice": []}
    for what, item_id in session.execute(found):
        ids[what].append(item_id)
    return Sight(tuple(ids["insured"]), tuple(ids["program"]), tuple(ids["invoice"]))


def visible_program(session: Scoped, email: str, program_id: int) -> Program | None:
    """The program, if this address sees it."""
    seen = sight_of(session, email).programs()
    return session.scalars(select(Program).where(Program.id == program_id, seen)).one_or_none()


def visible_invoice(session: Scoped, email: str, invoice_id: int) -> Invoice | None:
    """The invoice, if this address sees it."""
    seen = sight_of(session, email).invoices()
    return session.scalars(select(Invoice).where(Invoice.id == invoice_id, seen)).one_or_none()
