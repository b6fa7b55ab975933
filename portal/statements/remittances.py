"""The remittance of a payout, filled from what is stored."""

from decimal import Decimal

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.documents.letterhead import Party
from portal.documents.remittance import CommissionLine, Remittance
from portal.insureds.models import Insured
from portal.partners.models import Partner
from portal.programs.models import Policy, Program
from portal.statements.models import Commission, PayoutItem
from portal.statements.partner_payouts import find_payout, find_run


def remittance(session: Scoped, agency: Agency, payout_id: int, locale: str = "en_US") -> Remittance:
    """What a payout says, at whatever state it is.

    Args:
        agency: whose paper it is on.
        locale: of the reader.

    Raises:
        NotFound: no such payout.
    """
    payout = find_payout(session, payout_id)
    run = find_run(session, payout.run_id)
    lines = _lines(session, payout.id)
    partner = session.scalars(select(Partner).where(Partner.id == payout.partner_id)).one()
    return Remittance(
        letterhead=letterhead_of(agency),
        number=payout.number,
        run_on=run.run_on,
        paid_on=run.paid_on,
        bank_reference=run.bank_reference,
        partner=partner_party(partner, payout.paid_to),
        earned=tuple(line for line in lines if line.amount_cents > 0),
        taken_back=tuple(line for line in lines if line.amount_cents < 0),
        earned_cents=payout.earned_cents,
        deducted_cents=-payout.deducted_cents,
        total_cents=payout.amount_cents,
        locale=locale,
    )


def partner_party(partner: Partner, name: str) -> Party:
    """A partner as an address on paper.

    Args:
        name: as it was then.
    """
    town = f"{partner.city}, {partner.state} {partner.postal_code}"
    return Party(name, tuple(line for line in (partner.address_line1, partner.address_line2, town) if line))


def rate_words(rate: Decimal) -> str:
    """A rate as people write it.

    >>> rate_words(Decimal("0.125")), rate_words(Decimal("0.1"))
    ('12.5%', '10%')
    """
    return f"{(rate * 100).normalize():f}%"


def _lines(session: Scoped, payout_id: int) -> list[CommissionLine]:
    query = (
        select(
            Commission.settled_on,
            Policy.policy_number,
            Insured.name,
            Commission.rate,
            Commission.premium_cents,
            Commission.cents,
        )
        .join(PayoutItem, PayoutItem.commission_id == Commission.id)
        .join(Policy, Policy.id == Commission.policy_id)
        .join(Program, Program.id == Policy.program_id)
        .join(Insured, Insured.id == Program.insured_id)
        .where(PayoutItem.payout_id == payout_id)
        .order_by(Commission.settled_on, Commission.id)
    )
    return [
        CommissionLine(settled_on, number, name, rate_words(rate), premium, cents)
        for settled_on, number, name, rate, premium, cents in session.execute(query)
    ]
