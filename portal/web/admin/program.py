"""One program as staff see it, and what they do with its payment link and guest payments."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from portal.access.permissions import Permission
from portal.core.audit import record
from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.late.fees import WAIVER_REASONS
from portal.invoices.kinds import kind_name
from portal.programs.documents import KIND_WORDS, documents_of
from portal.programs.links import replace_link
from portal.programs.models import Program
from portal.programs.notes import notes_of
from portal.reference.failures import failure_for_staff
from portal.reports.audit_words import action_words, actor_words, value_words
from portal.reports.autopay_lines import autopay_lines
from portal.reports.staff_financing import staff_financing
from portal.reports.staff_late import fees_of
from portal.reports.staff_notices import staff_notices, staff_reinstatement
from portal.reports.staff_program import StaffProgram, staff_program
from portal.reports.staff_reminders import dead_among, seen_reminders
from portal.reports.staff_shares import shares_of
from portal.servicing.actions.facts import action_facts
from portal.servicing.reminders.still_due import Account
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.lending_forms import plan_words, rate_words
from portal.web.admin.program_actions import shown_actions
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

REPLACED = text("The old payment link is closed, and here is the new one. It was not sent to anybody.")
OPENED = text("Anyone with a policy number and the ZIP can pay this program again.")
CLOSED = text("Nobody can look this program up by its policy number any more. Its payment link still works.")


@routes.get("/programs/<int:program_id>")
@staff_only(Permission.VIEW)
def program(program_id: int) -> ResponseReturnValue:
    """Insured, policies, invoices, payments, mails, and who did what."""
    page = _page(program_id)
    today = local_date(services().now(), agency().time_zone)
    link = _address(page.link_token)
    return render(
        "admin/program/show.html",
        page=page,
        financing=staff_financing(read_unit(), program_id, page.insured, today),
        fees=fees_of(read_unit(), program_id),
        reinstatement=staff_reinstatement(read_unit(), page.program, today),
        notices=staff_notices(read_unit(), program_id, today),
        waiver_reasons=WAIVER_REASONS,
        autopay=autopay_lines(read_unit(), [program_id], today).get(program_id),
        plan_words=plan_words,
        rate_words=rate_words,
        link=link,
        actions=shown_actions(action_facts(read_unit(), program_id, today), program_id, link),
        reminders=seen_reminders(read_unit(), Account(program_id, None), today),
        dead=dead_among(read_unit(), page.addresses),
        kind_name=kind_name,
        action_words=action_words,
        actor_words=actor_words,
        value_words=value_words,
        subjects={},
        failure_for_staff=failure_for_staff,
        side=request.args.get("side", ""),
        shares=shares_of(read_unit(), program_id),
        documents=documents_of(read_unit(), program_id),
        document_words=KIND_WORDS,
        notes=notes_of(read_unit(), program_id),
    )


@routes.route("/programs/<int:program_id>/payment-link", methods=["GET", "POST"])
@staff_only(Permission.SEND_LINKS, fresh=True)
def replace_payment_link(program_id: int) -> ResponseReturnValue:
    """Close the payment link and make a new one, after a page that says what follows."""
    form = FlaskForm()
    if not form.validate_on_submit():
        page = _page(program_id)
        return render("admin/program/replace_link.html", page=page, link=_address(page.link_token), form=form)
    with write_unit() as session:
        found = _program(session, program_id)
        now = services().now()
        replace_link(session, now, program_id=found.id)
        record(session, actor(), "link.replaced", "program", found.id, now)
    flash(say(REPLACED), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id))


@routes.post("/programs/<int:program_id>/guest-payments")
@staff_only(Permission.MANAGE_PROGRAMS)
def switch_guest_payments(program_id: int) -> ResponseReturnValue:
    """Let third parties look the program up, or no longer."""
    with write_unit() as session:
        found = _program(session, program_id)
        found.guest_payments = not found.guest_payments
        is_open = found.guest_payments
        now = services().now()
        record(session, actor(), "program.guest_payments", "program", found.id, now, before=not is_open, after=is_open)
    flash(say(OPENED if is_open else CLOSED), "ok")
    return redirect_to(url_for("admin.program", program_id=program_id))


def _page(program_id: int) -> StaffProgram:
    return staff_program(read_unit(), program_id, local_date(services().now(), agency().time_zone))


def _program(session: Scoped, program_id: int) -> Program:
    found = session.get(Program, program_id)
    if found is None:
        raise NotFound
    return found


def _address(token: str | None) -> str:
    return services().links.url(agency(), "link.pay", token=token) if token else ""
