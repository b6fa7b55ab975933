"""What must hold of reminders and late fees: on their day, once, and for no delay that was the portal's own."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import func, select

from portal.core.tenancy import Scoped
from portal.financing.late.models import CancelNotice, InstallmentFee
from portal.invoices.models import Invoice
from portal.servicing.reminders.models import Reminder, ReminderStep
from tests.faults.year_oracle import Truth
from tests.faults.year_people import Household, Owed

FEE_AFTER = timedelta(days=5)
"""The agreement's days, and New York's (the product's default: 5 % of the installment, 5 days after the due date)."""
MADE_UP_FOR = timedelta(days=4)
"""A worker that was out for so long still sends what it should have sent."""
NOTICE_AFTER, NOTICE_FOR = timedelta(days=10), timedelta(days=10)
"""The product's defaults: so many days after the due date it goes out, and so many it gives."""
SENDS_NOTICES = "harbor"
BY_CARD = frozenset({"in time", "early", "late", "stops"})


@dataclass
class Told:
    """What was told and charged so far, at one agency.

    Args:
        reminded: up to which reminder everything was looked at.
        before: what was true at the last look: somebody may pay after they were reminded.
        fees: how many there are.
        notices: how many there are.
        missing: what should be there and is not, by how many looks.
    """

    reminded: int = 0
    before: Truth = field(default_factory=Truth)
    fees: int = 0
    notices: int = 0
    missing: Counter[tuple[str, int]] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)

    def look(self, session: Scoped, homes: Iterable[Household], truth: Truth, today: date) -> None:
        """Look at what is new.

        Raises:
            AssertionError: says what is wrong.
        """
        by_program = {home.program_id: home for home in homes}
        self._look_at_reminders(session, by_program, truth, today)
        self._look_at_fees(session, by_program, truth, today)
        self._look_at_notices(session, by_program, truth, today)
        self.before = truth

    def _look_at_reminders(self, session: Scoped, homes: dict[int, Household], truth: Truth, today: date) -> None:
        query = (
            select(Reminder.id, Reminder.program_id, Reminder.day, ReminderStep)
            .join(ReminderStep, ReminderStep.reminder_id == Reminder.id)
            .where(Reminder.id > self.reminded, Reminder.dropped_at.is_(None))
            .order_by(Reminder.id)
        )
        days: dict[tuple[int, date], set[int]] = {}
        for number, program_id, day, step in session.execute(query):
            self.reminded = number
            self.seen["year: reminders"] += 1
            home = homes[program_id]
            days.setdefault((program_id, day), set()).add(number)
            about = f"{today}, {home.desk.agency.slug} {home.number}: {step.step} of {step.invoice_id} on {day}"
            left = step.invoice_id in truth.given_back
            assert left or not home.is_on_autopay, f"{about}, and autopay is on"
            assert home.canceled_on is None or day <= home.canceled_on, f"{about}, and the program is canceled"
            was_held = step.invoice_id in self.before.under_way & truth.under_way
            assert not was_held, f"{about}, and a payment was under way"
            assert left or self.before.paid_cents[step.invoice_id] == 0, f"{about}, and it was paid"
            when, _, number_of_days = step.step.partition(".")
            ahead = int(number_of_days) if when == "before" else -int(number_of_days)
            asked_on = step.due_date - timedelta(days=ahead)
            assert asked_on <= day <= asked_on + MADE_UP_FOR, f"{about}, due on {step.due_date}"
        twice = [about for about, numbers in days.items() if len(numbers) > 1]
        assert not twice, f"{today}: reminded twice on one day: {twice}"

    def _look_at_fees(self, session: Scoped, homes: dict[int, Household], truth: Truth, today: date) -> None:
        query = select(InstallmentFee, Invoice.total_cents).join(Invoice, Invoice.id == InstallmentFee.invoice_id)
        fees = {fee.installment_id: (fee, cents) for fee, cents in session.execute(query)}
        self.seen["year: late fees"] += len(fees) - self.fees
        self.fees = len(fees)
        for home in homes.values():
            for one in home.installments:
                fee, cents = fees.get(one.invoice_id, (None, 0))
                about = f"{today}, {home.desk.agency.slug} {home.number}: {one}"
                if fee is not None:
                    assert fee.charged_on >= one.late_from + FEE_AFTER, f"{about} bears a fee since {fee.charged_on}"
                    assert cents == one.cents * 5 // 100, f"{about} bears a fee of {cents}"
                    assert home.habit in BY_CARD or truth.tried[one.invoice_id], (
                        f"{about} bears a fee, and was not tried"
                    )
                self._miss(home, one, truth, today, has_fee=fee is not None)

    def _look_at_notices(self, session: Scoped, homes: dict[int, Household], truth: Truth, today: date) -> None:
        """Out on their day, stopped at once by payment, one for a program at a time."""
        live = {}
        for notice in session.scalars(select(CancelNotice)):
            home = homes[notice.program_id]
            named = [one for one in home.installments if one.due_date <= notice.through]
            about = f"{today}, {home.desk.agency.slug} {home.number}: notice {notice.number}"
            assert home.desk.agency.slug == SENDS_NOTICES, about
            assert notice.sent_on is not None and notice.pay_by is not None, f"{about} was not sent"
            assert notice.sent_on >= min(one.late_from for one in named) + NOTICE_AFTER, f"{about}, {notice.sent_on}"
            assert notice.pay_by >= notice.sent_on + NOTICE_FOR, f"{about} gives until {notice.pay_by}"
            if notice.closed_at is None:
                live[notice.program_id] = notice
                is_owed = any(truth.paid_cents[one.invoice_id] == 0 for one in named)
                assert is_owed, f"{about} goes on, and is paid"
        self.seen["year: notices of intent to cancel"] += (made := self._made(session)) - self.notices
        self.notices = made
        for home in homes.values():
            late = [one for one in home.installments if today >= one.late_from + NOTICE_AFTER and _is_owed(one, truth)]
            is_due = (
                late and home.canceled_on is None and home.habit in BY_CARD and home.desk.agency.slug == SENDS_NOTICES
            )
            self._count(("notice", home.program_id), bool(is_due) and home.program_id not in live, f"{today}: {home}")

    def _made(self, session: Scoped) -> int:
        return session.scalar(select(func.count(CancelNotice.id))) or 0

    def _miss(self, home: Household, one: Owed, truth: Truth, today: date, *, has_fee: bool) -> None:
        """An installment that nobody has paid, and nobody is paying, bears a fee."""
        is_due = (
            home.canceled_on is None
            and home.habit in BY_CARD
            and today >= one.late_from + FEE_AFTER
            and _is_owed(one, truth)
        )
        about = f"{today}, {home.desk.agency.slug} {home.number}: {one}"
        self._count(("fee", one.invoice_id), is_due and not has_fee, about)

    def _count(self, what: tuple[str, int], is_missing: bool, about: str) -> None:
        """What is missing is there at the second look: a payment may have failed a minute before the first."""
        if not is_missing:
            del self.missing[what]
            return
        self.missing[what] += 1
        assert self.missing[what] < 2, f"no {what[0]}: {about}"


def _is_owed(one: Owed, truth: Truth) -> bool:
    return truth.paid_cents[one.invoice_id] == 0 and one.invoice_id not in truth.under_way
