"""What would happen by itself on a day, and who would be written to: the steps of every rule, with their names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.insureds.models import Insured
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.programs.models import Program
from portal.servicing import autopay_planned
from portal.servicing.late import fees, notices
from portal.servicing.planned import Planned
from portal.servicing.reminders import deciding

CSV_HEADER = ("Day", "What", "Insured", "Program", "Invoices", "Amount", "To")
AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Coming:
    """One step as staff read it.

    Args:
        about: the program's name, or what the one-time payment is for.
        numbers: of the invoices.
    """

    planned: Planned
    insured_name: str
    about: Text | str
    numbers: tuple[str, ...]

    @property
    def is_reminder(self) -> bool:
        """Whether its mail can be shown beforehand."""
        return self.planned.step.startswith("reminder.")


def coming(session: Scoped, day: date, today: date, zone: str) -> list[Coming]:
    """All that would happen on a day, by what is known now, in the order of the insureds' names.

    Args:
        today: the day at the agency; nothing is said of days before it.
        zone: the agency's time zone.
    """
    steps = [
        *deciding.planned(session, day, today, zone),
        *fees.planned(session, day),
        *notices.planned(session, day),
        *autopay_planned.planned(session, day),
    ]
    insureds = _names(session, {step.insured_id for step in steps})
    programs = _programs(session, {step.program_id for step in steps if step.program_id})
    invoices = _invoices(session, {number for step in steps for number in step.invoice_ids})
    found = []
    for step in steps:
        ones = [invoices[number] for number in step.invoice_ids]
        about = programs[step.program_id] if step.program_id else ones[0][1] if ones else ""
        found.append(Coming(step, insureds[step.insured_id], about, tuple(number for number, _ in ones)))
    return sorted(found, key=lambda one: (one.insured_name, one.planned.program_id or 0, one.planned.invoice_ids))


def csv_rows(rows: Iterable[Coming]) -> Iterable[Sequence[object]]:
    """The same for a spreadsheet."""
    for one in rows:
        step = one.planned
        to = ", ".join(step.to)
        yield step.on, step.what, one.insured_name, one.about, ", ".join(one.numbers), plain_money(step.cents), to


def _names(session: Scoped, ids: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in _some(ids):
        found |= dict(session.execute(select(Insured.id, Insured.name).where(Insured.id.in_(some))).all())
    return found


def _programs(session: Scoped, ids: set[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in _some(ids):
        found |= dict(session.execute(select(Program.id, Program.name).where(Program.id.in_(some))).all())
    return found


def _invoices(session: Scoped, ids: set[int]) -> dict[int, tuple[str, Text | str]]:
    found: dict[int, tuple[str, Text | str]] = {}
    for some in _some(ids):
        query = select(Invoice.id, Invoice.number, Invoice.kind, Invoice.description).where(Invoice.id.in_(some))
        found |= {number: (name, invoice_title(kind, words)) for number, name, kind, words in session.execute(query)}
    return found


def _some(ids: set[int]) -> Iterable[Sequence[int]]:
    ordered = sorted(ids)
    return [ordered[first : first + AT_ONCE] for first in range(0, len(ordered), AT_ONCE)]
