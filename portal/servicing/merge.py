"""Merge two customers who are one: everything of the one becomes the other's, in one unit, and nothing else changes.

Invoices, payments, loans and books stay as they are written: they hang on programs and invoices, which change hands.
The row that is merged stays, empty but for its reference, so that what names it finds the customer who was kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import aliased

from portal.core.audit import Actor, Personal, record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.personal_keys import of_insured
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.insureds.erase import is_gone
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.payments.money_back.models import CreditEntry
from portal.programs.guest_keys import programs_of_insured, reindex
from portal.programs.models import Program
from portal.programs.word_index import words_are_old
from portal.servicing.drafts import ProgramDraft
from portal.servicing.stored import stored_insureds

NAME = "Merged customer"
CHANGED = text("Something has changed since you looked. Nothing was merged. Look again.")


@dataclass(frozen=True, slots=True)
class Moving:
    """What a merge moves from one customer to another.

    Args:
        emails: addresses that only the one has who goes; they open everything of the other from then on.
        one_time: ids of its one-time payments.
        open_cents, credit_cents: what its invoices ask for, and what it has to its credit.
    """

    program_ids: tuple[int, ...]
    one_time: tuple[int, ...]
    emails: tuple[str, ...]
    open_cents: int
    credit_cents: int

    @property
    def seen(self) -> str:
        """The same for the same, to tell whether what was looked at still holds."""
        return repr((self.program_ids, self.one_time, self.emails, self.open_cents, self.credit_cents))


def moving(session: Scoped, keep_id: int, gone_id: int) -> Moving:
    """What would move.

    Args:
        keep_id: the customer who stays.
        gone_id: the one whose things become theirs.

    Raises:
        NotFound: one of them is not there, erased or merged already.
        BadInput: they are the same.
    """
    if keep_id == gone_id:
        raise BadInput(text("Choose another customer."))
    for insured_id in (keep_id, gone_id):
        insured = session.get(Insured, insured_id)
        if insured is None or is_gone(insured):
            raise NotFound
    emails = select(InsuredEmail.email).where(InsuredEmail.insured_id == gone_id)
    kept = select(InsuredEmail.email).where(InsuredEmail.insured_id == keep_id)
    invoices = select(Invoice.id).where(Invoice.insured_id == gone_id, Invoice.program_id.is_(None))
    owed = select(func.coalesce(func.sum(Invoice.open_cents), 0)).where(
        Invoice.insured_id == gone_id, Invoice.state == "open", Invoice.kind != "financed"
    )
    return Moving(
        program_ids=tuple(sorted(programs_of_insured(session, gone_id))),
        one_time=tuple(session.scalars(invoices.order_by(Invoice.id))),
        emails=tuple(session.scalars(emails.where(InsuredEmail.email.not_in(kept)).order_by(InsuredEmail.email))),
        open_cents=int(session.scalar(owed) or 0),
        credit_cents=credit_balance(session, CreditOwner(insured_id=gone_id)),
    )


def merge(
    session: Scoped, keep_id: int, gone_id: int, seen: str, lookup_key: bytes, actor: Actor, at: datetime
) -> None:
    """Merge them. It cannot be taken back.

    Args:
        session: a write unit.
        keep_id: the customer who stays, with name, address and ZIP.
        gone_id: the one whose things become theirs.
        seen: of what was looked at, by `Moving.seen`.
        lookup_key: the agency's key of the guest's index.

    Raises:
        NotFound, BadInput: as `moving`.
        Conflict: something has changed since.
    """
    held = select(Insured).where(Insured.id.in_([keep_id, gone_id])).order_by(Insured.id).with_for_update()
    session.scalars(held.execution_options(populate_existing=True)).all()
    moved = moving(session, keep_id, gone_id)
    if moved.seen != seen:
        raise Conflict(CHANGED)
    keep, gone = session.get_one(Insured, keep_id), session.get_one(Insured, gone_id)
    for model in (Program, Invoice, CreditEntry):
        theirs = update(model).where(model.insured_id == gone_id).values(insured_id=keep_id)
        session.execute(theirs.execution_options(synchronize_session="fetch"))
    shared = delete(InsuredEmail).where(InsuredEmail.insured_id == gone_id, InsuredEmail.email.not_in(moved.emails))
    session.execute(shared.execution_options(synchronize_session="fetch"))
    for row in session.scalars(select(InsuredEmail).where(InsuredEmail.insured_id == gone_id)):
        row.insured_id = keep_id
    before = update(Insured).where(Insured.merged_into_id == gone_id).values(merged_into_id=keep_id)
    session.execute(before.execution_options(synchronize_session="fetch"))
    about = Personal(of_insured(keep_id), {"name": [gone.name, keep.name], "emails": list(moved.emails)})
    record(
        session,
        actor,
        "insured.merged",
        "insured",
        keep_id,
        at,
        about,
        reference=gone.reference,
        programs=len(moved.program_ids),
        one_time_payments=len(moved.one_time),
        open_cents=moved.open_cents,
        credit_cents=moved.credit_cents,
    )
    _empty(gone, keep_id)
    session.flush()
    reindex(session, lookup_key, moved.program_ids)
    words_are_old(session, insured_ids=[keep_id, gone_id], program_ids=moved.program_ids)


def follow_merged(session: Scoped, drafts: Sequence[ProgramDraft]) -> list[ProgramDraft]:
    """Programs whose source still names a customer that was merged: with the customer who was kept, as it is."""
    kept = aliased(Insured)
    query = (
        select(Insured.reference, kept.reference)
        .join(kept, kept.id == Insured.merged_into_id)
        .where(Insured.reference.in_({draft.insured.reference for draft in drafts}))
    )
    moved = dict(session.execute(query).all())
    if not moved:
        return list(drafts)
    known = {reference: stored.draft for reference, stored in stored_insureds(session, moved.values()).items()}
    known |= {draft.insured.reference: draft.insured for draft in drafts if draft.insured.reference not in moved}
    return [
        replace(draft, insured=known[moved[draft.insured.reference]]) if draft.insured.reference in moved else draft
        for draft in drafts
    ]


def _empty(gone: Insured, keep_id: int) -> None:
    gone.merged_into_id = keep_id
    gone.name = NAME
    gone.contact_first_name = gone.contact_last_name = gone.phone = ""
    gone.address_line1 = gone.address_line2 = gone.city = gone.state = gone.postal_code = ""
