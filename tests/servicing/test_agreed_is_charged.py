"""Of 1,000 random programs: every figure on the agreement is what is billed, so what can be charged."""

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.cli.verify_ledger import ALL
from portal.core.audit import SYSTEM
from portal.core.db import Base, make_engine
from portal.core.events import subscribe
from portal.core.invariants import check
from portal.core.tenancy import Scoped, writing
from portal.documents.filled_agreement import agreement_document, lender_party
from portal.financing.loans import after_payment
from portal.financing.models import Loan, LoanInstallment
from portal.financing.offers import Offer
from portal.financing.schedule import COUNTS, Price, Spacing, Terms, add_months, make_schedule
from portal.invoices.models import Invoice
from portal.invoices.settle import settle_opening
from portal.servicing.billing_lines import billing_lines
from portal.servicing.bind import Binding, bind
from portal.servicing.drafts import PolicyDraft, ProgramDraft
from portal.servicing.financed_lines import split_lines
from portal.servicing.sign import Agreement, Signing, sign
from portal.subscriptions import SUBSCRIPTIONS
from tests.factories.financing import bakery_program
from tests.factories.people import key_of, make_agency

PROGRAMS = 1_000
IN_BOOKS_EVERY = 25
"""So many are also bound, signed and paid in a database; of the others the figures alone are compared."""
AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
TODAY = date(2026, 7, 15)
PLANS: list[tuple[Spacing, int]] = [(spacing, count) for spacing, counts in COUNTS.items() for count in counts]


class Undone(Exception):
    """Nothing of a program stays."""


def a_program(chance: Random, number: int) -> ProgramDraft:
    """One to three policies of random price."""
    begins = date(2026, 6, 1 + chance.randrange(30))
    policies = tuple(
        PolicyDraft(
            policy_number=f"P-{number}-{index}",
            carrier="Scottsdale Insurance Company",
            coverage_code="CGL",
            coverage="General liability",
            effective_date=begins,
            expiration_date=add_months(begins, 12),
            premium_cents=chance.randrange(250_00, 90_000_00),
            taxes_cents=chance.randrange(0, 900_00),
            surplus_lines_tax_cents=chance.randrange(0, 900_00),
            policy_fee_cents=chance.randrange(0, 300_00),
            broker_fee_cents=chance.choice([0, 250_00]),
            gross_commission_rate=Decimal(chance.randrange(0, 20)) / 100,
        )
        for index in range(chance.randrange(1, 4))
    )
    made = bakery_program(begins)
    return ProgramDraft(**{**{name: getattr(made, name) for name in made.__slots__}, "policies": policies})


def an_agreement(chance: Random, draft: ProgramDraft) -> Agreement:
    """Random terms for it."""
    months, count = chance.choice(PLANS)
    terms = Terms(Decimal(chance.randrange(5, 60)) / 100, Decimal(chance.randrange(0, 3_600)) / 10_000, count, months)
    price = Price(
        sum(one.premium_cents for one in draft.policies),
        sum(one.taxes_cents + one.surplus_lines_tax_cents for one in draft.policies),
        sum(one.policy_fee_cents + one.broker_fee_cents for one in draft.policies),
    )
    first_day = draft.policies[0].effective_date
    offer = Offer(terms, make_schedule(price, terms, first_day), first_day)
    return Agreement(offer, chance.choice([0, 31_85]), "actuarial", "Empire Premium Funding", "1 Wall St", None)


def compare_figures(draft: ProgramDraft, agreement: Agreement) -> None:
    """What would be billed on the down payment and by the loan adds up to what is agreed, line by line."""
    schedule = agreement.offer.schedule
    lines = billing_lines(list(enumerate(draft.policies)), partner_pays=False)
    down, financed = split_lines(lines, schedule.amount_financed_cents)
    assert sum(line.amount_cents for line in down) == schedule.down_payment_cents
    assert sum(line.amount_cents for line in financed) == schedule.amount_financed_cents
    commission = sum(line.commission_cents for line in lines)
    assert sum(line.commission_cents for line in [*down, *financed]) == commission
    assert all(0 <= line.commission_cents <= line.amount_cents for line in [*down, *financed])
    assert sum(one.principal_cents for one in schedule.installments) == schedule.amount_financed_cents
    assert sum(one.interest_cents for one in schedule.installments) == schedule.finance_charge_cents


def compare(session: Scoped, agency: Agency, draft: ProgramDraft, agreement: Agreement, number: int) -> None:
    """Bind, read the agreement, sign, pay the down payment; then hold what was read against what is billed."""
    program_id = bind(session, draft, Binding(SYSTEM, key_of(agency), TODAY, AT))
    offer = agreement.offer
    read = agreement_document(
        session,
        agency,
        program_id,
        number=f"FA-{number}",
        made_on=TODAY,
        schedule=offer.schedule,
        months_between=offer.terms.months_between,
        first_day=offer.first_day,
        stamp_tax_cents=agreement.stamp_tax_cents,
        refund_method="actuarial",
        lender=lender_party(agreement.lender_name, agreement.lender_address),
        text_id=None,
    )
    signing = Signing(
        f"FA-{number}", "Maria Lopez", "ana@bakery.example", "I agree.", "192.0.2.7", "", "", b"%PDF", TODAY, AT
    )
    loan = sign(session, program_id, agreement, signing)
    down = session.get_one(Invoice, loan.down_invoice_id)
    financed = session.get_one(Invoice, loan.financed_invoice_id)
    assert (down.total_cents, financed.total_cents) == (read.down_payment_cents, read.amount_financed_cents)
    assert read.cost_cents == down.total_cents + financed.total_cents
    settle_opening(session, [(down, down.open_cents)], TODAY, AT)
    after_payment(session, [down], TODAY, AT)
    assert session.get_one(Loan, loan.id).state == "bound"
    billed = session.execute(
        select(Invoice.due_date, Invoice.total_cents, LoanInstallment.interest_cents)
        .join(LoanInstallment, LoanInstallment.invoice_id == Invoice.id)
        .where(LoanInstallment.loan_id == loan.id)
        .order_by(LoanInstallment.number)
    ).all()
    assert [(one.due_date, one.total_cents) for one in billed] == [
        (one.due_on, one.payment_cents) for one in read.installments
    ]
    assert sum(one.total_cents for one in billed) == read.total_of_payments_cents
    assert sum(one.interest_cents for one in billed) == read.finance_charge_cents
    assert read.total_of_payments_cents == read.amount_financed_cents + read.finance_charge_cents


def test_every_figure_on_the_agreement_is_what_is_billed(tmp_path: Path) -> None:
    subscribe(SUBSCRIPTIONS)
    engine = make_engine(f"sqlite:///{tmp_path / 'agreed.db'}")
    Base.metadata.create_all(engine)
    agency = make_agency(engine)
    chance = Random(20260715)
    for number in range(PROGRAMS):
        draft = a_program(chance, number)
        agreement = an_agreement(chance, draft)
        compare_figures(draft, agreement)
        if number % IN_BOOKS_EVERY == 0:
            with suppress(Undone), writing(engine, agency.id) as session:
                compare(session, agency, draft, agreement, number)
                assert check(session, ALL) == []
                raise Undone
    engine.dispose()
