"""A partner's credit: its history, and using it for the invoices that are ticked, those due first."""

import secrets

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm
from wtforms import HiddenField

from portal.core.clock import local_date
from portal.core.errors import Conflict
from portal.core.money import format_money
from portal.partners.ticks import ticked
from portal.payments.claims import ReviewChanged
from portal.payments.money_back.credit import CHANGED, CreditOwner, apply_credit
from portal.payments.offline import spread
from portal.reports.credit import credit_lines
from portal.reports.partner_balances import Balance, balances_of
from portal.web.branding import render
from portal.web.guards import current_seat, partner_only
from portal.web.htmx import redirect_to
from portal.web.partner.acting import actor
from portal.web.partner.blueprint import routes
from portal.web.services import agency, services
from portal.web.units import close_read_unit, read_unit, write_unit


class CreditForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What was shown: of each invoice the open amount, and what of the credit is used for it."""

    request_key = HiddenField()
    seen = HiddenField()


@routes.get("/credit")
@partner_only()
def credit() -> ResponseReturnValue:
    """The credit with its history, and what it would pay of what is ticked."""
    return _show(CreditForm(None))


@routes.post("/credit")
@partner_only("pay")
def use_credit() -> ResponseReturnValue:
    """Pay what is ticked with it, as it was shown; a second press changes nothing more."""
    form = CreditForm()
    owner = CreditOwner(partner_id=current_seat().partner_id)
    plan = _plan()
    if not form.validate_on_submit() or not form.seen.data or form.seen.data != _seen(plan):
        form.form_errors.append(CHANGED)
        return _show(form)
    now = services().now()
    today = local_date(now, agency().time_zone)
    close_read_unit()
    try:
        with write_unit() as session:
            for balance, cents in plan:
                key = f"partner:{form.request_key.data}:{balance.id}"
                apply_credit(session, owner, key, {balance.id: balance.open_cents}, cents, today, actor(), now)
    except (Conflict, ReviewChanged) as error:
        form.form_errors.append(error.message)
        return _show(form)
    amount = format_money(sum(cents for _balance, cents in plan))
    flash(_("%(amount)s of your credit are used.", amount=amount), "ok")
    return redirect_to(url_for("partner.balances"))


def _plan() -> list[tuple[Balance, int]]:
    """What of the credit each ticked invoice takes, those due first."""
    session, seat = read_unit(), current_seat()
    today = local_date(services().now(), agency().time_zone)
    free = balances_of(session, seat.partner_id, ticked(session, seat.user_id), today)
    lines = credit_lines(session, CreditOwner(partner_id=seat.partner_id))
    left = max(0, sum(line.cents for line in lines))
    landing, _rest = spread(left, {each.id: each.open_cents for each in free if not each.is_held})
    return [(each, landing[each.id]) for each in free if each.id in landing]


def _seen(plan: list[tuple[Balance, int]]) -> str:
    return ",".join(f"{balance.id}:{balance.open_cents}:{cents}" for balance, cents in plan)


def _show(form: CreditForm) -> ResponseReturnValue:
    seat = current_seat()
    lines = credit_lines(read_unit(), CreditOwner(partner_id=seat.partner_id))
    plan = _plan() if seat.may("pay") else []
    form.request_key.data = form.request_key.data or secrets.token_urlsafe(18)
    form.seen.data = _seen(plan)
    page = render(
        "partner/credit.html",
        form=form,
        lines=lines,
        balance_cents=sum(line.cents for line in lines),
        plan=plan,
        used_cents=sum(cents for _balance, cents in plan),
    )
    return page, 422 if form.form_errors else 200
