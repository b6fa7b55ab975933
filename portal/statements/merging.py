"""What payouts mean for merges of partners that are to be undone."""

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.partners.models import PartnerMerge
from portal.statements.models import Commission, PartnerPayout, PayoutItem


def paid_out_since(session: Scoped, merged: PartnerMerge) -> Text | None:
    """Why a merge cannot be undone: the survivor's payout since holds commission that would go back. Else None."""
    moved = set(merged.moved.get("commission.partner_id", ()))
    came_along = set(merged.moved.get("partner_payout.partner_id", ()))
    held = (
        select(PayoutItem.commission_id, PartnerPayout)
        .join(PartnerPayout, PartnerPayout.id == PayoutItem.payout_id)
        .join(Commission, Commission.id == PayoutItem.commission_id)
        .where(PayoutItem.state == "live", Commission.partner_id == merged.kept_id)
        .order_by(PartnerPayout.id)
    )
    for commission_id, payout in session.execute(held) if moved else ():
        if commission_id in moved and payout.id not in came_along:
            return text("Payout %(payout)s, made since the merge, holds commission of both.", payout=payout.number)
    return None
