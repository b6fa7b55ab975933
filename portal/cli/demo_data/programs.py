"""The demo's programs: for each customer some, in every state of life, as a CSV file an agency could export. Pure."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random

from portal.cli.demo_data.customers import Customer, customers_of
from portal.cli.demo_data.products import COMMERCIAL, PERSONAL, PRODUCERS, SURPLUS, SURPLUS_LINES_TAX, Product
from portal.core.money import format_money, percent_of

PREFIXES = {"harborline": "HS", "juniper-oak": "JO"}
PROGRAMS_EACH = 60
SHARED_NUMBER = "GLO 0123456-00"
RENEWED_NUMBER = "CL 1234567B"
_USUAL = (
    "active", "payment_due", "active", "completed", "active", "overdue", "payment_due", "active", "endorsement",
    "active", "incomplete", "payment_due", "late", "active", "agency_bill", "archived",
)  # fmt: skip
_SHARE_PAID = {
    "active": 100, "completed": 100, "endorsement": 100, "shared_first": 100, "renewed_old": 100, "overdue": 40,
}  # fmt: skip
HEADER = (
    "Insured reference", "Insured name", "Insured kind", "Contact first name", "Contact last name", "Address", "City",
    "State", "ZIP", "E-mails", "Phone", "Language", "Program reference", "Program name", "Due date", "Billing type",
    "Draft", "Policy number", "Carrier", "Wholesaler", "Coverage code", "Effective date", "Expiration date", "Premium",
    "Taxes", "Surplus lines tax", "Policy fee", "Agency fee", "Minimum earned %", "Gross commission %",
    "Retail commission %", "Producer", "Account manager", "Amount paid so far",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Planned:
    """A program of the demo: whose it is, its reference, and the scenario that it shows."""

    reference: str
    customer: Customer
    scenario: str


@dataclass(frozen=True, slots=True)
class _Sold:
    """A policy with its price in cents."""

    product: Product
    number: str
    premium: int
    tax: int
    policy_fee: int
    agency_fee: int

    @property
    def total(self) -> int:
        return self.premium + self.tax + self.policy_fee + self.agency_fee


def planned_programs(slug: str) -> list[Planned]:
    """Every program of an agency: those a customer is there to show, one each for the others, and more up to 60."""
    customers = customers_of(slug)
    usual = cycle(_USUAL)
    pairs = [(customer, scenario) for customer in customers for scenario in customer.plan or (next(usual),)]
    more = cycle([customer for customer in customers if not customer.plan])
    pairs += [(next(more), next(usual)) for _ in range(PROGRAMS_EACH - len(pairs))]
    return [Planned(f"{PREFIXES[slug]}-{2601 + i}", *pair) for i, pair in enumerate(pairs)]


def programs_file(slug: str, today: date) -> str:
    """The agency's export, the way a spreadsheet writes it.

    Args:
        slug: harborline or juniper-oak.
        today: what its dates are relative to.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for planned in planned_programs(slug):
        writer.writerows(_rows(slug, planned, today))
    return out.getvalue()


def _rows(slug: str, planned: Planned, today: date) -> Iterator[list[str]]:
    random = Random(planned.reference)
    customer, scenario = planned.customer, planned.scenario
    due, effective = _dates(scenario, today, random)
    sold = _sell(slug, customer, scenario, random)
    paid = sum(item.total for item in sold) * _SHARE_PAID.get(scenario, 0) // 100
    first, _, last = customer.contact.partition(" ")
    producers, managers = PRODUCERS[slug]
    term = "personal lines" if customer.kind == "person" else "insurance program"
    for item in sold:
        surplus = item.product.is_surplus
        yield [
            customer.reference, customer.name, customer.kind, first, last, customer.address, customer.city,
            customer.state, customer.postal_code.lstrip("0"), customer.emails, customer.phone, customer.language,
            planned.reference, f"{effective.year}–{effective.year + 1} {term}", _day(due),
            "agency bill" if scenario == "agency_bill" else "direct bill", "yes" if scenario == "incomplete" else "",
            item.number, item.product.carrier, item.product.wholesaler, item.product.coverage, _day(effective),
            _day(effective.replace(year=effective.year + 1)), format_money(item.premium), "",
            format_money(item.tax) if item.tax else "", format_money(item.policy_fee) if item.policy_fee else "",
            format_money(item.agency_fee) if item.agency_fee else "", "25%" if surplus else "",
            "15%" if surplus else "12.5%", "10%" if surplus and slug == "harborline" else "",
            producers[len(planned.reference + customer.reference + customer.name) % len(producers)],
            managers[len(customer.name) % len(managers)], format_money(paid) if paid else "",
        ]  # fmt: skip


def _dates(scenario: str, today: date, random: Random) -> tuple[date, date]:
    """Due date and effective date."""
    since = {
        "completed": random.randint(380, 640),
        "renewed_old": 350,
        "renewed_new": -15,  # the new term begins when the old one ends; until then the number leads to both
        "active": random.randint(20, 300),
        "shared_first": 200,
        "overdue": random.randint(25, 60),
        "endorsement": random.randint(60, 240),
        "late": random.randint(18, 32),
    }.get(scenario, random.randint(-20, 10))
    effective = today - timedelta(days=since)
    effective = effective.replace(day=min(effective.day, 28))
    ahead = {"late": 10, "overdue": 10, "renewed_new": 20}.get(scenario, since + random.randint(6, 30))
    if scenario in {"active", "completed", "endorsement", "shared_first", "renewed_old"}:
        ahead = 14
    return today - timedelta(days=since) + timedelta(days=ahead), effective


def _sell(slug: str, customer: Customer, scenario: str, random: Random) -> list[_Sold]:
    if slug == "harborline":
        choice = random.sample(SURPLUS, random.choice((1, 1, 2, 3)))
        if random.random() < 0.3:
            choice.append(random.choice(COMMERCIAL))
    else:
        offered = PERSONAL if customer.kind == "person" else COMMERCIAL
        choice = random.sample(offered, random.choice((1, 1, 2, 3)))
    choice = list({product.coverage: product for product in choice}.values())
    sold = [_price(product, customer.state, random) for product in choice]
    while sum(item.total for item in sold) > 60_000_00:
        sold.pop()
    fixed = {"shared_first": SHARED_NUMBER, "shared_second": SHARED_NUMBER}
    fixed |= {"renewed_old": RENEWED_NUMBER, "renewed_new": RENEWED_NUMBER}
    if scenario in fixed:
        wanted = "Steadfast" if fixed[scenario] == SHARED_NUMBER else "United States Liability"
        product = next(product for product in SURPLUS if product.carrier.startswith(wanted))
        sold = [_price(product, customer.state, random, fixed[scenario])]
    return sold


def _price(product: Product, state: str, random: Random, number: str = "") -> _Sold:
    drawn = "".join(random.choice("0123456789") if letter == "#" else letter for letter in product.shape)
    low, high = product.premium
    premium = int(low * (high / low) ** random.random()) * 100 + random.choice((0, 0, 50, 75))
    tax = percent_of(premium, Decimal(SURPLUS_LINES_TAX[state])) if product.is_surplus else 0
    policy_fee = random.choice((150_00, 250_00)) if product.is_surplus else 0
    agency_fee = random.choice((0, 0, 35_00, 100_00)) if not product.is_surplus else 0
    return _Sold(product, number or drawn, premium, tax, policy_fee, agency_fee)


def _day(day: date) -> str:
    return f"{day.month}/{day.day}/{day.year}"
