"""A payment link: without sign-in it shows what is open and takes payment: the guest's view, no more."""

from flask import Blueprint

from portal.core.clock import local_date
from portal.core.errors import Gone, NotFound
from portal.core.text import text
from portal.invoices.models import Invoice
from portal.payments.claims import Payer
from portal.payments.payable import payable_invoices
from portal.programs.links import find_link
from portal.reports.guest_program import linked_status
from portal.web.guards import holder_only
from portal.web.language import current_locale
from portal.web.paying.door import Door
from portal.web.paying.routes import add_paying
from portal.web.services import agency, services
from portal.web.units import read_unit

routes = Blueprint("link", __name__)


class LinkOver(Gone):
    """The link was replaced, or what it was for is archived or void."""

    default = text("This payment link is no longer in use. Please ask us or whoever sent it for a new one.")


def _door(token: str) -> Door:
    session = read_unit()
    link = find_link(session, token)
    if link is None:
        raise NotFound
    status = linked_status(session, link, local_date(services().now(), agency().time_zone))
    if link.replaced_at is not None or status in {"archived", "incomplete", "void", "draft"}:
        raise LinkOver
    return Door(
        payer=Payer("link", "", "", current_locale()),
        payable=payable_invoices(
            session, Invoice.program_id == link.program_id if link.program_id else Invoice.id == link.invoice_id
        ),
        is_masked=True,
        endpoint="link",
        values={"token": token},
        back_url="",
        status=status,
    )


add_paying(routes, "/pay/<token>", holder_only, _door)
