"""First page: what to pay, who pays, and the processor's own fields."""

from collections.abc import Iterable

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.core.clock import local_date
from portal.core.money import LARGEST_CENTS
from portal.insureds.masking import mask_name
from portal.invoices.due_first import later_installments
from portal.invoices.kinds import invoice_title
from portal.payments.fees import fee_cents
from portal.payments.method_kinds import BANK_DEBIT, CARD, allowed_kinds, charged_as, takes
from portal.payments.payable import Payable
from portal.reports.cancelation import SeenNotice, seen_notice
from portal.reports.credit import seen_credit
from portal.reports.saved_methods import SavedMethod
from portal.servicing.program_facts import running_notices
from portal.web.branding import render
from portal.web.headers import allow_processor
from portal.web.list_address import row_id
from portal.web.paying.autopay import offered_program
from portal.web.paying.begun import unfinished
from portal.web.paying.door import Door
from portal.web.paying.fees import terms_for
from portal.web.paying.forms import InsuredPayForm, PartnerPayForm, PayForm, ThirdPartyPayForm
from portal.web.paying.parts import PART, amounts_of, part_fields, parts_in, with_parts
from portal.web.paying.saved import NEW, can_save, offered
from portal.web.paying.till import processor_keys
from portal.web.services import agency, services
from portal.web.units import read_unit


def choose(door: Door) -> ResponseReturnValue:
    """Show the payment page; the address says what is ticked at first, else everything that is asked for."""
    can_pay = [invoice for invoice in door.payable if not invoice.is_under_way]
    wished = set(request.args.getlist("invoice", type=row_id))
    later = later_installments(can_pay, local_date(services().now(), agency().time_zone))
    ticked = [invoice.id for invoice in can_pay if invoice.id in wished] or (
        [] if wished else [invoice.id for invoice in can_pay if invoice.id not in later]
    )
    if door.payoff:
        ticked = [invoice.id for invoice in can_pay]
    typed = [(name, value) for name, value in request.args.items() if name.startswith(PART)]
    typed += [("saved_method", request.args["saved_method"])] if "saved_method" in request.args else []
    form = pay_form(door, MultiDict([("invoice", str(invoice_id)) for invoice_id in ticked] + typed))
    return show(door, form)


def pay_form(door: Door, data: MultiDict[str, str] | None = None) -> PayForm:
    """The form of this door: with the payer's name and e-mail where nobody has signed in."""
    kind: type[PayForm] = ThirdPartyPayForm if door.asks_payer else InsuredPayForm
    if door.is_partner:
        kind, data = PartnerPayForm, _without_left_out(door) if data is None else data
    elif not door.payoff:
        kind = with_parts(kind, door.payable)
    form = kind() if data is None else kind(data)
    form.invoice.choices = [(invoice.id, invoice.number) for invoice in door.payable if not invoice.is_under_way]
    return form


def _without_left_out(door: Door) -> MultiDict[str, str]:
    """What was sent, without invoices that cannot be paid any more: the rest of them can."""
    payable = {str(invoice.id) for invoice in door.payable if not invoice.is_under_way}
    sent = [(name, each) for name, each in request.form.items(multi=True) if name != "invoice" or each in payable]
    return MultiDict(sent)


def show(door: Door, form: PayForm, status: int = 200) -> ResponseReturnValue:
    """The page around a form."""
    allow_processor()
    keys = processor_keys()
    ticked = set(form.invoice.data or [])
    names = {invoice.insured_id: invoice.insured_name for invoice in door.payable}
    if door.is_masked:
        names = {insured_id: mask_name(name) for insured_id, name in names.items()}
    under_way = [invoice for invoice in door.payable if invoice.is_under_way and not door.is_partner]
    begun = unfinished(read_unit(), [invoice.id for invoice in under_way]) if under_way else None
    terms = {invoice.id: terms_for([invoice]) for invoice in door.payable}
    parts = parts_of(door, form)
    total = sum(amounts_of(chosen(door, ticked), parts).values())
    here = kinds_here(door)
    saved = [method for method in offered(door) if charged_as(method.kind) in here]
    cost = terms_for(chosen(door, ticked))
    saved_fees = {method.id: fee_cents(cost, method.kind, method.funding, total) for method in saved}
    picked = picked_of(form, saved)
    page = render(
        "paying/choose.html",
        door=door,
        form=form,
        ticked=ticked,
        about=next(iter(names.values())) if door.is_masked and len(names) == 1 else "",
        insured_names=names if len(names) > 1 else {},
        under_way=under_way,
        begun_url=url_for("paying.status", token=begun) if begun else "",
        invoice_title=invoice_title,
        part_fields={} if door.payoff or door.is_partner else part_fields(form, door.payable),
        is_part=bool(ticked & parts.keys()),
        total_cents=total,
        terms=terms,
        fee_cents=cost.card_cents(total),
        has_card_fee=CARD in here and any(each.card_cents(LARGEST_CENTS) for each in terms.values()),
        bank_fee_cents=cost.bank_cents,
        has_bank_fee=BANK_DEBIT in here and any(each.bank_cents for each in terms.values()),
        kinds=here,
        kinds_now=kinds(chosen(door, ticked)),
        saved=saved,
        saved_fees=saved_fees,
        picked=picked,
        picked_fee_cents=saved_fees.get(picked, 0) if picked else 0,
        can_save=can_save(door),
        notice=_notice(door),
        autopay=offered_program(door, ticked),
        credit_cents=seen_credit(read_unit(), door.payer.email) if door.payer.kind == "insured" else 0,
        publishable_key=keys.publishable_key,
        script=services().processor.script,
    )
    return page, status


def _notice(door: Door) -> SeenNotice | None:
    """What has to be paid here so that nothing is canceled: of several programs the one whose day is the next."""
    today = local_date(services().now(), agency().time_zone)
    ids = {invoice.program_id for invoice in door.payable if invoice.kind == "installment" and invoice.program_id}
    notices = [
        seen_notice(notice, [one for one in door.payable if one.program_id == program_id], today)
        for program_id, notice in running_notices(read_unit(), ids).items()
    ]
    return min((each for each in notices if each), key=lambda each: each.pay_by, default=None)


def picked_of(form: PayForm, saved: list[SavedMethod]) -> int | None:
    """Which saved method is chosen: the default, until the payer says otherwise; None for the processor's fields."""
    if not saved or not isinstance(form, InsuredPayForm) or form.saved_method.data == NEW:
        return None
    typed = form.saved_id()
    return typed if typed in {method.id for method in saved} else saved[0].id


def parts_of(door: Door, form: PayForm) -> dict[int, int]:
    """What is to be paid of the invoices that are not paid in whole: id -> cents."""
    return door.payoff_parts if door.payoff else {} if door.is_partner else parts_in(form, door.payable)


def kinds(invoices: Iterable[Payable]) -> tuple[str, ...]:
    """With which kinds of methods one payment for all of these may be made."""
    return allowed_kinds(agency().takes_bank_debits, restrictions=[invoice.restricted_to for invoice in invoices])


def kinds_here(door: Door) -> tuple[str, ...]:
    """With which kinds anything at all can be paid at this door."""
    can_pay = [invoice for invoice in door.payable if not invoice.is_under_way]
    return tuple(kind for kind in kinds(()) if any(takes(one.restricted_to, kind) for one in can_pay)) or kinds(())


def chosen(door: Door, ids: set[int]) -> list[Payable]:
    """The payable invoices among these ids, in the order shown."""
    return [invoice for invoice in door.payable if invoice.id in ids and not invoice.is_under_way]
