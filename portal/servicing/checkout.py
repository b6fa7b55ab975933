"""What the checkout keeps on the way: the step, and who signs for a business."""

from datetime import datetime

from sqlalchemy import select

from portal.core.audit import Actor, Personal, record
from portal.core.personal_keys import of_insured
from portal.core.tenancy import Scoped
from portal.financing.models import Checkout
from portal.insureds.models import Insured


def keep_step(session: Scoped, program_id: int, step: str, plan: str, at: datetime) -> None:
    """Keep how far somebody has come, so that they go on there.

    Args:
        step: details, options or agreement.
        plan: the plan that is being read, or empty.
    """
    row = session.scalars(select(Checkout).where(Checkout.program_id == program_id)).one_or_none()
    if row is None:
        row = Checkout(program_id=program_id)
        session.add(row)
    row.step, row.plan, row.changed_at = step, plan, at
    session.flush()


def keep_contact(session: Scoped, insured_id: int, first_name: str, last_name: str, actor: Actor, at: datetime) -> None:
    """Keep who signs for a business."""
    insured = session.get_one(Insured, insured_id)
    before = [insured.contact_first_name, insured.contact_last_name]
    insured.contact_first_name, insured.contact_last_name = first_name, last_name
    changed = Personal(of_insured(insured_id), {"contact": [before, [first_name, last_name]]})
    record(session, actor, "insured.changed", "insured", insured_id, at, changed)
    session.flush()
