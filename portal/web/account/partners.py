"""All partners that somebody comes in for, here and at the other agencies of this deployment.

The address was proved by a mail, so its own accounts are shown wherever they are; each agency is asked in a session of
its own. To open one elsewhere, they sign in there.
"""

from dataclasses import dataclass

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped, reading, reading_global
from portal.partners.logins import agencies_of
from portal.partners.seats import Seat, seats_of
from portal.reports.partner_home import HomeCard, open_invoices
from portal.web.account.blueprint import routes
from portal.web.branding import render
from portal.web.guards import insured_only
from portal.web.htmx import redirect_to
from portal.web.looking import viewing
from portal.web.services import agency, services
from portal.web.units import close_read_unit, read_unit


@dataclass(frozen=True, slots=True)
class Account:
    """A partner's account: at which agency, its figures there, and the address of its start page."""

    agency: str
    seat: Seat
    cards: list[HomeCard]
    url: str


@routes.get("/partners")
@insured_only
def partners() -> ResponseReturnValue:
    """What is due everywhere; whoever has only one account goes there."""
    if viewing() is not None:
        raise NotFound
    own = _accounts(read_unit(), agency())
    close_read_unit()
    others = _elsewhere()
    if not own and not others:
        raise NotFound
    if len(own) == 1 and not others:
        return redirect_to(url_for("partner.home", partner_id=own[0].seat.partner_id))
    return render("account/partners.html", own=own, others=others)


def _accounts(session: Scoped, at: Agency) -> list[Account]:
    today = local_date(services().now(), at.time_zone)
    return [
        Account(
            at.name,
            seat,
            open_invoices(session, seat, today),
            url_for("partner.home", partner_id=seat.partner_id)
            if at.id == agency().id
            else services().links.url(at, "partner.home", partner_id=seat.partner_id),
        )
        for seat in seats_of(session, current_user.email)
    ]


def _elsewhere() -> list[Account]:
    """The accounts at other agencies, one session for each."""
    parts = services()
    with reading_global(parts.engine) as unscoped:
        ids = agencies_of(unscoped, parts.secret, current_user.email)
    found: list[Account] = []
    for agency_id in ids:
        other = parts.directory.by_id(agency_id)
        if other is not None and other.id != agency().id:
            with reading(parts.engine, other.id) as session:
                found += _accounts(session, other)
    return found
