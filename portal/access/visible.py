"""What an e-mail address may see. In one agency the address is the login identity.

An address of an insured opens everything of that insured; an address written on a program or an
invoice opens only that item. Drafts are for staff.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, literal, or_, select, union_all

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

    @classmethod
    def of(cls, opened: Iterable[tuple[str, int]]) -> "Sight":
        """The ids that a query of `OPENED` found."""
        ids: dict[str, list[int]] = {"insured": [], "program": [], "invoice": []}
        for what, item_id in opened:
            ids[what].append(item_id)
        return cls(tuple(ids["insured"]), tuple(ids["program"]), tuple(ids["invoice"]))

    def __bool__(self) -> bool:
        return bool(self.insured_ids or self.program_ids or self.invoice_ids)

    @property
    def values(self) -> dict[str, tuple[int, ...]]:
        """The parameters of `SEEN_PROGRAMS` and `SEEN_INVOICES`. An empty list would make SQLite read whole tables."""
        return {
            "seen_insured_ids": self.insured_ids or _NONE,
            "seen_program_ids": self.program_ids or _NONE,
            "seen_invoice_ids": self.invoice_ids or _NONE,
        }

    def invoices(self) -> ColumnElement[bool]:
        """Condition on `Invoice` for a query: those this address sees."""
        return _seen_invoices(**self.values)


_NONE = (0,)  # an id that no row has


def _ids(name: str) -> BindParameter[Any]:
    return bindparam(name, expanding=True)


SEEN_PROGRAMS = and_(
    or_(Program.insured_id.in_(_ids("seen_insured_ids")), Program.id.in_(_ids("seen_program_ids"))),
    Program.is_draft.is_(False),
)
SEEN_PROGRAM = and_(
    or_(
        Program.insured_id.in_(select(InsuredEmail.insured_id).where(InsuredEmail.email == bindparam("email"))),
        Program.contact_email == bindparam("email"),
    ),
    Program.is_draft.is_(False),
)
"""The same for one program whose id is given, by the address itself. Over many programs no index would serve it."""


def _seen_invoices(seen_insured_ids: Any, seen_program_ids: Any, seen_invoice_ids: Any) -> ColumnElement[bool]:
    return and_(
        or_(
            Invoice.insured_id.in_(seen_insured_ids),
            Invoice.program_id.in_(seen_program_ids),
            Invoice.id.in_(seen_invoice_ids),
        ),
        Invoice.state != "draft",
        Invoice.kind != "financed",
    )


SEEN_INVOICES = _seen_invoices(_ids("seen_insured_ids"), _ids("seen_program_ids"), _ids("seen_invoice_ids"))
OPENED = (
    select(literal("insured").label("what"), InsuredEmail.insured_id).where(InsuredEmail.email == bindparam("email")),
    select(literal("program"), Program.id).where(Program.contact_email == bindparam("email")),
    select(literal("invoice"), Invoice.id).where(Invoice.contact_email == bindparam("email")),
)
"""The queries of what an address opens."""
_OPENED = union_all(*OPENED)


def sight_of(session: Scoped, email: str) -> Sight:
    """What this address opens, in one query; an empty (false) Sight when the agency does not know it.

    Args:
        email: as `parse_email` writes it.
    """
    return Sight.of(session.rows(_OPENED, {"email": email}))


def visible_program(session: Scoped, email: str, program_id: int) -> Program | None:
    """The program, if this address sees it."""
    seen = select(Program).where(Program.id == program_id, SEEN_PROGRAM)
    return session.scalars(seen, {"email": email}).one_or_none()


def visible_invoice(session: Scoped, email: str, invoice_id: int) -> Invoice | None:
    """The invoice, if this address sees it."""
    seen = sight_of(session, email).invoices()
    return session.scalars(select(Invoice).where(Invoice.id == invoice_id, seen)).one_or_none()
