"""Saved methods on the payment page: offered to their owner alone, and saved for next time when the payer asks."""

from datetime import timedelta

from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.payments.gateway import MethodPreview
from portal.payments.method_kinds import allowed_kinds, charged_as
from portal.payments.methods.customers import customer_of
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.paying import MAY_SAVE, MethodGone, Use
from portal.payments.methods.saved import own_method
from portal.payments.till import Till
from portal.reports.saved_methods import SavedMethod, saved_methods
from portal.web.paying.agreed import GOOD_FOR, Agreed
from portal.web.paying.door import Door
from portal.web.services import agency, services
from portal.web.units import read_unit

NEW = "new"
"""The choice of another card or account than the saved ones."""


def can_save(door: Door) -> bool:
    """Whether this payer may save methods: insureds and partners who have signed in, and nobody else."""
    return door.payer.kind in MAY_SAVE


def offered(door: Door) -> list[SavedMethod]:
    """What the payer can pay with in a tap, the default first."""
    if not can_save(door):
        return []
    today = local_date(services().now(), agency().time_zone)
    kinds = allowed_kinds(agency().takes_bank_debits)
    return [
        method
        for method in saved_methods(read_unit(), door.payer.email, today)
        if method.state == "active" and method.expiry != "expired" and charged_as(method.kind) in kinds
    ]


def preview_of(door: Door, method_id: int) -> MethodPreview:
    """What a saved method will pay with, as it was seen when it was saved.

    Raises:
        MethodGone: it is not the payer's, or cannot be used.
    """
    if method_id not in {method.id for method in offered(door)}:
        raise MethodGone
    method = own_method(read_unit(), door.payer.email, method_id)
    until = services().now() + GOOD_FOR + timedelta(minutes=1)
    about = method.kind, method.brand, method.last4, method.funding
    return MethodPreview("", *about, until, method.fingerprint)


def use_of_saved(till: Till, agreed: Agreed) -> Use | None:
    """What this payment has to do with saved methods.

    Args:
        till: no unit may be open.

    Raises:
        MethodGone: the saved method is not the payer's any more.
        GatewayError: the processor could not be asked for a customer; nothing was charged.
    """
    if agreed.saved_method_id is not None:
        return Use(_saved(till, agreed.payer_email, agreed.saved_method_id).customer_id, agreed.saved_method_id)
    return Use(customer_of(till, agreed.payer_email)) if agreed.saves else None


def _saved(till: Till, owner_email: str, method_id: int) -> PaymentMethod:
    try:
        with till.reading() as session:
            return own_method(session, owner_email, method_id)
    except NotFound as error:
        raise MethodGone from error
