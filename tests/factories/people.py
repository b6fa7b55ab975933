"""Rows to start a test from: an agency and what belongs to it, each with sensible values of its own."""

from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from sqlalchemy import Engine

from portal.agencies.keys import lookup_key
from portal.agencies.models import Agency
from portal.core.secrets import SecretBox
from portal.core.tenancy import Scoped, writing_global
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.payments.models import Claim, Payment
from portal.programs.models import Policy, Program

BEGINNING = datetime(2026, 7, 1, 12, tzinfo=UTC)
FERNET = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
"""The key that secrets at rest are encrypted with in tests."""
BOX = SecretBox(FERNET)
_numbers = count(1)


def make_agency(engine: Engine, slug: str = "harbor", **more: Any) -> Agency:
    """An agency, committed."""
    values: dict[str, Any] = {
        "slug": slug,
        "name": f"{slug.title()} Insurance Services",
        "phone": "(555) 010-0100",
        "email": f"billing@{slug}.example",
        "brand_hex": "#0b5fa5",
        "lookup_key": BOX.close(f"lookup key of {slug}"),
        "created_at": BEGINNING,
    }
    with writing_global(engine) as session:
        agency = Agency(**(values | more))
        session.add(agency)
    return agency


def key_of(agency: Agency) -> bytes:
    """The look-up key of an agency, opened."""
    return lookup_key(agency, BOX)


def make_insured(session: Scoped, *emails: str, **more: Any) -> Insured:
    """An insured with these e-mail addresses."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "reference": f"INS-{number}",
        "name": "Riverside Bakery LLC",
        "address_line1": "12 Main St",
        "city": "Austin",
        "state": "TX",
        "postal_code": "78701",
        "created_at": BEGINNING,
    }
    insured = Insured(**(values | more))
    session.add(insured)
    session.flush()
    session.add_all(InsuredEmail(insured_id=insured.id, email=email) for email in emails)
    session.flush()
    return insured


def make_program(session: Scoped, insured: Insured, **more: Any) -> Program:
    """A program without policies and invoices."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "reference": f"PRG-{number}",
        "name": "2026 package",
        "insured_id": insured.id,
        "billing_type": "direct_bill",
        "due_date": date(2026, 8, 1),
        "created_at": BEGINNING,
    }
    program = Program(**(values | more))
    session.add(program)
    session.flush()
    return program


def make_policy(session: Scoped, program: Program, policy_number: str, **more: Any) -> Policy:
    """A policy of the year 2026 to 2027."""
    values: dict[str, Any] = {
        "program_id": program.id,
        "policy_number": policy_number,
        "carrier": "Scottsdale Insurance Company",
        "coverage_code": "CGL",
        "coverage": "General liability",
        "effective_date": date(2026, 7, 1),
        "expiration_date": date(2027, 7, 1),
        "premium_cents": 100_000,
    }
    policy = Policy(**(values | more))
    session.add(policy)
    session.flush()
    return policy


def make_invoice(session: Scoped, insured: Insured, program: Program | None = None, **more: Any) -> Invoice:
    """An open invoice of $1,000.00, without lines and without its entry in the books."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "number": f"T-{number}",
        "kind": "pay_in_full" if program else "one_time",
        "program_id": program.id if program else None,
        "insured_id": insured.id,
        "issued_on": date(2026, 7, 1),
        "due_date": date(2026, 8, 1),
        "state": "open",
        "total_cents": 100_000,
        "touched_at": BEGINNING,
    }
    values |= more
    values.setdefault("open_cents", values["total_cents"])
    invoice = Invoice(**values)
    session.add(invoice)
    session.flush()
    return invoice


def make_payment_under_way(session: Scoped, invoice: Invoice) -> Payment:
    """A payment that holds an invoice and has not come to its end."""
    number = next(_numbers)
    payment = Payment(
        token=f"token-{number}",
        reference=f"P-{number}",
        account="acct_test",
        kind="interactive",
        state="submitted",
        amount_cents=invoice.open_cents,
        charged_cents=invoice.open_cents,
        request_key=f"request-{number}",
        confirmation_token=None,
        intent_id=f"pi_{number}",
        method_kind="card",
        method_brand="visa",
        method_last4="4242",
        method_funding="credit",
        payer_kind="insured",
        payer_name="Ana",
        payer_email="ana@bakery.example",
        charge_id=None,
        decline_code=None,
        created_at=BEGINNING,
        changed_at=BEGINNING,
        submitted_at=BEGINNING,
        succeeded_at=None,
    )
    session.add(payment)
    session.flush()
    session.add(Claim(payment_id=payment.id, invoice_id=invoice.id, amount_cents=invoice.open_cents, state="live"))
    session.flush()
    return payment
