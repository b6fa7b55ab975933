"""What an agency does about installments that are late: its settings, with the defaults of those that set nothing."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.errors import BadInput
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.late.models import LateSettings

MOST_RATE = Decimal("0.25")
MOST_DAYS = 60
NOTICES = ("off", "ask", "send")
LEAST_NOTICE_DAYS = 10
"""What every premium finance act that was read asks for (AL, CA, FL, MS, UT), and our default elsewhere."""
LEAST_MAILING_DAYS = 5
MOST_FAILED_FEE_CENTS = 50_00
MOST_REINSTATEMENT_FEE_CENTS = 250_00


@dataclass(frozen=True, slots=True)
class LateTerms:
    """The settings. A state's own limit goes before each of them.

    Args:
        fee_is_charged: whether a late fee is charged at all.
        fee_rate: of the installment: 0.05 is 5 %.
        fee_after_days: days after the due date.
        failed_fee_cents: for a bank debit or check that comes back, of an installment; 0: none.
        notices: of intent to cancel: "off", "ask" (staff confirm each one), "send" (on its day by itself).
        notice_after_days: days after the due date on which one is made.
        notice_days: that it gives the insured, or more where a state says so.
        mailing_days: added when it goes by post.
        notices_by_post: all of them; else only where there is no e-mail address.
        reinstatement_fee_cents: on top of what was past due, when a canceled program is reinstated; 0: none.
    """

    fee_is_charged: bool = True
    fee_rate: Decimal = Decimal("0.05")
    fee_after_days: int = 5
    failed_fee_cents: int = 0
    notices: str = "ask"
    notice_after_days: int = 10
    notice_days: int = 10
    mailing_days: int = 5
    notices_by_post: bool = False
    reinstatement_fee_cents: int = 0

    def __post_init__(self) -> None:
        """Keep out what is out of all proportion.

        Raises:
            BadInput: says what may be set.
        """
        if not 0 <= self.fee_rate <= MOST_RATE:
            raise BadInput(text("The late fee lies between 0 and 25 percent."))
        if not 1 <= self.fee_after_days <= MOST_DAYS:
            raise BadInput(text("A late fee comes 1 to 60 days after the due date."))
        if not 0 <= self.failed_fee_cents <= MOST_FAILED_FEE_CENTS:
            raise BadInput(text("The fee for a payment that comes back lies between $0.00 and $50.00."))
        if not 0 <= self.reinstatement_fee_cents <= MOST_REINSTATEMENT_FEE_CENTS:
            raise BadInput(text("The fee for a reinstatement lies between $0.00 and $250.00."))
        if self.notices not in NOTICES:
            raise BadInput(text("Choose one."))
        if not 1 <= self.notice_after_days <= MOST_DAYS:
            raise BadInput(text("A notice is made 1 to 60 days after the due date."))
        if not LEAST_NOTICE_DAYS <= self.notice_days <= MOST_DAYS:
            raise BadInput(text("A notice gives 10 to 60 days: the laws that we know ask for 10."))
        if not LEAST_MAILING_DAYS <= self.mailing_days <= MOST_DAYS:
            raise BadInput(text("From 5 to 60 days are added for the mail."))


def late_terms(session: Scoped) -> LateTerms:
    """What holds at this agency."""
    row = session.scalars(select(LateSettings)).one_or_none()
    return (
        LateTerms() if row is None else LateTerms(**{each.name: getattr(row, each.name) for each in fields(LateTerms)})
    )


def set_late_terms(session: Scoped, terms: LateTerms, actor: Actor, at: datetime) -> None:
    """Store them; the audit has what was before and what is after."""
    before = late_terms(session)
    row = session.scalars(select(LateSettings)).one_or_none()
    if row is None:
        session.add(LateSettings(**asdict(terms), changed_at=at))
    else:
        for name, value in asdict(terms).items():
            setattr(row, name, value)
        row.changed_at = at
    changed: dict[str, Any] = {
        name: f"{getattr(before, name)} → {value}"
        for name, value in asdict(terms).items()
        if value != getattr(before, name)
    }
    record(session, actor, "late_terms.set", "agency", session.agency_id, at, **changed)
    session.flush()
