"""What autopay does on a day, in the shape that staff look ahead with: the run asks the very same rule."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.payments.autopay.due import Due, steps
from portal.payments.autopay.models import AutopayEnrollment
from portal.payments.autopay.run import expiring
from portal.payments.methods.models import PaymentMethod
from portal.programs.models import Program
from portal.servicing.planned import Planned

WHAT: dict[str, Text] = {
    "announce": text("Autopay: notice of a charge"),
    "charge": text("Autopay: charge"),
    "ask": text("Autopay: another payment method is asked for"),
    "leave": text("Autopay: left to staff"),
}
EXPIRES = text("Autopay: a card expires")


def planned(session: Scoped, day: date) -> Sequence[Planned]:
    """The notices, charges and mails of a day, as far as they are known now.

    Args:
        session: of the agency.
        day: there; what is open now is taken as open then.
    """
    found = [_planned(each, day) for each in steps(session, day)]
    for method_id, days in expiring(session, day):
        found += _cards(session, method_id, days, day)
    return found


def _planned(due: Due, day: date) -> Planned:
    what = due.step.what
    return Planned(
        step=f"autopay.{what}",
        what=WHAT[what],
        on=day,
        insured_id=due.row.insured_id,
        program_id=due.row.program_id,
        invoice_ids=(due.row.id,),
        cents=due.amount_cents,
        to=(due.row.owner_email,) if what in {"announce", "ask"} else (),
    )


def _cards(session: Scoped, method_id: int, days: int, day: date) -> list[Planned]:
    """One line for the first program that the card pays: it is one mail."""
    query = (
        select(Program.id, Program.insured_id, PaymentMethod.owner_email)
        .join(AutopayEnrollment, AutopayEnrollment.program_id == Program.id)
        .join(PaymentMethod, PaymentMethod.id == AutopayEnrollment.payment_method_id)
        .where(AutopayEnrollment.ended_at.is_(None), PaymentMethod.id == method_id)
        .order_by(Program.id)
        .limit(1)
    )
    row = session.execute(query).one()
    return [
        Planned(
            step=f"autopay.card_expires.{days}",
            what=EXPIRES,
            on=day,
            insured_id=row.insured_id,
            program_id=row.id,
            invoice_ids=(),
            cents=0,
            to=(row.owner_email,),
        )
    ]
