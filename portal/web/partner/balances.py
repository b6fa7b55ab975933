"""What a partner owes, as a table to tick; the ticks are kept from page to page, with and without JavaScript."""

from datetime import date
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core.clock import local_date
from portal.partners.ticks import keep_ticks, ticked, ticks_after
from portal.payments.claims import MOST_OF_PARTNER
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.reports.partner_balances import (
    CSV_HEADER,
    SHOW_WORDS,
    SHOWS,
    BalanceFilter,
    Show,
    balance_page,
    csv_rows,
    payable_ids,
    still_payable,
)
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.guards import current_seat, partner_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id
from portal.web.partner.blueprint import routes
from portal.web.services import agency, services
from portal.web.units import close_read_unit, read_unit, write_unit

MOST_WORDS = 80


@routes.get("/balances")
@partner_only()
def balances() -> ResponseReturnValue:
    """Open invoices by due date, fifty a page."""
    session, seat, wanted = read_unit(), current_seat(), _wanted()
    page = balance_page(session, seat.partner_id, wanted, _today())
    kept = still_payable(session, seat.partner_id, ticked(session, seat.user_id)) if seat.may("pay") else {}
    on_page = {balance.id for balance in page.balances}
    return render(
        "partner/balances.html",
        page=page,
        wanted=wanted,
        shows=SHOW_WORDS,
        filters=_address(wanted),
        after=_written(page.after),
        kept=kept,
        kept_cents=sum(kept.values()),
        elsewhere_cents=sum(cents for id_, cents in kept.items() if id_ not in on_page),
        elsewhere=len(kept.keys() - on_page),
        most=MOST_OF_PARTNER,
        credit_cents=max(0, credit_balance(session, CreditOwner(partner_id=seat.partner_id))),
    )


@routes.post("/balances")
@partner_only("pay")
def tick() -> ResponseReturnValue:
    """Keep what is ticked on the page, then do what the button says."""
    seat, wanted, then = current_seat(), _wanted(), request.form.get("then", "")
    session = read_unit()
    shown, chosen = (request.form.getlist(name, type=row_id) for name in ("shown", "invoice"))
    before = list(still_payable(session, seat.partner_id, ticked(session, seat.user_id)))
    ticks = ticks_after(before, shown, shown if then == "page" else chosen, MOST_OF_PARTNER)
    if then == "none":
        ticks = []
    elif then in {"all", "overdue"}:
        only = BalanceFilter("overdue") if then == "overdue" else wanted
        ticks = payable_ids(session, seat.partner_id, only, _today(), MOST_OF_PARTNER)
        _say_if_most(ticks)
    payable = still_payable(session, seat.partner_id, ticks)
    close_read_unit()
    with write_unit() as unit:
        keep_ticks(unit, seat.user_id, [each for each in ticks if each in payable])
    if then in {"pay", "overdue"} and payable:
        return redirect_to(url_for("partner.pay"))
    if then == "credit" and payable:
        return redirect_to(url_for("partner.credit"))
    if then == "filter":
        return redirect_to(_url(_sent_filter(), ""))
    after = request.form.get("after", "") if then == "next" else request.args.get("after", "")
    return redirect_to(_url(wanted, after))


@routes.get("/balances.csv")
@partner_only()
def balances_csv() -> ResponseReturnValue:
    """All that fit, for a spreadsheet."""
    rows = csv_rows(read_unit(), current_seat().partner_id, _wanted(), _today())
    return csv_answer(f"balances-{agency().slug}-{_today()}", CSV_HEADER, rows)


def _say_if_most(ticks: list[int]) -> None:
    if len(ticks) == MOST_OF_PARTNER:
        words = _("One payment takes up to %(number)s invoices: those due first are ticked.", number=MOST_OF_PARTNER)
        flash(words, "info")


def _wanted() -> BalanceFilter:
    """What the address asks for."""
    day, _dot, number = request.args.get("after", "").partition(".")
    try:
        after = (date.fromisoformat(day), row_id(number)) if number else None
    except ValueError:
        after = None
    return _filter(request.args.get("show", ""), request.args.get("words", ""), after)


def _sent_filter() -> BalanceFilter:
    """What the fields of the form ask for."""
    return _filter(request.form.get("show", ""), request.form.get("words", ""), None)


def _filter(show: str, words: str, after: tuple[date, int] | None) -> BalanceFilter:
    known: Show = show if show in SHOWS else "all"
    return BalanceFilter(known, " ".join(words.split())[:MOST_WORDS], after)


def _address(wanted: BalanceFilter) -> dict[str, str]:
    """The filter as it stands in an address; what is usual is left out."""
    shown = {"show": wanted.show} if wanted.show != "all" else {}
    return {**shown, **({"words": wanted.words} if wanted.words else {})}


def _url(wanted: BalanceFilter, after: str) -> str:
    """The address of a page of the table."""
    values: dict[str, Any] = {**_address(wanted), **({"after": after} if after else {})}
    return url_for("partner.balances", **values)


def _written(after: tuple[date, int] | None) -> str:
    return f"{after[0].isoformat()}.{after[1]}" if after else ""


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
