"""News of loans."""

from dataclasses import dataclass

from portal.core.events import Event


@dataclass(frozen=True, slots=True)
class ProgramReinstated(Event):
    """What was past due is paid, and a canceled program goes on."""

    reinstatement_id: int
    program_id: int


@dataclass(frozen=True, slots=True)
class LoanBound(Event):
    """The down payment has come, and the loan has begun."""

    loan_id: int
    program_id: int
