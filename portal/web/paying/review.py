"""Second page: exactly what will be charged, to which card or account, for whom. Nothing is charged yet."""

import secrets

from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.core.errors import BadInput
from portal.core.money import format_money
from portal.core.text import Text, text
from portal.payments.claims import MOST_CENTS, Payer
from portal.payments.fees import fee_cents
from portal.payments.gateway import GatewayError, MethodPreview
from portal.payments.mandates import VERSION
from portal.payments.method_kinds import BANK_DEBIT, CARD, allowed_kinds, charged_as
from portal.payments.methods.paying import MethodGone
from portal.payments.payable import Payable
from portal.web.branding import render
from portal.web.htmx import is_htmx
from portal.web.language import current_locale
from portal.web.paying.agreed import Agreed
from portal.web.paying.agreeing import AgreeForm, authorization
from portal.web.paying.autopay import authorization as autopay_authorization
from portal.web.paying.autopay import offered_program
from portal.web.paying.choose import chosen, kinds, pay_form, show
from portal.web.paying.door import Door
from portal.web.paying.fees import terms_for
from portal.web.paying.forms import InsuredPayForm, PayForm, ThirdPartyPayForm
from portal.web.paying.parts import amounts_of, part_fields, parts_in
from portal.web.paying.review_page import show_review
from portal.web.paying.saved import can_save, preview_of
from portal.web.paying.till import open_till
from portal.web.services import agency, services

ELSEWHERE = text("This method cannot pay here. You have not been charged. Choose another one.")
APART = text("You have not been charged. One of these is paid by card only, one by bank only. Pay one, then the other.")
ONLY = {
    CARD: text("This is paid by card only. You have not been charged. Choose a card."),
    BANK_DEBIT: text("This is paid from a bank account only. You have not been charged. Choose a bank account."),
}
PART_BY_CARD = text("A part of an invoice can be paid by card only. Choose a card, or pay all of it.")


def review(door: Door) -> ResponseReturnValue:
    """Check the form, ask the processor what the token stands for, and show what the button will do."""
    form = pay_form(door)
    if not form.validate_on_submit():
        return _again(door, form)
    saved_id = form.saved_id() if isinstance(form, InsuredPayForm) else None
    if saved_id is None and not form.confirmation_token.data:
        form.form_errors.append(_("Paying here needs JavaScript in your browser. Turn it on, or call us to pay."))
        return _again(door, form)
    try:
        method = _preview(form.confirmation_token.data or "") if saved_id is None else preview_of(door, saved_id)
    except (BadInput, MethodGone) as error:
        form.form_errors.append(error.message)
        return _again(door, form)
    payer = _payer(door, form)
    invoices = door.payable if door.payoff else chosen(door, set(form.invoice.data or []))
    if charged_as(method.kind) not in kinds(invoices):
        form.form_errors.append(_why_not(invoices))
        return _again(door, form)
    parts = door.payoff_parts if door.payoff else {} if door.is_partner else parts_in(form, invoices)
    if (
        parts
        and not door.payoff
        and charged_as(method.kind) not in allowed_kinds(agency().takes_bank_debits, is_part=True)
    ):
        form.form_errors.append(PART_BY_CARD)
        return _again(door, form)
    amounts = amounts_of(invoices, parts)
    amount = sum(amounts.values())
    fee = fee_cents(terms_for(invoices), method.kind, method.funding, amount)
    if amount + fee > MOST_CENTS:
        most = format_money(MOST_CENTS)
        words = _("One payment can be at most %(most)s. Choose fewer invoices, or call us to pay.", most=most)
        form.invoice.errors = [words]
        return _again(door, form)
    autopay_id, autopay_words = _autopay(door, form, [invoice.id for invoice in invoices], method, saved_id)
    agreed = Agreed(
        request_key=secrets.token_urlsafe(18),
        invoices=[(invoice.id, invoice.open_cents) for invoice in invoices],
        fee_cents=fee,
        token=method.token,
        method_kind=method.kind,
        method_brand=method.brand,
        method_last4=method.last4,
        method_funding=method.funding,
        expires_at=method.expires_at.timestamp(),
        payer_name=payer.name,
        payer_email=payer.email,
        parts=list(parts.items()),
        method_fingerprint=method.fingerprint,
        authorization=authorization(method.kind, method.brand, method.last4, amount + fee),
        wording=VERSION,
        locale=current_locale(),
        saved_method_id=saved_id,
        saves=method.is_to_be_kept and can_save(door),
        payoff_loan_id=door.payoff.loan_id if door.payoff else None,
        autopay_program_id=autopay_id,
        autopay_authorization=autopay_words,
    )
    return show_review(door, agreed, AgreeForm(None))


def _why_not(invoices: list[Payable]) -> Text:
    """Why these are not paid with the method that was chosen."""
    only = {invoice.restricted_to for invoice in invoices} - {""}
    return ONLY[only.pop()] if len(only) == 1 else APART if only else ELSEWHERE


def _autopay(
    door: Door, form: PayForm, invoice_ids: list[int], method: MethodPreview, saved_id: int | None
) -> tuple[int | None, str]:
    """The program that the payer wants on autopay with this method, and what they are asked to agree to for it."""
    program = offered_program(door, set(invoice_ids))
    is_wished = isinstance(form, InsuredPayForm) and program is not None and form.autopay.data == str(program.id)
    if program is None or not is_wished or not (saved_id or method.is_to_be_kept):
        return None, ""
    words = autopay_authorization(program.id, method, without=invoice_ids)
    return (program.id, words) if words else (None, "")


def _preview(token: str) -> MethodPreview:
    """What the token will pay with.

    Raises:
        BadInput: it cannot be used; card or account have to be entered again.
    """
    try:
        method = open_till().gateway.preview(token)
    except GatewayError as error:
        raise BadInput(
            text("We could not read your payment details. You have not been charged. Please try again.")
        ) from error
    if method.expires_at <= services().now():
        raise BadInput(text("Your payment details have timed out. You have not been charged. Please review again."))
    return method


def _payer(door: Door, form: PayForm) -> Payer:
    if isinstance(form, ThirdPartyPayForm):
        return Payer(door.payer.kind, form.payer_name.data or "", form.payer_email.data or "", door.payer.locale)
    return door.payer


def _again(door: Door, form: PayForm) -> ResponseReturnValue:
    """The form with its errors: as the step's fragment, or as the whole page."""
    if is_htmx():
        fields = {} if door.payoff or door.is_partner else part_fields(form, door.payable)
        return render("paying/_form_errors.html", door=door, form=form, part_fields=fields), 422
    return show(door, form, 422)
