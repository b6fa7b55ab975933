"""Undo a merge of partners within 30 days: what moved goes back, and what came since stays with the survivor.

Invoices that a program has got since go back with it. Users keep what they were given since.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Update, func, select, update

from portal.core.audit import Actor, record
from portal.core.errors import Conflict, NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.models import Invoice
from portal.partners.merging import UNDO_WITHIN
from portal.partners.models import Partner, PartnerMerge, PartnerUser
from portal.partners.waiting import tell_staff
from portal.payments.models import Claim, Payment
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.payments.money_back.models import CreditEntry
from portal.servicing.partner_merge import naming_partners

_BATCH = 500
HELD = ("live", "consumed", "reversed")
"""States of a claim of a payment that has, or may yet have, paid the invoice."""


def why_not(session: Scoped, merged: PartnerMerge, at: datetime) -> Text | None:
    """Why a merge cannot be undone, or None."""
    if merged.undone_at is not None:
        return text("This merge has been undone already.")
    if at - merged.merged_at > UNDO_WITHIN:
        return text("A merge can be undone within 30 days. This one is older.")
    kept = session.get_one(Partner, merged.kept_id)
    if kept.merged_into_id is not None:
        into = session.get_one(Partner, kept.merged_into_id)
        return text("%(name)s was merged into %(other)s since. Undo that first.", name=kept.name, other=into.name)
    mixed = _paid_together(session, merged)
    if mixed is not None:
        return text("Payment %(payment)s, made since the merge, pays invoices of both.", payment=mixed)
    if _credit_is_used(session, merged):
        return text("Credit that came with the merge has been used since.")
    return None


def undo(session: Scoped, merge_id: int, actor: Actor, at: datetime) -> PartnerMerge:
    """Give back what moved.

    Args:
        session: a write unit.

    Raises:
        NotFound: there is no such merge.
        Conflict: it cannot be undone; says why.
    """
    held = select(PartnerMerge).where(PartnerMerge.id == merge_id).with_for_update()
    merged = session.scalars(held.execution_options(populate_existing=True)).one_or_none()
    if merged is None:
        raise NotFound
    both = select(Partner).where(Partner.id.in_([merged.kept_id, merged.gone_id])).order_by(Partner.id)
    session.scalars(both.with_for_update().execution_options(populate_existing=True)).all()
    problem = why_not(session, merged, at)
    if problem is not None:
        raise Conflict(problem)
    gone = session.get_one(Partner, merged.gone_id)
    gone.merged_into_id = None
    session.flush()
    rows = _give_back(session, merged)
    _lower_users(session, merged, at)
    merged.undone_at, merged.undone_by = at, actor.name
    record(
        session,
        actor,
        "partner.merge_undone",
        "partner",
        merged.kept_id,
        at,
        merged_partner=gone.name,
        rows=rows,
    )
    session.flush()
    return merged


def _give_back(session: Scoped, merged: PartnerMerge) -> dict[str, int]:
    """Rows that still stand with the survivor; says how many of each table."""
    rows: dict[str, int] = {}
    named: list[tuple[type[Any], str]] = [*naming_partners(), (PartnerUser, "partner_id")]
    for model, column in named:
        for ids in _batches(merged.moved.get(f"{model.__tablename__}.{column}", ())):
            theirs = update(model).where(model.id.in_(ids), getattr(model, column) == merged.kept_id)
            back = session.scalars(_to(theirs, column, merged.gone_id).returning(model.id)).all()
            rows[model.__tablename__] = rows.get(model.__tablename__, 0) + len(back)
    for ids in _batches(merged.moved.get("program.partner_id", ())):
        since = update(Invoice).where(Invoice.program_id.in_(ids), Invoice.partner_id == merged.kept_id)
        back = session.scalars(_to(since, "partner_id", merged.gone_id).returning(Invoice.id)).all()
        rows["invoice"] = rows.get("invoice", 0) + len(back)
    return {table: many for table, many in rows.items() if many}


def _to(statement: Update, column: str, partner_id: int) -> Update:
    return statement.values({column: partner_id}).execution_options(synchronize_session="fetch")


def _lower_users(session: Scoped, merged: PartnerMerge, at: datetime) -> None:
    """Users who were at both are what they were, unless somebody has changed them since."""
    before: dict[str, list[list[str]]] = merged.before
    for user in session.scalars(select(PartnerUser).where(PartnerUser.id.in_([int(each) for each in before]))):
        was, became = before[str(user.id)]
        if [user.role, user.state] == became:
            user.role, user.state = was
            user.removed_at = user.removed_at if user.state == "removed" else None
            tell_staff(session, user, at)


def _paid_together(session: Scoped, merged: PartnerMerge) -> str | None:
    """The reference of a payment since the merge that holds invoices of both sides."""
    going = set(merged.moved.get("invoice.partner_id", ()))
    programs = set(merged.moved.get("program.partner_id", ()))
    rows = session.execute(
        select(Payment.reference, Invoice.id, Invoice.program_id)
        .join(Claim, Claim.payment_id == Payment.id)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Payment.created_at >= merged.merged_at, Invoice.partner_id == merged.kept_id, Claim.state.in_(HELD))
        .order_by(Payment.id)
    )
    sides: dict[str, bool] = {}
    for reference, invoice_id, program_id in rows:
        goes = invoice_id in going or program_id in programs
        if sides.setdefault(reference, goes) != goes:
            return reference
    return None


def _credit_is_used(session: Scoped, merged: PartnerMerge) -> bool:
    """Whether the survivor would owe credit if what moved went back."""
    came = 0
    for ids in _batches(merged.moved.get("credit_entry.partner_id", ())):
        theirs = CreditEntry.id.in_(ids), CreditEntry.partner_id == merged.kept_id
        came += int(session.scalar(select(func.coalesce(func.sum(CreditEntry.cents), 0)).where(*theirs)) or 0)
    return came > credit_balance(session, CreditOwner(partner_id=merged.kept_id))


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + _BATCH] for start in range(0, len(ids), _BATCH))
