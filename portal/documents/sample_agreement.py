"""An agreement with sample figures: how a text will look before anybody signs it."""

from datetime import date
from decimal import Decimal

from portal.agencies.models import Agency
from portal.documents.agreement import AgreementDocument, paragraphs
from portal.documents.filled import letterhead_of
from portal.documents.filled_agreement import REFUNDS, installment_lines, late_in_words, lender_party, payments_in_words
from portal.documents.letterhead import Line, Party, PolicyLine
from portal.financing.late.fees import Agreed
from portal.financing.late.terms import LateTerms
from portal.financing.models import LendingTerms
from portal.financing.schedule import Price, Terms, add_months, make_schedule

PRICE = Price(12_000_00, 600_00, 250_00)
DOWN, RATE = Decimal("0.25"), Decimal("0.12")
"""Where the agency has set no terms yet."""


def sample_agreement(agency: Agency, terms: LendingTerms | None, body: str, today: date) -> AgreementDocument:
    """Nine installments of an invented bakery, at the agency's rates.

    Args:
        terms: the agency's, for its rates and its lender; None where it has set none.
        body: paragraphs, parted by blank lines.
    """
    down, rate = (terms.down_payment_rate, terms.note_rate) if terms else (DOWN, RATE)
    schedule = make_schedule(PRICE, Terms(down, rate, 9), today)
    policy = PolicyLine("SAMPLE-1", "Sample Mutual", "General liability", today, add_months(today, 12))
    return AgreementDocument(
        letterhead=letterhead_of(agency),
        number="SAMPLE",
        made_on=today,
        first_day=today,
        borrower=Party("Sample Bakery LLC", ("12 Main St", "Anytown")),
        lender=lender_party(terms.lender_name, terms.lender_address) if terms else Party("Name of the lender"),
        policies=(policy,),
        cost=(
            Line("Premiums", PRICE.premium_cents),
            Line("Taxes", PRICE.financed_cents),
            Line("Fees", PRICE.earned_cents),
        ),
        cost_cents=PRICE.total_cents,
        down_payment_cents=schedule.down_payment_cents,
        amount_financed_cents=schedule.amount_financed_cents,
        finance_charge_cents=schedule.finance_charge_cents,
        total_of_payments_cents=schedule.total_of_payments_cents,
        apr=f"{schedule.apr_percent}%",
        level=payments_in_words(schedule, 1),
        refund=REFUNDS["actuarial"],
        late=late_in_words(Agreed(LateTerms().fee_rate, LateTerms().fee_after_days)),
        installments=installment_lines(schedule),
        terms=paragraphs(body),
    )
