"""Programs and insureds as they are stored, as drafts: to see what a source that comes in again has changed."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.payments.models import Claim
from portal.programs.models import Policy, Program
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft

_INSURED = [field.name for field in fields(InsuredDraft) if field.name != "emails"]
_POLICY = [field.name for field in fields(PolicyDraft)]
_PROGRAM = [field.name for field in fields(ProgramDraft) if field.name not in {"insured", "policies"}]


@dataclass(frozen=True, slots=True)
class StoredInsured:
    """An insured with its id."""

    insured_id: int
    draft: InsuredDraft


@dataclass(frozen=True, slots=True)
class StoredProgram:
    """A program with its ids.

    Args:
        policy_ids: in the order of the draft's policies.
        invoice_id: its pay-in-full invoice that is not void; None for a draft.
        paid_cents: paid on its invoices, before and in the portal.
        is_in_flight: a payment is under way.
        is_closed: archived or canceled.
        is_further: it has been endorsed, or otherwise billed since.
    """

    program_id: int
    draft: ProgramDraft
    policy_ids: tuple[int, ...]
    invoice_id: int | None
    paid_cents: int
    is_in_flight: bool
    is_closed: bool
    is_further: bool


def stored_insureds(session: Scoped, references: Collection[str]) -> dict[str, StoredInsured]:
    """The insureds with these references, by reference; some hundred at a time."""
    rows = session.scalars(select(Insured).where(Insured.reference.in_(references))).all()
    emails: dict[int, list[str]] = defaultdict(list)
    addresses = select(InsuredEmail.insured_id, InsuredEmail.email)
    for insured_id, email in session.execute(addresses.where(InsuredEmail.insured_id.in_([row.id for row in rows]))):
        emails[insured_id].append(email)
    return {
        row.reference: StoredInsured(
            row.id, InsuredDraft(**_values(row, _INSURED), emails=tuple(sorted(emails[row.id])))
        )
        for row in rows
    }


def stored_programs(session: Scoped, references: Collection[str], *, lock: bool = False) -> dict[str, StoredProgram]:
    """The programs with these references, by reference; some hundred at a time.

    Args:
        lock: hold their invoices until the unit ends, so that no payment starts meanwhile.
    """
    programs = session.scalars(select(Program).where(Program.reference.in_(references))).all()
    ids = [program.id for program in programs]
    owners = dict(
        session.execute(
            select(Insured.id, Insured.reference).where(Insured.id.in_({program.insured_id for program in programs}))
        ).all()
    )
    insureds = stored_insureds(session, owners.values())
    policies: dict[int, list[Policy]] = defaultdict(list)
    for policy in session.scalars(select(Policy).where(Policy.program_id.in_(ids)).order_by(Policy.id)):
        policies[policy.program_id].append(policy)
    invoices: dict[int, list[Invoice]] = defaultdict(list)
    unvoided = select(Invoice).where(Invoice.program_id.in_(ids), Invoice.state != "void").order_by(Invoice.id)
    for invoice in session.scalars(unvoided.with_for_update() if lock else unvoided):
        assert invoice.program_id is not None
        invoices[invoice.program_id].append(invoice)
    claimed = set(
        session.scalars(
            select(Invoice.program_id)
            .join(Claim, Claim.invoice_id == Invoice.id)
            .where(Invoice.program_id.in_(ids), Claim.state == "live")
        )
    )
    return {
        program.reference: _stored(
            program,
            insureds[owners[program.insured_id]].draft,
            policies[program.id],
            invoices[program.id],
            program.id in claimed,
        )
        for program in programs
    }


def _stored(
    program: Program, insured: InsuredDraft, policies: list[Policy], invoices: list[Invoice], is_in_flight: bool
) -> StoredProgram:
    draft = ProgramDraft(
        **_values(program, _PROGRAM),
        insured=insured,
        policies=tuple(PolicyDraft(**_values(policy, _POLICY)) for policy in policies),
    )
    in_full = [invoice for invoice in invoices if invoice.kind == "pay_in_full"]
    return StoredProgram(
        program_id=program.id,
        draft=draft,
        policy_ids=tuple(policy.id for policy in policies),
        invoice_id=in_full[0].id if in_full else None,
        paid_cents=sum(invoice.total_cents - invoice.open_cents for invoice in invoices),
        is_in_flight=is_in_flight,
        is_closed=program.archived_at is not None or program.canceled_on is not None,
        is_further=len(invoices) > len(in_full),
    )


def _values(row: Any, names: list[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}
