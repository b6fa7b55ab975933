"""Merge two customers who are one, after a page that says what moves."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.text import text
from portal.insureds.erase import is_gone
from portal.insureds.models import Insured
from portal.reports.staff_merge import alike, preview
from portal.servicing.merge import merge
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.program_page import binding
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id
from portal.web.units import read_unit, write_unit

MERGED = text("They are one customer now. Everything of both stands here.")


@routes.route("/customers/<int:insured_id>/merge", methods=["GET", "POST"])
@staff_only(Permission.MERGE_CUSTOMERS, fresh=True)
def merge_customer(insured_id: int) -> ResponseReturnValue:
    """Who may be the same; with one chosen, what moves; then they are merged."""
    insured = read_unit().get(Insured, insured_id)
    if insured is None or is_gone(insured):
        raise NotFound
    other_id, reference = request.values.get("other", 0, row_id), request.args.get("reference", "").strip()
    problem = None
    if reference:
        query = select(Insured.id).where(Insured.reference == reference, Insured.merged_into_id.is_(None))
        other_id = read_unit().scalar(query) or 0
        if not other_id:
            problem = text("No customer has the reference “%(reference)s”.", reference=reference[:100])
    form = FlaskForm()
    if other_id and form.validate_on_submit():
        try:
            with write_unit() as session:
                by = binding()
                merge(session, insured_id, other_id, request.form.get("seen", ""), by.lookup_key, actor(), by.at)
        except (BadInput, Conflict) as error:
            problem = error.message
        else:
            flash(say(MERGED), "ok")
            return redirect_to(url_for("admin.customer", insured_id=insured_id))
    if other_id:
        try:
            seen = preview(read_unit(), insured_id, other_id)
        except BadInput as error:
            problem = error.message
        else:
            page = render("admin/customers/merge.html", seen=seen, problem=problem)
            return page, 409 if problem else 200
    shown = render("admin/customers/alike.html", insured=insured, found=alike(read_unit(), insured), problem=problem)
    return shown, 422 if problem else 200
