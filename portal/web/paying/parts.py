"""The amount fields of the payment form, where an agency takes invoices in parts."""

from collections.abc import Mapping, Sequence

from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, ValidationError

from portal.core.errors import BadInput
from portal.core.money import plain_money
from portal.payments.parts import PartRange, part_range, read_part
from portal.payments.payable import Payable
from portal.web.filters import say
from portal.web.paying.forms import PayForm
from portal.web.services import agency

PART = "part_"
"""What the names of amount fields begin with; the invoice's id follows."""


def name_of(invoice_id: int) -> str:
    """What an invoice's amount field is called."""
    return f"{PART}{invoice_id}"


def part_ranges(invoices: Sequence[Payable]) -> dict[int, PartRange]:
    """Which of these invoices can be paid in part, and within which range."""
    ranges = {
        each.id: part_range(agency(), each.open_cents)
        for each in invoices
        if not each.is_under_way and each.kind != "reinstatement"
    }
    return {invoice_id: found for invoice_id, found in ranges.items() if found is not None}


def with_parts(kind: type[PayForm], invoices: Sequence[Payable]) -> type[PayForm]:
    """The form with an amount field for each invoice that can be paid in part."""
    ranges = part_ranges(invoices)
    if not ranges:
        return kind
    fields = {
        name_of(each.id): StringField(
            _l("Amount to pay"), [_Part(each, ranges[each.id])], default=plain_money(each.open_cents)
        )
        for each in invoices
        if each.id in ranges
    }
    return type(kind.__name__, (kind,), fields)


def parts_in(form: PayForm, invoices: Sequence[Payable]) -> dict[int, int]:
    """What is to be paid of the invoices that are not paid in whole: id -> cents. What cannot be read counts whole."""
    ranges = part_ranges(invoices)
    found = {}
    for each in invoices:
        field = form._fields.get(name_of(each.id))
        if field is None or each.id not in ranges:
            continue
        try:
            cents = read_part(field.data or "", each.open_cents, ranges[each.id])
        except BadInput:
            continue
        if cents != each.open_cents:
            found[each.id] = cents
    return found


class _Part:
    """Checks an amount field, if its invoice is ticked."""

    def __init__(self, invoice: Payable, allowed: PartRange) -> None:
        self._invoice = invoice
        self._allowed = allowed

    def __call__(self, form: PayForm, field: Field) -> None:
        if self._invoice.id not in (form.invoice.data or []):
            return
        try:
            read_part(field.data or "", self._invoice.open_cents, self._allowed)
        except BadInput as error:
            raise ValidationError(say(error.message)) from error


def part_fields(form: PayForm, invoices: Sequence[Payable]) -> dict[int, tuple[Field, PartRange]]:
    """The amount fields of a form by invoice, each with its range."""
    return {each: (form._fields[name_of(each)], allowed) for each, allowed in part_ranges(invoices).items()}


def amounts_of(invoices: Sequence[Payable], parts: Mapping[int, int]) -> dict[int, int]:
    """What is paid of each invoice."""
    return {each.id: parts.get(each.id, each.open_cents) for each in invoices}
