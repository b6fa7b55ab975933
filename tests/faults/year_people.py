"""People with a loan: they sign, and pay as they are used to: by autopay, or by the link that they were mailed."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from sqlalchemy import select

from portal.core.audit import SYSTEM, Actor
from portal.core.errors import Conflict
from portal.financing.models import LoanInstallment
from portal.invoices.models import Invoice
from portal.payments.autopay.enrolled import is_on_autopay
from portal.payments.autopay.enrolling import Owner, enroll
from portal.payments.claims import Payer
from portal.payments.mandates import Agreement
from portal.payments.methods.adding import add
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.verifying import said_amounts, verify
from portal.payments.payable import payable_invoices
from portal.payments.submit import submit
from portal.servicing.bind import Binding, bind
from portal.servicing.quote import quote
from portal.servicing.sign import Signing, sign
from tests.factories.desk import Desk
from tests.factories.financing import bakery_program
from tests.factories.people import key_of
from tests.payments.methods.keeping import wanted
from tests.sandbox.stripe.paying import control

AUTOPAY = ("autopay by card", "autopay by card, at times refused", "autopay by bank")
HABITS = (
    *AUTOPAY,
    "in time",
    "late",
    "autopay by card, at times refused",
    "early",
    "by bank, at times refused",
    "stops",
)
GOOD, BAD = "pm_card_visa", "pm_card_visa_chargeDeclinedInsufficientFunds"
BANK, BANK_REFUSES = "pm_usBankAccount_success", "pm_usBankAccount_insufficientFunds"
AGREED = Agreement("You authorize us.", "test", "en_US", "203.0.113.7", "Firefox")
REFUSED = 0.3
"""How often a bank declines what is at times refused."""
PATIENCE = timedelta(days=8)
"""So long somebody leaves an installment to autopay before they pay by hand what it did not manage."""
PLANS = ("9x1", "6x1", "10x1", "3x3")


@dataclass(frozen=True)
class Owed:
    """Something to pay, as it was signed.

    Args:
        invoice_id: the invoice's.
        asked_on: since when it is there to pay.
    """

    invoice_id: int
    due_date: date
    cents: int
    asked_on: date = date.min

    @property
    def late_from(self) -> date:
        """What comes after its due date, for a down payment was late, is late from the day on which it came."""
        return max(self.due_date, self.asked_on)


@dataclass
class Household:
    """One financed program.

    Args:
        habit: of `HABITS`.
        stops_after: how many installments somebody pays who stops.
        days: invoice -> the day on which they next sit down to pay it.
        paid: invoices of which they know that they are paid.
        method: what autopay charges, by the processor's name; empty before it was turned on.
        refused_until: so long their bank declines the card.
        canceled_on: the day on which staff canceled the program; None while it goes on.
    """

    desk: Desk
    number: int
    habit: str
    program_id: int
    loan_id: int
    down: Owed
    expires: date
    stops_after: int = 99
    installments: list[Owed] = field(default_factory=list)
    days: dict[int, date] = field(default_factory=dict)
    paid: set[int] = field(default_factory=set)
    method: str = ""
    refused_until: date = date.min
    is_on_autopay: bool = False
    canceled_on: date | None = None
    tries: int = 0

    @property
    def email(self) -> str:
        """Where their mail goes."""
        return email_of(self.desk, self.number)

    def see_installments(self) -> None:
        """The loan is bound: each installment has its invoice."""
        if self.installments:
            return
        query = (
            select(
                LoanInstallment.invoice_id, LoanInstallment.due_date, LoanInstallment.payment_cents, Invoice.issued_on
            )
            .join(Invoice, Invoice.id == LoanInstallment.invoice_id)
            .where(LoanInstallment.loan_id == self.loan_id, LoanInstallment.invoice_id.is_not(None))
            .order_by(LoanInstallment.number)
        )
        with self.desk.till.reading() as session:
            self.installments = [Owed(*row) for row in session.execute(query)]

    def sit_down(self, today: date, chance: Random) -> int:
        """Pay what they mean to pay today. Returns how many payments they made, or tried to make."""
        done = 0
        if self.canceled_on is not None:
            return 0
        for number, owed in enumerate(self.installments or [self.down]):
            if number >= self.stops_after:
                break
            if self.is_on_autopay and today <= owed.due_date + PATIENCE:
                continue
            day = self.days.setdefault(owed.invoice_id, self._day(owed, chance))
            if day <= today and owed.invoice_id not in self.paid:
                done += self._pay(owed, today, chance)
        return done

    def turn_autopay_on(self) -> None:
        """Once the loan is bound: a method is saved, and agreed to for what comes."""
        owner = Owner(self.email, Actor("insured", self.email, "203.0.113.7"))
        setup = add(self.desk.till, wanted(self.desk, BANK if self.habit == "autopay by bank" else GOOD, self.email))
        if setup.state == "verifying":
            setup = verify(self.desk.till, setup.id, said_amounts("32", "45"))
        with self.desk.till.writing() as session:
            kept = session.get_one(PaymentMethod, setup.payment_method_id)
            enroll(session, self.program_id, kept.id, owner, AGREED, self.desk.clock())
            self.method = str(kept.method_id)
        self.is_on_autopay = True

    def see_autopay(self) -> None:
        """Whether it is on now."""
        if self.method:
            with self.desk.till.reading() as session:
                self.is_on_autopay = is_on_autopay(session, self.program_id)

    def look_at_autopay(self, today: date, chance: Random) -> None:
        """See whether it is still on; their bank begins or ceases to decline the card."""
        if not self.method:
            return
        self.see_autopay()
        if self.habit != "autopay by card, at times refused":
            return
        if self.refused_until == today or (date.min < self.refused_until < today):
            self._bank_says("none")
            self.refused_until = date.min
        is_due = self.refused_until == date.min and any(one.due_date == today for one in self.installments)
        if is_due and chance.random() < REFUSED:
            self._bank_says("insufficient_funds")
            self.refused_until = today + timedelta(days=chance.randint(1, 8))

    def _bank_says(self, code: str) -> None:
        control(self.desk.sandbox, f"payment_methods/{self.method}/decline", {"code": code})

    def _day(self, owed: Owed, chance: Random) -> date:
        after = {"early": (-12, -3), "late": (1, 12)}.get(self.habit, (-2, 0))
        is_down = owed is self.down
        return owed.due_date + timedelta(days=0 if is_down else chance.randint(*after))

    def _pay(self, owed: Owed, today: date, chance: Random) -> int:
        with self.desk.till.reading() as session:
            shown = payable_invoices(session, Invoice.program_id == self.program_id)
        if owed.invoice_id not in {one.id for one in shown if not one.is_under_way}:
            return 0
        self.tries += 1
        order = self.desk.order(
            owed.invoice_id,
            card=self._method(chance),
            request_key=f"{self.desk.agency.slug} {self.number} {self.tries}",
        )
        payer = Payer("link", f"Owner {self.number}", self.email, "en_US")
        try:
            payment = submit(self.desk.till, replace(order, payer=payer))
        except Conflict:
            return 0
        if payment.state in {"failed", "canceled"}:
            self.days[owed.invoice_id] = today + timedelta(days=chance.randint(1, 4))
        elif payment.state == "processing":
            self.days[owed.invoice_id] = today + timedelta(days=6)  # by then they have a mail if it did not go through
        return 1

    def _method(self, chance: Random) -> str:
        if self.habit == "by bank, at times refused":
            return BANK_REFUSES if chance.random() < 0.2 else BANK
        return BAD if chance.random() < 0.15 else GOOD


def email_of(desk: Desk, number: int) -> str:
    """An address of its own for each."""
    return f"owner{number}@{desk.agency.slug}.example"


def move_in(desk: Desk, number: int, chance: Random, plans: Sequence[str]) -> Household:
    """A program is bound, its owner chooses a plan and signs."""
    today, at, email = desk.till.today(), desk.clock(), email_of(desk, number)
    draft = bakery_program(today, f"PRG-{number}", reference=f"INS-{number}", emails=(email,))
    with desk.till.writing() as session:
        program_id = bind(session, draft, Binding(SYSTEM, key_of(desk.agency), today, at))
        agreement = quote(session, program_id, today).agreement(chance.choice(plans))
    assert agreement is not None
    signing = Signing(
        number=f"FA-{desk.agency.slug}-{number}",
        typed_name="Maria Lopez",
        email=email,
        consent="I agree.",
        ip="192.0.2.7",
        browser="Firefox",
        document_hash="ab" * 32,
        signed_pdf=b"%PDF signed",
        today=today,
        at=at,
    )
    with desk.till.writing() as session:
        loan = sign(session, program_id, agreement, signing)
        loan_id, invoice = loan.id, session.get_one(Invoice, loan.down_invoice_id)
        down = Owed(invoice.id, invoice.due_date, invoice.total_cents)
    habit = HABITS[number % len(HABITS)]
    stops = chance.randint(1, 3) if habit == "stops" else 99
    return Household(
        desk, number, habit, program_id, loan_id, down, max(one.expiration_date for one in draft.policies), stops
    )
