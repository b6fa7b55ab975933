"""Paying as the insured: whatever is open and tied to their e-mail address."""

from dataclasses import replace

from flask import request, url_for
from flask_login import current_user
from sqlalchemy import select

from portal.access.visible import sight_of
from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.financing.models import Loan
from portal.financing.payoffs import quote_payoff
from portal.payments.claims import Payer
from portal.payments.payable import payable_invoices
from portal.reports.checkout import checkout_page
from portal.web.guards import insured_only
from portal.web.insured.blueprint import routes
from portal.web.language import current_locale
from portal.web.list_address import row_id
from portal.web.paying.door import CheckoutEnd, Door
from portal.web.paying.routes import add_paying
from portal.web.services import agency, services
from portal.web.units import read_unit

FIRST = ("pay_in_full", "down_payment")
"""The kinds of invoices that a program's first payment pays."""


def _door() -> Door:
    loan_id, program_id = request.args.get("payoff", type=row_id), request.args.get("checkout", type=row_id)
    if loan_id is not None:
        return _payoff(loan_id)
    return _all() if program_id is None else _checkout(program_id)


def _checkout(program_id: int) -> Door:
    """The door at the end of a program's checkout: what its first payment pays; once that is made, everything.

    Raises:
        NotFound: no such program for this address.
    """
    page, door = checkout_page(read_unit(), current_user.email, program_id), _all()
    is_financed = page.loan_id is not None
    payable = [each for each in door.payable if each.program_id == program_id and each.kind in FIRST]
    if not payable or not (is_financed or page.is_open):
        return door
    back = "insured.program" if is_financed else "insured.checkout_options"
    return replace(
        door,
        payable=payable,
        values={"checkout": program_id},
        back_url=url_for(back, program_id=program_id),
        checkout=CheckoutEnd(page.name, is_financed),
    )


def _payoff(loan_id: int) -> Door:
    """The door that ends a loan: all its open installments, for less by the interest that is saved.

    Raises:
        NotFound: there is no such loan under way, or not for this address.
    """
    session, door = read_unit(), _all()
    if session.scalar(select(Loan.id).where(Loan.id == loan_id, Loan.state == "bound")) is None:
        raise NotFound
    quote = quote_payoff(session, loan_id, local_date(services().now(), agency().time_zone))
    payable = [invoice for invoice in door.payable if invoice.id in quote.open_cents]
    if not payable or len(payable) < len(quote.open_cents):
        raise NotFound
    back_url = url_for("insured.program", program_id=payable[0].program_id)
    if held := [invoice for invoice in payable if invoice.is_under_way]:
        return replace(door, payable=held, values={"payoff": loan_id}, back_url=back_url)
    return replace(door, payable=payable, values={"payoff": loan_id}, back_url=back_url, payoff=quote)


def _all() -> Door:
    """Everything that is open and tied to the address."""
    session = read_unit()
    payable = payable_invoices(session, sight_of(session, current_user.email).invoices())
    names = dict.fromkeys(invoice.insured_name for invoice in payable)
    name = next(iter(names)) if len(names) == 1 else current_user.email
    return Door(
        payer=Payer("insured", name, current_user.email, current_locale()),
        payable=payable,
        is_masked=False,
        endpoint="insured",
        values={},
        back_url=url_for("insured.home"),
    )


add_paying(routes, "/pay", insured_only, _door)
