"""The agency's customers."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.insureds.erase import is_erased
from portal.insureds.models import Insured
from portal.reports import staff_customers
from portal.reports.audit_words import action_words, actor_words, value_words
from portal.reports.staff_reminders import dead_among
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.guards import staff_only
from portal.web.list_address import row_id
from portal.web.services import agency, services
from portal.web.units import read_unit


@routes.get("/customers")
@staff_only(Permission.VIEW)
def customers() -> ResponseReturnValue:
    """Everybody insured here, the newest first; by name, reference or e-mail address."""
    typed = request.args.get("q", "")[:100].strip()
    found, older = staff_customers.customers(read_unit(), typed, request.args.get("before", type=row_id))
    return render("admin/customers/list.html", typed=typed, found=found, older=older)


@routes.get("/customers/<int:insured_id>")
@staff_only(Permission.VIEW)
def customer(insured_id: int) -> ResponseReturnValue:
    """One of them with programs, one-time payments, payments, credit, and who did what."""
    session = read_unit()
    merged_into = session.scalar(select(Insured.merged_into_id).where(Insured.id == insured_id))
    if merged_into is not None:
        return redirect(url_for("admin.customer", insured_id=merged_into))
    page = staff_customers.customer(session, insured_id, local_date(services().now(), agency().time_zone))
    return render(
        "admin/customers/show.html",
        page=page,
        is_erased=is_erased(page.insured),
        dead=dead_among(session, page.emails),
        action_words=action_words,
        actor_words=actor_words,
        value_words=value_words,
        subjects={},
    )
