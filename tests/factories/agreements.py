"""An agreement on paper, as a value."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from portal.documents.agreement import AgreementDocument, Signed, paragraphs, standard_terms
from portal.documents.filled_agreement import installment_lines
from portal.documents.letterhead import Line, Party
from portal.financing.schedule import Price, Terms, make_schedule
from tests.factories.mail import POLICIES, a_letterhead

LOAN = make_schedule(Price(12_000_00, 600_00, 250_00), Terms(Decimal("0.25"), Decimal("0.129"), 9), date(2026, 8, 1))
SIGNED = Signed(
    "Dana Reyes",
    "dana@bakery.example",
    "Jul 20, 2026, 11:05 AM EDT",
    "192.0.2.7",
    "Firefox on Windows",
    "I agree to receive and sign this agreement electronically.",
    "9f" * 32,
)


def an_agreement(**changes: Any) -> AgreementDocument:
    """Nine installments over $9,450.00 at 12.90 %, not signed."""
    document = AgreementDocument(
        letterhead=a_letterhead(),
        number="FA-7F3K2QXM4",
        made_on=date(2026, 7, 20),
        first_day=date(2026, 8, 1),
        borrower=Party("Blue Heron Bakery LLC", ("12 Main St", "Portland, ME 04101")),
        lender=Party("Empire Premium Funding", ("1 Wall St", "New York, NY 10005")),
        policies=POLICIES,
        cost=(Line("Premiums", 12_000_00), Line("Taxes", 600_00), Line("Fees", 250_00)),
        cost_cents=12_850_00,
        down_payment_cents=LOAN.down_payment_cents,
        amount_financed_cents=LOAN.amount_financed_cents,
        finance_charge_cents=LOAN.finance_charge_cents,
        total_of_payments_cents=LOAN.total_of_payments_cents,
        apr=f"{LOAN.apr_percent}%",
        level="8 monthly payments of $1,107.24 from Sep 1, 2026, then one of $1,107.27 on May 1, 2027.",
        refund="You owe no penalty. Interest counts only to the day on which you pay (actuarial method).",
        late="A late fee of 5% of an installment that is not paid within 5 days after its due date.",
        installments=installment_lines(LOAN),
        terms=paragraphs(standard_terms()),
    )
    return replace(document, **changes)
