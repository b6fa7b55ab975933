"""Staff write to a customer about what is due: the payment link until it is paid, or one reminder now."""

from collections.abc import Callable
from datetime import date, datetime

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.core.audit import Actor
from portal.core.clock import local_date
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.servicing.reminders.sequences import remind_now, start_link, stop_link
from portal.servicing.reminders.still_due import Account
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import write_unit

STARTED = text("The payment link is on its way. It is sent again until it is paid.")
STOPPED = text("Stopped. The payment link is not sent again by itself.")
REMINDED = text("A reminder is on its way.")
Act = Callable[[Scoped, Account, Actor, date, datetime], object]


@routes.post("/programs/<int:program_id>/send-link")
@staff_only(Permission.MANAGE_PROGRAMS)
def send_program_link(program_id: int) -> ResponseReturnValue:
    """Send a program's payment link until it is paid."""
    return _act(Account(program_id, None), start_link, STARTED)


@routes.post("/programs/<int:program_id>/send-link/stop")
@staff_only(Permission.MANAGE_PROGRAMS)
def stop_program_link(program_id: int) -> ResponseReturnValue:
    """Stop that."""
    return _act(Account(program_id, None), _stop, STOPPED)


@routes.post("/programs/<int:program_id>/remind")
@staff_only(Permission.MANAGE_PROGRAMS)
def remind_program(program_id: int) -> ResponseReturnValue:
    """Send one reminder of a program now."""
    return _act(Account(program_id, None), remind_now, REMINDED)


@routes.post("/one-time/<int:one_time_id>/send-link")
@staff_only(Permission.MANAGE_PROGRAMS)
def send_one_time_link(one_time_id: int) -> ResponseReturnValue:
    """Send a one-time payment's link until it is paid."""
    return _act(Account(None, one_time_id), start_link, STARTED)


@routes.post("/one-time/<int:one_time_id>/send-link/stop")
@staff_only(Permission.MANAGE_PROGRAMS)
def stop_one_time_link(one_time_id: int) -> ResponseReturnValue:
    """Stop that."""
    return _act(Account(None, one_time_id), _stop, STOPPED)


@routes.post("/one-time/<int:one_time_id>/remind")
@staff_only(Permission.MANAGE_PROGRAMS)
def remind_one_time(one_time_id: int) -> ResponseReturnValue:
    """Send one reminder of a one-time payment now."""
    return _act(Account(None, one_time_id), remind_now, REMINDED)


def _stop(session: Scoped, account: Account, who: Actor, _today: date, at: datetime) -> None:
    stop_link(session, account, who, at)


def _act(account: Account, act: Act, done: Text) -> ResponseReturnValue:
    with write_unit() as session:
        act(session, account, actor(), _today(), services().now())
    flash(say(done), "ok")
    if account.program_id:
        return redirect_to(url_for("admin.program", program_id=account.program_id))
    return redirect_to(url_for("admin.one_time", one_time_id=account.invoice_id))


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
