"""A million programs in one agency, made by the database itself: each with a policy, an invoice and its words;
where asked for, nine installments more: ten million invoices."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Engine,
    FromClause,
    Integer,
    MetaData,
    String,
    Table,
    and_,
    cast,
    func,
    insert,
    literal,
    select,
)

from portal.core.clock import now
from portal.core.db import UtcDateTime
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice, InvoiceLine
from portal.payments.models import Claim, Payment
from portal.programs.models import Policy, Program
from portal.programs.word_index import ProgramWord

PROGRAMS, PER_INSURED, FIRST_ID, FIRST_NUMBER, PORTION = 1_000_000, 4, 1_000_000, 10_000_000, 100_000
EACH = 10
"""Invoices of a program, with the nine installments more."""
_FIRST = (
    "Alder Amber Anchor Beacon Birch Blue Bright Cedar Coastal Copper Crown Delta Eagle Elm Evergreen Falcon First "
    "Golden Grand Granite Green Harbor Heritage High Hudson Iron Jasper Juniper Lake Liberty Lone Maple Meadow Metro "
    "Mill Mountain Noble North Oak Ocean Old Pacific Pine Pioneer Prairie Quartz Red River Rose Royal Sierra Silver "
    "South Star Stone Summit Sunrise Timber Union Valley Vista West Willow"
)
_SECOND = (
    "Bakery Builders Cabinets Cafe Carpentry Catering Cleaning Clinic Concrete Construction Dental Diner Drywall "
    "Electric Equipment Excavating Farms Fitness Flooring Foods Garage Glass Grill Hauling Heating Holdings Homes "
    "Interiors Landscaping Logistics Lumber Masonry Motors Moving Nursery Painting Partners Paving Pharmacy Plumbing "
    "Properties Rentals Roofing Salon Security Services Signs Solar Storage Supply Tile Towing Transport Welding"
)
FIRST_WORDS, SECOND_WORDS = _FIRST.split(), _SECOND.split()
DAYS, PAST, TERM = 8 * 365, 8 * 365 - 70, timedelta(days=365)
"""Eight years up to seventy days from now; what was due is paid, but for one in fifty."""
AHEAD = 365
"""Further days, for what other benchmarks let be due."""
_CARD = {"method_brand": "visa", "method_last4": "4242", "method_funding": "credit"}
_tables = MetaData()
NUMBER = Table("bench_number", _tables, Column("i", Integer, primary_key=True))
DAY = Table(
    "bench_day",
    _tables,
    Column("place", Integer, primary_key=True),
    Column("due", Date),
    Column("ends", Date),
    Column("at", UtcDateTime()),
)
DAY_LATER = DAY.alias("bench_day_later")
FIRST = Table("bench_first", _tables, Column("place", Integer, primary_key=True), Column("word", String))
SECOND = Table("bench_second", _tables, Column("place", Integer, primary_key=True), Column("word", String))


def million(engine: Engine, agency_id: int, programs: int = PROGRAMS) -> None:
    """Make them, a portion in each transaction."""
    with engine.execution_options(writes=True).begin() as connection:
        _tables.create_all(connection)
        connection.execute(insert(FIRST), [{"place": at, "word": word} for at, word in enumerate(FIRST_WORDS)])
        connection.execute(insert(SECOND), [{"place": at, "word": word} for at, word in enumerate(SECOND_WORDS)])
        connection.execute(insert(DAY), list(_days()))
        connection.execute(insert(NUMBER), [{"i": number} for number in range(PORTION)])
    for begin in range(0, programs, PORTION):
        _portion(engine, agency_id, begin, min(PORTION, programs - begin))


def installments(engine: Engine, agency_id: int, programs: int = PROGRAMS) -> None:
    """Nine installments more for each of the programs, a month apart, with a line each; those due are paid."""
    for begin in range(0, programs, PORTION):
        for place in range(1, EACH):
            _installment(engine, agency_id, begin, min(PORTION, programs - begin), place)


def _days() -> Iterable[dict[str, Any]]:
    for place in range(DAYS + AHEAD):
        due = now().date() + timedelta(days=place - PAST)
        at = datetime(due.year, due.month, due.day, 12, tzinfo=UTC)
        yield {"place": place, "due": due, "ends": due + TERM, "at": at}


def _source() -> FromClause:
    """Each number with its day."""
    return NUMBER.join(DAY, DAY.c.place == NUMBER.c.i * 7 % DAYS)


@contextmanager
def _adding(engine: Engine, agency_id: int, source: FromClause, count: int) -> Iterator[Callable[..., None]]:
    """A transaction, and what adds rows of a model for the first numbers that a condition holds for."""
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":  # foreign keys rest: what is made here refers to what is made here
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")

        def add(model: Any, only: ColumnElement[bool], **values: Any) -> None:
            chosen = select(literal(agency_id), *(_column(value) for value in values.values()))
            rows = chosen.select_from(source).where(NUMBER.c.i < count, only)
            connection.execute(insert(model.__table__).from_select(["agency_id", *values], rows))

        yield add


def _installment(engine: Engine, agency_id: int, begin: int, count: int, place: int) -> None:
    row_id = NUMBER.c.i + begin + FIRST_ID
    invoice_id = row_id + place * PROGRAMS
    cents, due = (row_id - FIRST_ID) % 90_000 + 5_000, DAY_LATER.c.due
    source = _source().join(DAY_LATER, DAY_LATER.c.place == (DAY.c.place + 30 * place) % DAYS)
    paid = DAY_LATER.c.place < PAST
    number = f"INV-{place}-" + cast(row_id, String)
    facts = {"number": number, "kind": "installment", "program_id": row_id, "insured_id": row_id - row_id % PER_INSURED}
    dates = {"issued_on": due, "due_date": due, "touched_at": DAY_LATER.c.at, "total_cents": cents}
    with _adding(engine, agency_id, source, count) as add:
        add(Invoice, paid, id=invoice_id, **facts, **dates, state="paid", open_cents=0)
        add(Invoice, ~paid, id=invoice_id, **facts, **dates, state="open", open_cents=cents)
        money = {"amount_cents": cents, "commission_cents": 0}
        add(InvoiceLine, row_id >= 0, id=invoice_id, invoice_id=invoice_id, kind="premium", label="Premium", **money)


def _portion(engine: Engine, agency_id: int, begin: int, count: int) -> None:
    number = NUMBER.c.i + begin
    row_id, insured_id = number + FIRST_ID, number - number % PER_INSURED + FIRST_ID
    cents = number % 900_000 + 50_000
    of_insured, label = cast(number - number % PER_INSURED, String), cast(number + FIRST_NUMBER, String)
    email, policy_number = "owner" + of_insured + "@others.example", "OTH-2026-" + label
    name = FIRST.c.word + " " + SECOND.c.word + " " + of_insured + " LLC"
    source = (
        NUMBER.join(DAY, DAY.c.place == number * 7 % DAYS)
        .join(FIRST, FIRST.c.place == number // PER_INSURED % len(FIRST_WORDS))
        .join(SECOND, SECOND.c.place == number // (PER_INSURED * len(FIRST_WORDS)) % len(SECOND_WORDS))
    )
    each, one_in_four = number >= 0, number % PER_INSURED == 0
    paid = and_(DAY.c.place < PAST, number % 50 != 0)
    at = {"created_at": DAY.c.at}
    address = {"address_line1": "1 Other St", "city": "Portland", "state": "OR", "postal_code": "97205"}
    with _adding(engine, agency_id, source, count) as add:
        add(Insured, one_in_four, id=row_id, reference="O" + of_insured, name=name, **address, **at)
        add(InsuredEmail, one_in_four, id=row_id, insured_id=row_id, email=email)
        facts = {"insured_id": insured_id, "billing_type": "direct_bill", "due_date": DAY.c.due}
        add(Program, each, id=row_id, reference="P" + label, name="Package 2026", **facts, **at)
        term = {"effective_date": DAY.c.due, "expiration_date": DAY.c.ends, "premium_cents": cents}
        what = {"policy_number": policy_number, "carrier": "Carrier", "coverage_code": "CGL", "coverage": "Liability"}
        add(Policy, each, id=row_id, program_id=row_id, **what, **term)
        facts = {"number": "INV-2024-" + label, "kind": "pay_in_full", "program_id": row_id, "insured_id": insured_id}
        dates = {"issued_on": DAY.c.due, "due_date": DAY.c.due, "touched_at": DAY.c.at, "total_cents": cents}
        add(Invoice, paid, id=row_id, **facts, **dates, state="paid", open_cents=0)
        add(Invoice, ~paid, id=row_id, **facts, **dates, state="open", open_cents=cents)
        keys = {name: f"{name}-" + label for name in ("token", "reference", "request_key", "intent_id")}
        kind = {"account": "bench", "kind": "interactive", "state": "succeeded", "method_kind": "card"} | _CARD
        payer = {"payer_kind": "insured", "payer_name": "Maria Lopez", "payer_email": email}
        money = {"amount_cents": cents, "charged_cents": cents, "changed_at": DAY.c.at, "succeeded_at": DAY.c.at}
        add(Payment, paid, id=row_id, **keys, **kind, **payer, **money, **at)
        add(Claim, paid, id=row_id, payment_id=row_id, invoice_id=row_id, amount_cents=cents, state="consumed")
        words = (func.lower(FIRST.c.word), func.lower(SECOND.c.word), of_insured, "package", "2026", "llc")
        keys_of_it = ("p" + label, "oth2026" + label, "owner" + of_insured + "othersexample")
        for word in (*words, *keys_of_it):
            add(ProgramWord, each, program_id=row_id, word=word)


def _column(value: Any) -> ColumnElement[Any]:
    return value if isinstance(value, ColumnElement) else literal(value)
