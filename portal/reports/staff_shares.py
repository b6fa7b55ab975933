"""What of a program's money is whose, as the books say it: the agency's own, and what goes on to carriers."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.models import Invoice
from portal.ledger.models import JournalLine
from portal.programs.models import Policy

OWN: dict[str, Text] = {
    "commission_billed": text("Commission, once the insured has paid"),
    "commission_income": text("Commission earned"),
    "fee_income": text("Fees"),
    "late_fee_income": text("Late fees"),
    "nsf_fee_income": text("Fees for payments that came back"),
}
WAITING, OWED = ("premium_billed", "tax_billed"), ("premium_payable", "tax_payable")


@dataclass(frozen=True, slots=True)
class OwnShare:
    """What stands in one of the agency's own accounts."""

    words: Text
    cents: int


@dataclass(frozen=True, slots=True)
class CarrierShare:
    """What of one policy's premium and taxes goes on, commission taken off.

    Args:
        owed_cents: paid by the insured, to be passed on.
        waiting_cents: billed, and not paid yet.
    """

    policy_number: str
    carrier: str
    wholesaler: str
    owed_cents: int
    waiting_cents: int


@dataclass(frozen=True, slots=True)
class Shares:
    """Both."""

    own: tuple[OwnShare, ...]
    carriers: tuple[CarrierShare, ...]


def shares_of(session: Scoped, program_id: int) -> Shares:
    """The shares of a program's invoices."""
    mine = select(Invoice.id).where(Invoice.program_id == program_id)
    rows: Sequence[tuple[str, int | None, int]] = session.execute(
        select(
            JournalLine.account,
            JournalLine.policy_id,
            func.sum(JournalLine.credit_cents) - func.sum(JournalLine.debit_cents),
        )
        .where(JournalLine.invoice_id.in_(mine), JournalLine.account.in_((*OWN, *WAITING, *OWED)))
        .group_by(JournalLine.account, JournalLine.policy_id)
    ).all()

    def total(accounts: Sequence[str], policy_id: int | None = None) -> int:
        return sum(
            int(cents) for account, of, cents in rows if account in accounts and (policy_id is None or of == policy_id)
        )

    policies = session.scalars(select(Policy).where(Policy.program_id == program_id).order_by(Policy.id)).all()
    return Shares(
        tuple(OwnShare(words, cents) for account, words in OWN.items() if (cents := total([account]))),
        tuple(
            CarrierShare(
                policy.policy_number,
                policy.carrier,
                policy.wholesaler,
                total(OWED, policy.id),
                total(WAITING, policy.id),
            )
            for policy in policies
        ),
    )
