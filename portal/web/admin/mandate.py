"""What the payer of a bank debit has authorized, as staff have to show it when a bank asks."""

from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.core.errors import NotFound
from portal.payments.apply import load
from portal.payments.mandates import mandate_of
from portal.payments.method_name import method_name
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.guards import staff_only
from portal.web.units import read_unit


@routes.get("/payments/<int:payment_id>/authorization")
@staff_only(Permission.VIEW)
def mandate(payment_id: int) -> ResponseReturnValue:
    """The text as it was shown, and who agreed to it, when and from where."""
    session = read_unit()
    payment = load(session, payment_id)
    found = mandate_of(session, payment.id)
    if found is None:
        raise NotFound
    method = method_name(found.method_brand, found.method_last4)
    return render("admin/mandate.html", payment=payment, mandate=found, method=method)
