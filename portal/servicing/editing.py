"""Staff edit a program in the portal: anything while nothing is paid, what is no matter of money until the end.

What is billed is corrected by `rebind`, as a file's is: the invoice becomes void and a new one is issued.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy import delete, select, update

from portal.core.errors import Conflict
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.autopay.enrolled import live_enrollment
from portal.payments.method_kinds import takes
from portal.payments.methods.models import PaymentMethod
from portal.programs.guest_keys import reindex
from portal.programs.models import GuestKey, Policy, Program
from portal.programs.word_index import words_are_old
from portal.servicing.bind import Binding
from portal.servicing.changes import Change, insured_changes, program_changes
from portal.servicing.drafts import ProgramDraft
from portal.servicing.rebind import lines_of, payer_of, rebind_program, record_changes, update_insured
from portal.servicing.stored import StoredInsured, StoredProgram, stored_insureds, stored_programs

FREE_OF_PROGRAM = frozenset({"name", "contact_email", "producer", "account_manager", "restricted_to"})
FREE_OF_POLICY = frozenset({"policy_number", "wholesaler"})
"""What can be edited whatever was paid; all else of a program is what the customer has paid for."""


@dataclass(frozen=True, slots=True)
class Editable:
    """A program that staff edit, with its insured, as both are stored.

    Args:
        is_archived: nothing is edited.
        invoice_number, total_cents: of its pay-in-full invoice that is not void; empty and 0 without one.
    """

    program: StoredProgram
    insured: StoredInsured
    is_archived: bool
    invoice_number: str
    total_cents: int

    @property
    def why_fixed(self) -> Text | None:
        """Why what the program costs cannot be edited, or None."""
        if self.program.is_closed:
            return text("The program is archived or canceled.")
        if self.program.is_in_flight:
            return text("A payment is under way. Once it has failed or gone through, look again.")
        if self.program.paid_cents:
            return text("Something was paid on it.")
        if self.program.is_further:
            return text("It was billed further: an endorsement, or a finance agreement that was signed.")
        return None


def load_editable(session: Scoped, program_id: int, *, lock: bool = False) -> Editable | None:
    """A program to edit; None if the agency has none with this id.

    Args:
        lock: hold the program, its insured and its invoices until the unit ends: no other editor and no payment
            comes between.
    """
    query = select(Program).where(Program.id == program_id)
    program = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if program is None:
        return None
    if lock:
        session.scalars(select(Insured).where(Insured.id == program.insured_id).with_for_update()).one()
    stored = stored_programs(session, [program.reference], lock=lock)[program.reference]
    reference = stored.draft.insured.reference
    insured = stored_insureds(session, [reference])[reference]
    invoice = session.get(Invoice, stored.invoice_id) if stored.invoice_id else None
    number, cents = (invoice.number, invoice.total_cents) if invoice else ("", 0)
    return Editable(stored, insured, program.archived_at is not None, number, cents)


def costs_change(old: ProgramDraft, new: ProgramDraft) -> bool:
    """Whether anything differs that cannot be edited once something was paid. Policies stand in the stored order."""
    if len(old.policies) != len(new.policies):
        return True
    freed = tuple(
        replace(after, **{name: getattr(before, name) for name in FREE_OF_POLICY})
        for before, after in zip(old.policies, new.policies, strict=True)
    )
    kept = {name: getattr(old, name) for name in FREE_OF_PROGRAM}
    return replace(new, policies=freed, insured=old.insured, **kept) != old


def is_billed_anew(editable: Editable, new: ProgramDraft) -> bool:
    """Whether the invoice becomes void and a new one is issued; never for a draft.

    Args:
        new: its policies in the stored order, new ones at the end.
    """
    old = editable.program.draft
    if editable.program.invoice_id is None:
        return False
    ids = (*editable.program.policy_ids, *range(-len(new.policies), 0))
    before, after = lines_of(editable.program.policy_ids, old), lines_of(ids, new)
    return before != after or payer_of(old) != payer_of(new)


def edit_program(session: Scoped, editable: Editable, new: ProgramDraft, binding: Binding) -> None:
    """Store what staff have edited of a program and its insured; what stayed the same leaves no trace.

    Args:
        session: a write unit that has loaded `editable` with its lock.
        new: as it should be, its insured too; policies in the stored order, new ones at the end.

    Raises:
        Conflict: the program is archived; autopay charges a method that it would no longer take; or what it costs
            has changed, and it cannot any more.
    """
    if editable.is_archived:
        raise Conflict(text("The program is archived. Take it out of the archive to edit it."))
    old = editable.program.draft
    _check_methods(session, editable.program.program_id, new)
    if insured_changes(editable.insured.draft, new.insured):
        update_insured(session, editable.insured, new.insured, binding)
    if costs_change(old, new):
        if editable.why_fixed is not None:
            raise Conflict(editable.why_fixed)
        rebind_program(session, editable.program, new, binding)
    elif changes := program_changes(old, new):
        _correct(session, editable.program, new, changes, binding)


def leave_out(session: Scoped, editable: Editable, policy_ids: Collection[int], binding: Binding) -> Editable:
    """Take policies out of a draft; it as it is then. Without ids, nothing happens.

    Raises:
        Conflict: it was billed: the books name its policies.
    """
    stored = editable.program
    gone = set(policy_ids) & set(stored.policy_ids)
    if not gone:
        return editable
    if not stored.draft.is_draft:
        raise Conflict(
            text("The program was billed, and the books name its policies. Set the amounts to zero instead.")
        )
    for statement in delete(GuestKey).where(GuestKey.policy_id.in_(gone)), delete(Policy).where(Policy.id.in_(gone)):
        session.execute(statement.execution_options(synchronize_session=False))
    words_are_old(session, program_ids=[stored.program_id])
    pairs = list(zip(stored.policy_ids, stored.draft.policies, strict=True))
    changes = [
        Change("policy", "policy", policy.policy_number, None, policy.policy_number)
        for policy_id, policy in pairs
        if policy_id in gone
    ]
    record_changes(session, session.get_one(Program, stored.program_id), changes, binding)
    kept = [pair for pair in pairs if pair[0] not in gone]
    draft = replace(stored.draft, policies=tuple(policy for _, policy in kept))
    left = replace(stored, draft=draft, policy_ids=tuple(policy_id for policy_id, _ in kept))
    return replace(editable, program=left)


def _check_methods(session: Scoped, program_id: int, new: ProgramDraft) -> None:
    """See that autopay does not charge what the program no longer takes.

    Raises:
        Conflict: it does.
    """
    enrollment = live_enrollment(session, program_id) if new.restricted_to else None
    if enrollment is None:
        return
    method = session.get_one(PaymentMethod, enrollment.payment_method_id)
    if not takes(new.restricted_to, method.kind):
        raise Conflict(text("Autopay charges this program in the other way. Stop autopay first."))


def _correct(
    session: Scoped, stored: StoredProgram, new: ProgramDraft, changes: list[Change], binding: Binding
) -> None:
    """Write what is free: no invoice changes but for the address that its mails go to."""
    program = session.get_one(Program, stored.program_id)
    for name in FREE_OF_PROGRAM:
        setattr(program, name, getattr(new, name))
    rows = {row.id: row for row in session.scalars(select(Policy).where(Policy.program_id == program.id))}
    for policy_id, policy in zip(stored.policy_ids, new.policies, strict=True):
        for name in FREE_OF_POLICY:
            setattr(rows[policy_id], name, getattr(policy, name))
    session.execute(
        update(Invoice)
        .where(Invoice.program_id == program.id, Invoice.state == "open")
        .values(contact_email=new.contact_email)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    reindex(session, binding.lookup_key, [program.id])
    record_changes(session, program, changes, binding)
    session.flush()
