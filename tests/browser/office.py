"""An agency's own side of the running portal: bills it sends, and what its books say afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy import delete, select

from portal.access.models import Try
from portal.agencies.directory import Directory
from portal.agencies.keys import lookup_key
from portal.agencies.models import Agency
from portal.cli.demo_data.partners import NORTHGATE
from portal.cli.demo_partners import Retailer
from portal.cli.payment_jobs import PaymentJobs
from portal.cli.verify_ledger import ALL
from portal.core import clock
from portal.core.audit import SYSTEM
from portal.core.db import make_engine
from portal.core.events import subscribe
from portal.core.invariants import check
from portal.core.secrets import SecretBox
from portal.core.tenancy import reading, reading_global, writing
from portal.financing.models import Loan
from portal.insureds.models import Insured
from portal.integrations.stripe.processor import open_processor
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.jobs.wake import wake_on_commit
from portal.partners.accounts import create_partner
from portal.partners.models import Partner
from portal.payments.models import Claim, Payment
from portal.payments.transitions import CLOSED
from portal.programs.links import issue_link, replace_link
from portal.programs.models import Policy, Program
from portal.servicing.bind import Binding, bind
from portal.settings import Settings
from portal.subscriptions import SUBSCRIPTIONS
from tests.factories.financing import bakery_program
from tests.factories.people import make_insured

_people = count(1)


@dataclass(frozen=True)
class Bill:
    """An open one-time invoice, whose it is, and its payment link."""

    invoice_id: int
    number: str
    email: str
    link: str


@dataclass(frozen=True)
class OpenProgram:
    """A program of the demo with one invoice to pay."""

    id: int
    name: str
    insured_id: int
    invoice_id: int
    open_cents: int
    policy_number: str
    postal_code: str


class Office:
    """Works at the running portal's database.

    Args:
        settings: of the running portal.
        slug: the agency.
    """

    def __init__(self, settings: Settings, slug: str) -> None:
        subscribe(SUBSCRIPTIONS)
        self.slug = slug
        self.settings = settings
        self.engine = make_engine(settings.database_url)
        wake_on_commit(self.engine, settings.database_url)
        with reading_global(self.engine) as session:
            self.agency = session.scalars(select(Agency).where(Agency.slug == slug)).one()

    def close(self) -> None:
        """Let the database go."""
        self.engine.dispose()

    def forget_networks(self) -> None:
        """Nobody's network has tried anything: all these browsers come from one, which has a limit."""
        with writing(self.engine, self.agency.id) as session:
            session.execute(delete(Try).where(Try.kind.endswith(".network")))

    def open_program(self, insured: str) -> OpenProgram:
        """The first program of an insured on which something is open.

        Args:
            insured: its reference in the demo's data, like J-002.
        """
        with reading(self.engine, self.agency.id) as session:
            row = session.execute(
                select(
                    Program.id,
                    Program.name,
                    Insured.id.label("insured_id"),
                    Invoice.id.label("invoice_id"),
                    Invoice.open_cents,
                    Policy.policy_number,
                    Insured.postal_code,
                )
                .join(Insured, Insured.id == Program.insured_id)
                .join(Invoice, Invoice.program_id == Program.id)
                .join(Policy, Policy.program_id == Program.id)
                .where(Insured.reference == insured, Invoice.state == "open", Program.archived_at.is_(None))
                .order_by(Program.id, Policy.id)
                .limit(1)
            ).one()
        return OpenProgram(**row._mapping)

    @contextmanager
    def with_retailer(self, partner_id: int) -> Iterator[Retailer]:
        """A unit in which something happens between the agency and a partner."""
        with writing(self.engine, self.agency.id) as session:
            key = lookup_key(self.agency, self.settings.box)
            yield Retailer(session, self.agency, key, session.get_one(Partner, partner_id), clock.now())

    def add_partner(self, name: str, email: str, **more: Any) -> int:
        """A retailer of both kinds of billing, whose contact gets the welcome mail; its id."""
        draft = replace(NORTHGATE, name=name, contact_email=email, settlement_days=0, **more)
        with writing(self.engine, self.agency.id) as session:
            return create_partner(session, draft, SYSTEM, clock.now()).id

    def open_financeable(self, email: str) -> int:
        """Bind a program that begins today and can be financed, of an insured who has nothing else; its id."""
        name = email.partition("@")[0]
        draft = bakery_program(self._today(), f"PRG-{name}", reference=f"INS-{name}", emails=(email,))
        with writing(self.engine, self.agency.id) as session:
            return bind(
                session, draft, Binding(SYSTEM, lookup_key(self.agency, self.settings.box), self._today(), clock.now())
            )

    def loan_state(self, program_id: int) -> str:
        """What became of the agreement of a program."""
        with reading(self.engine, self.agency.id) as session:
            return session.scalars(select(Loan.state).where(Loan.program_id == program_id)).one()

    def endorse(self, program: OpenProgram, cents: int) -> int:
        """Bill an endorsement on a program; the invoice's id."""
        with writing(self.engine, self.agency.id) as session:
            today = self._today()
            line = LineDraft("premium", "Added driver", cents)
            draft = InvoiceDraft(
                program.insured_id, "endorsement", [line], today, today + timedelta(days=30), program.id, "Added driver"
            )
            return issue_invoice(session, draft, clock.now()).id

    def bill(self, cents: int, description: str = "Motor vehicle reports", **insured: str) -> Bill:
        """Send a one-time invoice to an insured who is new, and has nothing else to pay.

        Args:
            insured: what is said of them, like their state.
        """
        email = f"owner{next(_people)}@bakery.example"
        with writing(self.engine, self.agency.id) as session:
            payer = make_insured(session, email, **insured)
            today = self._today()
            line = LineDraft("item", description, cents)
            due = today + timedelta(days=10)
            draft = InvoiceDraft(payer.id, "one_time", [line], today, due, description=description)
            invoice = issue_invoice(session, draft, clock.now())
            link = issue_link(session, clock.now(), invoice_id=invoice.id)
            return Bill(invoice.id, invoice.number, email, f"pay/{link.token}")

    def in_days(self, days: int) -> date:
        """A day from now, at the agency."""
        return self._today() + timedelta(days=days)

    def _today(self) -> date:
        return clock.local_date(clock.now(), self.agency.time_zone)

    def replace_link(self, bill: Bill) -> str:
        """Take a bill's link out of use; the new one."""
        with writing(self.engine, self.agency.id) as session:
            return f"pay/{replace_link(session, clock.now(), invoice_id=bill.invoice_id).token}"

    def state(self, invoice_id: int) -> tuple[str, int]:
        """An invoice's state, and what is open on it in cents."""
        with reading(self.engine, self.agency.id) as session:
            row = session.execute(select(Invoice.state, Invoice.open_cents).where(Invoice.id == invoice_id)).one()
        return row.state, row.open_cents

    def claims(self, invoice_id: int) -> list[str]:
        """What became of each payment that held an invoice."""
        with reading(self.engine, self.agency.id) as session:
            query = select(Claim.state).where(Claim.invoice_id == invoice_id).order_by(Claim.id)
            return list(session.scalars(query))

    def broken_rules(self) -> list[object]:
        """What `flask verify-ledger` would find."""
        with reading(self.engine, self.agency.id) as session:
            return list(check(session, ALL))

    def reconcile(self, minutes_old: int) -> None:
        """Let unfinished payments be some minutes older, and run the reconciler as the worker does."""
        with writing(self.engine, self.agency.id) as session:
            for payment in session.scalars(select(Payment).where(Payment.state.not_in(CLOSED))):
                payment.changed_at -= timedelta(minutes=minutes_old)
        box = SecretBox(self.settings.encryption_keys.get_secret_value())
        processor = open_processor(self.settings.stripe_sandbox_url, 10)
        PaymentJobs(self.engine, Directory(self.engine), box, processor.gateway, clock.now).reconcile(self.agency.id)
