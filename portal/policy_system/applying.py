"""What a fetched record of BindHQ does here: one decision for each, in the unit that holds its import record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.policy_system.binding import Billed, bind_new
from portal.policy_system.changing import Changing
from portal.policy_system.intake import Ended, Leased, State, end, put_back
from portal.policy_system.models import ImportRecord
from portal.policy_system.people import add_missing_staff
from portal.policy_system.records import AgencyThere, EndorsementThere, Person, PolicyThere
from portal.policy_system.retail_sync import take_agency
from portal.policy_system.rules import Failure, failure
from portal.policy_system.validate import (
    Known,
    as_new_policy,
    endorsement_failures,
    is_refused,
    policy_failures,
    user_failures,
)
from portal.policy_system.voiding import void
from portal.programs.models import Program
from portal.servicing.bind import Binding

LATER = timedelta(seconds=20)
"""So long an endorsement waits whose policy is on its way in itself."""


@dataclass(frozen=True, slots=True)
class WholeEndorsement:
    """An endorsement, and its policy as it is now."""

    endorsement: EndorsementThere
    policy: PolicyThere


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What could not be fetched whole, and why; it is not tried again by itself.

    Args:
        payload: as it came, if it did.
    """

    failure: Failure
    payload: str = ""


Fetched = PolicyThere | WholeEndorsement | AgencyThere | Person | Unreadable


@dataclass(slots=True)
class Applying:
    """Applies fetched records in one unit; what is new is bound together at the end.

    Args:
        session: a write unit.
        sends_link: the agency has the payment link sent when a program comes in.
        outcomes: how many came out how.
    """

    session: Scoped
    known: Known
    binding: Binding
    sends_link: bool
    outcomes: Counter[str] = field(default_factory=Counter)
    _new: list[tuple[Billed, Leased, Ended]] = field(default_factory=list)

    def take(self, held: Mapping[int, ImportRecord], fetched: Sequence[tuple[Leased, Fetched]]) -> None:
        """Apply what this worker still has.

        Raises:
            PortalError: one of them does not fit; then none has happened.
        """
        for is_endorsement in (False, True):
            for leased, there in fetched:
                record = held.get(leased.id)
                if record is None or is_endorsement != (record.object_type == "endorsement"):
                    continue
                describe(record, there)
                ended = self._one(record, leased, there)
                if ended is not None:
                    self._end(record, leased, ended)
            self._bind()

    def _bind(self) -> None:
        if self._new:
            bind_new(
                self.session, [one for one, _, _ in self._new], self.known, self.binding, sends_link=self.sends_link
            )
            for one, leased, ended in self._new:
                self._end(one.record, leased, ended)
            self._new.clear()

    def _end(self, record: ImportRecord, leased: Leased, ended: Ended) -> None:
        self.outcomes[ended.outcome] += 1
        end(self.session, record, leased, ended, self.binding.at)

    def _one(self, record: ImportRecord, leased: Leased, there: Fetched) -> Ended | None:
        """How it came out; None where it has not yet."""
        match there:
            case Unreadable():
                return Ended("failed", "failed", 0, [there.failure])
            case PolicyThere():
                return self._policy(record, leased, there)
            case WholeEndorsement():
                return self._endorsement(record, leased, there)
            case AgencyThere():
                return self._agency(there)
            case Person():
                return self._user(there)

    def _policy(self, record: ImportRecord, leased: Leased, policy: PolicyThere) -> Ended | None:
        if policy.status == "voided":
            return self._void(record, policy.version)
        if record.program_id is not None and "policy.reinstated" in record.news:
            return self._reinstated(record, policy.version)
        if policy.status == "cancelled":
            return self._canceled(record, policy.version)
        if record.program_id is not None and policy.version <= record.version:
            return Ended(self._standing(record), "duplicate", policy.version)
        failures = policy_failures(policy, self.known)
        if is_refused(failures):
            return Ended("failed", "failed", policy.version, failures)
        if record.program_id is not None:
            return self._changing().program(Billed(record, policy), policy.version, failures)
        self._new.append((Billed(record, policy), leased, Ended("imported", "imported", policy.version, failures)))
        return None

    def _endorsement(self, record: ImportRecord, leased: Leased, whole: WholeEndorsement) -> Ended | None:
        there, policy, version = whole.endorsement, whole.policy, whole.endorsement.version
        if there.number == 0 or there.status == "draft":
            record.is_quiet = True
            return Ended("ignored", "ignored", version)
        record.is_quiet = False
        if there.status == "voided" or policy.status == "voided":
            return self._void(record, version)
        parent = self._parent(policy.id)
        if parent is not None and parent.state in {"queued", "processing"}:
            put_back(self.session, record, self.binding.at + LATER)
            return None
        if there.kind == "reinstatement":
            return self._reinstated(record, version)
        if there.kind == "cancellation":
            return self._canceled(record, version)
        if record.program_id is not None and version <= record.version:
            return Ended(self._standing(record), "duplicate", version)
        if record.invoice_id is not None:
            if failures := endorsement_failures(there):
                return Ended("failed", "failed", version, failures)
            return self._changing().endorsement(record, there)
        if record.program_id is not None:
            return self._apart(record, leased, whole)
        failures = endorsement_failures(there)
        if failures:
            record.is_quiet = not is_refused(failures)
            return Ended("failed" if is_refused(failures) else "ignored", "failed", version, failures)
        if parent is not None and parent.program_id is not None and parent.invoice_id is None:
            archived = self.session.scalar(select(Program.archived_at).where(Program.id == parent.program_id))
            if archived is None:
                return self._changing().endorsed(record, there, parent)
        return self._apart(record, leased, whole)

    def _apart(self, record: ImportRecord, leased: Leased, whole: WholeEndorsement) -> Ended | None:
        """The policy is not here: the endorsement is a program of its own."""
        version = whole.endorsement.version
        policy = as_new_policy(whole.endorsement, whole.policy)
        failures = policy_failures(policy, self.known)
        if is_refused(failures):
            return Ended("failed", "failed", version, failures)
        billed = Billed(record, policy, whole.endorsement.id)
        if record.program_id is not None:
            return self._changing().program(billed, version, failures)
        self._new.append((billed, leased, Ended("imported", "imported", version, failures)))
        return None

    def _agency(self, agency: AgencyThere) -> Ended:
        outcome, failures = take_agency(self.session, agency, self.binding.at)
        return {
            "inactive": Ended("ignored", "ignored", 0, failures),
            "failed": Ended("failed", "failed", 0, failures),
            "created": Ended("imported", "imported"),
            "known": Ended("imported", "duplicate"),
        }[outcome]

    def _user(self, user: Person) -> Ended:
        if not user.is_active:
            return Ended("ignored", "ignored")
        if is_refused(failures := user_failures(user, self.known)):
            return Ended("failed", "failed", 0, failures)
        added = add_missing_staff(self.session, [user], self.binding.actor, self.binding.at)
        return Ended("imported", "imported" if added else "duplicate")

    def _void(self, record: ImportRecord, version: int) -> Ended:
        known = record.failures
        found = void(self.session, record, self.binding.actor, self.binding.today, self.binding.at)
        if not found and known and record.program_id is not None:
            return Ended("voided", "duplicate", version)
        return Ended("voided", "voided", version, found)

    def _reinstated(self, record: ImportRecord, version: int) -> Ended:
        """It is not synced: what staff do, by how the program stands."""
        found = [failure("BHQ_REINSTATEMENT_NOT_SYNCED", "endorsement.kind", self.manual_step(record))]
        about = record if record.program_id is not None else self._parent(record.parent_id or "")
        if about is not None and about.program_id is not None:
            step = self.manual_step(about)
            found = [failure("BHQ_REINSTATEMENT_NOT_SYNCED", "endorsement.kind", step)]
            ref = f"{about.program_id}:{record.id}"
            open_task(self.session, "policy_system.reinstated", ref, self.binding.at, policy=about.number, step=step)
        state = self._standing(record) if record.object_type == "policy" else "ignored"
        return Ended(state, "ignored", version, found)

    def manual_step(self, record: ImportRecord) -> str:
        """What staff do by hand for a reinstatement: Reinstate what is canceled, take what is archived back."""
        if record.program_id is None:
            return ""
        program = self.session.get_one(Program, record.program_id)
        if program.archived_at is not None:
            return "Un-archive"
        return "Reinstate" if program.canceled_on is not None else ""

    def _canceled(self, record: ImportRecord, version: int) -> Ended:
        """Cancelations give premium back: staff cancel the program by its actions."""
        found = [failure("BHQ_CANCELLATION_NOT_SYNCED", "policy.status", "")]
        about = record if record.program_id is not None else self._parent(record.parent_id or "")
        if about is not None and about.program_id is not None:
            program = self.session.get_one(Program, about.program_id)
            if program.canceled_on is None and program.archived_at is None:
                ref = f"{about.program_id}:{record.id}"
                open_task(self.session, "policy_system.canceled", ref, self.binding.at, policy=about.number)
        is_here = record.program_id is not None
        return Ended(self._standing(record) if is_here else "ignored", "ignored", version, found)

    def _standing(self, record: ImportRecord) -> State:
        """What state a record has that nothing new has happened to."""
        if record.program_id is None:
            return "ignored"
        archived = self.session.scalar(select(Program.archived_at).where(Program.id == record.program_id))
        return "voided" if archived is not None else "imported"

    def _parent(self, policy_id: str) -> ImportRecord | None:
        query = select(ImportRecord).where(ImportRecord.object_type == "policy", ImportRecord.object_id == policy_id)
        return self.session.scalars(query.with_for_update()).one_or_none()

    def _changing(self) -> Changing:
        return Changing(self.session, self.known, self.binding)


def describe(record: ImportRecord, there: Fetched) -> None:
    """Keep what staff search and read of a record, whatever comes of it."""
    match there:
        case PolicyThere():
            record.number, record.name = there.policy_number or "", there.insured.name or ""
            record.payload = there.payload
        case WholeEndorsement():
            record.number, record.name = there.policy.policy_number or "", there.policy.insured.name or ""
            record.payload, record.parent_id = there.endorsement.payload, there.policy.id
        case AgencyThere():
            record.name = there.name or ""
        case Person():
            record.name = f"{there.first_name or ''} {there.last_name or ''}".strip() or there.email or ""
        case Unreadable():
            record.payload = there.payload or record.payload
    record.search_key = f"{record.object_id} {record.number} {record.name}".lower()
