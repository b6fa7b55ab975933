"""The hourly job seals what every agency's audit has gained."""

from sqlalchemy import Engine, select

from portal.core.audit import SYSTEM, record
from portal.core.audit_seals import AuditSeal, find_tampering
from portal.core.tenancy import reading, writing
from portal.jobs.context import JobContext
from portal.jobs.seal_audit import seal_audit
from tests.jobs.conftest import Clock, agency


def test_each_agencys_entries_are_sealed_once_they_have_settled(engine: Engine, jobs: JobContext, clock: Clock) -> None:
    agencies = [agency(engine, slug) for slug in ("one", "two")]
    for agency_id in agencies:
        with writing(engine, agency_id) as session:
            record(session, SYSTEM, "agency.created", "agency", agency_id, clock())
    seal_audit(jobs)
    for forward, expected in (0, []), (1, [1]), (1, [1]):
        clock.forward(hours=forward)
        seal_audit(jobs)
        for agency_id in agencies:
            with reading(engine, agency_id) as session:
                assert [len(seal.entries) for seal in session.scalars(select(AuditSeal))] == expected
                assert list(find_tampering(session, jobs.audit_key)) == []
