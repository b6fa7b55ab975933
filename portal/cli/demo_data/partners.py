"""The demo's partners: a retail and a wholesale one for each agency, with users, and who is behind which program."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from itertools import cycle

from sqlalchemy import Engine, delete, select

from portal.core.audit import SYSTEM
from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, reading, writing_global
from portal.imports.programs_csv import ProgramFile
from portal.partners.accounts import PartnerDraft, create_partner
from portal.partners.logins import KEEP_LOGIN, keep_login
from portal.partners.models import Partner, PartnerUser
from portal.partners.news import MAIL_KIND
from portal.partners.twins import LOOK_FOR_TWINS
from portal.partners.users import UserDraft, add_user

SHARED_EMAIL = "dana@northgate-risk.example"
"""Somebody who works with both agencies."""
NORTHGATE = PartnerDraft(
    kind="retail",
    name="Northgate Risk Advisors",
    address_line1="300 Congress Street",
    address_line2="Suite 410",
    city="Boston",
    state="MA",
    postal_code="02210",
    phone="617-555-0182",
    contact_first_name="Dana",
    contact_last_name="Whitlock",
    contact_email=SHARED_EMAIL,
    bills_agency=True,
    bills_direct=True,
    due_days=20,
    kept_commission_rate=Decimal("0.10"),
    commission_rate=Decimal("0.10"),
    payout_schedule="monthly",
    settlement_days=5,
)
PARTNERS: dict[str, tuple[tuple[PartnerDraft, tuple[UserDraft, ...]], ...]] = {
    "harborline": (
        (
            NORTHGATE,
            (
                UserDraft("pat@northgate-risk.example", "pay", "Pat", "Okoye"),
                UserDraft("lou@northgate-risk.example", "view", "Lou", "Marchetti"),
            ),
        ),
        (
            PartnerDraft(
                kind="wholesale",
                name="Tri-State Wholesale Brokers, Inc.",
                address_line1="1 Exchange Place",
                city="Jersey City",
                state="NJ",
                postal_code="07302",
                phone="201-555-0166",
                contact_first_name="Imani",
                contact_last_name="Reyes",
                contact_email="imani@tristate-wholesale.example",
                bills_agency=True,
                bills_direct=False,
                due_days=30,
                kept_commission_rate=Decimal("0.125"),
            ),
            (),
        ),
    ),
    "juniper-oak": (
        (replace(NORTHGATE, due_days=15, bills_direct=True, commission_rate=Decimal("0.08")), ()),
        (
            PartnerDraft(
                kind="wholesale",
                name="Blue Ridge General Agency",
                address_line1="48 Haywood Street",
                city="Asheville",
                state="NC",
                postal_code="28801",
                phone="828-555-0151",
                contact_first_name="Wes",
                contact_last_name="Calloway",
                contact_email="wes@blueridge-ga.example",
                bills_agency=True,
                bills_direct=False,
                due_days=25,
                kept_commission_rate=None,
            ),
            (),
        ),
    ),
}


def make_partners(session: Scoped, slug: str, at: datetime) -> list[Partner]:
    """The partners of an agency, or those there are; who works there has signed in before, and nobody is mailed.

    Args:
        session: a write unit.
        slug: harborline or juniper-oak.
    """
    known = session.scalars(select(Partner).order_by(Partner.id)).all()
    if known:
        return list(known)
    made = []
    for draft, users in PARTNERS[slug]:
        partner = create_partner(session, draft, SYSTEM, at)
        for user in users:
            add_user(session, partner.id, user, "invited", SYSTEM, at)
        made.append(partner)
    session.execute(delete(OutboxRow).where(OutboxRow.kind.in_([MAIL_KIND, LOOK_FOR_TWINS, KEEP_LOGIN])))
    for user_row in session.scalars(select(PartnerUser).where(PartnerUser.state == "invited")):
        user_row.state, user_row.joined_at = "active", at
    session.flush()
    return made


def keep_logins(engine: Engine, agency_id: int, secret: str) -> None:
    """Note where the partners' users come in, as the worker does.

    Args:
        secret: the deployment's.
    """
    with reading(engine, agency_id) as session:
        emails = session.scalars(select(PartnerUser.email)).all()
    with writing_global(engine) as unscoped:
        for email in emails:
            keep_login(unscoped, secret, email, agency_id)


def with_partners(file: ProgramFile, partners: list[Partner]) -> ProgramFile:
    """The demo's programs with a partner each behind agency bill in turn, and the retailer behind every fifth other."""
    turns, retail = cycle(partners), partners[0]
    programs = []
    for number, draft in enumerate(file.programs):
        if draft.billing_type == "agency_bill":
            programs.append(replace(draft, partner_id=next(turns).id))
        else:
            programs.append(replace(draft, partner_id=retail.id if number % 5 == 0 else None))
    return replace(file, programs=tuple(programs))
