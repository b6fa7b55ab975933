"""Partners and their users; `partner_visitor(app, agency, email)` is a browser of one who has signed in."""

from decimal import Decimal
from itertools import count
from typing import Any

from flask import Flask

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.partners.models import Partner, PartnerUser
from tests.factories.people import BEGINNING
from tests.web.visitor import Visitor

_numbers = count(1)


def make_partner(session: Scoped, *admins: str, **more: Any) -> Partner:
    """A retailer of both kinds of billing; each address is an admin of it who has signed in before."""
    number = next(_numbers)
    values: dict[str, Any] = {
        "kind": "retail",
        "name": f"Northgate Risk Advisors {number}",
        "address_line1": "300 Congress Street",
        "city": "Boston",
        "state": "MA",
        "postal_code": "02210",
        "contact_first_name": "Dana",
        "contact_last_name": "Whitlock",
        "contact_email": admins[0] if admins else f"contact-{number}@northgate.example",
        "bills_agency": True,
        "due_days": 20,
        "kept_commission_rate": Decimal("0.1"),
        "bills_direct": True,
        "commission_rate": Decimal("0.1"),
        "created_at": BEGINNING,
    }
    partner = Partner(**(values | more))
    session.add(partner)
    session.flush()
    for email in admins:
        make_partner_user(session, partner, email)
    return partner


def make_partner_user(session: Scoped, partner: Partner, email: str, role: str = "admin", **more: Any) -> PartnerUser:
    """A user who has signed in before."""
    values: dict[str, Any] = {
        "partner_id": partner.id,
        "email": email,
        "first_name": email.partition("@")[0].title(),
        "role": role,
        "state": "active",
        "origin": "invited",
        "created_at": BEGINNING,
        "joined_at": BEGINNING,
    }
    user = PartnerUser(**(values | more))
    session.add(user)
    session.flush()
    return user


def partner_visitor(app: Flask, agency: Agency, email: str) -> Visitor:
    """A browser of a partner's user who has just signed in."""
    visitor = Visitor(app, agency)
    visitor.sign_in(email)
    return visitor
