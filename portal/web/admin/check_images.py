"""The picture of a check: shown to those who handle money, and added when it was scanned later."""

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.core.files import find_file
from portal.core.text import text
from portal.payments.apply import load
from portal.payments.check_image import KIND, attach_image, keep_image
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.offline_payment_form import LARGEST_FORM, PictureForm
from portal.web.admin.paid_by_hand import PaidItem, one_time_item, program_item
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id
from portal.web.services import services
from portal.web.units import read_unit, write_unit

ADDED = text("The picture is added.")
CHOOSE = text("Choose a check without a picture.")
NONE_SENT = text("Choose a picture.")


@routes.get("/check-images/<image_token>")
@staff_only(Permission.MOVE_MONEY, fresh=True)
def check_image(image_token: str) -> ResponseReturnValue:
    """The picture as a download: it shows the number of a bank account."""
    file = find_file(read_unit(), KIND, image_token)
    return Response(
        file.data,
        mimetype=file.content_type,
        headers={
            "Content-Disposition": f'attachment; filename="check-{file.id}.jpg"',
        },
    )


@routes.route("/programs/<int:program_id>/check-image", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True, largest=LARGEST_FORM)
def add_check_image(program_id: int) -> ResponseReturnValue:
    """Add the picture of a check for a program."""
    return _add(program_item(program_id))


@routes.route("/one-time/<int:one_time_id>/check-image", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True, largest=LARGEST_FORM)
def add_one_time_check_image(one_time_id: int) -> ResponseReturnValue:
    """Add the picture of a check for a one-time payment."""
    return _add(one_time_item(one_time_id))


def _add(item: PaidItem) -> ResponseReturnValue:
    """Add the picture of a check that was recorded without one."""
    wanted = request.values.get("payment", 0, row_id)
    check = next((each for each in item.attempts if each.id == wanted and each.takes_image), None)
    if check is None:
        flash(say(CHOOSE), "info")
        return redirect(item.url)
    form = PictureForm()
    if form.validate_on_submit() and form.picture is not None:
        now = services().now()
        with write_unit() as session:
            attach_image(session, load(session, check.id), keep_image(session, form.picture, now), actor(), now)
        flash(say(ADDED), "ok")
        return redirect_to(item.url)
    if form.is_submitted() and not form.errors:
        form.image.errors = [NONE_SENT]
    shown = render("admin/offline_payment/image.html", item=item, check=check, form=form)
    return shown, 422 if form.errors else 200
