"""How long the sums of premium financing take: every plan of a program, and the agreement as a PDF. No database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter

from portal.documents.agreement import AgreementDocument, paragraphs, standard_terms
from portal.documents.filled_agreement import installment_lines
from portal.documents.letterhead import Letterhead, Line, Party, PolicyLine
from portal.financing.eligibility import Applicant, FinancedPolicy
from portal.financing.offers import Lending, Offer, Plan, make_offers
from portal.financing.schedule import COUNTS
from portal.integrations.pdf import PdfRenderer
from portal.reference.finance_rules import finance_rule

DAY = date(2026, 8, 1)
ROUNDS, CALLS = 5, 20
PLANS = tuple(Plan(many, spacing) for spacing, counts in COUNTS.items() for many in counts)
LENDING = Lending(Decimal("0.30"), Decimal("0.129"), PLANS)
POLICIES = [
    FinancedPolicy(f"GL-{n}", "CGL", DAY, date(2027, 8, 1), 8_000_00 + n, 320_00, 150_00, Decimal("0.10"))
    for n in range(4)
]


def quote() -> tuple[Offer, ...]:
    """Every plan for four policies in New York."""
    applicant = Applicant("business", "NY", "Maria", "Lopez")
    return make_offers(applicant, POLICIES, LENDING, finance_rule("NY"), DAY).offers


def quote_ms() -> float:
    """A quote of all terms."""
    return _ms(quote)


def agreement_ms() -> float:
    """An agreement as a PDF, another one each time, warm: the first one reads templates and fonts."""
    renderer = PdfRenderer(Path(__file__).parents[1] / "templates" / "documents")
    document = _agreement(quote()[0])
    numbers = count(1)
    return _ms(lambda: renderer.render(replace(document, number=f"FA-{next(numbers):09d}")))


def _ms(call: Callable[[], object]) -> float:
    """The median of the best round, since whatever else runs on the machine disturbs the others."""
    call()
    rounds = []
    for _ in range(ROUNDS):
        taken = []
        for _ in range(CALLS):
            began = perf_counter()
            call()
            taken.append((perf_counter() - began) * 1000)
        rounds.append(median(taken))
    return min(rounds)


def _agreement(offer: Offer) -> AgreementDocument:
    schedule = offer.schedule
    return AgreementDocument(
        letterhead=Letterhead("Harbor Insurance", ("1 Quay St",), "(207) 555-0100", "", "", "#0a5c66", "#ffffff"),
        number="FA-7F3K2QXM4",
        made_on=DAY,
        first_day=DAY,
        borrower=Party("Maria's Bakery LLC", ("12 Main St", "Albany, NY 12207")),
        lender=Party("Empire Premium Funding", ("1 Wall St", "New York, NY 10005")),
        policies=tuple(
            PolicyLine(one.policy_number, "Scottsdale", "General liability", DAY, one.expiration_date)
            for one in POLICIES
        ),
        cost=(Line("Premiums", schedule.amount_financed_cents + schedule.down_payment_cents),),
        cost_cents=schedule.amount_financed_cents + schedule.down_payment_cents,
        down_payment_cents=schedule.down_payment_cents,
        amount_financed_cents=schedule.amount_financed_cents,
        finance_charge_cents=schedule.finance_charge_cents,
        total_of_payments_cents=schedule.total_of_payments_cents,
        apr=f"{schedule.apr_percent}%",
        level="Monthly payments.",
        refund="You owe no penalty.",
        late="No fee.",
        installments=installment_lines(schedule),
        terms=paragraphs(standard_terms()),
    )
