"""Seal what was written into the audit since the last hour, agency by agency."""

import structlog

from portal.core.audit_seals import seal_entries
from portal.core.tenancy import writing
from portal.jobs.context import JobContext
from portal.jobs.each_agency import for_each_agency

_log = structlog.get_logger("portal.jobs")


def seal_audit(context: JobContext) -> None:
    """Seal every agency's entries. Each seal goes into the log too: one that is deleted later is missed there."""
    for_each_agency(context, lambda agency_id: seal_agency(context, agency_id), "seal_audit")


def seal_agency(context: JobContext, agency_id: int) -> None:
    """Seal everything of an agency that has settled."""
    sealed = True
    while sealed:
        with writing(context.engine, agency_id) as session:
            seal = seal_entries(session, context.audit_key, context.now())
        sealed = seal is not None
        if seal is not None:
            _log.info("audit.sealed", agency_id=agency_id, seal=seal.number, to_id=seal.to_id, digest=seal.digest)
