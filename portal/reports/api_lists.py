"""What the agency's own systems read by the API: pages of rows by id, each with what belongs to it.

Values are those of the tables: whole cents, dates, moments, rates as fractions.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, inspect, select

from portal.core.tenancy import Scoped
from portal.insureds.models import Insured
from portal.invoices.models import Invoice, InvoiceLine
from portal.partners.models import Partner, PartnerReference, PartnerUser
from portal.payments.models import Claim, Payment
from portal.programs.models import Policy, Program

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: at most `most` after the one with the id `after`.

    Args:
        row_id: this one alone.
        partner_id: those of one partner.
    """

    after: int = 0
    most: int = 1
    row_id: int | None = None
    partner_id: int | None = None


def accounts(session: Scoped, wanted: Wanted) -> list[Row]:
    """Partners. One that was merged is found by its id, and says into which; lists leave it out."""
    query = select(Partner)
    if wanted.row_id is None:
        query = query.where(Partner.merged_into_id.is_(None))
    rows = _plain(session, query, Partner, wanted)
    named: dict[int, list[Row]] = defaultdict(list)
    names = select(PartnerReference).where(PartnerReference.partner_id.in_(_ids(rows))).order_by(PartnerReference.id)
    for name in session.scalars(names):
        named[name.partner_id].append({"system": name.system, "external_id": name.external_id})
    return [row | {"external_references": named[row["id"]]} for row in rows]


def users(session: Scoped, wanted: Wanted) -> list[Row]:
    """Users of partners, those removed too."""
    query = select(PartnerUser)
    if wanted.partner_id is not None:
        query = query.where(PartnerUser.partner_id == wanted.partner_id)
    return [_of_partner(row) for row in _plain(session, query, PartnerUser, wanted)]


def programs(session: Scoped, wanted: Wanted) -> list[Row]:
    """Programs with their policies and the name of the insured."""
    query = select(Program)
    if wanted.partner_id is not None:
        query = query.where(Program.partner_id == wanted.partner_id)
    rows = _plain(session, query, Program, wanted)
    insureds = select(Insured.id, Insured.name).where(Insured.id.in_({row["insured_id"] for row in rows}))
    names = dict(session.execute(insureds).all())
    policies = _children(session, Policy, "program_id", _ids(rows))
    return [
        _of_partner(row) | {"insured_name": names[row["insured_id"]], "policies": policies[row["id"]]} for row in rows
    ]


def invoices(session: Scoped, wanted: Wanted) -> list[Row]:
    """Invoices with their lines."""
    query = select(Invoice)
    if wanted.partner_id is not None:
        query = query.where(Invoice.partner_id == wanted.partner_id)
    rows = _plain(session, query, Invoice, wanted)
    lines = _children(session, InvoiceLine, "invoice_id", _ids(rows))
    return [_of_partner(row) | {"lines": lines[row["id"]]} for row in rows]


def payments(session: Scoped, wanted: Wanted) -> list[Row]:
    """Payments, whatever became of them, with what of which invoice they are for.

    Of one partner: those that hold one of its invoices, or have paid it.
    """
    query = select(Payment)
    if wanted.partner_id is not None:
        held = select(Claim.payment_id).join(Invoice, Invoice.id == Claim.invoice_id)
        query = query.where(Payment.id.in_(held.where(Invoice.partner_id == wanted.partner_id)))
    rows = _plain(session, query, Payment, wanted)
    claims = _children(session, Claim, "payment_id", _ids(rows))
    return [row | {"invoices": claims[row["id"]]} for row in rows]


def _plain(session: Scoped, query: Select[Any], model: type[Any], wanted: Wanted) -> list[Row]:
    """Rows as dictionaries of their columns."""
    if wanted.row_id is not None:
        query = query.where(model.id == wanted.row_id)
    page = query.where(model.id > wanted.after).order_by(model.id).limit(wanted.most)
    return [_row(each) for each in session.scalars(page)]


def _children(session: Scoped, model: type[Any], column: str, ids: Sequence[int]) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for each in session.scalars(select(model).where(getattr(model, column).in_(ids)).order_by(model.id)):
        found[getattr(each, column)].append(_row(each))
    return found


def _row(each: Any) -> Row:
    return {column.key: getattr(each, column.key) for column in inspect(type(each)).column_attrs}


def _of_partner(row: Row) -> Row:
    return row | {"organization_account_id": row["partner_id"]}


def _ids(rows: Sequence[Row]) -> list[int]:
    return [row["id"] for row in rows]
