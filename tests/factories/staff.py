"""Staff who are signed in: `staff_visitor(app, agency, "admin")` is a browser past both factors.

Their authenticator app is `SEED`; `app_code(app)` is what it shows.
"""

from datetime import timedelta

import pyotp
from flask import Flask
from sqlalchemy import select, update

from portal.access.models import StaffFactor
from portal.agencies.found import Role, add_staff
from portal.agencies.models import Agency, StaffMember
from portal.core.audit import SYSTEM
from portal.core.tenancy import Scoped, writing
from tests.web.visitor import Visitor, engine_of, services_of

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def staff_email(agency: Agency, role: Role) -> str:
    """The address of an agency's staff member with this role."""
    return f"{role}@{agency.slug}.example"


def make_member(app: Flask, session: Scoped, agency: Agency, role: Role) -> StaffMember:
    """A staff member whose authenticator app is connected, or the one there is."""
    email = staff_email(agency, role)
    known = session.scalars(select(StaffMember).where(StaffMember.email == email)).one_or_none()
    if known is not None:
        return known
    now = services_of(app).now()
    member = add_staff(session, email, f"{role.title()} of {agency.slug}", role, SYSTEM, now)
    session.add(
        StaffFactor(
            staff_id=member.id,
            kind="totp",
            name="Authenticator app",
            credential_id=None,
            secret=services_of(app).box.close(SEED),
            created_at=now,
            confirmed_at=now,
            used_at=None,
        )
    )
    session.flush()
    return member


def app_code(app: Flask, aside: int = 0) -> str:
    """What the authenticator app shows now, or so many steps aside."""
    return pyotp.TOTP(SEED).at(services_of(app).now() + aside * timedelta(seconds=30))


def staff_visitor(app: Flask, agency: Agency, role: Role = "admin") -> Visitor:
    """A browser of a staff member who has shown both factors just now."""
    with writing(engine_of(app), agency.id) as session:
        member = make_member(app, session, agency, role)
        # Codes work once, and a test's clock may stand still between two browsers.
        session.execute(update(StaffFactor).where(StaffFactor.staff_id == member.id).values(counter=0))
    visitor = Visitor(app, agency)
    visitor.sign_in(member.email)
    entered = visitor.post("/admin/second-factor", code=app_code(app))
    assert entered.location == f"/{agency.slug}/admin/", entered.text
    return visitor
