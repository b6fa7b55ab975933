"""What is here already and has changed in BindHQ: corrected while nobody has paid, else told to staff."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.invoices.issue import void_invoice
from portal.invoices.models import Invoice
from portal.payments.claims import held_invoices
from portal.policy_system.binding import Billed, drafts_of
from portal.policy_system.intake import Ended, Outcome
from portal.policy_system.models import ImportRecord
from portal.policy_system.reading import Charges, charges_of, fingerprints
from portal.policy_system.records import EndorsementThere
from portal.policy_system.rules import Failure, failure
from portal.policy_system.validate import Known
from portal.programs.actions import refusal
from portal.programs.changes import Endorsement
from portal.programs.endorsing import EndorsementDraft
from portal.programs.models import Program
from portal.servicing.actions.endorse import endorse
from portal.servicing.actions.facts import action_facts, hold_invoices
from portal.servicing.bind import Binding
from portal.servicing.changes import program_changes
from portal.servicing.drafts import InsuredDraft, ProgramDraft
from portal.servicing.editing import costs_change, edit_program, load_editable

ENDORSABLE = frozenset({"payment_due", "incomplete"})
"""Statuses in which staff change the program itself; what comes from BindHQ is an endorsement all the same."""


@dataclass(frozen=True, slots=True)
class Changing:
    """In whose unit, on whose behalf, and what is known."""

    session: Scoped
    known: Known
    binding: Binding

    def program(self, billed: Billed, version: int, warnings: Sequence[Failure]) -> Ended:
        """A newer version of what became a program: contact data follows, and what is billed while nobody has paid.

        Args:
            billed: as it is in BindHQ now.
            warnings: what stands against it without blocking it.
        """
        session, record = self.session, billed.record
        assert record.program_id is not None
        (draft,) = drafts_of(session, [billed], self.known, self.binding)
        prints = fingerprints(draft)
        if prints == record.fingerprint:
            return Ended("imported", "duplicate", version, warnings)
        editable = load_editable(session, record.program_id, lock=True)
        assert editable is not None
        before, after = record.fingerprint.partition(":"), prints.partition(":")
        wanted = editable.program.draft
        if before[0] != after[0]:
            wanted = self._as_there(record, editable.program.policy_ids, wanted, draft)
        if before[2] != after[2]:
            wanted = replace(wanted, insured=_insured(editable.insured.draft, draft.insured))
        if draft.insured.reference != editable.insured.draft.reference:
            why = "it names another insured now. A program does not change hands."
            return self._told(record, version, [*warnings, failure("BHQ_NOT_APPLIED", "policy.insured", why)])
        if editable.is_archived:
            return Ended("voided", "duplicate", version, warnings)
        if costs_change(editable.program.draft, wanted) and editable.why_fixed is not None:
            changed = ", ".join(sorted({one.field for one in program_changes(editable.program.draft, wanted)}))
            return self._told(record, version, [*warnings, failure("BHQ_CHANGED_AFTER_PAYMENT", "*", changed)])
        edit_program(session, editable, wanted, self.binding)
        record.fingerprint = prints
        return Ended("imported", "updated", version, warnings)

    def endorsed(self, record: ImportRecord, endorsement: EndorsementThere, parent: ImportRecord) -> Ended:
        """An endorsement that adds premium, on the program of its policy: billed with a due date of its own.

        Args:
            parent: the record of the policy, whose program is not archived.
        """
        session, binding = self.session, self.binding
        assert parent.program_id is not None and parent.policy_id is not None and endorsement.effective_on is not None
        program = self._held(parent.program_id)
        facts = action_facts(session, program.id, binding.today)
        why_not = refusal("endorse", facts) if facts.status not in ENDORSABLE else None
        if why_not is not None:
            return Ended("failed", "failed", endorsement.version, [failure("BHQ_NOT_APPLIED", "policy", why_not)])
        return self._bill(record, endorsement, program, parent.policy_id)

    def endorsement(self, record: ImportRecord, endorsement: EndorsementThere) -> Ended:
        """A newer version of an endorsement that is here: billed anew while nobody has paid on it."""
        session, binding, version = self.session, self.binding, endorsement.version
        assert record.endorsement_id is not None and record.invoice_id is not None and record.program_id is not None
        stored = session.get_one(Endorsement, record.endorsement_id)
        if (stored.effective_on, _of(stored)) == (endorsement.effective_on, _sums(charges_of(endorsement.line_items))):
            return Ended("imported", "duplicate", version)
        program = self._held(record.program_id)
        invoice = session.get_one(Invoice, record.invoice_id)
        is_touched = invoice.open_cents < invoice.total_cents or held_invoices(session, [invoice.id])
        if invoice.state != "open" or is_touched or program.archived_at is not None:
            return self._told(record, version, [failure("BHQ_CHANGED_AFTER_PAYMENT", "*", endorsement.description)])
        void_invoice(session, invoice, binding.today, binding.at)
        ended = self._bill(record, endorsement, program, stored.policy_id)
        return replace(ended, outcome="updated")

    def _bill(self, record: ImportRecord, endorsement: EndorsementThere, program: Program, policy_id: int) -> Ended:
        session, binding = self.session, self.binding
        assert endorsement.effective_on is not None
        sums = charges_of(endorsement.line_items)
        draft = EndorsementDraft(
            request_key=f"bindhq:{endorsement.id}:{endorsement.version}",
            policy_id=policy_id,
            way="invoice",
            description=endorsement.description or "",
            effective_on=endorsement.effective_on,
            due_date=max(endorsement.effective_on, binding.today),
            premium_cents=sums.premium_cents,
            taxes_cents=sums.taxes_cents,
            surplus_lines_tax_cents=sums.surplus_lines_tax_cents,
            fees_cents=_sums(sums)[3],
        )
        row = endorse(session, program, draft, binding.actor, binding.today, binding.at)
        last = select(Invoice.id).where(Invoice.program_id == program.id, Invoice.kind == "endorsement")
        record.program_id, record.policy_id, record.endorsement_id = program.id, policy_id, row.id
        record.invoice_id = session.scalars(last.order_by(Invoice.id.desc()).limit(1)).one()
        outcome: Outcome = "imported"
        return Ended("imported", outcome, endorsement.version)

    def _held(self, program_id: int) -> Program:
        query = select(Program).where(Program.id == program_id).with_for_update()
        program = self.session.scalars(query.execution_options(populate_existing=True)).one()
        hold_invoices(self.session, program_id)
        return program

    def _as_there(
        self, record: ImportRecord, policy_ids: Sequence[int], stored: ProgramDraft, draft: ProgramDraft
    ) -> ProgramDraft:
        """The program with its one policy as BindHQ has it; what staff have added beside it stays."""
        (new,) = draft.policies
        pairs = list(zip(policy_ids, stored.policies, strict=True))
        policies = tuple(new if policy_id == record.policy_id else old for policy_id, old in pairs)
        before = {old.effective_date for policy_id, old in pairs if policy_id == record.policy_id}
        moved = new.effective_date not in before
        return replace(
            stored,
            policies=policies,
            billing_type=draft.billing_type,
            partner_id=draft.partner_id,
            producer=draft.producer,
            account_manager=draft.account_manager,
            due_date=draft.due_date if moved else stored.due_date,
        )

    def _told(self, record: ImportRecord, version: int, failures: Sequence[Failure]) -> Ended:
        ref = f"{record.program_id}:{record.id}"
        what = failures[-1]
        open_task(self.session, "policy_system.changed", ref, self.binding.at, policy=record.number, changed=what.value)
        return Ended("imported", "flagged", version, failures)


def _insured(stored: InsuredDraft, there: InsuredDraft) -> InsuredDraft:
    """The customer as BindHQ has them; names of a contact and further addresses that staff have entered stay."""
    return replace(
        there,
        reference=stored.reference,
        contact_first_name=there.contact_first_name or stored.contact_first_name,
        contact_last_name=there.contact_last_name or stored.contact_last_name,
        country=stored.country,
        locale=stored.locale,
        emails=tuple(sorted({*stored.emails, *there.emails})),
    )


def _sums(charges: Charges) -> tuple[int, int, int, int]:
    fees = charges.policy_fee_cents + charges.agency_fee_cents + charges.broker_fee_cents + charges.other_fee_cents
    return charges.premium_cents, charges.taxes_cents, charges.surplus_lines_tax_cents, fees


def _of(row: Endorsement) -> tuple[int, int, int, int]:
    return row.premium_cents, row.taxes_cents, row.surplus_lines_tax_cents, row.fees_cents
