"""Two financed programs of the demo that are not paid: one with a notice of cancelation, one that is canceled."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Engine, select

from portal.agencies.keys import lookup_key
from portal.agencies.models import Agency
from portal.core import clock
from portal.core.audit import SYSTEM
from portal.core.db import make_engine
from portal.core.events import subscribe
from portal.core.tenancy import Scoped, reading, reading_global, writing
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.financing.models import Loan, LoanInstallment
from portal.financing.schedule import add_months
from portal.integrations.pdf import PdfRenderer
from portal.invoices.models import Invoice
from portal.payments.claims import ALPHABET, Payer
from portal.payments.offline import Received, record_offline
from portal.programs.models import Program
from portal.servicing.bind import Binding, bind
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft
from portal.servicing.late.cancel import cancel_program
from portal.servicing.late.notices import Paper, make_notice
from portal.servicing.quote import quote
from portal.servicing.sign import Signing, sign
from portal.settings import Settings
from portal.subscriptions import SUBSCRIPTIONS

AGENCY = "harborline"
TERMS = LateTerms(notices="send", reinstatement_fee_cents=50_00)
UNSIGNED = b"%PDF-1.7\n% The demo's own loan: signed by no one.\n%%EOF\n"
TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"


@dataclass(frozen=True, slots=True)
class Case:
    """A customer whose first installment is not paid.

    Args:
        late_days: so many days ago it was due.
        canceled_days: so many days ago the program was canceled; None: the notice still runs.
    """

    reference: str
    name: str
    contact: tuple[str, str]
    address: tuple[str, str, str, str]
    email: str
    premium_cents: int
    late_days: int
    canceled_days: int | None = None


NOTICED = Case(
    "HS-2701",
    "Tidewater Print Shop LLC",
    ("Rosa", "Whitfield"),
    ("418 Broadway", "Albany", "NY", "12207"),
    "rosa@tidewater-print.example",
    9_600_00,
    14,
)
CANCELED = Case(
    "HS-2702",
    "Alder and Finch Catering LLC",
    ("Ben", "Alder"),
    ("77 Lark St", "Albany", "NY", "12210"),
    "ben@alder-finch.example",
    7_250_00,
    36,
    3,
)


def load_late(settings: Settings) -> None:
    """Make both, once; what is there already stays as it is.

    Args:
        settings: of the demo, whose agencies are loaded.
    """
    subscribe(SUBSCRIPTIONS)
    engine = make_engine(settings.database_url)
    try:
        with reading_global(engine) as unscoped:
            agency = unscoped.scalars(select(Agency).where(Agency.slug == AGENCY)).one()
        base = f"{settings.base_url}/{agency.slug}/pay"
        paper = Paper(agency, PdfRenderer(TEMPLATES), lambda token: f"{base}/{token}")
        key = lookup_key(agency, settings.box)
        for case in (NOTICED, CANCELED):
            load_case(engine, paper, case, key)
    finally:
        engine.dispose()


def load_case(engine: Engine, paper: Paper, case: Case, key: bytes) -> None:
    """Make one, unless it is there already."""
    agency, now = paper.agency, clock.now()
    today = clock.local_date(now, agency.time_zone)
    with reading(engine, agency.id) as session:
        if session.scalars(select(Program.id).where(Program.reference == case.reference)).first() is not None:
            return

    def at(day: date) -> datetime:
        return now - timedelta(days=(today - day).days)

    begins = add_months(today - timedelta(days=case.late_days), -1)
    with writing(engine, agency.id) as session:
        set_late_terms(session, TERMS, SYSTEM, now)
        program_id = bind(session, _draft(case, begins), Binding(SYSTEM, key, begins, at(begins)))
        loan = _signed(session, program_id, case, begins, at(begins))
        _pay_down(session, loan, case, agency.time_zone, begins, at(begins))
        due_on = _first_due(session, loan)
        _notice_and_cancel(session, paper, program_id, case, due_on, today, at)


def _notice_and_cancel(
    session: Scoped,
    paper: Paper,
    program_id: int,
    case: Case,
    due_on: date,
    today: date,
    at: Callable[[date], datetime],
) -> None:
    noticed_on = due_on + timedelta(days=TERMS.notice_after_days)
    notice = make_notice(session, program_id, paper, noticed_on, at(noticed_on))
    assert notice is not None, "the first installment of the demo's loan is past due"
    if case.canceled_days is not None:
        canceled_on = today - timedelta(days=case.canceled_days)
        cancel_program(session, notice.id, SYSTEM, canceled_on, at(canceled_on))


def _draft(case: Case, begins: date) -> ProgramDraft:
    line, city, state, postal_code = case.address
    policy = PolicyDraft(
        policy_number=f"CPP {case.reference[3:]}-04",
        carrier="Scottsdale Insurance Company",
        coverage_code="CGL",
        coverage="General liability",
        effective_date=begins,
        expiration_date=add_months(begins, 12),
        premium_cents=case.premium_cents,
        policy_fee_cents=150_00,
        gross_commission_rate=Decimal("0.125"),
    )
    insured = InsuredDraft(
        f"H-{case.reference}",
        case.name,
        line,
        city,
        state,
        postal_code,
        contact_first_name=case.contact[0],
        contact_last_name=case.contact[1],
        emails=(case.email,),
    )
    return ProgramDraft(
        reference=case.reference,
        name=f"{begins.year}–{begins.year + 1} insurance program",
        billing_type="direct_bill",
        due_date=begins,
        insured=insured,
        policies=(policy,),
    )


def _signed(session: Scoped, program_id: int, case: Case, day: date, at: datetime) -> Loan:
    agreement = quote(session, program_id, day).agreement("9x1")
    assert agreement is not None, "the demo's agency offers nine installments"
    signing = Signing(
        number="FA-" + "".join(secrets.choice(ALPHABET) for _ in range(9)),
        typed_name=" ".join(case.contact),
        email=case.email,
        consent="I agree to receive and sign this agreement electronically.",
        ip="127.0.0.1",
        browser="make demo",
        document_hash=sha256(UNSIGNED).hexdigest(),
        signed_pdf=UNSIGNED,
        today=day,
        at=at,
    )
    return sign(session, program_id, agreement, signing)


def _pay_down(session: Scoped, loan: Loan, case: Case, zone: str, day: date, at: datetime) -> None:
    invoice = session.get_one(Invoice, loan.down_invoice_id)
    received = Received(
        request_key=f"demo:{case.reference}",
        method="wire",
        reference="DEMO",
        received_on=day,
        amount_cents=invoice.open_cents,
        reviewed={invoice.id: invoice.open_cents},
        payer=Payer("insured", case.name, "", "en_US"),
    )
    record_offline(session, received, zone, SYSTEM, at)


def _first_due(session: Scoped, loan: Loan) -> date:
    return session.scalars(
        select(LoanInstallment.due_date).where(LoanInstallment.loan_id == loan.id, LoanInstallment.number == 1)
    ).one()
