"""Paying for insureds after a look-up: what is open on the programs that were found, in one payment."""

from flask import url_for
from sqlalchemy import and_, select

from portal.invoices.models import Invoice
from portal.payments.claims import Payer
from portal.payments.payable import payable_invoices
from portal.programs.models import Program
from portal.web.guards import guest_only
from portal.web.guest.blueprint import routes
from portal.web.guest.capability import LookupOver, granted
from portal.web.language import current_locale
from portal.web.paying.door import Door
from portal.web.paying.routes import add_paying
from portal.web.services import agency
from portal.web.units import read_unit


def _door() -> Door:
    found = granted()
    if not found or not agency().guest_payments:
        raise LookupOver
    back = url_for("guest.program", program_id=found[0]) if len(found) == 1 else url_for("guest.programs")
    return Door(
        payer=Payer("guest", "", "", current_locale()),
        payable=payable_invoices(read_unit(), and_(Invoice.program_id.in_(found), _TAKES_GUESTS)),
        is_masked=True,
        endpoint="guest",
        values={},
        back_url=back,
    )


_TAKES_GUESTS = Invoice.program_id.in_(select(Program.id).where(Program.guest_payments.is_(True)))


add_paying(routes, "/guest/pay", guest_only, _door)
