"""Forget what came in from the policy system about somebody: that it came, and when, stays."""

from collections.abc import Collection

from sqlalchemy import delete, select, update

from portal.core.tenancy import Scoped
from portal.insureds.erase import NAME
from portal.policy_system.models import ImportAttempt, ImportRecord, PolicyInsured

_PLAIN = {"synchronize_session": False}


def forget_imports(session: Scoped, insured_id: int, program_ids: Collection[int]) -> None:
    """Blank the records that an insured's programs came from, and their own id there.

    Args:
        session: a write unit.
        program_ids: of the insured.
    """
    theirs = select(ImportRecord.id).where(ImportRecord.program_id.in_(program_ids))
    session.execute(
        update(ImportAttempt).where(ImportAttempt.record_id.in_(theirs)).values(failures=[]).execution_options(**_PLAIN)
    )
    session.execute(
        update(ImportRecord)
        .where(ImportRecord.program_id.in_(program_ids))
        .values(payload="", failures=[], name=NAME, number="", search_key="")
        .execution_options(**_PLAIN)
    )
    session.execute(delete(PolicyInsured).where(PolicyInsured.insured_id == insured_id).execution_options(**_PLAIN))
