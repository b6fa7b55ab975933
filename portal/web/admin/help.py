"""The portal's addresses to hand out, with their QR codes for print; and whether strangers may pay at all."""

import segno
from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.guest_breaker import breaker_is_open, last_day
from portal.access.permissions import Permission
from portal.agencies.guest_payments import switch_guest_payments
from portal.core.audit import record
from portal.core.text import text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import close_read_unit, read_unit, write_unit

OPENED = text("Anyone with a policy number and the ZIP can pay again.")
CLOSED = text("Nobody can look up policies any more. Payment links still work.")


@routes.get("/help")
@staff_only(Permission.VIEW)
def help_page() -> ResponseReturnValue:
    """What to tell customers."""
    links = services().links
    addresses = [
        (text("For insureds"), text("They sign in by e-mail."), links.url(agency(), "insured.home")),
        (
            text("For accountants and others who pay"),
            text("They need a policy number and the insured’s ZIP code."),
            links.url(agency(), "guest.lookup"),
        ),
    ]
    pictured = [(words, note, url, _picture(url)) for words, note, url in addresses]
    now = services().now()
    return render(
        "admin/help.html",
        addresses=pictured,
        is_open=agency().guest_payments,
        breaker_open=breaker_is_open(read_unit(), now),
        day=last_day(read_unit(), now),
    )


@routes.post("/help/guest-payments")
@staff_only(Permission.MANAGE_AGENCY)
def switch_lookup() -> ResponseReturnValue:
    """Let third parties look policies up, or no longer."""
    opened = not agency().guest_payments
    agency_id, now = agency().id, services().now()
    close_read_unit()
    switch_guest_payments(services().engine, services().directory, agency_id, opened)
    with write_unit() as session:
        record(session, actor(), "agency.guest_payments", "agency", agency_id, now, before=not opened, after=opened)
    flash(say(OPENED if opened else CLOSED), "ok")
    return redirect_to(url_for("admin.help_page"))


def _picture(url: str) -> str:
    return str(segno.make(url, error="m", micro=False).svg_data_uri(scale=5, border=3, light="#fff"))
