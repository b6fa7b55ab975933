"""The till of the request's agency."""

from portal.agencies.keys import ProcessorKeys, read_keys
from portal.core.errors import PortalError
from portal.core.text import text
from portal.payments.till import Till
from portal.web.services import agency, services
from portal.web.units import close_read_unit, read_unit


class PaymentsOff(PortalError):
    """The agency cannot take payments online now."""

    status = 503
    default = text("Online payment is not available right now. Nothing was charged. Please call us to pay.")


def processor_keys() -> ProcessorKeys:
    """The agency's keys.

    Raises:
        PaymentsOff: it has none, or the processor refuses them.
    """
    keys = read_keys(read_unit(), services().box)
    if keys is None:
        raise PaymentsOff
    return keys


def open_till() -> Till:
    """The till; ends the read session, since no unit may be open while it works."""
    parts = services()
    keys = processor_keys()
    close_read_unit()
    return Till(parts.engine, agency().id, keys.account, parts.processor.gateway(keys), agency().time_zone, parts.now)
