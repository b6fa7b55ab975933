"""What a partner waits for that owes 50,000 invoices: the page of its balances, and the one it starts from."""

import time
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, String, cast, insert, literal, select

from benchmarks.alone import each_database
from benchmarks.in_process import Browser, Call, best, session_cookie
from benchmarks.many_invoices import SLUG
from benchmarks.million import DAY, FIRST, FIRST_WORDS, NUMBER, PAST, SECOND, SECOND_WORDS, million
from benchmarks.postgresql import as_app
from portal.agencies.models import Agency
from portal.app import create_app
from portal.cli.database import upgrade_tables
from portal.cli.demo_data import load_demo
from portal.cli.demo_data.partners import SHARED_EMAIL
from portal.core.clock import now
from portal.core.db import make_engine, refresh_statistics
from portal.core.tenancy import reading, reading_global
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.partners.seats import Seat, seats_of
from portal.payments.models import Claim, Payment
from portal.programs.models import Policy, Program
from portal.reports.partner_balances import BalanceFilter, Show, balance_page
from portal.reports.partner_home import home_cards
from portal.settings import Settings
from portal.web.services import EXTENSION

OPEN, OTHERS, HELD, PER_INSURED, FIRST_ID = 50_000, 100_000, 500, 2, 8_000_000
OVERDUE_DAYS, DAYS = 60, 360
"""Due from sixty days ago on, over a year."""
SEARCHES = {"search for an invoice": "INV-N-8012345", "search for a part of names": "bakery"}


@dataclass(frozen=True, slots=True)
class Waited:
    """Milliseconds, medians of the best of several rounds.

    Args:
        queries: everything that a page of balances asks of the database, by what it shows.
        pages: whole pages, by name.
    """

    queries: dict[str, float]
    pages: dict[str, float]


def fill(settings: Settings, invoices: int = OPEN) -> tuple[Settings, int, Seat]:
    """Make them; the settings to work with, the agency's id, and who asks."""
    upgrade_tables(settings.database_url)
    load_demo(settings)
    engine = make_engine(settings.database_url)
    with reading_global(engine) as session:
        agency_id = session.scalars(select(Agency.id).where(Agency.slug == SLUG)).one()
    with reading(engine, agency_id) as scoped:
        seat = seats_of(scoped, SHARED_EMAIL)[0]
    million(engine, agency_id, OTHERS)
    with engine.execution_options(writes=True).begin() as connection:
        _owe(connection, agency_id, seat.partner_id, invoices)
    refresh_statistics(engine)
    if engine.dialect.name == "postgresql":  # as it does by itself a minute later
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM")
    engine.dispose()
    return as_app(settings), agency_id, seat


def _owe(connection: Connection, agency_id: int, partner_id: int, count: int) -> None:
    """Open invoices of the partner, each of a program with a policy; a payment under way holds some of them."""
    number = NUMBER.c.i
    row_id, insured_id = number + FIRST_ID, number - number % PER_INSURED + FIRST_ID
    label, cents = cast(row_id, String), number % 900_000 + 50_000
    source = (
        NUMBER.join(DAY, DAY.c.place == PAST - OVERDUE_DAYS + number * 7 % DAYS)
        .join(FIRST, FIRST.c.place == number // PER_INSURED % len(FIRST_WORDS))
        .join(SECOND, SECOND.c.place == number // len(FIRST_WORDS) % len(SECOND_WORDS))
    )

    def add(model: Any, only: ColumnElement[bool], **values: Any) -> None:
        columns = [value if isinstance(value, ColumnElement) else literal(value) for value in values.values()]
        rows = select(literal(agency_id), *columns).select_from(source).where(number < count, only)
        connection.execute(insert(model.__table__).from_select(["agency_id", *values], rows))

    each, at = number >= 0, {"created_at": DAY.c.at}
    address = {"address_line1": "1 Other St", "city": "Portland", "state": "OR", "postal_code": "97205"}
    name = FIRST.c.word + " " + SECOND.c.word + " LLC"
    add(Insured, number % PER_INSURED == 0, id=row_id, reference="N" + label, name=name, **address, **at)
    facts = {"insured_id": insured_id, "billing_type": "agency_bill", "due_date": DAY.c.due, "partner_id": partner_id}
    add(Program, each, id=row_id, reference="N" + label, name="Package", **facts, **at)
    term = {"effective_date": DAY.c.due, "expiration_date": DAY.c.ends, "premium_cents": cents}
    what = {"policy_number": "NOR-" + label, "carrier": "Carrier", "coverage_code": "CGL", "coverage": "Liability"}
    add(Policy, each, id=row_id, program_id=row_id, **what, **term)
    facts = {"program_id": row_id, "insured_id": insured_id, "partner_id": partner_id, "kept_cents": 1_000}
    dates = {"issued_on": DAY.c.due, "due_date": DAY.c.due, "touched_at": DAY.c.at, "total_cents": cents}
    bill = {"number": "INV-N-" + label, "kind": "pay_in_full", "state": "open", "open_cents": cents}
    add(Invoice, each, id=row_id, **bill, **facts, **dates)
    keys = {name: f"{name}-of-a-partner" for name in ("token", "reference", "request_key", "intent_id")}
    card = {"method_kind": "us_bank_account", "method_brand": "", "method_last4": "6789", "method_funding": ""}
    payer = {"payer_kind": "partner", "payer_name": "Dana", "payer_email": SHARED_EMAIL, "partner_id": partner_id}
    money = {"amount_cents": 1, "charged_cents": 1, "changed_at": DAY.c.at, "kind": "interactive", "account": "bench"}
    add(Payment, number == 0, id=row_id, state="processing", **keys, **card, **payer, **money, **at)
    held = {"payment_id": FIRST_ID, "invoice_id": row_id, "amount_cents": cents, "state": "live"}
    add(Claim, number % (count // HELD) == 0, id=row_id, **held)


def measure(settings: Settings, agency_id: int, seat: Seat) -> Waited:
    """The balances as they may be shown, and the whole pages."""
    app = create_app(settings)
    engine: Engine = app.extensions[EXTENSION].engine
    browser = Browser(app, settings.base_url.partition("://")[2], session_cookie(app, agency_id, SHARED_EMAIL))
    today = now().date()

    def balances(show: Show, words: str = "", after: tuple[date, int] | None = None) -> None:
        with reading(engine, agency_id) as session:
            assert balance_page(session, seat.partner_id, BalanceFilter(show, words, after), today).balances

    def cards() -> None:
        with reading(engine, agency_id) as session:
            assert home_cards(session, seat, today)

    def page(path: str, query: str = "") -> None:
        _, status, _body = browser.answer(Call(f"/partner/{seat.partner_id}/{path}", query=query))
        assert status.startswith("200"), status

    middle = (today + timedelta(days=DAYS // 2 - OVERDUE_DAYS), 0)
    return Waited(
        {
            "all": best(partial(balances, "all")),
            "all, in the middle": best(partial(balances, "all", after=middle)),
            "overdue": best(partial(balances, "overdue")),
            "due in 30 days": best(partial(balances, "due")),
            "due later": best(partial(balances, "upcoming")),
            "processing": best(partial(balances, "processing")),
            "the start page's figures": best(cards),
            **{what: best(partial(balances, "all", words)) for what, words in SEARCHES.items()},
        },
        {"Balances": best(partial(page, "balances")), "Start page": best(partial(page, ""))},
    )


def main() -> None:
    """`python -m benchmarks.partner_balances`: on both databases, or on the one named."""
    for kind, settings in each_database("partner"):
        begun = time.perf_counter()
        ready = fill(settings)
        print(f"{kind}: filled in {time.perf_counter() - begun:.0f} s")
        print(measure(*ready))


if __name__ == "__main__":
    main()
