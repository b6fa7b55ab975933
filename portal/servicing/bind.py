"""Bind: the one way a policy comes in, from a file, a form or another system.

Program, policies, invoice, what was paid before, guest keys, payment link and audit line, in one unit.
It sends nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select

from portal.core.audit import Actor, record
from portal.core.errors import Conflict
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.issue import InvoiceDraft, issue_invoices
from portal.invoices.settle import settle_opening
from portal.programs.guest_keys import reindex
from portal.programs.links import issue_links
from portal.programs.models import Policy, Program
from portal.servicing.billing_lines import billing_lines
from portal.servicing.drafts import InsuredDraft, ProgramDraft


@dataclass(frozen=True, slots=True)
class Binding:
    """On whose behalf and when something is bound.

    Args:
        actor: who does it.
        lookup_key: the agency's key of the guest's index.
        today: the day at the agency.
        at: the moment.
    """

    actor: Actor
    lookup_key: bytes
    today: date
    at: datetime


@dataclass(frozen=True, slots=True)
class BoundProgram:
    """A program as stored: its ids beside what it was made of; `policy_ids` in the order of the draft's policies."""

    program_id: int
    insured_id: int
    draft: ProgramDraft
    policy_ids: tuple[int, ...]


def bind(session: Scoped, draft: ProgramDraft, binding: Binding) -> int:
    """Bind one program; see `bind_programs`. Returns its id."""
    return bind_programs(session, [draft], binding)[0]


def bind_programs(session: Scoped, drafts: Sequence[ProgramDraft], binding: Binding) -> list[int]:
    """Bind programs, in a number of statements that does not grow with theirs.

    An insured that exists under its reference is used as it is. A program that was due earlier is invoiced
    as of its due date. Agency bill is invoiced too, for the partner to pay. A draft gets no invoice.

    Args:
        session: a write unit.
        drafts: programs with references that are not taken, up to some hundred at a time.
        binding: by whom and when.

    Returns:
        Ids of the programs, in order.

    Raises:
        Conflict: a program reference is taken.
    """
    if not drafts:
        return []
    taken = session.scalars(select(Program.reference).where(Program.reference.in_([d.reference for d in drafts])))
    if known := taken.first():
        raise Conflict(text("There is a program %(reference)s already.", reference=known))
    insured_ids = _insureds(session, [draft.insured for draft in drafts], binding)
    program_ids = _insert(session, Program, [_program_row(draft, insured_ids, binding) for draft in drafts])
    policy_ids = _insert(
        session,
        Policy,
        [
            {"program_id": program_id, **asdict(policy)}
            for program_id, draft in zip(program_ids, drafts, strict=True)
            for policy in draft.policies
        ],
    )
    remaining = iter(policy_ids)
    bound = [
        BoundProgram(
            program_id, insured_ids[draft.insured.reference], draft, tuple(next(remaining) for _ in draft.policies)
        )
        for program_id, draft in zip(program_ids, drafts, strict=True)
    ]
    bill(session, [program for program in bound if not program.draft.is_draft], binding)
    reindex(session, binding.lookup_key, program_ids)
    issue_links(session, binding.at, program_ids)
    for program in bound:
        record(
            session,
            binding.actor,
            "program.bound",
            "program",
            program.program_id,
            binding.at,
            reference=program.draft.reference,
            total_cents=program.draft.total_cents,
            opening_paid_cents=program.draft.opening_paid_cents,
        )
    session.flush()
    return program_ids


def bill(session: Scoped, programs: Sequence[BoundProgram], binding: Binding) -> None:
    """Issue the pay-in-full invoice of each program and enter what was paid before."""
    if not programs:
        return
    invoices = issue_invoices(
        session,
        [
            InvoiceDraft(
                insured_id=program.insured_id,
                kind="pay_in_full",
                lines=billing_lines(
                    list(zip(program.policy_ids, program.draft.policies, strict=True)),
                    partner_pays=program.draft.paying_partner_id is not None,
                ),
                issued_on=min(binding.today, program.draft.due_date),
                due_date=program.draft.due_date,
                program_id=program.program_id,
                partner_id=program.draft.paying_partner_id,
                contact_email=program.draft.contact_email,
            )
            for program in programs
        ],
        binding.at,
    )
    paid = [
        (invoice, min(program.draft.opening_paid_cents, invoice.total_cents))
        for invoice, program in zip(invoices, programs, strict=True)
        if program.draft.opening_paid_cents
    ]
    settle_opening(session, paid, binding.today, binding.at)


def _insureds(session: Scoped, drafts: Sequence[InsuredDraft], binding: Binding) -> dict[str, int]:
    """Ids by reference; those that do not exist yet are made, from the first draft that names them."""
    wanted = {draft.reference: draft for draft in reversed(drafts)}
    kept = func.coalesce(Insured.merged_into_id, Insured.id)
    # Held, as a foreign key does, so that none is merged into another meanwhile.
    held = select(Insured.reference, kept).where(Insured.reference.in_(wanted)).order_by(Insured.id)
    found = session.execute(held.with_for_update(read=True, key_share=True))
    ids = dict(found.all())
    new = [
        wanted[reference] for reference in dict.fromkeys(draft.reference for draft in drafts) if reference not in ids
    ]
    new_ids = _insert(session, Insured, [_insured_row(draft, binding) for draft in new])
    addresses = [
        {"insured_id": insured_id, "email": email}
        for insured_id, draft in zip(new_ids, new, strict=True)
        for email in draft.emails
    ]
    if addresses:
        session.execute(insert(InsuredEmail), addresses)
    return ids | {draft.reference: insured_id for draft, insured_id in zip(new, new_ids, strict=True)}


def _insured_row(draft: InsuredDraft, binding: Binding) -> dict[str, Any]:
    row = asdict(draft) | {"created_at": binding.at}
    del row["emails"]
    return row


def _program_row(draft: ProgramDraft, insured_ids: dict[str, int], binding: Binding) -> dict[str, Any]:
    return {
        "reference": draft.reference,
        "name": draft.name,
        "insured_id": insured_ids[draft.insured.reference],
        "partner_id": draft.partner_id,
        "billing_type": draft.billing_type,
        "due_date": draft.due_date,
        "contact_email": draft.contact_email,
        "producer": draft.producer,
        "account_manager": draft.account_manager,
        "restricted_to": draft.restricted_to,
        "is_draft": draft.is_draft,
        "opening_paid_cents": draft.opening_paid_cents,
        "created_at": binding.at,
    }


def _insert(
    session: Scoped, model: type[Insured] | type[Program] | type[Policy], rows: list[dict[str, Any]]
) -> list[int]:
    if not rows:
        return []
    return list(
        session.scalars(
            insert(model).returning(model.id, sort_by_parameter_order=True).execution_options(render_nulls=True), rows
        )
    )
