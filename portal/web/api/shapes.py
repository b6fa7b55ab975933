"""What goes in and out of the API: whole cents, ISO dates and moments, rates as fractions in text."""

from decimal import Decimal
from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Date, DateTime, Email, Function, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range, Regexp

from portal.partners.accounts import MOST_DAYS
from portal.partners.models import KINDS, PARTNER_ROLES, SCHEDULES
from portal.reference.us_states import state_names
from portal.web.api.pages import LARGEST_ID

_PLAIN = Regexp(r"^[^\x00-\x1f\x7f\ud800-\udfff]*\Z", error="Control characters are not taken.")
"""Half a character, which JSON can write, counts as one: no database keeps it."""
_RATE = r"^0(\.[0-9]{1,6})?$"
_PHONE = Regexp(r"^(([^0-9]*[0-9]){7,20}[^0-9]*)?\Z", error="This is not a phone number. Write it like 828-555-0134.")
"""As the pages read it (`portal/imports/cells.py`)."""
_ZIP = r"^[0-9]{5}(-[0-9]{4})?$"


def _line(longest: int = 200, *, least: int = 0, **more: Any) -> String:
    return String(validate=[Length(least, longest), _PLAIN], **more)


def _rate(**more: Any) -> String:
    """A rate as a fraction in text: exact, as floats are not."""
    wrong = "Write a fraction of less than 1 with up to six decimals, like 0.125 for 12.5 %."
    return String(validate=Regexp(_RATE, error=wrong), allow_none=True, **more)


def _state(**more: Any) -> String:
    wrong = "Write a US state or territory as its two letters, like NC."
    return String(validate=OneOf(tuple(state_names()), error=wrong), **more)


def _zip(**more: Any) -> String:
    return String(validate=Regexp(_ZIP, error="Write a ZIP code like 78701 or 78701-4042."), **more)


def _rate_out(name: str) -> Function:
    def told(row: dict[str, Any]) -> str | None:
        value: Decimal | None = row[name]
        return None if value is None else f"{value.normalize():f}"

    return Function(told, metadata={"type": ["string", "null"], "description": "a fraction: 0.125 is 12.5 %"})


class AccountChange(Schema):
    """What of an organization account can be changed. It counts for new policies only."""

    kind = String(validate=OneOf(KINDS))
    name = _line(least=1)
    address_line1 = _line(least=1)
    address_line2 = _line()
    city = _line(100, least=1)
    state = _state()
    postal_code = _zip()
    phone = String(validate=[Length(0, 50), _PLAIN, _PHONE], metadata={"description": "7 to 20 digits, or empty"})
    contact_first_name = _line(100, least=1)
    contact_last_name = _line(100, least=1)
    contact_email = Email(validate=[Length(3, 254), _PLAIN])
    bills_agency = Boolean(truthy={True}, falsy={False}, metadata={"description": "it pays agency bill"})
    due_days = Integer(strict=True, validate=Range(0, MOST_DAYS))
    kept_commission_rate = _rate()
    bills_direct = Boolean(truthy={True}, falsy={False}, metadata={"description": "it receives commission"})
    commission_rate = _rate()
    payout_schedule = String(validate=OneOf(SCHEDULES))
    settlement_days = Integer(strict=True, validate=Range(0, MOST_DAYS))
    archived = Boolean(truthy={True}, falsy={False}, metadata={"description": "takes no new programs"})


class AccountNew(AccountChange):
    """A new organization account. Its contact becomes its first admin and gets a welcome mail."""

    kind = String(required=True, validate=OneOf(KINDS))
    name = _line(least=1, required=True)
    address_line1 = _line(least=1, required=True)
    city = _line(100, least=1, required=True)
    state = _state(required=True)
    postal_code = _zip(required=True)
    contact_first_name = _line(100, least=1, required=True)
    contact_last_name = _line(100, least=1, required=True)
    contact_email = Email(required=True, validate=[Length(3, 254), _PLAIN])
    bills_agency = Boolean(required=True, truthy={True}, falsy={False})
    bills_direct = Boolean(required=True, truthy={True}, falsy={False})

    class Meta:
        exclude = ("archived",)


class ReferenceOut(Schema):
    """What another system calls it."""

    system = String(required=True)
    external_id = String(required=True)


class AccountOut(Schema):
    """An organization account. Merged into another: `merged_into_id` says which, and nothing else of it counts."""

    id = Integer(required=True)
    kind = String(required=True)
    name = String(required=True)
    address_line1 = String(required=True)
    address_line2 = String(required=True)
    city = String(required=True)
    state = String(required=True)
    postal_code = String(required=True)
    phone = String(required=True)
    contact_first_name = String(required=True)
    contact_last_name = String(required=True)
    contact_email = String(required=True)
    bills_agency = Boolean(required=True)
    due_days = Integer(required=True)
    kept_commission_rate = _rate_out("kept_commission_rate")
    bills_direct = Boolean(required=True)
    commission_rate = _rate_out("commission_rate")
    payout_schedule = String(required=True)
    settlement_days = Integer(required=True)
    external_references = List(Nested(ReferenceOut), required=True)
    created_at = DateTime(required=True)
    archived_at = DateTime(required=True, allow_none=True)
    merged_into_id = Integer(required=True, allow_none=True)


class UserChange(Schema):
    """What of a user can be changed."""

    role = String(validate=OneOf(PARTNER_ROLES))
    removed = Boolean(truthy={True}, falsy={False}, validate=OneOf([True]))


class UserNew(Schema):
    """Somebody to let in at an organization account. One with another e-mail domain than its admins is held first."""

    organization_account_id = Integer(required=True, strict=True, validate=Range(1, LARGEST_ID))
    email = Email(required=True, validate=[Length(3, 254), _PLAIN])
    role = String(required=True, validate=OneOf(PARTNER_ROLES))
    first_name = _line(100, load_default="")
    last_name = _line(100, load_default="")


class UserOut(Schema):
    """A user. State: invited, active, held (somebody must approve) or removed."""

    id = Integer(required=True)
    organization_account_id = Integer(required=True)
    email = String(required=True)
    first_name = String(required=True)
    last_name = String(required=True)
    role = String(required=True)
    state = String(required=True)
    created_at = DateTime(required=True)
    joined_at = DateTime(required=True, allow_none=True)
    removed_at = DateTime(required=True, allow_none=True)


class PolicyOut(Schema):
    """A policy, with the amounts at binding."""

    id = Integer(required=True)
    policy_number = String(required=True)
    carrier = String(required=True)
    coverage_code = String(required=True)
    coverage = String(required=True)
    effective_date = Date(required=True)
    expiration_date = Date(required=True)
    premium_cents = Integer(required=True)
    taxes_cents = Integer(required=True)
    surplus_lines_tax_cents = Integer(required=True)
    policy_fee_cents = Integer(required=True)
    agency_fee_cents = Integer(required=True)
    broker_fee_cents = Integer(required=True)
    other_fee_cents = Integer(required=True)


class ProgramOut(Schema):
    """A program. Billing type: direct_bill or agency_bill."""

    id = Integer(required=True)
    reference = String(required=True)
    name = String(required=True)
    insured_id = Integer(required=True)
    insured_name = String(required=True)
    organization_account_id = Integer(required=True, allow_none=True)
    billing_type = String(required=True)
    due_date = Date(required=True)
    is_draft = Boolean(required=True)
    policies = List(Nested(PolicyOut), required=True)
    created_at = DateTime(required=True)
    archived_at = DateTime(required=True, allow_none=True)
    canceled_on = Date(required=True, allow_none=True)


class LineOut(Schema):
    """A line of an invoice."""

    kind = String(required=True)
    label = String(required=True)
    amount_cents = Integer(required=True)
    policy_id = Integer(required=True, allow_none=True)


class InvoiceOut(Schema):
    """An invoice. State: draft, open, paid or void. Of an organization account: that pays it."""

    id = Integer(required=True)
    number = String(required=True)
    kind = String(required=True)
    program_id = Integer(required=True, allow_none=True)
    insured_id = Integer(required=True)
    organization_account_id = Integer(required=True, allow_none=True)
    description = String(required=True)
    issued_on = Date(required=True)
    due_date = Date(required=True)
    state = String(required=True)
    total_cents = Integer(required=True)
    open_cents = Integer(required=True)
    lines = List(Nested(LineOut), required=True)


class ClaimOut(Schema):
    """What a payment is for. State: live, consumed (it has paid), released or reversed."""

    invoice_id = Integer(required=True)
    amount_cents = Integer(required=True)
    taken_back_cents = Integer(required=True)
    state = String(required=True)


class PaymentOut(Schema):
    """A payment, whatever became of it. Only one that succeeded has moved money."""

    id = Integer(required=True)
    reference = String(required=True)
    kind = String(required=True)
    state = String(required=True)
    amount_cents = Integer(required=True)
    fee_cents = Integer(required=True)
    charged_cents = Integer(required=True)
    method_kind = String(required=True)
    method_brand = String(required=True)
    method_last4 = String(required=True)
    payer_kind = String(required=True)
    payer_name = String(required=True)
    payer_email = String(required=True)
    invoices = List(Nested(ClaimOut), required=True)
    created_at = DateTime(required=True)
    succeeded_at = DateTime(required=True, allow_none=True)


def page_of(shape: type[Schema]) -> type[Schema]:
    """A page of these."""
    fields = {"data": List(Nested(shape), required=True), "next_cursor": String(required=True, allow_none=True)}
    return type(f"{shape.__name__.removesuffix('Out')}Page", (Schema,), fields)
