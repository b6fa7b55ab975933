"""A simulated year of financed programs, day by day, with a worker that is out at times and dies at others.

Payers sign, pay by hand, pay late, stop; banks refuse. Twice a day, at any hour, and each hour of the days on which
clocks change, the worker runs its own jobs. What must be true then is worked out anew by `year_oracle`.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from portal.core.audit import Actor
from portal.core.errors import Conflict
from portal.core.tenancy import Scoped
from portal.financing.late.models import CancelNotice
from portal.financing.models import LoanInstallment
from portal.invoices.models import Invoice
from portal.payments.models import Payment
from portal.servicing.late.cancel import cancel_program
from portal.servicing.program_facts import statuses_of
from tests.factories.desk import Desk
from tests.faults.figures import Figures
from tests.faults.verdict import judge
from tests.faults.year_checks import Told
from tests.faults.year_oracle import Truth, charged_early, earned_installments, expected_status, read_truth, untried
from tests.faults.year_people import AUTOPAY, PLANS, Household, Owed, move_in
from tests.faults.year_town import BEGINS, Town
from tests.sandbox.stripe.paying import books, control

DAYS = 367
MATTERS = frozenset({20, 7, 3, 1, 0, -1, -3, -5, -6, -10})
"""How many days ahead of a due date something may follow by itself, or because somebody who pays late has done so."""
FEES = ("late_fee",)
STAFF = Actor("staff", "Bea Kim")
ASKED = select(CancelNotice.program_id, CancelNotice.id).where(
    CancelNotice.asked_at.is_not(None), CancelNotice.closed_at.is_(None)
)
RUNNING = select(CancelNotice.program_id, CancelNotice.through).where(
    CancelNotice.sent_on.is_not(None), CancelNotice.closed_at.is_(None)
)
OUTAGE, DEATH, RESTART = 0.1, 0.08, 0.05
LONGEST_OUTAGE = 4
BY_BANK = ("autopay by bank", "by bank, at times refused")
LATELY = 12
"""So many days after it was begun a debit may be returned, in this year."""
SENT_BACK = 0.08
"""How likely it is, on each day, that a bank sends back a debit that it is being asked for."""
RETURNED = 0.1
"""How likely it is, in each night, that a bank takes back a debit that it has paid of late."""
AFTER_DEATH = timedelta(minutes=65)
"""A bank that a worker was just asking when it died is asked again after an hour."""


@dataclass
class Year:
    """One year in one town.

    Args:
        judged_every: on each so manieth day the nightly jobs run, events arrive, and the whole of the books is compared
            with the processor's; between them the reconciler is alone.
        out_until: the worker is out before this day.
        skips: days are left out on which, by what was signed, nothing can happen.
        plans: what can be signed.
    """

    town: Town
    chance: Random
    judged_every: int = 1
    skips: bool = False
    plans: Sequence[str] = PLANS
    households: list[Household] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    out_until: date = date.min
    told: dict[int, Told] = field(default_factory=dict)
    so_far: dict[tuple[str, int], int] = field(default_factory=dict)

    def live(self, programs: int, days: int = DAYS) -> Figures:
        """People move in, a year goes by.

        Raises:
            AssertionError: says what is wrong, and on which day.
        """
        for number in range(programs):
            self.households.append(
                move_in(self.town.desks[number % len(self.town.desks)], number, self.chance, self.plans)
            )
        seen = self.figures.seen
        seen["year: programs"] = programs
        last = BEGINS.date() + timedelta(days=days)
        day = BEGINS.date()
        while day <= last:
            if day == last or not self.skips or self._can_matter(day):
                self._day(day, is_last=day == last)
                seen["year: days"] += 1
            day += timedelta(days=1)
        return self.figures

    def _day(self, day: date, *, is_last: bool) -> None:
        seen = self.figures.seen
        if not is_last and day > self.out_until and self.chance.random() < OUTAGE:
            self.out_until = day + timedelta(days=self.chance.randint(1, LONGEST_OUTAGE))
            seen["year: outages"] += 1
        is_out = day < self.out_until and not is_last
        seen["year: days without a worker"] += is_out
        moments = list(self._moments(day))
        is_sound = False
        for moment in moments:
            self.town.turn_to(moment)
            seen["year: ticks"] += 1
            for desk in self.town.desks:
                self._cancel(desk)
            for household in self.households:
                household.look_at_autopay(self.town.today(household.desk), self.chance)
                seen["year: payments by hand"] += household.sit_down(self.town.today(household.desk), self.chance)
            is_night = moment is moments[-1] and self._is_judged(day)
            if is_night and not is_out:
                for desk in self.town.desks:
                    self._return_debits(desk)
            is_sound = not is_out and self._work(is_night=is_night)
        if is_out:
            return
        if not is_sound:
            self.town.turn_to(self.town.calendar.at + AFTER_DEATH)
            self.town.work(is_night=self._is_judged(day))
        for desk in self.town.desks:
            self._look(desk, day, is_judged=self._is_judged(day) or is_last)

    def _moments(self, day: date) -> Iterator[datetime]:
        """When the worker runs: at any two hours; each hour when clocks change, here or there."""
        midnight = datetime.combine(day, time(), UTC)
        if any(_changes(desk, day) for desk in self.town.desks):
            hours = list(range(5, 12)) if self.skips else list(range(1, 24))
        elif self.skips:
            hours = [self.chance.randint(9, 22)]
        else:
            hours = [self.chance.randint(1, 12), self.chance.randint(13, 22)]
        for hour in hours:
            yield max(midnight + timedelta(hours=hour, minutes=self.chance.randint(0, 50)), self.town.calendar.at)

    def _work(self, *, is_night: bool) -> bool:
        """The worker's jobs; whether it came to its end."""
        seen = self.figures.seen
        if self.chance.random() < DEATH:
            has_died = self.town.work_and_die(self.chance, is_night=is_night)
            seen["crashes"] += has_died
            return not has_died
        if self.chance.random() < RESTART:
            self.town.restart()
            seen["year: restarts"] += 1
        self.town.work(is_night=is_night)
        return True

    def _is_judged(self, day: date) -> bool:
        return (day - BEGINS.date()).days % self.judged_every == 0

    def _can_matter(self, day: date) -> bool:
        """Whether something is due, said or done around this day, or is still on its way."""
        if (
            day == self.out_until
            or day < BEGINS.date() + timedelta(days=8)
            or any(_changes(desk, day) for desk in self.town.desks)
        ):
            return True
        for household in self.households:
            for one in household.installments:
                ahead = (one.due_date - day).days
                if ahead in MATTERS or household.days.get(one.invoice_id) == day:
                    return True
        return False

    def _look(self, desk: Desk, day: date, *, is_judged: bool) -> None:
        """Compare what the portal says with what must be true."""
        seen, today = self.figures.seen, desk.till.today()
        truth = self._truth(desk)
        if _processing(desk) - truth.debits.keys():  # a bank has paid since the worker asked; within the hour it asks
            self.town.turn_to(self.town.calendar.at + AFTER_DEATH)
            self.town.work(is_night=False)
            truth = self._truth(desk)
        homes = [one for one in self.households if one.desk is desk]
        for household in homes:
            if truth.paid_cents[household.down.invoice_id] and not household.installments:
                household.see_installments()
                if household.habit in AUTOPAY:
                    household.turn_autopay_on()
            household.see_autopay()
            household.paid = {
                one.invoice_id
                for one in (household.down, *household.installments)
                if truth.paid_cents[one.invoice_id] >= one.cents
            }
        with desk.till.reading() as session:
            fees = _fees(session)
            shown = statuses_of(session, [one.program_id for one in homes], today)
            noticed = dict(session.execute(RUNNING).all())
            for household in homes:
                own, through = fees.get(household.program_id, []), noticed.get(household.program_id)
                expected = expected_status(household, own, truth, today, through)
                said = shown[household.program_id]
                assert said == expected, f"{today}, {desk.agency.slug} {household.number}: {said}, not {expected}"
                seen["year: statuses compared"] += 1
            self._look_at_loans(session, homes, truth, today)
            told = self.told.setdefault(desk.agency.id, Told(seen=seen))
            told.look(session, homes, truth, today)
        for household in homes:
            wrong = untried(household, truth, today)
            assert not wrong, f"{today}, {desk.agency.slug} {household.number}: due, on autopay, and not tried: {wrong}"
            early = charged_early(household, truth)
            assert not early, f"{today}, {desk.agency.slug} {household.number}: charged before its day: {early}"
        twice = [number for number, times in truth.charged.items() if times > 1]
        assert not twice, f"{today}, {desk.agency.slug}: charged twice: {twice}"
        self._count("year: autopay tries", desk, sum(truth.by_autopay.values()))
        self._refuse_debits(desk, homes, truth)
        assert not (mailed := self.town.post.twice()), f"{today}: mailed twice: {mailed}"
        if is_judged:
            self._count("charges", desk, judge(desk, self.town.post))
            seen["year: mails"] = sum(kind.startswith("mail.") for kind, _ in self.town.post.rows)

    def _truth(self, desk: Desk) -> Truth:
        return read_truth(books(desk.sandbox, desk.till.account, "payment_intents", "disputes"))

    def _count(self, what: str, desk: Desk, number: int) -> None:
        """What the agencies have come to so far, together."""
        self.so_far[what, desk.agency.id] = number
        self.figures.seen[what] = sum(each for (name, _), each in self.so_far.items() if name == what)

    def _cancel(self, desk: Desk) -> None:
        """Staff confirm, sooner or later, what the portal asks them to: the days of a notice are over."""
        with desk.till.reading() as session:
            asked = dict(session.execute(ASKED).all())
        for household in self.households:
            notice_id = asked.get(household.program_id) if household.desk is desk else None
            if notice_id is None or self.chance.random() < 0.5:
                continue
            with suppress(Conflict), desk.till.writing() as session:
                cancel_program(session, notice_id, STAFF, desk.till.today(), desk.clock())
                household.canceled_on = desk.till.today()
                self.figures.seen["year: canceled by staff"] += 1

    def _refuse_debits(self, desk: Desk, homes: Sequence[Household], truth: Truth) -> None:
        """The banks of some send debits back, for want of funds."""
        by_bank = {one.invoice_id for home in homes if home.habit == "autopay by bank" for one in home.installments}
        for intent_id, invoice_ids in sorted(truth.debits.items(), key=lambda each: min(each[1])):
            if invoice_ids & by_bank and self.chance.random() < SENT_BACK:
                control(desk.sandbox, f"debits/{intent_id}/fail", {"code": "insufficient_funds"})
                self.figures.seen["year: autopay debits sent back"] += 1

    def _return_debits(self, desk: Desk) -> None:
        """Banks take debits back which they had paid; the portal hears of it in the night."""
        truth = self._truth(desk)
        by_bank = {
            one.invoice_id
            for home in self.households
            if home.desk is desk and home.habit in BY_BANK and home.canceled_on is None
            for one in home.installments
        }
        since = self.town.calendar.at - timedelta(days=LATELY)
        for intent_id, (invoice_ids, begun) in sorted(truth.debited.items(), key=lambda each: min(each[1][0])):
            if invoice_ids & by_bank and begun >= since.timestamp() and self.chance.random() < RETURNED:
                control(desk.sandbox, f"debits/{intent_id}/return", {"code": "insufficient_funds"})
                self.figures.seen["year: debits returned"] += 1

    def _look_at_loans(self, session: Scoped, homes: Sequence[Household], truth: Truth, today: date) -> None:
        """What is open of each installment, and whose interest is earned."""
        query = select(Invoice.id, Invoice.open_cents).where(Invoice.kind.in_(("down_payment", "installment")))
        open_cents = dict(session.execute(query).all())
        homes = [home for home in homes if home.canceled_on is None]
        owed = {one.invoice_id: one.cents for home in homes for one in (home.down, *home.installments)}
        must = {number: max(0, cents - truth.paid_cents[number]) for number, cents in owed.items()}
        wrong = {
            number: (open_cents.get(number), cents) for number, cents in must.items() if open_cents.get(number) != cents
        }
        assert not wrong, f"{today}: open and what should be, by invoice: {wrong}"
        counted = select(LoanInstallment.loan_id, func.count(LoanInstallment.id)).group_by(LoanInstallment.loan_id)
        booked = session.execute(
            counted.where(
                LoanInstallment.interest_booked_on.is_not(None),
                LoanInstallment.loan_id.in_([home.loan_id for home in homes]),
            )
        )
        earned = {home.loan_id: earned_installments(home, today) for home in homes}
        assert dict(booked.all()) == {number: count for number, count in earned.items() if count}, today


def _processing(desk: Desk) -> set[str]:
    """The intents that a bank is being asked for, as far as the portal knows."""
    with desk.till.reading() as session:
        query = select(Payment.intent_id).where(Payment.state == "processing")
        return {intent_id for intent_id in session.scalars(query) if intent_id is not None}


def _fees(session: Scoped) -> dict[int, list[Owed]]:
    """The fees that were added, by program."""
    query = select(Invoice.program_id, Invoice.id, Invoice.due_date, Invoice.total_cents).where(
        Invoice.kind.in_(FEES), Invoice.state != "void"
    )
    found: dict[int, list[Owed]] = {}
    for program_id, *owed in session.execute(query):
        found.setdefault(program_id, []).append(Owed(*owed))
    return found


def _changes(desk: Desk, day: date) -> bool:
    """Whether the clocks of an agency are changed on this day."""

    zone = ZoneInfo(desk.agency.time_zone)
    noon = datetime.combine(day, time(12), zone)
    return noon.utcoffset() != (noon - timedelta(days=1)).utcoffset()
