"""Two programs of the demo on autopay: one that is charged in three days, and one whose charge was declined today."""

from datetime import timedelta

from sqlalchemy import select
from stripe import StripeClient

from portal.agencies.models import Agency
from portal.cli.demo_data.addresses import AUTOPAY
from portal.cli.demo_payment import LOCALE, open_demo_till
from portal.cli.demo_processor import secret_key
from portal.core.audit import Actor
from portal.core.db import make_engine
from portal.core.events import subscribe
from portal.integrations.wording import wording
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.payments.autopay.consent import VERSION, autopay_authorization
from portal.payments.autopay.enrolling import Owner, charges_of, enroll
from portal.payments.autopay.models import AutopayEnrollment
from portal.payments.autopay.run import run
from portal.payments.mandates import Agreement
from portal.payments.method_kinds import allowed_kinds
from portal.payments.method_name import method_name
from portal.payments.methods.adding import NewMethod, add
from portal.payments.methods.models import PaymentMethod
from portal.payments.till import Till
from portal.programs.models import Program
from portal.settings import Settings
from portal.subscriptions import SUBSCRIPTIONS

PARTS = 3
PART_CENTS = 185_00


def start_autopay(settings: Settings) -> None:
    """Put the programs on autopay, once, and let it run; it stays as it is where that was done.

    Args:
        settings: of the demo; its processor must be connected.
    """
    subscribe(SUBSCRIPTIONS)
    engine = make_engine(settings.database_url)
    try:
        till, agency = open_demo_till(engine, settings)
        client = StripeClient(secret_key(agency.slug), base_addresses={"api": settings.stripe_sandbox_url})
        for reference, email, card, days in AUTOPAY:
            _enroll(till, agency, client, reference, email, card, days)
        run(till)
    finally:
        engine.dispose()


def _enroll(till: Till, agency: Agency, client: StripeClient, reference: str, email: str, card: str, days: int) -> None:
    with till.reading() as session:
        program = session.scalars(select(Program).where(Program.reference == reference)).one()
        query = select(AutopayEnrollment.id).where(AutopayEnrollment.program_id == program.id)
        if session.scalar(query.limit(1)) is not None:
            return
    new = NewMethod(
        request_key=f"demo:autopay:{reference}",
        owner_email=email,
        locale=LOCALE,
        confirmation_token=client.v1.test_helpers.confirmation_tokens.create({"payment_method": card}).id,
        return_url="http://localhost/{token}",
        kinds=allowed_kinds(agency.takes_bank_debits),
    )
    setup = add(till, new)
    at, today = till.now(), till.today()
    with till.writing() as session:
        for number in range(PARTS):
            part = f"Audit premium, part {number + 1} of {PARTS}"
            due = today + timedelta(days=days + 30 * number)
            lines = [LineDraft("premium", part, PART_CENTS)]
            draft = InvoiceDraft(program.insured_id, "endorsement", lines, today, due, program.id, part)
            issue_invoice(session, draft, at)
        method = session.get_one(PaymentMethod, setup.payment_method_id)
        paragraphs = autopay_authorization(
            agency_name=agency.name,
            phone=agency.phone,
            email=agency.email,
            program=program.name,
            method=method_name(method.brand, method.last4),
            method_kind=method.kind,
            scheduled=charges_of(session, program.id, method, today),
        )
        said = "\n".join(str(wording(LOCALE, None).say(paragraph)) for paragraph in paragraphs)
        agreement = Agreement(said, VERSION, LOCALE, "127.0.0.1", "make demo")
        enroll(session, program.id, method.id, Owner(email, Actor("insured", email)), agreement, at)
