"""Paying as the insured: whatever is open and tied to their e-mail address."""

from flask import url_for
from flask_login import current_user

from portal.access.visible import sight_of
from portal.payments.claims import Payer
from portal.payments.payable import payable_invoices
from portal.web.guards import insured_only
from portal.web.insured.blueprint import routes
from portal.web.language import current_locale
from portal.web.paying.door import Door
from portal.web.paying.routes import add_paying
from portal.web.units import read_unit


def _door() -> Door:
    session = read_unit()
    payable = payable_invoices(session, sight_of(session, current_user.email).invoices())
    names = dict.fromkeys(invoice.insured_name for invoice in payable)
    name = next(iter(names)) if len(names) == 1 else current_user.email
    return Door(
        payer=Payer("insured", name, current_user.email, current_locale()),
        payable=payable,
        is_masked=False,
        endpoint="insured",
        values={},
        back_url=url_for("insured.home"),
    )


add_paying(routes, "/pay", insured_only, _door)
