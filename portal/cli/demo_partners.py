"""The demo's retailer after two months: invoices paid and overdue, a credit, commissions, payouts, mails."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, select

from portal.agencies.keys import lookup_key
from portal.agencies.models import Agency
from portal.cli.demo_data.partners import NORTHGATE
from portal.core import clock
from portal.core.audit import SYSTEM, Actor
from portal.core.db import make_engine
from portal.core.events import subscribe
from portal.core.money import percent_of
from portal.core.tenancy import Scoped, reading, reading_global, writing
from portal.invoices.models import Invoice
from portal.partners.models import Partner
from portal.payments.claims import Payer
from portal.payments.offline import Received, record_offline
from portal.programs.endorsing import EndorsementDraft
from portal.programs.models import Policy, Program
from portal.reference.bank_days import bank_days_after
from portal.servicing.actions.endorse import confirm_credit, endorse
from portal.servicing.actions.facts import require
from portal.servicing.bind import Binding, bind
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft
from portal.settings import Settings
from portal.statements.accruing import accrue_commissions
from portal.statements.drawing import draw
from portal.statements.monthly import queue_statements
from portal.statements.months import Month, month_before, month_of
from portal.statements.partner_payouts import approve, mark_paid, propose_now, propose_on_schedule
from portal.subscriptions import SUBSCRIPTIONS

ACCOUNTANT = Actor("staff", "luis@harborline.example")
OVERPAID_CENTS = 150_00
"""What the retailer's wire brings too much."""


@dataclass(frozen=True, slots=True)
class Sale:
    """A program that came through the retailer; its reference begins with the agency's letters."""

    reference: str
    insured: str
    address: tuple[str, str, str]
    premium_cents: int
    is_agency_bill: bool = True


ROASTERS = Sale("HN-1", "Fort Point Coffee Roasters LLC", ("22 Farnsworth Street", "Boston", "02210"), 4_800_00)
DENTISTS = Sale("HN-2", "Beacon Street Dental Group", ("410 Beacon Street", "Boston", "02115"), 2_150_00)
CHARTERS = Sale("HN-3", "Quincy Harbor Charters, Inc.", ("7 Marina Drive", "Quincy", "02171"), 6_320_00)
PRINTERS = Sale("HN-4", "Back Bay Print & Sign", ("91 Newbury Street", "Boston", "02116"), 1_975_00)
CATERERS = Sale("HN-5", "Charles River Catering", ("15 Pleasant Street", "Watertown", "02472"), 3_410_00)
CLIMBERS = Sale("HN-6", "Somerville Climbing Gym LLC", ("60 Tufts Street", "Somerville", "02145"), 7_260_00)
GARDENERS = Sale("HN-7", "Neponset Valley Landscaping", ("3 Mill Lane", "Milton", "02186"), 6_400_00, False)
WELDERS = Sale("HN-8", "Mystic River Fabricators, Inc.", ("180 Riverside Avenue", "Medford", "02155"), 9_150_00, False)
JOINERS = Sale("HN-9", "Dorchester Woodworks", ("52 Freeport Street", "Dorchester", "02122"), 5_200_00, False)
BREWERS = Sale("HN-10", "Jamaica Plain Brewing Co.", ("8 Germania Street", "Boston", "02130"), 4_350_00, False)
FLORISTS = Sale("JN-1", "Arborway Florists", ("199 Arborway", "Boston", "02130"), 2_640_00)


class Retailer:
    """Does what happens between an agency and a retailer, each thing on its day, in the unit it is given.

    Args:
        session: a write unit.
        key: the agency's key of the guest's index.
        partner: the retailer.
        now: the moment at which all of it is entered.
    """

    def __init__(self, session: Scoped, agency: Agency, key: bytes, partner: Partner, now: datetime) -> None:
        self.session, self.key, self.partner, self.now = session, key, partner, now
        self.zone = agency.time_zone
        self.today = clock.local_date(now, agency.time_zone)

    def at(self, day: date) -> datetime:
        """The afternoon of a day that is over, or now."""
        return min(datetime.combine(day, time(15), ZoneInfo(self.zone)).astimezone(self.now.tzinfo), self.now)

    def sell(self, sale: Sale, day: date, begins: date | None = None) -> int:
        """Bind a program, due as the retailer has agreed it; its id."""
        begins = begins or day
        line, city, postal_code = sale.address
        policy = PolicyDraft(
            policy_number=f"CPS7{sale.premium_cents:08d}",
            carrier="Scottsdale Insurance Company",
            coverage_code="CGL",
            coverage="General liability",
            effective_date=begins,
            expiration_date=begins + timedelta(days=365),
            premium_cents=sale.premium_cents,
            surplus_lines_tax_cents=percent_of(sale.premium_cents, Decimal("0.04")),
            policy_fee_cents=150_00,
            gross_commission_rate=Decimal("0.15"),
            retail_commission_rate=Decimal("0.10"),
        )
        draft = ProgramDraft(
            reference=sale.reference,
            name=f"{begins.year}–{begins.year + 1} insurance program",
            insured=InsuredDraft(sale.reference, sale.insured, line, city, "MA", postal_code),
            policies=(policy,),
            due_date=begins + timedelta(days=self.partner.due_days),
            billing_type="agency_bill" if sale.is_agency_bill else "direct_bill",
            partner_id=self.partner.id,
        )
        return bind(self.session, draft, Binding(SYSTEM, self.key, day, self.at(day)))

    def receive(self, program_ids: list[int], payer: Payer, day: date, more_cents: int = 0) -> None:
        """A wire pays all that is open on some programs."""
        query = select(Invoice.id, Invoice.open_cents).where(Invoice.program_id.in_(program_ids)).order_by(Invoice.id)
        reviewed = dict(self.session.execute(query).all())
        received = Received(
            request_key=f"demo:retailer:{program_ids[0]}",
            method="wire",
            reference=f"FW {day:%m%d}-{program_ids[0]:04d}",
            received_on=day,
            amount_cents=sum(reviewed.values()) + more_cents,
            reviewed=reviewed,
            payer=payer,
        )
        record_offline(self.session, received, self.zone, ACCOUNTANT, self.at(day))

    def client_pays(self, sale: Sale, program_id: int, day: date) -> None:
        """The insured pays what is billed directly; nobody is mailed."""
        self.receive([program_id], Payer("insured", sale.insured, "", "en_US"), day)

    def retailer_pays(self, program_ids: list[int], day: date) -> None:
        """One wire for several invoices, and a little too much."""
        name = f"{self.partner.contact_first_name} {self.partner.contact_last_name}"
        payer = Payer("partner", name, self.partner.contact_email, "en_US", self.partner.id)
        self.receive(program_ids, payer, day, OVERPAID_CENTS)

    def give_back(self, program_id: int, premium_cents: int, day: date) -> None:
        """An endorsement takes premium off a policy that is paid."""
        policy_id = self.session.scalars(select(Policy.id).where(Policy.program_id == program_id)).one()
        draft = EndorsementDraft(
            request_key=f"demo:retailer:back:{program_id}",
            policy_id=policy_id,
            way="credit",
            description="One location less",
            effective_on=day,
            due_date=day,
            premium_cents=premium_cents,
            surplus_lines_tax_cents=percent_of(premium_cents, Decimal("0.04")),
        )
        program = require(self.session, program_id, "endorse", day)
        made = endorse(self.session, program, draft, ACCOUNTANT, day, self.at(day))
        program = require(self.session, program_id, "confirm_return", day)
        confirm_credit(self.session, program, made.id, ACCOUNTANT, day, self.at(day))

    def accrue(self, day: date) -> None:
        """Write down the commissions on what has settled."""
        while accrue_commissions(self.session, self.at(day)):
            pass

    def pay_out(self, day: date) -> None:
        """A run of the schedule that an accountant has approved, and the bank has paid a day later."""
        run = propose_on_schedule(self.session, day, SYSTEM, self.at(day))
        assert run is not None, "the retailer has earned a commission"
        approve(self.session, run.id, ACCOUNTANT, self.at(day))
        paid_on = bank_days_after(day, 1)
        mark_paid(self.session, run.id, paid_on, f"ACH {paid_on:%m%d}", paid_on, ACCOUNTANT, self.at(paid_on))

    def propose(self) -> None:
        """A run that waits for an accountant: the schedule's own, or staff's where this is no bank day."""
        day = bank_days_after(self.today - timedelta(days=1), 1)
        on_schedule = None if day > self.today else propose_on_schedule(self.session, day, SYSTEM, self.now)
        if on_schedule is None:
            propose_now(self.session, self.today, SYSTEM, self.now)

    def state(self, month: Month, *, mails: bool) -> None:
        """Draw the statement of a month that is over."""
        at = self.at(month.last + timedelta(days=1))
        drawn = draw(self.session, [self.partner.id], month, at)
        if mails:
            queue_statements(self.session, drawn, at)


def load_partners(settings: Settings) -> None:
    """Let both agencies work with the retailer, once; what is there already stays as it is.

    Args:
        settings: of the demo, whose agencies are loaded.
    """
    subscribe(SUBSCRIPTIONS)
    engine = make_engine(settings.database_url)
    try:
        with reading_global(engine) as unscoped:
            agencies = {agency.slug: agency for agency in unscoped.scalars(select(Agency))}
        now = clock.now()
        for slug, marker in (("harborline", ROASTERS), ("juniper-oak", FLORISTS)):
            agency = agencies[slug]
            if _is_there(engine, agency.id, marker):
                continue
            with writing(engine, agency.id) as session:
                partner = session.scalars(select(Partner).where(Partner.name == NORTHGATE.name)).one()
                retailer = Retailer(session, agency, lookup_key(agency, settings.box), partner, now)
                two_months(retailer) if slug == "harborline" else one_overdue(retailer)
    finally:
        engine.dispose()


def _is_there(engine: Engine, agency_id: int, sale: Sale) -> bool:
    with reading(engine, agency_id) as session:
        return session.scalar(select(Program.id).where(Program.reference == sale.reference)) is not None


def one_overdue(retailer: Retailer) -> None:
    """At the second agency: an invoice of last month that the retailer has not paid."""
    last = month_before(retailer.today)
    retailer.sell(FLORISTS, last + timedelta(days=4))
    retailer.state(month_of(last, retailer.zone), mails=False)


def two_months(retailer: Retailer) -> None:
    """At the first agency: the month before the last, the last one, and what has come since."""
    this = retailer.today.replace(day=1)
    last = month_before(this)
    before = month_before(last)

    def day(month: date, number: int) -> date:
        return month.replace(day=number)

    gardeners = retailer.sell(GARDENERS, day(before, 6))
    roasters = retailer.sell(ROASTERS, day(before, 10))
    retailer.client_pays(GARDENERS, gardeners, day(before, 15))
    dentists = retailer.sell(DENTISTS, day(before, 18))
    welders = retailer.sell(WELDERS, day(before, 20))
    retailer.accrue(last - timedelta(days=1))
    retailer.state(month_of(before, retailer.zone), mails=False)

    retailer.pay_out(bank_days_after(last - timedelta(days=1), 1))
    retailer.client_pays(WELDERS, welders, day(last, 4))
    joiners = retailer.sell(JOINERS, day(last, 5))
    retailer.sell(CHARTERS, day(last, 8))
    retailer.client_pays(JOINERS, joiners, day(last, 12))
    retailer.sell(PRINTERS, day(last, 15))
    retailer.retailer_pays([roasters, dentists], day(last, 20))
    retailer.give_back(joiners, 1_200_00, day(last, 25))
    retailer.accrue(this - timedelta(days=1))
    retailer.state(month_of(last, retailer.zone), mails=True)

    def lately(days: int) -> date:
        return max(retailer.today - timedelta(days=days), this)

    brewers = retailer.sell(BREWERS, lately(6))
    retailer.sell(CATERERS, lately(3))
    retailer.client_pays(BREWERS, brewers, lately(2))
    retailer.sell(CLIMBERS, lately(1), retailer.today + timedelta(days=25))
    retailer.accrue(retailer.today)
    retailer.propose()
