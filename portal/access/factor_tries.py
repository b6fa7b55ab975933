"""A staff member shows a second factor: each try is counted, and the audit says whether it worked."""

from dataclasses import dataclass
from datetime import datetime

from portal.access.limits import SECOND_FACTOR, SECOND_FACTOR_DAY, OpenUnit, counted, missed_nothing, start_tries
from portal.access.staff import Staff
from portal.core.audit import Actor, record
from portal.core.secrets import derive_key
from portal.core.tenancy import Scoped


@dataclass(frozen=True, slots=True)
class FactorTry:
    """One try, whatever the factor: who, from where, when.

    Args:
        open_unit: opens a write unit; none may be open.
        secret: the deployment's.
        staff: who is asked.
        actor: the same, for the audit.
        at: now.
    """

    open_unit: OpenUnit
    secret: str
    staff: Staff
    actor: Actor
    at: datetime

    def start(self) -> list[int]:
        """Count the try before anything is looked at. Opens its own units; returns its rows.

        Raises:
            TooMany: too many that failed.
        """
        key, subject = derive_key(self.secret, "limits"), str(self.staff.id)
        limits = [counted(key, limit, subject) for limit in (SECOND_FACTOR, SECOND_FACTOR_DAY)]
        return start_tries(self.open_unit, limits, self.at)

    def worked(self, session: Scoped, tries: list[int], kind: str) -> bool:
        """The factor was shown; always true.

        Args:
            tries: what `start` returned.
            kind: totp, passkey or recovery_code.
        """
        missed_nothing(session, tries)
        record(session, self.actor, "staff.second_factor_shown", "staff_member", self.staff.id, self.at, kind=kind)
        return True

    def failed(self, session: Scoped, kind: str) -> bool:
        """It was not; always false. `kind` as in `worked`."""
        record(session, self.actor, "staff.second_factor_failed", "staff_member", self.staff.id, self.at, kind=kind)
        return False
