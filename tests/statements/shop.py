"""An agency with partners and no processor: money comes by wire and check, and time is the test's."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import Engine, func, select

from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.audit import Actor
from portal.core.clock import local_date
from portal.core.events import subscribe
from portal.core.invariants import check
from portal.core.tenancy import Scoped, reading, writing
from portal.invoices.models import Invoice
from portal.ledger.models import JournalLine
from portal.partners.models import Partner
from portal.payments.claims import Payer
from portal.payments.models import Claim
from portal.payments.money_back.refund import RefundOrder, request_refund
from portal.payments.offline import Received, bounce_check, clear_check, record_offline
from portal.programs.endorsing import EndorsementDraft
from portal.programs.models import Policy
from portal.servicing.actions.cancel import Cancelation, cancel
from portal.servicing.actions.endorse import confirm_credit, endorse
from portal.servicing.actions.facts import require
from portal.servicing.bind import Binding, bind
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft
from portal.statements.accruing import accrue_commissions
from portal.statements.models import Commission
from portal.subscriptions import SUBSCRIPTIONS
from tests.factories.people import key_of, make_agency

BEA = Actor("staff", "bea@harbor.example")
PAYER = Payer("insured", "Riverside Bakery LLC", "ana@bakery.example", "en_US")
NEW_YEAR = datetime(2026, 1, 1, 16, tzinfo=UTC)


@dataclass
class Shop:
    """Who sells, and what time it is."""

    engine: Engine
    agency: Agency
    now: datetime = NEW_YEAR
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    @property
    def today(self) -> date:
        return local_date(self.now, self.agency.time_zone)

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def writing(self) -> Any:
        return writing(self.engine, self.agency.id)

    def reading(self) -> Any:
        return reading(self.engine, self.agency.id)

    def partner(self, name: str = "Brightwater Retail LLC", **more: Any) -> int:
        values: dict[str, Any] = {
            "kind": "retail",
            "name": name,
            "address_line1": "4 Pine St",
            "city": "Austin",
            "state": "TX",
            "postal_code": "78701",
            "contact_first_name": "Rita",
            "contact_last_name": "Moss",
            "contact_email": "rita@brightwater.example",
            "bills_agency": True,
            "bills_direct": True,
            "commission_rate": Decimal("0.1"),
            "created_at": self.now,
        }
        with self.writing() as session:
            partner = Partner(**(values | more))
            session.add(partner)
            session.flush()
            return partner.id

    def program(
        self,
        partner_id: int | None,
        premium_cents: int = 1_000_00,
        rate: str | None = "0.1",
        billing_type: str = "direct_bill",
        **more: Any,
    ) -> int:
        """A program with one policy that begins today, with 4 % tax and a fee of $50; billed in full."""
        number = next(self.numbers)
        policy = PolicyDraft(
            policy_number=f"CGL-{number}",
            carrier="Scottsdale Insurance Company",
            coverage_code="CGL",
            coverage="General liability",
            effective_date=self.today,
            expiration_date=self.today.replace(year=self.today.year + 1),
            premium_cents=premium_cents,
            taxes_cents=premium_cents // 25,
            policy_fee_cents=50_00,
            gross_commission_rate=Decimal("0.15"),
            retail_commission_rate=None if rate is None else Decimal(rate),
        )
        insured = InsuredDraft(f"INS-{number}", f"Bakery {number} LLC", "12 Main St", "Austin", "TX", "78701")
        draft = ProgramDraft(
            f"PRG-{number}", "2026 package", insured, (policy,), self.today, billing_type, partner_id, **more
        )
        with self.writing() as session:
            return bind(session, draft, Binding(BEA, key_of(self.agency), self.today, self.now))

    def invoices(self, program_id: int) -> list[Invoice]:
        with self.reading() as session:
            query = select(Invoice).where(Invoice.program_id == program_id, Invoice.state == "open")
            return list(session.scalars(query.order_by(Invoice.id)))

    def pay(self, program_id: int, cents: int | None = None, method: str = "wire") -> int:
        """Some of what is open, or all; the payment's id."""
        return self.pay_invoices(self.invoices(program_id), cents, method)

    def pay_invoices(self, invoices: list[Invoice], cents: int | None = None, method: str = "wire") -> int:
        reviewed = {invoice.id: invoice.open_cents for invoice in invoices}
        amount = sum(reviewed.values()) if cents is None else cents
        key = f"form-{next(self.numbers)}"
        what = Received(key, method, "1042", self.today, amount, reviewed, PAYER)  # type: ignore[arg-type]
        with self.writing() as session:
            return record_offline(session, what, self.agency.time_zone, BEA, self.now).id

    def clear(self, payment_id: int) -> None:
        with self.writing() as session:
            clear_check(session, payment_id, self.today, BEA, self.now)

    def bounce(self, payment_id: int) -> None:
        with self.writing() as session:
            bounce_check(session, payment_id, self.today, BEA, self.now)

    def refund(self, payment_id: int, cents: int) -> None:
        """By a check of the agency."""
        with self.writing() as session:
            invoice_id = session.scalars(select(Claim.invoice_id).where(Claim.payment_id == payment_id)).first()
            key = f"refund-{next(self.numbers)}"
            order = RefundOrder(key, payment_id, "requested", {invoice_id: cents}, hand_reference="77")
            request_refund(session, order, self.today, BEA, self.now)

    def endorse(self, program_id: int, premium_cents: int) -> None:
        """More premium, billed at once; less comes back."""
        way = "invoice" if premium_cents > 0 else "credit"
        with self.writing() as session:
            policy_id = session.scalars(select(Policy.id).where(Policy.program_id == program_id)).one()
            draft = EndorsementDraft(
                f"key-{next(self.numbers)}",
                policy_id,
                way,  # type: ignore[arg-type]
                "A truck",
                self.today,
                self.today + timedelta(days=15),
                abs(premium_cents),
                abs(premium_cents) // 25,
                0,
            )
            program = require(session, program_id, "endorse", self.today)
            made = endorse(session, program, draft, BEA, self.today, self.now)
        if way == "credit":
            with self.writing() as session:
                program = require(session, program_id, "confirm_return", self.today)
                confirm_credit(session, program, made.id, BEA, self.today, self.now)

    def cancel(self, program_id: int, method: str = "pro_rata") -> None:
        with self.writing() as session:
            program = require(session, program_id, "cancel", self.today)
            ids = tuple(session.scalars(select(Policy.id).where(Policy.program_id == program_id)))
            wish = Cancelation(ids, self.today, method, {})  # type: ignore[arg-type]
            cancel(session, program, wish, BEA, self.today, self.now)

    def accrue(self) -> None:
        worked = True
        while worked:
            with self.writing() as session:
                worked = accrue_commissions(session, self.now) > 0

    def commissions(self) -> list[int]:
        """What each movement has brought, in order."""
        with self.reading() as session:
            return list(session.scalars(select(Commission.cents).order_by(Commission.id)))

    def balance(self, account: str) -> int:
        """What stands in an account of the books; debit is positive."""
        with self.reading() as session:
            return int(session.scalar(_net().where(JournalLine.account == account)) or 0)

    def broken_rules(self) -> list[str]:
        with self.reading() as session:
            return [f"{name}: {rows}" for name, rows in check(session, ALL)]


def _net() -> Any:
    return select(func.sum(JournalLine.debit_cents - JournalLine.credit_cents))


def open_shop(engine: Engine) -> Shop:
    subscribe(SUBSCRIPTIONS)
    return Shop(engine, make_agency(engine))


def found(session: Scoped, invariants: list[Any]) -> set[str]:
    return {name for name, _ in check(session, invariants)}
