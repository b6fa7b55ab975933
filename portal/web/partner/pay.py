"""Paying as a partner: what its user has ticked, in one payment. What cannot be paid now is said and left out."""

from flask import request, url_for
from sqlalchemy import select

from portal.core.text import text
from portal.invoices.models import Invoice
from portal.partners.ticks import ticked
from portal.payments.claims import Payer
from portal.payments.payable import Payable, payable_invoices
from portal.web.guards import current_seat, partner_only
from portal.web.language import current_locale
from portal.web.list_address import row_id
from portal.web.partner.blueprint import routes
from portal.web.paying.agreed import ReviewExpired, unseal
from portal.web.paying.door import Door, LeftOut
from portal.web.paying.routes import add_paying
from portal.web.units import read_unit

BY_ANOTHER = text("Another payment for it is being processed.")
NOT_OPEN = text("It is not open any more.")


def _door() -> Door:
    seat, session = current_seat(), read_unit()
    wished = _wished()
    mine = payable_invoices(session, Invoice.id.in_(wished), seat.partner_id) if wished else []
    return Door(
        payer=Payer("partner", seat.name, seat.email, current_locale(), seat.partner_id),
        payable=mine,
        is_masked=False,
        endpoint="partner",
        values={},
        back_url=url_for("partner.balances"),
        left_out=_left_out(seat.partner_id, wished, mine),
    )


def _wished() -> list[int]:
    """The invoices that this request is about: sent with it, sealed into its review, or ticked before."""
    sent = request.form.getlist("invoice", type=row_id)
    if "agreed" in request.form:
        try:
            sent = [invoice_id for invoice_id, _ in unseal(request.form["agreed"])[0].invoices]
        except ReviewExpired:  # the step itself says so
            sent = []
    if request.method == "GET":
        sent = request.args.getlist("invoice", type=row_id) or ticked(read_unit(), current_seat().user_id)
    return list(dict.fromkeys(sent))


def _left_out(partner_id: int, wished: list[int], mine: list[Payable]) -> tuple[LeftOut, ...]:
    """Of this partner's own: of others' nothing is said."""
    held = {invoice.id: BY_ANOTHER for invoice in mine if invoice.is_under_way}
    gone = set(wished) - {invoice.id for invoice in mine}
    why = {**dict.fromkeys(gone, NOT_OPEN), **held}
    if not why:
        return ()
    query = select(Invoice.id, Invoice.number).where(Invoice.id.in_(why), Invoice.partner_id == partner_id)
    return tuple(LeftOut(number, why[id_]) for id_, number in read_unit().execute(query.order_by(Invoice.id)))


add_paying(routes, "/pay", partner_only("pay"), _door)
