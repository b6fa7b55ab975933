"""Databases to measure on: the demo's data, and in the same agency any number of invoices of other insureds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, insert, select

from portal.agencies.keys import ProcessorKeys, lookup_key, set_keys
from portal.agencies.models import Agency
from portal.cli.database import upgrade_tables
from portal.cli.demo_data import load_demo
from portal.core.db import make_engine, refresh_statistics
from portal.core.tenancy import Scoped, reading, reading_global, writing
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice, InvoiceLine
from portal.payments.models import Claim, Payment
from portal.programs.guest_keys import digests
from portal.programs.models import GuestKey, PaymentLink, Policy, Program
from portal.settings import Settings

SLUG = "juniper-oak"
EMAIL = "maria@riverbend-bakery.example"
BATCH = 2_000
PER_INSURED = 4
FIRST_ID = 1_000_000
ZIP = "97205"


@dataclass(frozen=True, slots=True)
class Filled:
    """A database to measure on, and what is asked for.

    Args:
        invoices: how many there are.
        program_id: a program of the insured who is measured.
        payment_token: of a payment of theirs that has a receipt.
        others: how many policies of others there are, for the guest look-up with `ZIP`.
    """

    settings: Settings
    agency_id: int
    invoices: int
    program_id: int
    payment_token: str
    others: int


def fill(settings: Settings, invoices: int) -> Filled:
    """Make the tables, load the demo, and add invoices of others in one agency until there are so many.

    Args:
        settings: of the demo, with a new database.
        invoices: how many the database shall hold.
    """
    agency, program_id, token = begin(settings)
    engine = make_engine(settings.database_url)
    key = lookup_key(agency, settings.box)
    missing = invoices - _count(engine)
    for first in range(0, missing, BATCH):
        with writing(engine, agency.id) as session:
            _others(session, agency, key, range(first, min(first + BATCH, missing)))
    refresh_statistics(engine)
    engine.dispose()
    return Filled(settings, agency.id, invoices, program_id, token, missing)


def begin(settings: Settings) -> tuple[Agency, int, str]:
    """Make the tables and load the demo: the agency, the program and the paid payment's token of who is measured."""
    upgrade_tables(settings.database_url)
    load_demo(settings)
    engine = make_engine(settings.database_url)
    with reading_global(engine) as session:
        agency = session.scalars(select(Agency).where(Agency.slug == SLUG)).one()
    with writing(engine, agency.id) as session:
        keys = ProcessorKeys("bench", "pk_test_bench", "sk_test_bench", ("whsec_bench",), "BENCH")
        set_keys(session, settings.box, keys)
        program_id, token = _pay_one_of_hers(session)
    engine.dispose()
    return agency, program_id, token


def _count(engine: Engine) -> int:
    """Invoices in the whole database, whose agencies are the demo's two."""
    with reading_global(engine) as session:
        agency_ids = session.scalars(select(Agency.id)).all()
    counts = []
    for agency_id in agency_ids:
        with reading(engine, agency_id) as scoped:
            counts.append(scoped.scalar(select(func.count(Invoice.id))) or 0)
    return sum(counts)


def _pay_one_of_hers(session: Scoped) -> tuple[int, str]:
    """Let the insured who is measured have paid an invoice of her largest program; its id, and the payment's token."""
    invoices = session.execute(
        select(Invoice.id, Invoice.total_cents, Invoice.program_id)
        .join(InsuredEmail, InsuredEmail.insured_id == Invoice.insured_id)
        .join(Policy, Policy.program_id == Invoice.program_id)
        .where(InsuredEmail.email == EMAIL)
        .group_by(Invoice.id, Invoice.total_cents, Invoice.program_id)
        .order_by(func.count(Policy.id).desc(), Invoice.id)
    )
    invoice_id, cents, program_id = next(iter(invoices))
    assert program_id is not None
    row = _payment(FIRST_ID - 1, cents, EMAIL)
    session.execute(insert(Payment), [row])
    session.execute(insert(Claim), [_claim(row["id"], invoice_id, cents)])
    return program_id, row["token"]


def _others(session: Scoped, agency: Agency, key: bytes, numbers: range) -> None:
    """Programs of other insureds, each with a policy, an invoice of three lines, guest keys and a payment link."""
    rows: dict[Any, list[dict[str, Any]]] = {
        model: []
        for model in (
            Insured,
            InsuredEmail,
            Program,
            Policy,
            Invoice,
            InvoiceLine,
            GuestKey,
            PaymentLink,
            Payment,
            Claim,
        )
    }
    for number in numbers:
        for model, row in _rows(agency, key, number):
            rows[model].append(row)
    for model, each in rows.items():
        if each:
            session.execute(insert(model), each)


def _rows(agency: Agency, key: bytes, number: int) -> Iterator[tuple[Any, dict[str, Any]]]:
    row_id = FIRST_ID + number
    insured_id = FIRST_ID + number - number % PER_INSURED
    if row_id == insured_id:
        yield Insured, _insured(insured_id)
        yield InsuredEmail, {"id": insured_id, "insured_id": insured_id, "email": f"person{number}@others.example"}
    due = date(2026, 1, 1) + timedelta(days=number % 365)
    cents = 50_000 + number % 900_000
    is_paid = number % 2 == 0
    yield Program, _program(row_id, insured_id, due)
    yield Policy, _policy(row_id, number, due, cents)
    yield Invoice, _invoice(row_id, insured_id, due, cents, is_paid)
    for part, share in enumerate((cents - 5_000, 3_000, 2_000)):
        yield InvoiceLine, _line(row_id, part, share)
    for kind, digest in enumerate(digests(key, agency.id, policy_number(number), ZIP)):
        guest_key = {"id": row_id * 2 + kind, "digest": digest, "is_exact": kind == 0}
        yield GuestKey, {**guest_key, "policy_id": row_id, "program_id": row_id}
    link = {"id": row_id, "token": f"link{row_id}", "program_id": row_id, "invoice_id": None}
    yield PaymentLink, {**link, "created_at": _at(due), "replaced_at": None}
    if is_paid:
        yield Payment, _payment(row_id, cents, f"person{number}@others.example")
        yield Claim, _claim(row_id, row_id, cents)


def policy_number(number: int) -> str:
    """Of the policy of somebody else with this number."""
    return f"OTH-2026-{number:07}"


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _insured(insured_id: int) -> dict[str, Any]:
    address = {"address_line1": "1 Other St", "city": "Portland", "state": "OR", "postal_code": ZIP}
    created_at = _at(date(2026, 1, 1))
    return {
        "id": insured_id,
        "reference": f"O{insured_id}",
        "name": "Other Company",
        "created_at": created_at,
        **address,
    }


def _program(row_id: int, insured_id: int, due: date) -> dict[str, Any]:
    facts = {"id": row_id, "reference": f"OP{row_id}", "name": "Package", "insured_id": insured_id}
    return {**facts, "billing_type": "direct_bill", "due_date": due, "created_at": _at(due)}


def _policy(row_id: int, number: int, due: date, cents: int) -> dict[str, Any]:
    facts = {"id": row_id, "program_id": row_id, "policy_number": policy_number(number), "carrier": "Carrier"}
    term = {"effective_date": due, "expiration_date": due + timedelta(days=365)}
    return {**facts, **term, "coverage_code": "CGL", "coverage": "General liability", "premium_cents": cents}


def _invoice(row_id: int, insured_id: int, due: date, cents: int, is_paid: bool) -> dict[str, Any]:
    facts = {"id": row_id, "number": f"O-{row_id}", "kind": "pay_in_full", "program_id": row_id}
    dates = {"issued_on": due - timedelta(days=20), "due_date": due, "touched_at": _at(due)}
    money = {"state": "paid" if is_paid else "open", "total_cents": cents, "open_cents": 0 if is_paid else cents}
    return {**facts, **dates, **money, "insured_id": insured_id}


def _line(row_id: int, part: int, cents: int) -> dict[str, Any]:
    facts = {"id": row_id * 3 + part, "invoice_id": row_id, "kind": "premium", "label": f"Line {part}"}
    return {**facts, "amount_cents": cents, "policy_id": row_id}


def _payment(row_id: int, cents: int, email: str) -> dict[str, Any]:
    at = _at(date(2026, 7, 1))
    return {
        "id": row_id,
        "token": f"payment-{row_id}",
        "reference": f"P-{row_id}",
        "account": "bench",
        "kind": "interactive",
        "state": "succeeded",
        "amount_cents": cents,
        "charged_cents": cents,
        "request_key": f"request-{row_id}",
        "intent_id": f"pi_{row_id}",
        "method_kind": "card",
        "method_brand": "visa",
        "method_last4": "4242",
        "method_funding": "credit",
        "payer_kind": "insured",
        "payer_name": "Maria Lopez",
        "payer_email": email,
        "created_at": at,
        "changed_at": at,
        "succeeded_at": at + timedelta(minutes=1),
    }


def _claim(payment_id: int, invoice_id: int, cents: int) -> dict[str, Any]:
    claimed = {"payment_id": payment_id, "invoice_id": invoice_id}
    return {"id": payment_id, **claimed, "amount_cents": cents, "state": "consumed"}
