"""Bound policies become programs, many in one unit, each by the one way that a policy comes in."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import select

from portal.core.errors import Conflict
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.partners.models import Partner, PartnerUser
from portal.policy_system.models import ImportRecord
from portal.policy_system.people import add_missing_staff, link_insureds, references_of
from portal.policy_system.reading import fingerprints, insured_draft, program_draft, program_reference
from portal.policy_system.records import PolicyThere
from portal.policy_system.retailers import agent_of, partner_for, partners_of
from portal.policy_system.validate import Known
from portal.programs.models import Policy, Program
from portal.servicing.bind import Binding, bind_programs
from portal.servicing.drafts import ProgramDraft
from portal.servicing.reminders.sequences import start_link
from portal.servicing.reminders.still_due import Account


@dataclass(frozen=True, slots=True)
class Billed:
    """What becomes a program: a policy, or an endorsement whose policy is not here, as the policy that it bills.

    Args:
        policy: one that is not refused.
        endorsement_id: BindHQ's; empty for a policy.
    """

    record: ImportRecord
    policy: PolicyThere
    endorsement_id: str = ""

    @property
    def reference(self) -> str:
        """What the program is called."""
        return program_reference(self.policy.id, self.endorsement_id)


def drafts_of(session: Scoped, billed: Sequence[Billed], known: Known, binding: Binding) -> list[ProgramDraft]:
    """The programs that policies become; their partners, agents and users are made where they are missing.

    Args:
        session: a write unit.
    """
    partners = _partners(session, billed, binding)
    users = {(one.policy.user.email or "").lower(): one.policy.user for one in billed if one.policy.user}
    add_missing_staff(session, list(users.values()), binding.actor, binding.at)
    references = references_of(session, [one.policy.insured for one in billed])
    due_days = dict(
        session.execute(select(Partner.id, Partner.due_days).where(Partner.id.in_(partners.values()))).all()
    )
    found = []
    for one in billed:
        assert one.policy.agency
        partner_id = partners[one.policy.agency.id]
        insured = insured_draft(one.policy.insured, references[one.policy.insured.id])
        found.append(
            program_draft(one.policy, known, insured, partner_id, due_days[partner_id], binding.today, one.reference)
        )
    return found


def bind_new(
    session: Scoped, billed: Sequence[Billed], known: Known, binding: Binding, *, sends_link: bool = False
) -> list[int]:
    """Bind what is not here yet; says the programs' ids, in order.

    Args:
        session: the unit that holds the records.
        sends_link: the agency has the payment link sent at once.

    Raises:
        Conflict: a program has this reference already.
    """
    drafts = drafts_of(session, billed, known, binding)
    program_ids = bind_programs(session, drafts, binding)
    owners = dict(session.execute(select(Program.id, Program.insured_id).where(Program.id.in_(program_ids))).all())
    policies = dict(
        session.execute(select(Policy.program_id, Policy.id).where(Policy.program_id.in_(program_ids))).all()
    )
    insureds: dict[str, int] = {}
    for one, draft, program_id in zip(billed, drafts, program_ids, strict=True):
        one.record.program_id, one.record.policy_id = program_id, policies[program_id]
        one.record.fingerprint = fingerprints(draft)
        insureds[one.policy.insured.id] = owners[program_id]
        if sends_link:
            with suppress(Conflict):  # nothing is due, or no address takes mail: staff see that on its page
                start_link(session, Account(program_id, None), binding.actor, binding.today, binding.at)
    link_insureds(session, insureds)
    _offer_to_link(session, billed, binding)
    session.flush()
    return program_ids


def _partners(session: Scoped, billed: Sequence[Billed], binding: Binding) -> dict[str, int]:
    """The partner of each agency, by BindHQ's id; with the agents."""
    partners = partners_of(session, [one.policy.agency.id for one in billed if one.policy.agency])
    for one in billed:
        agency, agent = one.policy.agency, one.policy.agent
        assert agency and agent
        if agency.id not in partners:
            partners[agency.id], _ = partner_for(session, agency, agent, binding.actor, binding.at)
    emails = {(one.policy.agent.email or "").strip().lower() for one in billed if one.policy.agent}
    users = select(PartnerUser.partner_id, PartnerUser.email).where(
        PartnerUser.partner_id.in_(partners.values()), PartnerUser.email.in_(emails)
    )
    known: set[tuple[int, str]] = set(session.execute(users))
    for one in billed:
        agency, agent = one.policy.agency, one.policy.agent
        assert agency and agent
        key = partners[agency.id], (agent.email or "").strip().lower()
        if key not in known:
            agent_of(session, key[0], agent, binding.actor, binding.at)
            known.add(key)
    return partners


def _offer_to_link(session: Scoped, billed: Sequence[Billed], binding: Binding) -> None:
    """A policy comes in whose endorsement stands here as a program of its own: staff decide, nothing is merged."""
    programs = {one.record.object_id: one.record.program_id for one in billed if not one.endorsement_id}
    apart = select(ImportRecord).where(
        ImportRecord.parent_id.in_(programs), ImportRecord.program_id.is_not(None), ImportRecord.invoice_id.is_(None)
    )
    for record in session.scalars(apart.order_by(ImportRecord.id)):
        ref = f"{record.program_id}:{record.id}"
        open_task(session, "policy_system.endorsed_apart", ref, binding.at, policy=record.number)
