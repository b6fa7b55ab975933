"""The late fee that follows if something past due stays unpaid: for mails that ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.financing.late.fees import late_fee_cents, late_fee_day
from portal.financing.late.models import InstallmentFee
from portal.financing.late.terms import late_terms
from portal.reference.late_rules import late_rule
from portal.servicing.late.installments import must_wait, past_due


@dataclass(frozen=True, slots=True)
class ComingFee:
    """What is added, and from which day on."""

    cents: int
    day: date


def coming_fee(session: Scoped, invoice_ids: Iterable[int], today: date) -> ComingFee | None:
    """The next late fee of these invoices, if they stay unpaid; None where the agency, state or agreement has none.

    Args:
        invoice_ids: few, such as one mail asks for.
        today: the day at the agency; a fee that is due by then is none that comes.
    """
    terms = late_terms(session)
    if must_wait(session) or not terms.fee_is_charged:
        return None
    found = []
    for one in past_due(session, today, invoice_ids=list(invoice_ids)):
        if _is_charged(session, one.invoice_id):
            continue
        rule = late_rule(one.us_state)
        cents = late_fee_cents(one.total_cents, one.agreed, terms, rule, is_person=one.is_person)
        day = late_fee_day(one.late_from, one.tries, one.agreed, terms, rule, is_on_autopay=one.is_on_autopay)
        if cents and day is not None and day > today:
            found.append(ComingFee(cents, day))
    return min(found, key=lambda fee: fee.day, default=None)


def _is_charged(session: Scoped, invoice_id: int) -> bool:
    query = select(InstallmentFee.id).where(InstallmentFee.installment_id == invoice_id, InstallmentFee.kind == "late")
    return session.scalar(query) is not None
