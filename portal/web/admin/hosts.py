"""Admins give the agency hosts of its own, see what is still missing at each, and take them away."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField

from portal.access.lost_hosts import settle_host
from portal.access.permissions import Permission
from portal.agencies.hosts import add_host, found_of, hosts_of, keep_found, parse_host, proof_of, remove_host
from portal.core.audit import record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.tenancy import reading_global, writing_global
from portal.core.text import Text, text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import close_read_unit, write_unit

ADDED = text("The host is added. Follow the steps beside it, then check it.")
REMOVED = text("The host is removed.")
CHECKED = text("Checked.")
NEXT: dict[str, Text] = {
    "": text("Set the DNS record below at the company that keeps your domain, then check."),
    "none": text("The name is not known. Set the DNS record below; it may take an hour until it is seen."),
    "private": text("The name leads into a private network. Set the DNS record below."),
    "elsewhere": text("The name leads to another server. Set the DNS record below in place of the present one."),
    "no certificate": text("DNS is right, and the server has no valid certificate yet. It gets one by itself within "
                           "minutes of the first visit; if not, ask the operator of the portal."),
    "no answer": text("DNS is right, but nobody answers there. Ask the operator of the portal."),
    "wrong answer": text("Somebody answers there, but not this portal. Ask the operator of the portal."),
    "right": text("All is right. Mails and documents lead here."),
}  # fmt: skip


class HostForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A host to add."""

    host = StringField(_l("Host"))


@routes.route("/hosts", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def hosts() -> ResponseReturnValue:
    """The agency's hosts, and a form for one more."""
    form = HostForm()
    if form.validate_on_submit():
        try:
            _add(parse_host(form.host.data or "", _shared_host()))
        except (BadInput, Conflict) as error:
            form.host.errors = [say(error.message)]
        else:
            flash(say(ADDED), "ok")
            return redirect_to(url_for("admin.hosts"))
    with reading_global(services().engine) as session:
        rows = [(row.host, row.is_ready, row.checked_at, found_of(row)) for row in hosts_of(session, agency().id)]
    shown = [(*row, NEXT[row[-1].step]) for row in rows]
    in_mails = services().directory.host_of(agency())
    page = render("admin/hosts/show.html", form=form, hosts=shown, in_mails=in_mails, shared_host=_shared_host())
    return page, 422 if form.errors else 200


@routes.post("/hosts/check")
@staff_only(Permission.MANAGE_AGENCY)
def check_host() -> ResponseReturnValue:
    """Look at a host now; the page says what was found."""
    host, agency_id = _own_host(), agency().id
    close_read_unit()
    found = services().probe_host(host, proof_of(services().secret, host, agency_id))
    with writing_global(services().engine) as session:
        keep_found(session, agency_id, host, found, services().now())
    services().directory.forget()
    if found.is_right:
        with write_unit() as session:
            settle_host(session, host, "It leads here again.", services().now())
    flash(say(CHECKED), "ok" if found.is_right else "info")
    return redirect_to(url_for("admin.hosts"))


@routes.get("/hosts/remove")
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def remove_host_page() -> ResponseReturnValue:
    """What follows from removing a host."""
    return render("admin/hosts/remove.html", host=_own_host())


@routes.post("/hosts/remove")
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def remove_host_now() -> ResponseReturnValue:
    """Remove it."""
    host, agency_id = _own_host(), agency().id
    close_read_unit()
    with writing_global(services().engine) as session:
        remove_host(session, agency_id, host)
    _tell("agency.host_removed", host)
    with write_unit() as session:
        settle_host(session, host, "It was removed.", services().now())
    flash(say(REMOVED), "ok")
    return redirect_to(services().links.shared_url(agency(), "admin.hosts"))


def _own_host() -> str:
    """The host that is meant.

    Raises:
        NotFound: it is not the agency's.
    """
    wanted = request.values.get("host", "")
    with reading_global(services().engine) as session:
        if wanted not in {row.host for row in hosts_of(session, agency().id)}:
            raise NotFound
    return wanted


def _add(host: str) -> None:
    agency_id = agency().id
    close_read_unit()
    with writing_global(services().engine) as session:
        add_host(session, agency_id, host)
    _tell("agency.host_added", host)


def _tell(action: str, host: str) -> None:
    services().directory.forget()
    with write_unit() as session:
        record(session, actor(), action, "agency", agency().id, services().now(), host=host)


def _shared_host() -> str:
    return services().links.shared_host
