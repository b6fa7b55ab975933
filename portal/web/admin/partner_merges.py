"""Partners who are one: what was merged and can be undone, what may be the same, and merging by hand."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from portal.access.permissions import Permission
from portal.core.errors import BadInput, Conflict
from portal.core.text import text
from portal.partners.models import PartnerMerge
from portal.reports.staff_partner_merges import merges, perhaps, preview
from portal.servicing.partner_merge import merge
from portal.servicing.partner_merge_undo import undo
from portal.statements.merging import paid_out_since
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

MERGED = text("They are one partner now. You can undo it here for 30 days.")
UNDONE = text("The two are apart again. They are not merged by themselves any more.")


@routes.get("/partner-merges")
@staff_only(Permission.MERGE_CUSTOMERS, fresh=True)
def partner_merges() -> ResponseReturnValue:
    """What was merged, and what may be the same."""
    session = read_unit()
    seen = {"perhaps": perhaps(session), "merges": merges(session, services().now())}
    return render("admin/partner_merges/list.html", **seen)


@routes.route("/partners/<int:partner_id>/merge/<int:other_partner_id>", methods=["GET", "POST"])
@staff_only(Permission.MERGE_CUSTOMERS, fresh=True)
def merge_partner(partner_id: int, other_partner_id: int) -> ResponseReturnValue:
    """What moves if the other one goes into this one; then they are merged."""
    problem = None
    if FlaskForm().validate_on_submit():
        try:
            with write_unit() as session:
                seen = request.form.get("seen", "")
                merge(session, partner_id, other_partner_id, actor(), services().now(), seen=seen)
        except (BadInput, Conflict) as error:
            problem = error.message
        else:
            flash(say(MERGED), "ok")
            return redirect_to(url_for("admin.partner_merges"))
    try:
        shown = preview(read_unit(), partner_id, other_partner_id)
    except BadInput as error:
        flash(say(error.message), "bad")
        return redirect_to(url_for("admin.partner_merges"))
    return render("admin/partner_merges/merge.html", seen=shown, problem=problem), 409 if problem else 200


@routes.post("/partner-merges/<int:merge_id>/undo")
@staff_only(Permission.MERGE_CUSTOMERS, fresh=True)
def undo_partner_merge(merge_id: int) -> ResponseReturnValue:
    """Take the two apart again, or say why not."""
    try:
        with write_unit() as session:
            merged = session.get(PartnerMerge, merge_id)
            if merged is not None and (problem := paid_out_since(session, merged)):
                raise Conflict(problem)
            undo(session, merge_id, actor(), services().now())
    except Conflict as error:
        flash(say(error.message), "bad")
    else:
        flash(say(UNDONE), "ok")
    return redirect_to(url_for("admin.partner_merges"))
