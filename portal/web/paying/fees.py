"""What paying costs at this agency, for what a payer has chosen."""

from collections.abc import Iterable

from portal.payments.fees import FeeTerms, fee_terms
from portal.payments.payable import Payable
from portal.web.services import agency


def terms_for(invoices: Iterable[Payable]) -> FeeTerms:
    """The fees of one payment for these invoices: the agency's state and those of the insureds must allow them."""
    return fee_terms(agency(), {agency().state, *(invoice.us_state for invoice in invoices)})
