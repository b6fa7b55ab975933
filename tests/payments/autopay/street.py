"""A program on autopay at a desk: its installments, its method, and days that pass."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from portal.core.audit import Actor
from portal.core.outbox import OutboxRow
from portal.core.staff_tasks import StaffTask
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.payments.autopay.enrolled import live_enrollment
from portal.payments.autopay.enrolling import Owner, enroll
from portal.payments.autopay.models import AutopayEnrollment, AutopayTry
from portal.payments.autopay.run import run
from portal.payments.mandates import Agreement
from portal.payments.methods.adding import add
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.verifying import said_amounts, verify
from portal.payments.models import Payment
from tests.factories.desk import Desk
from tests.factories.people import make_insured, make_program
from tests.payments.methods.keeping import ANA, method, wanted
from tests.sandbox.stripe.paying import control

CENTS = 40_000
AGREED = Agreement("You authorize us.", "test", "en_US", "203.0.113.7", "Firefox")
OWNER = Owner(ANA, Actor("insured", ANA, "203.0.113.7"))


@dataclass
class Street:
    """A desk with one program; `invoices` are its installments, a month apart, the first on the day `first`."""

    desk: Desk
    program_id: int
    insured_id: int
    invoices: list[int]
    first: date

    def noon(self, day: date, hour: int = 12) -> None:
        """Time passes, here and at the processor, until an hour of a day at the agency."""
        until = datetime(day.year, day.month, day.day, hour, 30, tzinfo=ZoneInfo(self.desk.agency.time_zone))
        left = until.astimezone(UTC) - self.desk.clock()
        if left > timedelta(0):
            self.desk.wait(left)

    def run(self) -> dict[str, str]:
        return run(self.desk.till)

    def run_on(self, day: date, hour: int = 12) -> dict[str, str]:
        self.noon(day, hour)
        return self.run()

    def on(self, method: PaymentMethod) -> AutopayEnrollment:
        with self.desk.till.writing() as session:
            return enroll(session, self.program_id, method.id, OWNER, AGREED, self.desk.clock())

    def enrollment(self) -> AutopayEnrollment | None:
        with self.desk.till.reading() as session:
            return live_enrollment(session, self.program_id)

    def ended_for(self) -> str | None:
        with self.desk.till.reading() as session:
            query = select(AutopayEnrollment.ended_for).where(AutopayEnrollment.program_id == self.program_id)
            return session.scalars(query.order_by(AutopayEnrollment.id.desc()).limit(1)).first()

    def add_invoice(self, due: date, cents: int = CENTS, kind: str = "installment") -> int:
        with self.desk.till.writing() as session:
            lines = [LineDraft("item", "Installment", cents)]
            draft = InvoiceDraft(self.insured_id, kind, lines, self.desk.till.today(), due, self.program_id)
            return issue_invoice(session, draft, self.desk.clock()).id

    def payments(self) -> list[tuple[int, str]]:
        """Number of the try and state of its payment, in their order."""
        with self.desk.till.reading() as session:
            query = select(AutopayTry.number, Payment.state).join(Payment, Payment.id == AutopayTry.payment_id)
            return list(session.execute(query.order_by(AutopayTry.id)))

    def mails(self) -> list[str]:
        """Kinds of mails put on their way, oldest first, without those of the method itself."""
        with self.desk.till.reading() as session:
            kinds = session.scalars(select(OutboxRow.kind).order_by(OutboxRow.id)).all()
        return [kind.removeprefix("mail.") for kind in kinds if kind.startswith("mail.") and "method" not in kind]

    def tasks(self) -> list[tuple[str, Any]]:
        with self.desk.till.reading() as session:
            rows = session.scalars(select(StaffTask).order_by(StaffTask.id)).all()
            return [(row.kind, row.detail.get("why")) for row in rows]

    def bank_says(self, method: PaymentMethod, code: str) -> None:
        """From now on the bank declines the saved card; `none`: it pays again."""
        control(self.desk.sandbox, f"payment_methods/{method.method_id}/decline", {"code": code})


def keep_bank(desk: Desk) -> PaymentMethod:
    """An account whose two small deposits were typed in."""
    waiting = add(desk.till, wanted(desk, "pm_usBankAccount_success"))
    verify(desk.till, waiting.id, said_amounts("32", "45"))
    return method(desk, waiting.payment_method_id or 0)


def open_street(desk: Desk, installments: int = 3, first_in: int = 10) -> Street:
    """A program of Ana's with installments of $400.00, the first in so many days."""
    first = desk.till.today() + timedelta(days=first_in)
    with desk.till.writing() as session:
        insured = make_insured(session, ANA)
        program = make_program(session, insured)
    street = Street(desk, program.id, insured.id, [], first)
    street.invoices = [street.add_invoice(first + timedelta(days=30 * number)) for number in range(installments)]
    return street
