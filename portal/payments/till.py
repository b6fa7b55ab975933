"""What moving money needs: a database, an account, a gateway, a clock."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine

from portal.core.clock import local_date
from portal.core.tenancy import Scoped, reading, writing
from portal.payments.gateway import Gateway


@dataclass(frozen=True, slots=True)
class Till:
    """One agency's till. Units are opened and closed around each network call, never across one.

    Args:
        account: the agency's account at the processor.
        zone: the agency's time zone; the books use its days.
    """

    engine: Engine
    agency_id: int
    account: str
    gateway: Gateway
    zone: str
    now: Callable[[], datetime]

    def reading(self) -> AbstractContextManager[Scoped]:
        """A read unit of the agency."""
        return reading(self.engine, self.agency_id)

    def writing(self) -> AbstractContextManager[Scoped]:
        """A write unit of the agency."""
        return writing(self.engine, self.agency_id)

    def today(self) -> date:
        """The day at the agency."""
        return local_date(self.now(), self.zone)
