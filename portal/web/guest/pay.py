"""Paying for an insured after a look-up: what is open on the program that was found."""

from flask import url_for

from portal.invoices.models import Invoice
from portal.payments.claims import Payer
from portal.payments.payable import payable_invoices
from portal.web.guards import guest_only
from portal.web.guest.blueprint import routes
from portal.web.guest.capability import require
from portal.web.language import current_locale
from portal.web.paying.door import Door
from portal.web.paying.routes import add_paying
from portal.web.units import read_unit


def _door(program_id: int) -> Door:
    require(program_id)
    return Door(
        payer=Payer("guest", "", "", current_locale()),
        payable=payable_invoices(read_unit(), Invoice.program_id == program_id),
        is_masked=True,
        endpoint="guest",
        values={"program_id": program_id},
        back_url=url_for("guest.program", program_id=program_id),
    )


add_paying(routes, "/guest/program/<int:program_id>/pay", guest_only, _door)
