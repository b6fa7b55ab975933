"""The jobs' part at BindHQ: which agency's line they work on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from portal.core.secrets import SecretBox
from portal.policy_system.calling import Line, note_trouble, open_line
from portal.policy_system.protocol import PolicySystems, UnsafeAddress
from portal.policy_system.runs import import_policies, is_new, sync_agencies

IMPORT_FOR = timedelta(minutes=10)
"""So long one run of an import goes on; the next one begins where it ended."""


@dataclass(frozen=True, slots=True)
class PolicyJobs:
    """What jobs do at BindHQ."""

    engine: Engine
    box: SecretBox
    systems: PolicySystems
    now: Callable[[], datetime]

    def import_policies(self, agency_id: int) -> None:
        """Read an agency's feed, and work what waits; before the first time, look at its agencies and lists."""
        line = self._line(agency_id)
        if line is not None:
            if is_new(line):
                sync_agencies(line, self.now)
            last = time.monotonic() + IMPORT_FOR.total_seconds()
            import_policies(line, self.now, lambda: time.monotonic() < last)

    def sync_agencies(self, agency_id: int) -> None:
        """Look at an agency's retail agencies and users."""
        line = self._line(agency_id)
        if line is not None:
            sync_agencies(line, self.now)

    def _line(self, agency_id: int) -> Line | None:
        try:
            return open_line(self.engine, agency_id, self.box, self.systems)
        except UnsafeAddress as error:
            note_trouble(self.engine, agency_id, error, self.now())
            return None
