"""A payment link: without sign-in it shows what is open and takes payment: the guest's view, no more."""

from flask import Blueprint

from portal.core.clock import local_date
from portal.core.errors import Gone, NotFound
from portal.core.text import text
from portal.invoices.models import Invoice
from portal.payments.claims import Payer
from portal.payments.payable import payable_invoices
from portal.programs.links import find_link
from portal.programs.models import Program
from portal.reports.guest_program import linked_status, was_offered
from portal.web.guards import holder_only
from portal.web.language import current_locale
from portal.web.paying.door import Door
from portal.web.paying.routes import add_paying
from portal.web.services import agency, services
from portal.web.units import read_unit

routes = Blueprint("link", __name__)


REPLACED = text("This payment link is no longer in use. A newer one has taken its place: use that, or ask us for it.")
NOT_YET = text("This payment link is not in use yet. What it is for is still being prepared.")
WITHDRAWN = text("This payment link is no longer in use. What it was for was withdrawn. There is nothing to pay here.")
VOID = text("This payment link is no longer in use. The invoice is void, so nothing is owed on it.")
CANCELED = text("This insurance was canceled. There is nothing to pay here. Do you want it back? Please call us.")
LAPSED = text("The time to pay for a reinstatement is over. This insurance stays canceled. Please call us.")
BILLED_TO_PARTNER = text("This is billed to the insured’s agent or broker. There is nothing to pay here.")
WHY_OVER = {"archived": WITHDRAWN, "void": VOID, "incomplete": NOT_YET, "draft": NOT_YET}


def _door(token: str) -> Door:
    session = read_unit()
    link = find_link(session, token)
    if link is None:
        raise NotFound
    if link.replaced_at is not None:
        raise Gone(REPLACED)
    status = linked_status(session, link, local_date(services().now(), agency().time_zone))
    if status in WHY_OVER:
        raise Gone(WHY_OVER[status])
    if link.program_id and session.get_one(Program, link.program_id).billing_type == "agency_bill":
        raise Gone(BILLED_TO_PARTNER)
    payable = payable_invoices(
        session, Invoice.program_id == link.program_id if link.program_id else Invoice.id == link.invoice_id
    )
    if status == "canceled" and link.program_id and not payable:
        raise Gone(LAPSED if was_offered(session, link.program_id) else CANCELED)
    return Door(
        payer=Payer("link", "", "", current_locale()),
        payable=payable,
        is_masked=True,
        endpoint="link",
        values={"token": token},
        back_url="",
        status=status,
    )


add_paying(routes, "/pay/<token>", holder_only, _door)
