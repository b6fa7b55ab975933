"""Renew a program: a draft of the next term with all its fields, for review. Nothing is billed, and nobody is told."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.tenancy import Scoped
from portal.financing.schedule import add_months
from portal.programs.models import Program, Renewal
from portal.servicing.actions.returning import billed_policies
from portal.servicing.bind import Binding, bind
from portal.servicing.drafts import PolicyDraft, ProgramDraft
from portal.servicing.stored import stored_programs

LONGEST_TERM_MONTHS = 36


def next_term(session: Scoped, program: Program) -> ProgramDraft:
    """What a renewal of a program starts from: its policies that are not canceled, each a term later."""
    stored = stored_programs(session, [program.reference])[program.reference]
    in_force = billed_policies(session, program.id)
    kept = [policy for id_, policy in zip(stored.policy_ids, stored.draft.policies, strict=True) if id_ in in_force]
    policies = tuple(_later(policy) for policy in kept)
    return replace(
        stored.draft,
        reference=_free_reference(session, program.reference),
        policies=policies,
        due_date=min(policy.effective_date for policy in policies),
        is_draft=True,
        opening_paid_cents=0,
    )


def renew(session: Scoped, program: Program, lookup_key: bytes, actor: Actor, today: date, at: datetime) -> int:
    """Make the draft. Returns its id.

    Args:
        session: a unit that holds the program (`facts.require`).
        lookup_key: the agency's key of the guest's index.
    """
    new_id = bind(session, next_term(session, program), Binding(actor, lookup_key, today, at))
    session.add(Renewal(program_id=new_id, renewed_id=program.id))
    record(session, actor, "program.renewed", "program", program.id, at, renewal=new_id)
    session.flush()
    return new_id


def _later(policy: PolicyDraft) -> PolicyDraft:
    """The policy for as long again, from the day on which it ends."""
    begins, ends = policy.effective_date, policy.expiration_date
    months = next((n for n in range(1, LONGEST_TERM_MONTHS + 1) if add_months(begins, n) == ends), None)
    until = add_months(ends, months) if months else ends + timedelta(days=(ends - begins).days)
    return replace(policy, effective_date=ends, expiration_date=until)


def _free_reference(session: Scoped, reference: str) -> str:
    """The program's own reference with the number of the renewal.

    >>> # PRG-1 -> PRG-1-R1, and that -> PRG-1-R2
    """
    base = reference.rpartition("-R")[0] if reference.rpartition("-R")[2].isdigit() and "-R" in reference else reference
    taken = set(session.scalars(select(Program.reference).where(Program.reference.startswith(f"{base}-R"))))
    number = next(n for n in range(1, len(taken) + 2) if f"{base}-R{n}" not in taken)
    return f"{base}-R{number}"
