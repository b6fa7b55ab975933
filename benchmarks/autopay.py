"""How long autopay takes to find what is due: 10,000 installments of a day in a million, all programs on autopay."""

import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Engine, insert, select

from benchmarks.alone import each_database
from benchmarks.many_invoices import SLUG
from benchmarks.postgresql import as_app
from portal.agencies.keys import ProcessorKeys, set_keys
from portal.agencies.models import Agency
from portal.cli.database import upgrade_tables
from portal.cli.demo_data import load_demo
from portal.core.db import make_engine, refresh_statistics
from portal.core.tenancy import reading, reading_global, writing
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.autopay.due import steps
from portal.payments.autopay.models import AutopayAnnouncement, AutopayConsent, AutopayEnrollment
from portal.payments.methods.models import PaymentMethod
from portal.payments.models import Mandate
from portal.programs.models import Program
from portal.settings import Settings

PROGRAMS, EACH, DUE = 111_112, 9, 10_000
PAID = 4
"""Installments of each program that are paid; the next one is due today, or from the fourth day on."""
FIRST_ID, BATCH, CENTS, ROUNDS = 1_000_000, 2_000, 412_50, 5
AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Found:
    """What a selection found, and how long it took."""

    ms: float
    charges: int


def fill(settings: Settings, today: date) -> tuple[Settings, int]:
    """Make the installments; the settings to work with, and the agency's id."""
    upgrade_tables(settings.database_url)
    load_demo(settings)
    engine = make_engine(settings.database_url)
    with reading_global(engine) as session:
        agency = session.scalars(select(Agency).where(Agency.slug == SLUG)).one()
    with writing(engine, agency.id) as session:
        set_keys(session, settings.box, ProcessorKeys("bench", "pk_test_bench", "sk_test_bench", ("whsec_b",), "BENCH"))
        insured_id = session.scalars(select(Insured.id).limit(1)).one()
    for first in range(0, PROGRAMS, BATCH):
        with writing(engine, agency.id) as session:
            for model, rows in _rows(range(first, min(first + BATCH, PROGRAMS)), insured_id, today).items():
                session.execute(insert(model), rows)
    refresh_statistics(engine)
    engine.dispose()
    return as_app(settings), agency.id


def find(engine: Engine, agency_id: int, today: date) -> Found:
    """Find what is due, some times over; the median."""
    taken, kinds = [], Counter[str]()
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        with reading(engine, agency_id) as session:
            kinds = Counter(due.step.what for due in steps(session, today))
        taken.append(1000 * (time.perf_counter() - begun))
    return Found(median(taken), kinds["charge"])


def _rows(numbers: Iterable[int], insured_id: int, today: date) -> dict[Any, list[dict[str, Any]]]:
    rows: dict[Any, list[dict[str, Any]]] = {
        model: []
        for model in (Program, Invoice, PaymentMethod, Mandate, AutopayEnrollment, AutopayConsent, AutopayAnnouncement)
    }
    for number in numbers:
        row_id = FIRST_ID + number
        next_due = today + timedelta(days=0 if number < DUE else 4 + number % 26)
        rows[Program].append(_program(row_id, insured_id, today))
        for place in range(EACH):
            due = next_due + timedelta(days=30 * (place - PAID))
            rows[Invoice].append(_invoice(row_id, place, insured_id, due, place < PAID))
        rows[PaymentMethod].append(_method(row_id))
        rows[Mandate].append(_mandate(row_id))
        refs = {"payment_method_id": row_id, "mandate_id": row_id}
        rows[AutopayEnrollment].append({"id": row_id, "program_id": row_id, "started_at": AT, "ended_note": "", **refs})
        rows[AutopayConsent].append({"id": row_id, "enrollment_id": row_id, "email": "a@b.example", **refs})
        told = {"enrollment_id": row_id, "invoice_id": _invoice_id(row_id, PAID), "payment_method_id": row_id}
        days = {"due_date": next_due, "charge_on": next_due, "announced_at": AT + timedelta(days=1)}
        money = {"amount_cents": 2 * CENTS, "fee_cents": 0}
        rows[AutopayAnnouncement].append({"id": row_id, "number": 1, "how": "mail", **told, **days, **money})
    return rows


def _invoice_id(row_id: int, place: int) -> int:
    return row_id * 10 + place


def _program(row_id: int, insured_id: int, today: date) -> dict[str, Any]:
    names = {"reference": f"B-{row_id}", "name": "Package", "billing_type": "direct_bill", "producer": ""}
    flags = {"guest_payments": True, "is_draft": False, "opening_paid_cents": 0, "account_manager": ""}
    return {"id": row_id, "insured_id": insured_id, "due_date": today, "created_at": AT, **names, **flags}


def _invoice(row_id: int, place: int, insured_id: int, due: date, is_paid: bool) -> dict[str, Any]:
    return {
        "id": _invoice_id(row_id, place),
        "number": f"B-{row_id}-{place}",
        "kind": "installment",
        "program_id": row_id,
        "insured_id": insured_id,
        "description": f"Installment {place + 1} of {EACH}",
        "issued_on": AT.date(),
        "due_date": due,
        "state": "paid" if is_paid else "open",
        "total_cents": CENTS,
        "open_cents": 0 if is_paid else CENTS,
        "touched_at": AT,
    }


def _method(row_id: int) -> dict[str, Any]:
    names = {"account": "bench", "owner_email": f"p{row_id}@others.example", "customer_id": f"cus_{row_id}"}
    card = {"kind": "card", "brand": "visa", "last4": "4242", "funding": "debit", "bank_name": "", "locale": "en_US"}
    dates = {"exp_month": 12, "exp_year": 2034, "created_at": AT, "changed_at": AT}
    more = {"method_id": f"pm_{row_id}", "fingerprint": f"f{row_id}", "state": "active", "is_default": True}
    return {"id": row_id, **names, **card, **dates, **more}


def _mandate(row_id: int) -> dict[str, Any]:
    who = {"ip_address": "192.0.2.1", "browser": "Firefox", "locale": "en_US", "agreed_at": AT}
    card = {"method_kind": "card", "method_brand": "visa", "method_last4": "4242", "method_fingerprint": f"f{row_id}"}
    return {"id": row_id, "text": "You authorize us.", "version": "bench", **who, **card}


def main() -> None:
    """Measure this alone, on both databases."""
    today = date.today()  # noqa: DTZ011 - any day does
    for kind, settings in each_database("autopay"):
        ready, agency_id = fill(settings, today)
        engine = make_engine(ready.database_url)
        found = find(engine, agency_id, today)
        sys.stdout.write(f"{kind}: {found.charges:,} due found in {found.ms:.0f} ms\n")
        engine.dispose()


if __name__ == "__main__":
    main()
