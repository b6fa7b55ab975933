"""Users and roles: who works for the agency, and what each may do."""

from collections.abc import Callable
from datetime import datetime

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access import managing_staff as managing
from portal.access.open_sessions import open_sessions
from portal.access.permissions import LOWEST_ROLE, PERMISSION_WORDS, ROLE_WORDS, Permission, may
from portal.core.audit import Actor
from portal.core.errors import Conflict
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.member_forms import MemberForm, RoleForm, role_notes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import current_staff, staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

WELCOMED = text("They are on the staff now. A welcome e-mail is on its way to them.")
ROLE_CHANGED = text("The role is changed. It counts at once.")
DEACTIVATED = text("They are signed out everywhere and can no longer come in.")
ACTIVATED = text("They can come in again. A welcome e-mail is on its way to them.")
SIGNED_OUT = text("They are signed out everywhere, and told by e-mail.")
RESET = text("Their second step is reset, and they are signed out. They set up a new one at the next sign-in.")


@routes.get("/staff")
@staff_only(Permission.MANAGE_STAFF, fresh=True)
def members() -> ResponseReturnValue:
    """Everyone who works for the agency, or did."""
    return render("admin/members/list.html", members=managing.members(read_unit()), roles=ROLE_WORDS)


@routes.route("/staff/new", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_STAFF, fresh=True)
def new_member() -> ResponseReturnValue:
    """Add somebody."""
    form = MemberForm()
    if form.validate_on_submit():
        try:
            with write_unit() as unit:
                managing.welcome(unit, form.address, form.name.data or "", form.role.data, actor(), services().now())
        except Conflict as error:
            form.email.errors = [say(error.message)]
        else:
            return _done(WELCOMED, url_for("admin.members"))
    return render("admin/members/new.html", form=form, notes=role_notes()), 422 if form.errors else 200


@routes.get("/staff/<int:staff_id>")
@staff_only(Permission.MANAGE_STAFF, fresh=True)
def member(staff_id: int) -> ResponseReturnValue:
    """One person: role, second factor, letting go."""
    session = read_unit()
    found = managing.member(session, staff_id)
    form = RoleForm(role=found.role)
    return render(
        "admin/members/show.html",
        member=found,
        form=form,
        notes=role_notes(),
        roles=ROLE_WORDS,
        browsers=len(open_sessions(session, found.email, services().now())),
        is_self=found.id == current_staff().id,
    )


@routes.post("/staff/<int:staff_id>/role")
@staff_only(Permission.MANAGE_STAFF, fresh=True)
def change_role(staff_id: int) -> ResponseReturnValue:
    """Give somebody another role."""
    managing.member(read_unit(), staff_id)
    form = RoleForm()
    if form.validate():
        with write_unit() as unit:
            managing.change_role(unit, staff_id, form.role.data, actor(), services().now())
        return _done(ROLE_CHANGED, url_for("admin.member", staff_id=staff_id))
    return redirect_to(url_for("admin.member", staff_id=staff_id))


@routes.post("/staff/<int:staff_id>/deactivate")
@staff_only(Permission.MANAGE_STAFF, fresh=True)
def deactivate_member(staff_id: int) -> ResponseReturnValue:
    """Let somebody go."""
    return _act(staff_id, managing.deactivate, DEACTIVATED)


@routes.post("/staff/<int:staff_id>/activate")
@staff_only(Permission.MANAGE_STAFF, fresh=True)
def activate_member(staff_id: int) -> ResponseReturnValue:
    """Take somebody back."""
    return _act(staff_id, managing.activate, ACTIVATED)


@routes.post("/staff/<int:staff_id>/sign-out")
@staff_only(Permission.MANAGE_STAFF, fresh=True)
def sign_out_member(staff_id: int) -> ResponseReturnValue:
    """End all of somebody's sessions."""
    return _act(staff_id, managing.sign_out, SIGNED_OUT)


@routes.post("/staff/<int:staff_id>/reset-second-factor")
@staff_only(Permission.MANAGE_STAFF, fresh=True)
def reset_second_factor(staff_id: int) -> ResponseReturnValue:
    """For somebody who has lost device and codes."""
    return _act(staff_id, managing.reset_factors, RESET)


@routes.get("/roles")
@staff_only(Permission.VIEW)
def roles() -> ResponseReturnValue:
    """What each role may do, from the table that the pages obey."""
    rows = [
        (PERMISSION_WORDS[permission], [may(role, permission) for role in ROLE_WORDS]) for permission in LOWEST_ROLE
    ]
    return render("admin/members/roles.html", roles=list(ROLE_WORDS.items()), rows=rows)


def _act(staff_id: int, action: Callable[[Scoped, int, Actor, datetime], None], words: Text) -> ResponseReturnValue:
    with write_unit() as unit:
        action(unit, staff_id, actor(), services().now())
    return _done(words, url_for("admin.member", staff_id=staff_id))


def _done(words: Text, url: str) -> ResponseReturnValue:
    flash(say(words), "ok")
    return redirect_to(url)
