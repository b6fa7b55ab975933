"""Whether third parties may look policies up at an agency."""

from sqlalchemy import Engine

from portal.agencies.directory import Directory
from portal.agencies.models import Agency
from portal.core.tenancy import writing_global


def switch_guest_payments(engine: Engine, directory: Directory, agency_id: int, is_open: bool) -> None:
    """Open or close the look-up of a whole agency, here at once and in other processes within seconds."""
    with writing_global(engine) as session:
        session.get_one(Agency, agency_id).guest_payments = is_open
    directory.forget()
