"""A till that speaks to the real sandbox over HTTP, with a clock of the test's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine, select
from stripe import StripeClient

from portal.agencies.keys import ProcessorKeys, set_keys
from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.events import subscribe
from portal.core.invariants import check
from portal.core.tenancy import writing
from portal.integrations.stripe.gateway import StripeGateway
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry
from portal.payments.balance_transactions import post_open, read_balance
from portal.payments.claims import Order, Payer, release
from portal.payments.mandates import Agreement
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.models import Claim, Payment
from portal.payments.till import Till
from portal.sandbox.stripe.server import Running
from portal.subscriptions import SUBSCRIPTIONS
from tests.factories.people import BOX, make_agency, make_insured, make_program
from tests.sandbox.stripe.conftest import client_for
from tests.sandbox.stripe.paying import control, send, token

WEBHOOK_SECRET = "whsec_of_the_tests"
AGREEMENT = Agreement("You authorize a debit.", "test", "en_US", "192.0.2.7", "Firefox")
_accounts = count(1)


class Clock:
    """Starts now, moves when told."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def pass_(self, **spans: int) -> None:
        self.ahead += timedelta(**spans)


@dataclass
class Desk:
    """A till with everything around it that a test looks at."""

    till: Till
    agency: Agency
    clock: Clock
    sandbox: Running
    processor: StripeClient
    requests: Iterator[int] = field(default_factory=lambda: count(1))

    def wait(self, span: timedelta) -> None:
        """Time passes, here and at the processor."""
        self.clock.ahead += span
        control(self.sandbox, "clock", {"advance_seconds": int(span.total_seconds())})

    def invoice(
        self,
        cents: int = 41_250,
        insured_name: str = "Riverside Bakery LLC",
        emails: tuple[str, ...] = ("ana@bakery.example",),
        *,
        in_program: bool = False,
    ) -> int:
        """An open invoice, in the books; by itself, or of a program of its own."""
        with self.till.writing() as session:
            insured = make_insured(session, *emails, name=insured_name)
            program_id = make_program(session, insured).id if in_program else None
            lines = [LineDraft("premium", "Premium", cents - 1_000, 5_000), LineDraft("policy_fee", "Fee", 1_000)]
            today = self.till.today()
            kind = "pay_in_full" if in_program else "one_time"
            draft = InvoiceDraft(insured.id, kind, lines, today, today + timedelta(days=10), program_id)
            return issue_invoice(session, draft, self.clock()).id

    def order(self, *invoice_ids: int, card: str = "pm_card_visa", request_key: str = "") -> Order:
        """What a payer has agreed to on a review page: the insured, or the partner whose invoices they are."""
        with self.till.reading() as session:
            asked = select(Invoice.id, Invoice.open_cents, Invoice.partner_id).where(Invoice.id.in_(invoice_ids))
            rows = session.execute(asked).all()
        open_cents = {row.id: row.open_cents for row in rows}
        partner_id = next((row.partner_id for row in rows), None)
        method = self.till.gateway.preview(token(self.processor, card))
        return Order(
            request_key=request_key or f"review-{next(self.requests)}",
            reviewed=open_cents,
            fee_cents=0,
            method=method,
            agreement=AGREEMENT if method.kind == BANK_DEBIT else None,
            payer=Payer("partner" if partner_id else "insured", "Ana", "ana@bakery.example", "en_US", partner_id),
            return_url="https://portal.example/payments/{token}/back",
        )

    def fault(self, endpoint: str, kind: str, count: int = 1, **more: object) -> None:
        """Make the sandbox fail for this test's account."""
        control(
            self.sandbox,
            "faults",
            {"endpoint": endpoint, "kind": kind, "count": count, "account": self.till.account, **more},
        )

    def decide(self, payment: Payment, outcome: str) -> None:
        """Press a button of the bank's page."""
        assert payment.intent_id
        secret = self.till.gateway.retrieve(payment.intent_id).client_secret
        send(f"{self.sandbox.url}/challenge/{payment.intent_id}", {"client_secret": secret, "outcome": outcome})

    def close_by_mistake(self, payment: Payment) -> None:
        """What must never happen: a payment is closed here although the processor may still charge."""
        with self.till.writing() as session:
            row = session.scalars(select(Payment).where(Payment.id == payment.id)).one()
            row.state, row.version = "canceled", row.version + 1
            release(session, row.id)

    def payment(self, payment_id: int) -> Payment:
        with self.till.reading() as session:
            return session.scalars(select(Payment).where(Payment.id == payment_id)).one()

    def invoice_state(self, invoice_id: int) -> tuple[str, int]:
        with self.till.reading() as session:
            return tuple(
                session.execute(select(Invoice.state, Invoice.open_cents).where(Invoice.id == invoice_id)).one()
            )

    def claims(self, invoice_id: int) -> list[str]:
        with self.till.reading() as session:
            return list(session.scalars(select(Claim.state).where(Claim.invoice_id == invoice_id).order_by(Claim.id)))

    def charged_cents(self) -> int:
        """What the processor's own books say."""
        accounts = control(self.sandbox, f"books?account={self.till.account}", method="GET")["accounts"]
        return int(accounts[self.till.account]["charged_cents"]) if self.till.account in accounts else 0

    def broken_rules(self) -> list[str]:
        """The rules of the books that do not hold."""
        with self.till.reading() as session:
            return [f"{name}: {rows}" for name, rows in check(session, ALL)]

    def read_balance(self) -> int:
        """Keep the movements of the processor's balance, and post them; how many were new."""
        new = read_balance(self.till)
        post_open(self.till)
        return new

    def assert_sound(self) -> None:
        """All invariants hold, and our charges are the processor's."""
        assert self.broken_rules() == []
        with self.till.reading() as session:
            charges = session.scalars(select(JournalEntry.id).where(JournalEntry.kind == "charge")).all()
            ours = session.scalars(select(Payment.charged_cents).where(Payment.state == "succeeded")).all()
        assert len(charges) == len(ours)
        assert sum(ours) == self.charged_cents()


def open_desk(
    engine: Engine,
    sandbox: Running,
    account: str = "",
    timeout_seconds: float = 20,
    clock: Clock | None = None,
    **more: Any,
) -> Desk:
    """An agency that takes payments, with an account of its own at the sandbox, or the one named.

    Args:
        clock: of its own, where time stands still until told.
        more: what is said of the agency instead.
    """
    subscribe(SUBSCRIPTIONS)
    account = account or f"till{next(_accounts)}"
    agency = make_agency(engine, **more)
    clock = clock or Clock()
    secret = f"sk_test_sandbox_{account}"
    with writing(engine, agency.id) as session:
        keys = ProcessorKeys(account, f"pk_test_sandbox_{account}", secret, (WEBHOOK_SECRET,))
        set_keys(session, BOX, keys)
    gateway = StripeGateway(secret, sandbox.url, timeout_seconds)
    till = Till(engine, agency.id, account, gateway, agency.time_zone, clock)
    return Desk(till, agency, clock, sandbox, client_for(sandbox, account))
