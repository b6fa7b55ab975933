"""One partner with everything: what it owes, its programs and users; changing and archiving it, helping it back in."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.access.partner_help import reinvite_admin, reinvite_contact
from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.text import Text, text
from portal.partners import accounts, users
from portal.partners.accounts import partner_of
from portal.partners.models import Partner
from portal.reports.audit_words import action_words, actor_words, value_words
from portal.reports.staff_partner import seen_partner
from portal.reports.staff_partners import KIND_WORDS, SCHEDULE_WORDS, percent_of_rate
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

ARCHIVED = text("Archived. It is no longer offered for new programs; its users still come in.")
BACK = text("The partner is in use again.")
APPROVED = text("They can come in now. An e-mail tells them how.")
REINVITED = text("They are an admin of the partner now. An e-mail tells them how to come in.")


@routes.get("/partners/<int:partner_id>")
@staff_only(Permission.VIEW)
def partner(partner_id: int) -> ResponseReturnValue:
    """Everything about it; of one that was merged into another, that other one."""
    session = read_unit()
    merged_into = session.scalar(select(Partner.merged_into_id).where(Partner.id == partner_id))
    if merged_into is not None:
        return redirect(url_for("admin.partner", partner_id=merged_into))
    seen = seen_partner(session, partner_id, local_date(services().now(), agency().time_zone))
    return render(
        "admin/partners/show.html",
        seen=seen,
        kinds=KIND_WORDS,
        schedules=SCHEDULE_WORDS,
        percent=percent_of_rate,
        action_words=action_words,
        actor_words=actor_words,
        value_words=value_words,
        subjects={},
    )


@routes.post("/partners/<int:partner_id>/archive")
@staff_only(Permission.MANAGE_PARTNERS)
def archive_partner(partner_id: int) -> ResponseReturnValue:
    """Offer it for new programs no more."""
    with write_unit() as unit:
        accounts.archive_partner(unit, partner_id, actor(), services().now())
    return _done(ARCHIVED, partner_id)


@routes.post("/partners/<int:partner_id>/unarchive")
@staff_only(Permission.MANAGE_PARTNERS)
def unarchive_partner(partner_id: int) -> ResponseReturnValue:
    """Offer it again."""
    with write_unit() as unit:
        accounts.unarchive_partner(unit, partner_id, actor(), services().now())
    return _done(BACK, partner_id)


@routes.post("/partners/<int:partner_id>/users/<int:user_id>/approve")
@staff_only(Permission.MANAGE_PARTNERS)
def approve_partner_user(partner_id: int, user_id: int) -> ResponseReturnValue:
    """Let in whom an import has brought, although their address has another domain."""
    partner_of(read_unit(), partner_id)
    with write_unit() as unit:
        users.approve_user(unit, partner_id, user_id, actor(), services().now())
    return _done(APPROVED, partner_id)


@routes.post("/partners/<int:partner_id>/users/<int:user_id>/reinvite")
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def reinvite_partner(partner_id: int, user_id: int) -> ResponseReturnValue:
    """Make somebody there an admin, when none of its admins can be reached."""
    partner_of(read_unit(), partner_id)
    with write_unit() as unit:
        reinvite_admin(unit, partner_id, user_id, actor(), services().now())
    return _done(REINVITED, partner_id)


@routes.post("/partners/<int:partner_id>/contact/reinvite")
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def reinvite_contact_of(partner_id: int) -> ResponseReturnValue:
    """The same with the contact, when none of its users can help."""
    with write_unit() as unit:
        reinvite_contact(unit, partner_id, actor(), services().now())
    return _done(REINVITED, partner_id)


def _done(words: Text, partner_id: int) -> ResponseReturnValue:
    flash(say(words), "ok")
    return redirect_to(url_for("admin.partner", partner_id=partner_id))
