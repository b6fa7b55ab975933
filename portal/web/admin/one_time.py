"""One-time payments: ask for one or several, look at one, change it, cancel it. A page says what follows first."""

import secrets
from datetime import date
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.money import format_money
from portal.core.text import text
from portal.insureds.erase import is_gone
from portal.insureds.models import Insured
from portal.reference.failures import failure_for_staff
from portal.reports.audit_words import action_words, actor_words, value_words
from portal.reports.staff_customers import emails_of
from portal.reports.staff_one_time import StaffOneTime, staff_one_time
from portal.reports.staff_reminders import dead_among, seen_reminders
from portal.servicing.one_time import OneTimeDraft, ask_for, plan_of_request
from portal.servicing.one_time_changes import OneTimeChange, cancel_one_time, change_one_time
from portal.servicing.reminders.sequences import start_link
from portal.servicing.reminders.still_due import Account
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.one_time_forms import CancelForm, ChangeOneTimeForm, NewOneTimeForm, line_values
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

ASKED = text("Asked for. Nothing was sent: copy the link, or send it from this page.")
SENT = text("Asked for. The payment link is on its way, and is sent again until it is paid.")
CHANGED = text("Saved.")
CANCELED = text("Canceled. Nothing is owed on it any more, and its payment link says so.")
ONE, REST = "one", "rest"


@routes.route("/customers/<int:insured_id>/one-time", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def new_one_time(insured_id: int) -> ResponseReturnValue:
    """The form; then what follows, in dollars; then it is asked for."""
    insured = _insured(insured_id)
    form = NewOneTimeForm()
    form.request_key.data = form.request_key.data or secrets.token_urlsafe(18)
    emails = emails_of(read_unit(), insured_id)
    step = request.form.get("step", "review")
    if form.validate_on_submit() and step != "back":
        try:
            parts = form.parts(_today())
            if form.send.data and not (form.contact_email or emails):
                raise BadInput(text("There is no e-mail address to send the link to. Enter one, or do not send it."))
            if step == "do":
                draft = OneTimeDraft(insured_id, form.what, parts, form.contact_email)
                return _ask(draft, form.request_key.data, is_sent=bool(form.send.data))
        except (BadInput, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            return render("admin/one_time/confirm_new.html", form=form, insured=insured, emails=emails, parts=parts)
    shown = render("admin/one_time/new.html", form=form, insured=insured, emails=emails)
    return shown, 422 if form.errors or form.form_errors else 200


@routes.get("/one-time/<int:one_time_id>")
@staff_only(Permission.VIEW)
def one_time(one_time_id: int) -> ResponseReturnValue:
    """One of them: what it is for, its payment link, its reminders, and who did what."""
    page = _page(one_time_id)
    token = page.one.link_token
    return render(
        "admin/one_time/show.html",
        page=page,
        link=services().links.url(agency(), "link.pay", token=token) if token else "",
        reminders=seen_reminders(read_unit(), Account(None, one_time_id), _today()),
        dead=dead_among(read_unit(), page.one.emails),
        action_words=action_words,
        actor_words=actor_words,
        value_words=value_words,
        subjects={},
        failure_for_staff=failure_for_staff,
    )


@routes.route("/one-time/<int:one_time_id>/change", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def change_one(one_time_id: int) -> ResponseReturnValue:
    """The form with what stands; then what follows; then it is stored."""
    page = _page(one_time_id)
    form = ChangeOneTimeForm()
    if not form.is_submitted():
        form = ChangeOneTimeForm(MultiDict(_stored(page)), meta={"csrf": False})
    elif page.why_fixed is None and form.validate() and (step := request.form.get("step", "review")) != "back":
        assert form.due_date.data is not None
        new = OneTimeChange(form.what, form.lines, form.due_date.data, form.contact_email)
        if step != "do":
            has_new_lines = new.lines != page.lines
            total_cents = sum(line.amount_cents for line in new.lines)
            return render(
                "admin/one_time/confirm_change.html",
                page=page, form=form, new=new, has_new_lines=has_new_lines, total_cents=total_cents,
            )  # fmt: skip
        try:
            with write_unit() as session:
                seen = form.seen.data or ""
                changed = change_one_time(session, one_time_id, seen, new, actor(), _today(), services().now())
                number = changed.id
        except Conflict as error:
            form.form_errors.append(error.message)
            page = _page(one_time_id)
            form.seen.data = page.one.invoice.touched_at.isoformat()
        else:
            flash(say(CHANGED), "ok")
            return redirect_to(url_for("admin.one_time", one_time_id=number))
    shown = render("admin/one_time/change.html", page=page, form=form)
    return shown, 422 if form.errors or form.form_errors else 200


@routes.route("/one-time/<int:one_time_id>/cancel", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def cancel_one(one_time_id: int) -> ResponseReturnValue:
    """Take it back, or all of a plan that is not paid, after a page that says what follows."""
    page = _page(one_time_id)
    form = CancelForm()
    rest = [invoice.id for invoice in page.to_cancel]
    form.which.choices = _which(page)
    if page.why_fixed is None and form.validate_on_submit():
        chosen = rest if form.which.data == f"{REST}:{','.join(map(str, rest))}" else [one_time_id]
        try:
            with write_unit() as session:
                cancel_one_time(session, chosen, form.reason.data or "", actor(), _today(), services().now())
        except Conflict as error:
            form.form_errors.append(error.message)
            page = _page(one_time_id)
        else:
            flash(say(CANCELED), "ok")
            return redirect_to(url_for("admin.one_time", one_time_id=one_time_id))
    shown = render("admin/one_time/cancel.html", page=page, form=form)
    return shown, 422 if form.errors or form.form_errors else 200


def _ask(draft: OneTimeDraft, request_key: str, *, is_sent: bool) -> ResponseReturnValue:
    now = services().now()
    with write_unit() as session:
        is_repeated = plan_of_request(session, request_key) is not None
        first = ask_for(session, draft, request_key, actor(), _today(), now)[0]
        if is_sent and not is_repeated:
            start_link(session, Account(None, first.id), actor(), _today(), now)
        number = first.id
    flash(say(SENT if is_sent else ASKED), "ok")
    return redirect_to(url_for("admin.one_time", one_time_id=number))


def _which(page: StaffOneTime) -> list[tuple[str, Any]]:
    """This one; and all that can be canceled with it, by name, so that what was seen is what is canceled."""
    choices: list[tuple[str, Any]] = [
        (ONE, text("This one: %(amount)s", amount=format_money(page.one.invoice.open_cents)))
    ]
    if len(page.to_cancel) > 1:
        ids = ",".join(str(invoice.id) for invoice in page.to_cancel)
        cents = sum(invoice.open_cents for invoice in page.to_cancel)
        words = text(
            "All %(count)s that are not paid: %(amount)s", count=len(page.to_cancel), amount=format_money(cents)
        )
        choices.append((f"{REST}:{ids}", words))
    return choices


def _stored(page: StaffOneTime) -> dict[str, str]:
    invoice = page.one.invoice
    return {
        "description": page.what,
        "due_date": invoice.due_date.isoformat(),
        "email": invoice.contact_email or "",
        "seen": invoice.touched_at.isoformat(),
        **line_values(page.lines),
    }


def _insured(insured_id: int) -> Insured:
    """A customer of this agency to ask for money.

    Raises:
        NotFound: there is none, or they were erased.
    """
    found = read_unit().get(Insured, insured_id)
    if found is None or is_gone(found):
        raise NotFound
    return found


def _page(one_time_id: int) -> StaffOneTime:
    return staff_one_time(read_unit(), one_time_id, _today())


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
