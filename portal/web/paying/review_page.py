"""The review as the payer sees it: from what is sealed into it, so that it can be shown again as it was."""

from datetime import timedelta

from portal.core.clock import local_date
from portal.invoices.kinds import invoice_title
from portal.payments.fees import fee_name
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.method_name import method_name
from portal.payments.recent import paid_the_same
from portal.reference.bank_days import debit_expected_on
from portal.web.branding import render
from portal.web.paying.agreed import Agreed, seal
from portal.web.paying.agreeing import AgreeForm
from portal.web.paying.door import Door
from portal.web.services import agency, services
from portal.web.units import read_unit

RECENT = timedelta(hours=24)


def show_review(door: Door, agreed: Agreed, form: AgreeForm) -> str:
    """The step's fragment.

    Args:
        form: of the authorization, with what is wrong with it; shown for a bank debit.
    """
    reviewed = {invoice_id for invoice_id, _ in agreed.invoices}
    twin = paid_the_same(read_unit(), agreed.payer_email, agreed.amount_cents, services().now() - RECENT)
    return render(
        "paying/_review.html",
        door=door,
        invoice_title=invoice_title,
        invoices=[invoice for invoice in door.payable if invoice.id in reviewed],
        agreed=agreed,
        is_bank_debit=agreed.method_kind == BANK_DEBIT,
        expected_on=debit_expected_on(local_date(services().now(), agency().time_zone)),
        fee_name=fee_name,
        method=method_name(agreed.method_brand, agreed.method_last4),
        sealed=seal(agreed),
        form=form,
        twin=twin,
    )
