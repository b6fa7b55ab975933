"""What a partner has paid: its history with receipts, remittances and invoices."""

from flask import request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.wrappers import Response

from portal.agencies.keys import lookup_key
from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.documents.filled import invoice_document
from portal.invoices.models import Invoice
from portal.reports.partner_payments import REMITTANCE_HEADER, payments_of, remittance_rows
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.guards import current_seat, partner_only
from portal.web.language import current_locale
from portal.web.list_address import row_id
from portal.web.partner.blueprint import routes
from portal.web.services import agency, services
from portal.web.units import read_unit


@routes.get("/payments")
@partner_only()
def payments() -> ResponseReturnValue:
    """The newest first, fifty a page."""
    before = request.args.get("before", type=row_id)
    shown, older = payments_of(read_unit(), current_seat().partner_id, before)
    return render("partner/payments.html", payments=shown, older=older)


@routes.get("/payments/<int:payment_id>/remittance.csv")
@partner_only()
def remittance(payment_id: int) -> ResponseReturnValue:
    """What a payment has paid, a row for each invoice."""
    zone = agency().time_zone
    reference, rows = remittance_rows(read_unit(), current_seat().partner_id, payment_id, zone)
    return csv_answer(f"remittance-{reference}", REMITTANCE_HEADER, rows)


@routes.get("/invoices/<int:invoice_id>/invoice.pdf")
@partner_only()
def invoice_pdf(invoice_id: int) -> ResponseReturnValue:
    """An invoice with what the partner keeps of it."""
    session = read_unit()
    mine = select(Invoice.id).where(Invoice.id == invoice_id, Invoice.partner_id == current_seat().partner_id)
    if session.scalar(mine) is None:
        raise NotFound
    today = local_date(services().now(), agency().time_zone)
    key, locale = lookup_key(agency(), services().box), current_locale()
    document = invoice_document(session, agency(), key, invoice_id, "", today, locale=locale, for_payer=True)
    return Response(
        services().renderer.render(document),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{document.filename}"'},
    )
