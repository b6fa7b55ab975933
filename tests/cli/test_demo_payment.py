"""The demo begins with a bank debit under way, made once, that its books know."""

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.cli.demo_data import load_demo
from portal.cli.demo_data.addresses import DEBIT_AGENCY, DEBIT_OF, DEBIT_PROGRAM
from portal.cli.demo_payment import start_bank_debit
from portal.cli.demo_processor import connect_processor
from portal.cli.verify_ledger import ALL
from portal.core.clock import local_date, now
from portal.core.db import make_engine
from portal.core.invariants import check
from portal.core.tenancy import reading, reading_global
from portal.payments.models import Payment
from portal.programs.models import Program
from portal.reports.program import program_page
from portal.sandbox.stripe.server import Running
from portal.settings import Settings


def test_a_program_is_processing_from_the_start_and_is_paid_once(settings: Settings, stripe_sandbox: Running) -> None:
    demo = settings.model_copy(update={"stripe_sandbox_url": stripe_sandbox.url})
    load_demo(demo)
    connect_processor(demo)
    for _ in range(2):
        start_bank_debit(demo)
    engine = make_engine(demo.database_url)
    with reading_global(engine) as unscoped:
        agency = unscoped.scalars(select(Agency).where(Agency.slug == DEBIT_AGENCY)).one()
    with reading(engine, agency.id) as session:
        payment = session.scalars(select(Payment)).one()
        assert (payment.state, payment.method_kind, payment.payer_email) == ("processing", "us_bank_account", DEBIT_OF)
        program = session.scalars(select(Program.id).where(Program.reference == DEBIT_PROGRAM)).one()
        page = program_page(session, DEBIT_OF, program, local_date(now(), agency.time_zone))
        assert (page.status, page.processing_cents) == ("processing", payment.charged_cents)
        assert check(session, ALL) == []
    engine.dispose()
