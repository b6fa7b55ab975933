"""How long the statements of a month take: two thousand partners, each with invoices, half of them paid."""

import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sqlalchemy import Engine, insert, select

from benchmarks.postgresql import make_database, postgresql
from portal.agencies.models import Agency
from portal.cli.database import upgrade_tables
from portal.core.audit import SYSTEM
from portal.core.db import make_engine, refresh_statistics
from portal.core.tenancy import Scoped, reading, writing, writing_global
from portal.integrations.pdf import PdfRenderer
from portal.invoices.models import Invoice
from portal.invoices.settle import settle
from portal.jobs.draw_statements import draw_month
from portal.jobs.leasing import THREADS
from portal.jobs.partner_mails import statement_message
from portal.ledger.journal import post
from portal.ledger.postings import payment_succeeded
from portal.partners.models import Partner
from portal.servicing.bind import Binding, bind_programs
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft
from portal.statements.models import PartnerStatement

PARTNERS, EACH = 2_000, 5
AT = datetime(2026, 10, 15, 16, tzinfo=UTC)
DAY = AT.date()
ZONE = "America/New_York"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Drawn:
    """How many statements, the seconds that drawing them took, and those of their mails with the PDFs.

    `mailed_cpu_seconds`: what the latter were at work, on all cores together.
    """

    made: int
    seconds: float
    mailed_seconds: float
    mailed_cpu_seconds: float


def measure(url: str) -> Drawn:
    """Fill a new database, draw October, and write each partner's mail with its PDF, as the worker does."""
    upgrade_tables(url)
    engine = make_engine(url)
    with writing_global(engine) as unscoped:
        agency = Agency(
            slug="bench", name="Bench", phone="", email="", brand_hex="#0b5fa5", lookup_key="", created_at=AT
        )
        unscoped.add(agency)
    with writing(engine, agency.id) as session:
        partners = session.scalars(insert(Partner).returning(Partner.id), [_partner(each) for each in range(PARTNERS)])
        ids = partners.all()
    wanted = [(partner_id, number) for number in range(EACH) for partner_id in ids]
    for first in range(0, len(wanted), AT_ONCE):
        with writing(engine, agency.id) as session:
            drafts = [_draft(partner_id, number) for partner_id, number in wanted[first : first + AT_ONCE]]
            programs = bind_programs(session, drafts, Binding(SYSTEM, b"key of the bench", DAY, AT))
            _pay(session, programs[::2], first)
    refresh_statistics(engine)
    start = time.perf_counter()
    made = draw_month(
        engine, agency.id, date(2026, 10, 1), ZONE, lambda: datetime(2026, 11, 1, 16, tzinfo=UTC), mails=True
    )
    took = time.perf_counter() - start
    start, at_work = time.perf_counter(), time.process_time()
    _write_mails(engine, agency)
    wrote, at_work = time.perf_counter() - start, time.process_time() - at_work
    engine.dispose()
    return Drawn(made, took, wrote, at_work)


def _write_mails(engine: Engine, agency: Agency) -> None:
    """What the worker's threads do with the mails that wait, but for handing them to a mail server."""
    renderer = PdfRenderer(Path(__file__).parents[1] / "templates" / "documents")
    with reading(engine, agency.id) as session:
        ids = session.scalars(select(PartnerStatement.id)).all()

    def write(statement_id: int) -> int:
        with reading(engine, agency.id) as scoped:
            message = statement_message(scoped, agency, statement_id, lambda *_, **__: "https://bench", renderer)
        return len(message.attachments)

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(count == 1 for count in threads.map(write, ids))


def main() -> None:
    """`python -m benchmarks.statements`: on SQLite, and on PostgreSQL where it is named."""
    with tempfile.TemporaryDirectory() as folder, postgresql() as server:
        kinds = {"SQLite": f"sqlite:///{folder}/statements.db", "PostgreSQL": make_database(server, "bench_statements")}
        for kind, url in kinds.items():
            if kind in (sys.argv[1:] or kinds):
                print(kind, measure(url))


def _pay(session: Scoped, program_ids: list[int], first: int) -> None:
    invoices = session.scalars(select(Invoice).where(Invoice.program_id.in_(program_ids))).all()
    parts = settle(session, [(invoice, invoice.open_cents) for invoice in invoices], AT)
    post(session, [payment_succeeded(f"bench-{first}", parts, 0, 0, DAY)], AT)


def _partner(number: int) -> dict[str, object]:
    return {
        "kind": "retail",
        "name": f"Partner {number}",
        "address_line1": "1 Main St",
        "city": "Austin",
        "state": "TX",
        "postal_code": "78701",
        "contact_first_name": "Ana",
        "contact_last_name": "Ruiz",
        "contact_email": f"ana@partner{number}.example",
        "bills_agency": True,
        "bills_direct": False,
        "created_at": AT,
    }


def _draft(partner_id: int, number: int) -> ProgramDraft:
    name = f"{partner_id}-{number}"
    policy = PolicyDraft(f"P-{name}", "Acme", "CGL", "General liability", DAY, DAY.replace(year=2027), 1_000_00)
    insured = InsuredDraft(f"I-{name}", f"Client {name}", "1 Main St", "Austin", "TX", "78701")
    return ProgramDraft(f"R-{name}", "Package", insured, (policy,), DAY, "agency_bill", partner_id)


if __name__ == "__main__":
    main()
