"""An invoice with sample figures: how an agency's paper will look."""

from datetime import date, timedelta

from portal.agencies.brand import Branded
from portal.documents.filled import letterhead_of
from portal.documents.invoice import InvoiceDocument
from portal.documents.letterhead import Line, Party, PolicyLine
from portal.financing.schedule import add_months

TOTAL_CENTS = 412_50


def sample_invoice(agency: Branded, today: date) -> InvoiceDocument:
    """An invented bakery's, due in 22 days."""
    policy = PolicyLine("SAMPLE-1", "Sample Mutual", "General liability", today, add_months(today, 12))
    return InvoiceDocument(
        letterhead=letterhead_of(agency),
        number="SAMPLE",
        issued_on=today,
        due_on=today + timedelta(days=22),
        insured=Party("Sample Bakery LLC", ("12 Main St", "Anytown")),
        lines=(Line("Premium", 380_00), Line("Taxes", 22_50), Line("Policy fee", 10_00)),
        total_cents=TOTAL_CENTS,
        paid_cents=0,
        open_cents=TOTAL_CENTS,
        state="due",
        policies=(policy,),
    )
