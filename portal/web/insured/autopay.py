"""Autopay of a program: turned on or given another method with a consent of its own, turned off by page."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.core.clock import local_date
from portal.core.errors import Conflict, NotFound
from portal.core.text import Text, text
from portal.payments.autopay.consent import VERSION
from portal.payments.autopay.ending import turn_off
from portal.payments.autopay.enrolling import MethodUnusable, Owner, enroll
from portal.payments.mandates import Agreement
from portal.payments.methods.saved import own_method
from portal.reports.autopay import AutopayPage, autopay_page
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import insured_only
from portal.web.htmx import redirect_to
from portal.web.insured.autopay_forms import LEAVE, PAY, AutopayAgreeForm, AutopayForm
from portal.web.insured.blueprint import routes
from portal.web.insured.methods import actor
from portal.web.language import current_locale
from portal.web.list_address import row_id
from portal.web.paying.agreeing import MOST_LETTERS
from portal.web.paying.autopay import authorization_of, sealed_words
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

ON = text("Autopay is on. We mailed you a copy of what you agreed to.")
REPLACED = text("Autopay charges this method from now on. We mailed you a copy of what you agreed to.")
OFF = text("Autopay is off.")
CHANGED = text("The payments have changed since you looked. Nothing was turned on. Please read it again.")


@routes.get("/programs/<int:program_id>/autopay")
@insured_only
def autopay(program_id: int) -> ResponseReturnValue:
    """Whether it is on, and what it charges; or the first step of turning it on, or of choosing another method."""
    page = _page(program_id)
    return _choose(page, _form(page, chosen=request.args.get("method", type=row_id)))


@routes.post("/programs/<int:program_id>/autopay/review")
@insured_only
def review_autopay(program_id: int) -> ResponseReturnValue:
    """The second step: exactly what is agreed to, with a box that nobody has ticked."""
    page = _page(program_id)
    form = _form(page)
    if not form.validate_on_submit():
        return _choose(page, form, 422)
    return _ask(page, int(form.method.data), form.past_due.data if page.past_due else "", AutopayAgreeForm(None))


@routes.post("/programs/<int:program_id>/autopay")
@insured_only
def agree_autopay(program_id: int) -> ResponseReturnValue:
    """Turn it on, or change its method, if the box is ticked and what was read is still so."""
    page = _page(program_id)
    form = AutopayAgreeForm()
    method_id, past_due = request.form.get("method", 0, type=row_id), request.form.get("past_due", "")
    words = authorization_of(program_id, method_id)
    if not words:
        return _choose(page, _form(page), 422, MethodUnusable.default)
    if sealed_words(words) != request.form.get("read", ""):
        return _ask(page, method_id, past_due, AutopayAgreeForm(None), CHANGED)
    if not form.has_agreed():
        return _ask(page, method_id, past_due, form)
    browser = request.user_agent.string[:MOST_LETTERS]
    agreement = Agreement(words, VERSION, current_locale(), request.remote_addr or "", browser)
    try:
        with write_unit() as unit:
            enroll(unit, program_id, method_id, Owner(current_user.email, actor()), agreement, services().now())
    except Conflict as error:
        return _choose(page, _form(page), 409, error.message)
    flash(say(REPLACED if page.enrolled else ON), "ok")
    if past_due == PAY and page.past_due:
        return redirect_to(url_for("insured.pay", invoice=list(page.past_due), saved_method=method_id))
    return redirect_to(url_for("insured.autopay", program_id=program_id))


@routes.get("/programs/<int:program_id>/autopay/off")
@insured_only
def ask_autopay_off(program_id: int) -> ResponseReturnValue:
    """Say what is then due and when, before it is done."""
    page = _page(program_id)
    if page.enrolled is None:
        return redirect_to(url_for("insured.autopay", program_id=program_id))
    return render("insured/autopay/off.html", page=page)


@routes.post("/programs/<int:program_id>/autopay/off")
@insured_only
def autopay_off(program_id: int) -> ResponseReturnValue:
    """Turn it off."""
    _page(program_id)
    with write_unit() as unit:
        turn_off(unit, program_id, actor(), services().now())
    flash(say(OFF), "ok")
    return redirect_to(url_for("insured.program", program_id=program_id))


def _page(program_id: int) -> AutopayPage:
    return autopay_page(read_unit(), current_user.email, program_id, local_date(services().now(), agency().time_zone))


def _form(page: AutopayPage, chosen: int | None = None) -> AutopayForm:
    if chosen is None and page.methods and not page.enrolled:
        chosen = page.methods[0].id  # what is offered first while paying
    form = AutopayForm(data={"method": str(chosen)} if chosen else None)
    form.method.choices = [(str(method.id), say(method.name)) for method in page.methods]
    form.past_due.choices = [(PAY, ""), (LEAVE, "")] if page.past_due else []
    if not page.past_due:
        del form.past_due
    return form


def _choose(
    page: AutopayPage, form: AutopayForm, status: int = 200, problem: Text | None = None
) -> ResponseReturnValue:
    is_changing = "change" in request.args or status != 200 or "method" in request.args
    shown = render("insured/autopay/show.html", page=page, form=form, is_changing=is_changing, problem=problem)
    return shown, status


def _ask(
    page: AutopayPage, method_id: int, past_due: str, form: AutopayAgreeForm, problem: Text | None = None
) -> ResponseReturnValue:
    words = authorization_of(page.program_id, method_id)
    if not words:
        raise NotFound
    method = own_method(read_unit(), current_user.email, method_id)
    shown = render(
        "insured/autopay/agree.html",
        page=page,
        form=form,
        method=next(one for one in page.methods if one.id == method.id),
        words=words,
        read=sealed_words(words),
        past_due=past_due,
        problem=problem,
    )
    return shown, 422 if problem or form.errors else 200
