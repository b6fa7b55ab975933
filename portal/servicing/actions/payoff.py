"""Mail what it costs to end a loan early, good through a day."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.tenancy import Scoped
from portal.financing.models import Loan
from portal.financing.payoffs import quote_payoff
from portal.programs.models import Program
from portal.servicing.actions.telling import tell

LONGEST = timedelta(days=30)
"""So long a quote can hold at the most."""


def send_payoff_quote(session: Scoped, program: Program, through: date, actor: Actor, at: datetime) -> None:
    """Put it on its way to the insured, and keep that it was given.

    Args:
        session: a unit that holds the program (`facts.require`), whose loan runs.
        through: the day, there, by which the amount is enough.
    """
    loan = session.scalars(select(Loan).where(Loan.program_id == program.id, Loan.state == "bound")).one()
    cents = quote_payoff(session, loan.id, through).payoff_cents
    tell(session, "payoff", program, f"{loan.id}:{through.isoformat()}:{at.timestamp():.0f}", at)
    record(
        session,
        actor,
        "payoff.quoted",
        "program",
        program.id,
        at,
        loan=loan.number,
        amount_cents=cents,
        through=through.isoformat(),
    )
    session.flush()
