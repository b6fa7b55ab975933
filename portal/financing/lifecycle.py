"""The one table of legal moves of a loan, and the plans as they are kept. Pure."""

from typing import Literal, cast, get_args

from portal.core.errors import IllegalMove
from portal.core.text import text
from portal.financing.offers import Plan, write_plan
from portal.financing.schedule import Spacing

LoanState = Literal["signed", "bound", "paid_off", "withdrawn", "canceled"]
MOVES: dict[str, frozenset[str]] = {
    "signed": frozenset({"bound", "withdrawn"}),
    "bound": frozenset({"paid_off", "canceled"}),
    "paid_off": frozenset({"bound"}),  # the last payment came back
    "canceled": frozenset({"bound"}),  # reinstated
    "withdrawn": frozenset(),
}
LIVE = frozenset({"signed", "bound"})


def check_move(old: str, new: str) -> None:
    """Let a legal move pass.

    Raises:
        IllegalMove: the table does not hold it.
    """
    if new not in MOVES[old]:
        raise IllegalMove(text("A loan that is %(old)s cannot become %(new)s.", old=old, new=new))


def write_plans(plans: tuple[Plan, ...]) -> str:
    """Plans as they are kept.

    >>> write_plans((Plan(9), Plan(3, 3)))
    '9x1 3x3'
    """
    return " ".join(write_plan(plan.installments, plan.months_between) for plan in plans)


def read_plans(kept: str) -> tuple[Plan, ...]:
    """The opposite of `write_plans`.

    >>> read_plans("9x1 3x3")
    (Plan(installments=9, months_between=1), Plan(installments=3, months_between=3))

    Raises:
        ValueError: it is not what `write_plans` writes.
    """
    return tuple(_plan(word) for word in kept.split())


def _plan(word: str) -> Plan:
    installments, months = map(int, word.split("x"))
    if months not in get_args(Spacing):
        raise ValueError(word)
    return Plan(installments, cast(Spacing, months))
