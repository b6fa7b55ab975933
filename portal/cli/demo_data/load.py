"""Load the demo's agencies through the importer, then what a file cannot say. A second call changes nothing."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Engine, select

from agency_branding import read_folder
from portal import models as models  # every mapper, before the first query
from portal.agencies.fee_settings import Fees, set_fees
from portal.agencies.found import AgencyDraft, Role, add_staff, create_agency
from portal.agencies.keys import lookup_key
from portal.agencies.models import Agency, StaffMember
from portal.agencies.pay_by_hand import PayByHand, set_pay_by_hand
from portal.cli.demo_data.one_time import ONE_TIME, OneTime
from portal.cli.demo_data.partners import keep_logins, make_partners, with_partners
from portal.cli.demo_data.programs import PREFIXES, planned_programs, programs_file
from portal.core import clock
from portal.core.audit import SYSTEM, AuditEntry, record
from portal.core.db import make_engine
from portal.core.secrets import SecretBox
from portal.core.tenancy import Scoped, reading, reading_global, writing, writing_global
from portal.financing.offers import Plan
from portal.financing.terms import TermsDraft, set_terms
from portal.imports.load import load_programs
from portal.imports.programs_csv import read_programs
from portal.insureds.models import Insured
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice
from portal.invoices.settle import settle_opening
from portal.programs.models import Policy, Program
from portal.servicing.archive import archive
from portal.servicing.bind import Binding
from portal.servicing.one_time import issue_one_time
from portal.settings import Settings

LOADED = "demo.loaded"
PARTNERS_SINCE = timedelta(days=120)
"""So long ago the partners came: they have statements of the months between."""
STAFF: dict[str, tuple[tuple[str, str, Role], ...]] = {
    "harborline": (
        ("nadia@harborline.example", "Nadia Brooks", "admin"),
        ("luis@harborline.example", "Luis Ortega", "accountant"),
    ),
    "juniper-oak": (
        ("ada@juniperoak.example", "Ada Juniper", "admin"),
        ("chloe@juniperoak.example", "Chloe Marsh", "support"),
    ),
}
FEES = {"harborline": Fees(False, 290, 30, 0), "juniper-oak": Fees(True, 290, 30, 0)}
"""Harborline bears what cards cost; Juniper & Oak passes it on, in North Carolina, where that is allowed."""

BY_HAND = {
    "harborline": PayByHand(
        "Harborline Premium Trust",
        ("Harborline Specialty", "PO Box 1200", "New York, NY 10005"),
        "First Harbor Bank",
        "011000015",
        "004417880213",
    ),
    "juniper-oak": PayByHand(
        "Juniper & Oak Premium Trust",
        (),
        "Blue Ridge Savings Bank",
        "053000196",
        "8810042277",
    ),
}
"""Routing numbers of Federal Reserve Banks, so that nobody's money could go anywhere."""

LENDING = TermsDraft(
    is_offered=True,
    down_payment_rate=Decimal("0.30"),
    note_rate=Decimal("0.129"),
    plans=(Plan(10), Plan(9), Plan(6), Plan(3, 3)),
    refund_method="actuarial",
    lender_name="Ironbridge Premium Funding, Inc.",
    lender_address="77 Water Street\nNew York, NY 10005",
)


def load_demo(settings: Settings, today: date | None = None) -> None:
    """Make both agencies with staff, 60 insureds and 120 programs; what is there already stays as it is.

    Args:
        settings: of the demo; its tables must be up to date. Keys of the processor come separately.
        today: what dates are relative to; by default the agency's present day.
    """
    engine = make_engine(settings.database_url)
    try:
        for slug in PREFIXES:
            _load_agency(engine, settings, slug, today)
    finally:
        engine.dispose()


def _load_agency(engine: Engine, settings: Settings, slug: str, today: date | None) -> None:
    now, box = clock.now(), settings.box
    agency = _agency(engine, box, slug, now)
    with reading(engine, agency.id) as session:
        if session.scalars(select(AuditEntry.id).where(AuditEntry.action == LOADED)).first() is not None:
            return
    day = today or clock.local_date(now, agency.time_zone)
    binding = Binding(SYSTEM, lookup_key(agency, box), day, now)
    file = read_programs(programs_file(slug, binding.today).encode())
    if file.errors:
        raise ValueError(f"the demo's own file has errors: {file.errors[0]}")
    with writing(engine, agency.id) as session:
        partners = make_partners(session, slug, now - PARTNERS_SINCE)
    keep_logins(engine, agency.id, settings.secret_key.get_secret_value())
    load_programs(engine, agency.id, with_partners(file, partners), binding)
    with writing(engine, agency.id) as session:
        _staff(session, slug, now)
        set_terms(session, LENDING, None, SYSTEM, now)
        _endorse(session, slug, binding)
        _archive(session, slug, binding)
        for item in ONE_TIME[slug]:
            _one_time(session, item, binding)
        record(session, SYSTEM, LOADED, "agency", agency.id, now)


def _agency(engine: Engine, box: SecretBox, slug: str, now: datetime) -> Agency:
    with reading_global(engine) as session:
        known = session.scalars(select(Agency).where(Agency.slug == slug)).one_or_none()
    if known is not None:
        return known
    brand = asdict(read_folder(slug))
    del brand["logo_has_plate"]
    draft = AgencyDraft(slug=slug, brand_hex=brand.pop("hex"), brand_folder=brand.pop("folder"), **brand)
    with writing_global(engine) as session:
        agency = create_agency(session, box, draft, now)
        set_fees(session, agency.id, FEES[slug])
        set_pay_by_hand(session, agency.id, BY_HAND[slug])
        return agency


def _staff(session: Scoped, slug: str, now: datetime) -> None:
    known = set(session.scalars(select(StaffMember.email)))
    for email, name, role in STAFF[slug]:
        if email not in known:
            add_staff(session, email, name, role, SYSTEM, now)


def _endorse(session: Scoped, slug: str, binding: Binding) -> None:
    """Give the programs that show it an endorsement to pay."""
    for number, program in enumerate(_programs(session, slug, "endorsement")):
        policy = session.scalars(select(Policy).where(Policy.program_id == program.id).order_by(Policy.id)).first()
        assert policy is not None
        premium = max(policy.premium_cents // 10, 325_00)
        line = LineDraft("premium", f"{policy.coverage}: Added location", premium, 0, policy.id, policy.carrier)
        draft = InvoiceDraft(
            insured_id=program.insured_id,
            kind="endorsement",
            lines=[line],
            issued_on=binding.today - timedelta(days=3),
            due_date=binding.today + timedelta(days=12 + number),
            program_id=program.id,
            description="Endorsement 1: added location",
            contact_email=program.contact_email,
        )
        issue_invoice(session, draft, binding.at)


def _archive(session: Scoped, slug: str, binding: Binding) -> None:
    for program in _programs(session, slug, "archived"):
        archive(session, program, SYSTEM, binding.at)


def _programs(session: Scoped, slug: str, scenario: str) -> list[Program]:
    references = [planned.reference for planned in planned_programs(slug) if planned.scenario == scenario]
    return list(session.scalars(select(Program).where(Program.reference.in_(references)).order_by(Program.reference)))


def _one_time(session: Scoped, item: OneTime, binding: Binding) -> Invoice:
    insured = session.scalars(select(Insured).where(Insured.reference == item.insured)).one()
    draft = InvoiceDraft(
        insured_id=insured.id,
        kind="one_time",
        lines=[LineDraft("item", item.description, item.amount_cents)],
        issued_on=binding.today - timedelta(days=item.issued_days_ago),
        due_date=binding.today - timedelta(days=item.issued_days_ago) + timedelta(days=20),
        description=item.description,
    )
    invoice = issue_one_time(session, draft, SYSTEM, binding.at)
    if item.is_paid:
        settle_opening(session, [(invoice, invoice.total_cents)], binding.today, binding.at)
    return invoice
