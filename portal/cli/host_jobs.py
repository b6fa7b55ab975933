"""The jobs' part at agencies' own hosts: look at each from outside, as its admins can."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from portal.access.lost_hosts import note_look
from portal.agencies.directory import Directory
from portal.agencies.hosts import HostProbe, found_of, hosts_of, keep_found, proof_of
from portal.core.errors import NotFound
from portal.core.tenancy import reading_global, writing, writing_global


@dataclass(frozen=True, slots=True)
class HostJobs:
    """What jobs do about hosts.

    Args:
        secret: the deployment's, for the proof that a host answers with.
    """

    engine: Engine
    directory: Directory
    secret: str
    probe: HostProbe
    now: Callable[[], datetime]

    def check(self, agency_id: int) -> None:
        """Look at each host of an agency, keep what was found, and tell its admins of one that is lost."""
        with reading_global(self.engine) as session:
            known = [(row.host, row.is_ready, found_of(row)) for row in hosts_of(session, agency_id)]
        for host, was_ready, before in known:
            found = self.probe(host, proof_of(self.secret, host, agency_id))
            at = self.now()
            with suppress(NotFound):  # it was removed meanwhile
                with writing_global(self.engine) as unscoped:
                    keep_found(unscoped, agency_id, host, found, at)
                with writing(self.engine, agency_id) as scoped:
                    note_look(scoped, host, was_ready, before, found, at)
        self.directory.forget()
