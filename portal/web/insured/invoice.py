"""One invoice, on the screen and on paper."""

from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.agencies.keys import lookup_key
from portal.core.clock import local_date
from portal.documents.filled import invoice_document
from portal.reports.invoice import InvoicePage, invoice_page
from portal.web.branding import render
from portal.web.guards import insured_only
from portal.web.insured.blueprint import routes
from portal.web.insured.payment_link import payment_link
from portal.web.language import current_locale
from portal.web.services import agency, services
from portal.web.units import read_unit


@routes.get("/invoices/<int:invoice_id>")
@insured_only
def invoice(invoice_id: int) -> ResponseReturnValue:
    """A one-time payment, or one invoice of a program."""
    page = _page(invoice_id)
    link = payment_link(page.link_token) if page.invoice.program_name is None else ""
    return render("insured/invoice/show.html", page=page, invoice=page.invoice, link=link)


@routes.get("/invoices/<int:invoice_id>/invoice.pdf")
@insured_only
def invoice_pdf(invoice_id: int) -> ResponseReturnValue:
    """The invoice as a tagged PDF in the agency's brand."""
    page = _page(invoice_id)
    today = local_date(services().now(), agency().time_zone)
    key, link = lookup_key(agency(), services().box), payment_link(page.link_token)
    document = invoice_document(read_unit(), agency(), key, invoice_id, link, today, locale=current_locale())
    return Response(
        services().renderer.render(document),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{document.filename}"'},
    )


def _page(invoice_id: int) -> InvoicePage:
    today = local_date(services().now(), agency().time_zone)
    return invoice_page(read_unit(), current_user.email, invoice_id, today)
