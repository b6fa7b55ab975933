"""The lender's money: recorded once for a loan, when it has come to the bank."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict
from portal.core.money import format_money
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.models import Loan
from portal.ledger.journal import post
from portal.ledger.postings import lender_funded


@dataclass(frozen=True, slots=True)
class Funding:
    """What the lender has sent.

    Args:
        funded_on: the day on which it was at the bank.
        reference: of the wire or the check.
    """

    funded_on: date
    cents: int
    reference: str


def check_funding(loan: Loan, funding: Funding, zone: str, at: datetime) -> None:
    """Let pass what can be.

    Args:
        zone: the agency's time zone.
        at: now.

    Raises:
        Conflict: the loan was never bound, or its money is recorded already.
        BadInput: an amount or a day that cannot be.
    """
    if loan.bound_at is None:
        raise Conflict(text("The down payment has not come yet, so the lender owes nothing."))
    if loan.funded_on is not None:
        raise Conflict(text("The lender's money for this loan is recorded already."))
    if not 0 < funding.cents <= loan.amount_financed_cents:
        most = format_money(loan.amount_financed_cents)
        raise BadInput(text("The amount lies between $0.01 and the amount financed, %(most)s.", most=most))
    if not local_date(loan.signed_at, zone) <= funding.funded_on <= local_date(at, zone):
        raise BadInput(text("The day lies between the signature and today."))


def record_funding(session: Scoped, loan_id: int, funding: Funding, zone: str, actor: Actor, at: datetime) -> Loan:
    """Write it down, in the books too.

    Args:
        session: a write unit.
        zone: the agency's time zone.

    Raises:
        Conflict, BadInput: as `check_funding`.
    """
    loan = session.scalars(select(Loan).where(Loan.id == loan_id).with_for_update()).one()
    check_funding(loan, funding, zone, at)
    loan.funded_on, loan.funded_cents, loan.funding_reference = funding.funded_on, funding.cents, funding.reference
    post(session, [lender_funded(str(loan.id), funding.cents, funding.funded_on)], at)
    record(
        session,
        actor,
        "loan.funded",
        "program",
        loan.program_id,
        at,
        loan=loan.number,
        amount_cents=funding.cents,
        funded_on=funding.funded_on.isoformat(),
        reference=funding.reference,
    )
    session.flush()
    return loan
