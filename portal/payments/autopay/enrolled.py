"""Which programs are on autopay, and what it charges. Everybody who asks that asks here."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy import BindParameter, and_, bindparam, select

from portal.agencies.models import Agency, ProcessorAccount
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.payments.autopay.models import AutopayEnrollment
from portal.payments.autopay.rules import KINDS
from portal.payments.methods.models import PaymentMethod
from portal.payments.models import Claim, Mandate

_NOTHING: BindParameter[int] = bindparam("nothing", 0, literal_execute=True)
"""In the statement itself, as in the index of what was given back."""


class Asked(Protocol):
    """An open invoice, as far as it decides whether autopay charges it."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def due_date(self) -> date: ...
    @property
    def program_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Charged:
    """Which invoices autopay is to charge; what it leaves is asked for like anything else.

    Args:
        since: program -> the day of the consent in force; a program is not in it while its bank refuses the method.
        unchargeable: programs whose method is gone, or of an account that the agency has left.
        given_back: open invoices that something had paid and that came back; autopay leaves them to staff.
    """

    since: Mapping[int, date]
    unchargeable: Set[int] = frozenset()
    given_back: Set[int] = frozenset()

    def is_promised(self, one: Asked) -> bool:
        """Whether the customer may think that it charges an invoice: never what was past due at the consent."""
        agreed_on = self.since.get(one.program_id or 0)
        return agreed_on is not None and one.kind in KINDS and one.due_date >= agreed_on

    def holds(self, one: Asked) -> bool:
        """Whether it does charge an invoice; what it leaves to staff, the customer is asked for."""
        return self.is_promised(one) and one.program_id not in self.unchargeable and one.id not in self.given_back


def charged(session: Scoped, program_id: int | None = None) -> Charged:
    """What autopay is to charge, of all programs or of one."""
    zone = session.get_one(Agency, session.agency_id).time_zone
    account = session.scalar(select(ProcessorAccount.account))
    query = (
        select(
            AutopayEnrollment.program_id,
            Mandate.agreed_at,
            and_(PaymentMethod.state == "active", PaymentMethod.account == account).label("can_charge"),
        )
        .join(Mandate, Mandate.id == AutopayEnrollment.mandate_id)
        .join(PaymentMethod, PaymentMethod.id == AutopayEnrollment.payment_method_id)
        .where(AutopayEnrollment.ended_at.is_(None), AutopayEnrollment.asks_since.is_(None))
    )
    came_back = (
        select(Claim.invoice_id)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Claim.taken_back_cents > _NOTHING, Invoice.state == "open")
    )
    if program_id is not None:
        query = query.where(AutopayEnrollment.program_id == program_id)
        came_back = came_back.where(Invoice.program_id == program_id)
    rows = session.execute(query).all()
    return Charged(
        since={row.program_id: local_date(row.agreed_at, zone) for row in rows},
        unchargeable={row.program_id for row in rows if not row.can_charge},
        given_back=frozenset(session.scalars(came_back)) if rows else frozenset(),
    )


def live_enrollment(session: Scoped, program_id: int) -> AutopayEnrollment | None:
    """A program's enrollment that has not ended, or None."""
    query = select(AutopayEnrollment).where(
        AutopayEnrollment.program_id == program_id, AutopayEnrollment.ended_at.is_(None)
    )
    return session.scalars(query).one_or_none()


def is_on_autopay(session: Scoped, program_id: int) -> bool:
    """Whether a program is on autopay now."""
    return live_enrollment(session, program_id) is not None
