"""One payment as staff see it, and giving its money back: what, why, what follows, then it is sent."""

import secrets
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.access.permissions import Permission
from portal.core.clock import local_date
from portal.core.errors import BadInput, Conflict
from portal.core.money import format_money, parse_money, plain_money
from portal.core.text import Text, text
from portal.payments.money_back.models import Refund
from portal.payments.money_back.refund import TOO_MUCH, RefundOrder, refund, request_refund
from portal.payments.money_back.rules import REASONS, Split, may_be_returned
from portal.reports.money_back import Source, StaffPayment, staff_payment
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.paying.till import open_till
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

SAID = {
    "succeeded": text("The refund is done. The payer gets a mail with the credit note."),
    "pending": text("The refund is on its way. The payer gets a mail with the credit note."),
    "requires_action": text("The refund waits for the payer."),
    "requested": text("The processor has not answered yet. The portal finds out whether the refund was made."),
    "canceled": text("The processor refused the refund. Nothing has left; “Needs attention” says why."),
    "failed": text("The payer's bank did not take the refund. The money is the customer's credit."),
}
Give = tuple[str, Text, int]
"""What can give money back: its field's name, words, and the most in cents."""
CHOICES: list[Any] = list(REASONS.items())
NOTHING_LEFT = text("Nothing of this payment can be refunded now.")


class RefundForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Why. What goes back has one field for each that gives it; `seen` is what the confirm page showed."""

    reason = RadioField(_l("Why"), [InputRequired(_l("Choose a reason."))], choices=CHOICES)
    note = TextAreaField(_l("Note for your colleagues"), [Length(max=500)])
    hand_reference = StringField(_l("Number of your check, or reference of your transfer"), [Length(max=40)])
    request_key = HiddenField()
    seen = HiddenField()


@routes.get("/payments/<int:payment_id>")
@staff_only(Permission.VIEW)
def payment(payment_id: int) -> ResponseReturnValue:
    """What it pays, what went back of it, and what is asked back."""
    return render("admin/refund/payment.html", page=staff_payment(read_unit(), payment_id))


@routes.route("/payments/<int:payment_id>/refund", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def refund_payment(payment_id: int) -> ResponseReturnValue:
    """The form; then what follows, in dollars; then it is sent."""
    page = staff_payment(read_unit(), payment_id)
    if page.now is None or not page.now.refundable_cents:
        flash(say(NOTHING_LEFT), "info")
        return redirect(url_for("admin.payment", payment_id=payment_id))
    gives = _gives(page)
    form = _form(gives)
    form.request_key.data = form.request_key.data or secrets.token_urlsafe(18)
    if form.validate_on_submit():
        try:
            order = _order(page, form, gives)
            if form.seen.data == _seen(order):
                return _send(order, page)
        except (BadInput, Conflict) as error:
            form.form_errors.append(error.message)
        else:
            return _confirm(page, form, order)
    notes = {name: text("%(amount)s at the most", amount=format_money(most)) for name, _, most in gives}
    shown = render("admin/refund/form.html", page=page, form=form, gives=gives, notes=notes, **_warnings(page))
    return shown, 422 if form.errors or form.form_errors else 200


def _gives(page: StaffPayment) -> list[Give]:
    """What can give money back of this payment."""
    assert page.now is not None
    now, sources = page.now, [each for each in page.sources if each.covered_cents]
    gives: list[Give] = [(f"part_{each.id}", _words(each), each.covered_cents) for each in sources]
    others = (("fee", text("Card fee"), now.fee_cents), ("credit", text("Customer's credit"), now.credit_cents))
    return gives + [(name, words, min(cents, now.left_cents)) for name, words, cents in others if cents]


def _words(source: Source) -> Text:
    return text("Invoice %(number)s: %(title)s", number=source.number, title=source.title)


def _form(gives: list[Give]) -> Any:
    """The form with a field for each that can give; filled in is what paid for something, or only the credit."""
    wants_credit = request.args.get("of") == "credit"
    fields = {}
    for name, words, most in gives:
        is_meant = len(gives) == 1 or (name == "credit") is wants_credit
        fields[name] = StringField(say(words), default=plain_money(most if is_meant else 0))
    return type("RefundOfPayment", (RefundForm,), fields)()


def _order(page: StaffPayment, form: Any, gives: list[Give]) -> RefundOrder:
    """What was entered.

    Raises:
        BadInput: no amount, or more than there is.
    """
    assert page.now is not None
    cents = {}
    for name, _words, most in gives:
        written = (getattr(form, name).data or "").strip()
        cents[name] = parse_money(written) if written else 0
        if not 0 <= cents[name] <= most:
            raise BadInput(TOO_MUCH)
    parts = {int(name.removeprefix("part_")): amount for name, amount in cents.items() if name.startswith("part_")}
    split = Split({id_: amount for id_, amount in parts.items() if amount}, cents.get("fee", 0), cents.get("credit", 0))
    if not split.total_cents:
        raise BadInput(text("Enter an amount of more than nothing."))
    if split.total_cents > page.now.refundable_cents:
        raise BadInput(TOO_MUCH)
    if page.payment.kind == "offline" and not (form.hand_reference.data or "").strip():
        raise BadInput(text("Enter the number of the check, or the reference of the transfer."))
    return RefundOrder(
        request_key=f"staff:{form.request_key.data}",
        payment_id=page.payment.id,
        reason=form.reason.data,
        parts=split.parts,
        fee_cents=split.fee_cents,
        credit_cents=split.credit_cents,
        note=(form.note.data or "").strip(),
        hand_reference=(form.hand_reference.data or "").strip(),
    )


def _confirm(page: StaffPayment, form: Any, order: RefundOrder) -> ResponseReturnValue:
    names = [name for name, _, _ in _gives(page)]
    return render(
        "admin/refund/confirm.html",
        page=page,
        form=form,
        order=order,
        total_cents=order.split.total_cents,
        reason=REASONS[order.reason],
        rows=[(source, order.parts[source.id]) for source in page.sources if source.id in order.parts],
        seen=_seen(order),
        names=names,
        **_warnings(page),
    )


def _send(order: RefundOrder, page: StaffPayment) -> ResponseReturnValue:
    who = actor()
    if page.payment.kind == "offline":
        now = services().now()
        with write_unit() as session:
            made: Refund = request_refund(session, order, local_date(now, agency().time_zone), who, now)[0]
    else:
        made = refund(open_till(), order, who)
    flash(say(SAID[made.state]), "ok" if made.state in {"succeeded", "pending"} else "info")
    return redirect_to(url_for("admin.payment", payment_id=order.payment_id))


def _seen(order: RefundOrder) -> str:
    parts = ",".join(f"{id_}:{cents}" for id_, cents in sorted(order.parts.items()))
    return f"{parts};{order.fee_cents};{order.credit_cents}"


def _warnings(page: StaffPayment) -> dict[str, Any]:
    """A bank debit within sixty days may be returned besides; money paid by hand does not leave by itself."""
    zone = agency().time_zone
    paid_at = page.payment.succeeded_at or page.payment.created_at
    today = local_date(services().now(), zone)
    return {
        "may_be_returned": may_be_returned(page.payment.method_kind, local_date(paid_at, zone), today),
        "is_by_hand": page.payment.kind == "offline",
    }
