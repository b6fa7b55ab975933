"""Rebind: a program or insured comes in again and has changed. What was paid for is never touched."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date
from decimal import Decimal

from sqlalchemy import delete, select

from portal.core.audit import Personal, record
from portal.core.errors import Conflict
from portal.core.personal_keys import of_insured
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.issue import LineDraft, void_invoice
from portal.invoices.models import Invoice
from portal.invoices.settle import settle_opening
from portal.programs.guest_keys import programs_of_insured, reindex
from portal.programs.models import Policy, Program
from portal.programs.word_index import words_are_old
from portal.servicing.billing_lines import billing_lines
from portal.servicing.bind import Binding, BoundProgram, bill
from portal.servicing.changes import Change, insured_changes, program_changes
from portal.servicing.drafts import InsuredDraft, ProgramDraft
from portal.servicing.stored import StoredInsured, StoredProgram

_IN_PROGRAM = tuple(
    field.name for field in fields(ProgramDraft) if field.name not in {"reference", "insured", "policies"}
)


def why_locked(stored: StoredProgram, new: ProgramDraft) -> Text | None:
    """Why a program cannot take these changes, or None."""
    if stored.is_closed:
        return text("The program is archived or canceled.")
    if stored.is_in_flight:
        return text("A payment is under way.")
    if stored.paid_cents:
        return text("Something was paid on it. Change it in the portal.")
    if stored.is_further:
        return text("It was billed further since. Change it in the portal.")
    if stored.draft.insured.reference != new.insured.reference:
        return text("It belongs to another insured. A program does not change hands: archive it and make a new one.")
    if len(new.policies) < len(stored.policy_ids):
        return text("A policy is left out. Policies are not removed by an import.")
    if new.is_draft and not stored.draft.is_draft:
        return text("It is bound already and does not become a draft again.")
    return None


def rebind_program(session: Scoped, stored: StoredProgram, new: ProgramDraft, binding: Binding) -> None:
    """Apply a program's changes: correct it in place; where what is billed differs, void the invoice and issue anew.

    Args:
        session: a write unit that has read `stored`.
        stored: as it is.
        new: as it should be, its policies in the stored order (`changes.keep_program`).
        binding: by whom and when.

    Raises:
        Conflict: it is locked; see `why_locked`.
    """
    locked = why_locked(stored, new)
    if locked is not None:
        raise Conflict(locked)
    old = stored.draft
    program = session.get_one(Program, stored.program_id)
    for name in _IN_PROGRAM:
        setattr(program, name, getattr(new, name))
    policy_ids = _write_policies(session, stored, new)
    bound = BoundProgram(stored.program_id, program.insured_id, new, policy_ids)
    billed_before, billed_now = lines_of(stored.policy_ids, old), lines_of(policy_ids, new)
    if stored.invoice_id is None:
        bill(session, [bound] if not new.is_draft else [], binding)
    else:
        invoice = session.get_one(Invoice, stored.invoice_id)
        if billed_before != billed_now or payer_of(old) != payer_of(new):
            void_invoice(session, invoice, binding.today, binding.at)
            bill(session, [bound], binding)
        else:
            invoice.due_date, invoice.contact_email = new.due_date, new.contact_email
            if new.opening_paid_cents:
                paid_cents = min(new.opening_paid_cents, invoice.total_cents)
                settle_opening(session, [(invoice, paid_cents)], binding.today, binding.at)
    reindex(session, binding.lookup_key, [stored.program_id])
    record_changes(session, program, program_changes(old, new), binding)
    session.flush()


def payer_of(draft: ProgramDraft) -> tuple[str, int | None]:
    """Who pays: the billing type and the partner; another payer means another invoice."""
    return draft.billing_type, draft.paying_partner_id


def lines_of(policy_ids: Iterable[int], draft: ProgramDraft) -> list[LineDraft]:
    """What its pay-in-full invoice consists of."""
    policies = list(zip(policy_ids, draft.policies, strict=False))
    return billing_lines(policies, partner_pays=draft.paying_partner_id is not None)


def record_changes(session: Scoped, program: Program, changes: Iterable[Change], binding: Binding) -> None:
    """The audit line of a program that has changed; what is about a person is sealed."""
    changed = {f"{change.policy_number} {change.field}".strip(): _both(change) for change in changes}
    contact = {name: changed.pop(name) for name in ("contact_email",) if name in changed}
    record(
        session,
        binding.actor,
        "program.changed",
        "program",
        program.id,
        binding.at,
        Personal(of_insured(program.insured_id), contact),
        changed=changed,
    )


def update_insured(session: Scoped, stored: StoredInsured, new: InsuredDraft, binding: Binding) -> None:
    """Apply an insured's changes; the guest's index follows the ZIP at once."""
    insured = session.get_one(Insured, stored.insured_id)
    changes = insured_changes(stored.draft, new)
    for change in changes:
        if change.field != "emails":
            setattr(insured, change.field, change.after)
    gone = set(stored.draft.emails) - set(new.emails)
    if gone:
        words_are_old(session, insured_ids=[insured.id])
        session.execute(
            delete(InsuredEmail)
            .where(InsuredEmail.insured_id == insured.id, InsuredEmail.email.in_(gone))
            .execution_options(synchronize_session=False)
        )
    session.add_all(
        InsuredEmail(insured_id=insured.id, email=email) for email in new.emails if email not in stored.draft.emails
    )
    session.flush()
    if (stored.draft.postal_code, stored.draft.country) != (new.postal_code, new.country):
        reindex(session, binding.lookup_key, programs_of_insured(session, insured.id))
    changed = Personal(of_insured(insured.id), {change.field: _both(change) for change in changes})
    record(session, binding.actor, "insured.changed", "insured", insured.id, binding.at, changed)
    session.flush()


def _write_policies(session: Scoped, stored: StoredProgram, new: ProgramDraft) -> tuple[int, ...]:
    rows = {row.id: row for row in session.scalars(select(Policy).where(Policy.program_id == stored.program_id))}
    ids = list(stored.policy_ids)
    for place, policy in enumerate(new.policies):
        if place < len(ids):
            row = rows[ids[place]]
        else:
            row = Policy(program_id=stored.program_id)
            session.add(row)
        for name in policy.__slots__:
            setattr(row, name, getattr(policy, name))
        session.flush()
        if place >= len(ids):
            ids.append(row.id)
    return tuple(ids)


def _both(change: Change) -> list[object]:
    return [_plain(change.before), _plain(change.after)]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, date | Decimal) else value
