"""A bank debit under way in the demo, so that one can settle it or let it fail in the sandbox's console."""

from sqlalchemy import Engine, select
from stripe import StripeClient

from portal.agencies.keys import read_keys
from portal.agencies.models import Agency
from portal.cli.demo_data.addresses import DEBIT_AGENCY, DEBIT_OF, DEBIT_PROGRAM
from portal.cli.demo_processor import secret_key
from portal.core import clock
from portal.core.db import make_engine
from portal.core.events import subscribe
from portal.core.tenancy import reading, reading_global
from portal.insureds.models import Insured
from portal.integrations.stripe.processor import open_processor
from portal.integrations.wording import wording
from portal.invoices.models import Invoice
from portal.payments.claims import Order, Payer, held_invoices
from portal.payments.gateway import MethodPreview
from portal.payments.mandates import VERSION, Agreement, debit_authorization
from portal.payments.method_name import method_name
from portal.payments.submit import by_request, submit
from portal.payments.till import Till
from portal.programs.models import Program
from portal.settings import Settings
from portal.subscriptions import SUBSCRIPTIONS

REQUEST = "demo:debit"
LOCALE = "en_US"
STAYS = "pm_usBankAccount_processing"
"""The sandbox's bank account whose debits wait until somebody decides."""


def start_bank_debit(settings: Settings) -> None:
    """Pay a program of the demo by bank, once; it stays as it is where that was done, or the program is paid.

    Args:
        settings: of the demo; its processor must be connected.
    """
    subscribe(SUBSCRIPTIONS)
    engine = make_engine(settings.database_url)
    try:
        till, agency = open_demo_till(engine, settings)
        with till.reading() as session:
            row = session.execute(
                select(Invoice.id, Invoice.open_cents, Insured.name)
                .join(Program, Program.id == Invoice.program_id)
                .join(Insured, Insured.id == Invoice.insured_id)
                .where(Program.reference == DEBIT_PROGRAM, Invoice.state == "open")
                .order_by(Invoice.id)
            ).first()
            if row is None or held_invoices(session, [row.id]) or by_request(session, REQUEST):
                return
        client = StripeClient(secret_key(agency.slug), base_addresses={"api": settings.stripe_sandbox_url})
        token = client.v1.test_helpers.confirmation_tokens.create({"payment_method": STAYS}).id
        method = till.gateway.preview(token)
        order = Order(
            request_key=REQUEST,
            reviewed={row.id: row.open_cents},
            fee_cents=0,
            method=method,
            payer=Payer("insured", row.name, DEBIT_OF, LOCALE),
            return_url=f"{settings.base_url}/{agency.slug}/payments/{{token}}/back",
            agreement=_agreement(agency, method, row.open_cents, till),
        )
        submit(till, order)
    finally:
        engine.dispose()


def open_demo_till(engine: Engine, settings: Settings) -> tuple[Till, Agency]:
    """The till of the demo's agency whose payments are made beforehand."""
    with reading_global(engine) as unscoped:
        agency = unscoped.scalars(select(Agency).where(Agency.slug == DEBIT_AGENCY)).one()
    with reading(engine, agency.id) as session:
        keys = read_keys(session, settings.box)
    assert keys is not None, "the demo's processor is connected first"
    gateway = open_processor(settings.stripe_sandbox_url, settings.processor_timeout_seconds).gateway(keys)
    return Till(engine, agency.id, keys.account, gateway, agency.time_zone, clock.now), agency


def _agreement(agency: Agency, method: MethodPreview, amount_cents: int, till: Till) -> Agreement:
    """What a payer agrees to on the review, in the same words."""
    paragraphs = debit_authorization(
        agency_name=agency.name,
        phone=agency.phone,
        email=agency.email,
        amount_cents=amount_cents,
        account=method_name(method.brand, method.last4),
        debited_on=till.today(),
    )
    said = "\n".join(str(wording(LOCALE, None).say(paragraph)) for paragraph in paragraphs)
    return Agreement(said, VERSION, LOCALE, "127.0.0.1", "make demo")
