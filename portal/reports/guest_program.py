"""A program as a third party sees it: masked, its status, and what is open. Nothing of its history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from portal.core.tenancy import Scoped
from portal.financing.late.models import CancelNotice, Reinstatement
from portal.insureds.masking import mask_name, mask_policy_number
from portal.insureds.models import Insured
from portal.invoices.due_first import later_installments
from portal.invoices.models import Invoice
from portal.invoices.status import invoice_status
from portal.payments.payable import Payable, payable_invoices
from portal.programs.lifecycle import InvoiceFacts, ProgramStatus, program_status
from portal.programs.models import PaymentLink, Policy, Program
from portal.servicing.program_facts import NOTICE, RUNNING_NOTICE, invoice_facts, notice_of, statuses_of, under_way


@dataclass(frozen=True, slots=True)
class MaskedPolicy:
    """A policy whose number shows its end only."""

    number: str
    carrier: str
    coverage: str
    effective_date: date
    expiration_date: date


@dataclass(frozen=True, slots=True)
class GuestProgram:
    """What a third party may see of a program; `later` are installments that need not be paid yet."""

    id: int
    insured_name: str
    status: ProgramStatus
    policies: tuple[MaskedPolicy, ...]
    payable: tuple[Payable, ...]
    later: frozenset[int]

    @property
    def can_pay(self) -> tuple[Payable, ...]:
        """What can be paid now."""
        return tuple(invoice for invoice in self.payable if not invoice.is_under_way)

    @property
    def open_cents(self) -> int:
        """What can be paid now, in all."""
        return sum(invoice.open_cents for invoice in self.can_pay)

    @property
    def next_due(self) -> date | None:
        """By when the first of it is due."""
        return min((invoice.due_date for invoice in self.can_pay), default=None)


def guest_programs(session: Scoped, program_ids: Sequence[int], today: date) -> list[GuestProgram]:
    """The programs a guest has found, in the order given, in four queries however many they are.

    Programs that were closed to guests meanwhile are left out.

    Args:
        today: the day at the agency.
    """
    programs = {
        row.id: row
        for row in session.execute(
            select(Program.id, Program.canceled_on, Insured.name, *NOTICE)
            .join(Insured, Insured.id == Program.insured_id)
            .outerjoin(CancelNotice, RUNNING_NOTICE)
            .where(
                Program.id.in_(program_ids),
                Program.archived_at.is_(None),
                Program.is_draft.is_(False),
                Program.guest_payments.is_(True),
                Program.billing_type == "direct_bill",
            )
        )
    }
    policies = session.scalars(
        select(Policy).where(Policy.program_id.in_(programs)).order_by(Policy.effective_date, Policy.id)
    ).all()
    facts = invoice_facts(session, list(programs))
    payable = payable_invoices(session, Invoice.program_id.in_(programs))
    return [
        _seen_by_guest(
            programs[program_id],
            [policy for policy in policies if policy.program_id == program_id],
            facts.get(program_id, []),
            tuple(invoice for invoice in payable if invoice.program_id == program_id),
            today,
        )
        for program_id in program_ids
        if program_id in programs
    ]


def linked_status(session: Scoped, link: PaymentLink, today: date) -> str:
    """The status of what a payment link is for: a program's, or a one-time invoice's."""
    if link.invoice_id is not None:
        invoice = session.execute(
            select(Invoice.state, Invoice.due_date, under_way()).where(Invoice.id == link.invoice_id)
        ).one()
        return invoice_status(*invoice, today)
    assert link.program_id is not None
    return statuses_of(session, [link.program_id], today)[link.program_id]


def was_offered(session: Scoped, program_id: int) -> bool:
    """Whether the last offer to reinstate a program has lapsed."""
    query = select(Reinstatement.closed_for).where(Reinstatement.program_id == program_id)
    return session.scalars(query.order_by(Reinstatement.id.desc()).limit(1)).first() == "lapsed"


def _seen_by_guest(
    program: Row[*tuple[Any, ...]],
    policies: Sequence[Policy],
    facts: Sequence[InvoiceFacts],
    payable: tuple[Payable, ...],
    today: date,
) -> GuestProgram:
    status = program_status(
        is_draft=False,
        is_archived=False,
        canceled_on=program.canceled_on,
        last_expiration=max((policy.expiration_date for policy in policies), default=None),
        invoices=facts,
        today=today,
        notice=notice_of(program.pay_by, program.through),
    )
    masked = tuple(
        MaskedPolicy(
            mask_policy_number(policy.policy_number),
            policy.carrier,
            policy.coverage,
            policy.effective_date,
            policy.expiration_date,
        )
        for policy in policies
    )
    later = later_installments([invoice for invoice in payable if not invoice.is_under_way], today)
    return GuestProgram(program.id, mask_name(program.name), status, masked, payable, frozenset(later))
