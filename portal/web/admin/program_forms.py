"""The form on which staff create and edit a program: the customer, the program, and its policies."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, FieldList, Form, FormField, HiddenField, SelectField, ValidationError

from portal.core.text import Text, text
from portal.imports.cells import (
    read_amount,
    read_country,
    read_date,
    read_email,
    read_emails,
    read_phone,
    read_policy_number,
    read_state,
    read_text,
    read_zip,
)
from portal.programs.models import MOST_POLICIES
from portal.servicing.drafts import PolicyDraft
from portal.web.admin.partner_choice import offered_partners
from portal.web.admin.typed_fields import HomeField, Typed, read_percent
from portal.web.filters import say

KINDS: list[Any] = [("business", text("Business")), ("person", text("Person"))]
LOCALES: list[Any] = [("en_US", text("English")), ("es_US", text("Spanish"))]
BILLING: list[Any] = [
    ("direct_bill", text("Direct bill: the insured pays")),
    ("agency_bill", text("Agency bill: the partner pays")),
]
RESTRICTIONS: list[Any] = [
    ("", text("Card or bank account")),
    ("card", text("Card only")),
    ("us_bank_account", text("Bank account only")),
]
AMOUNTS = (
    "premium_cents",
    "taxes_cents",
    "surplus_lines_tax_cents",
    "policy_fee_cents",
    "agency_fee_cents",
    "broker_fee_cents",
    "other_fee_cents",
)
RATES = ("minimum_earned_rate", "gross_commission_rate", "retail_commission_rate")
DAYS = ("effective_date", "expiration_date")
NOT_AFTER = text("It is not after the effective date.")
TWICE = text("Another policy here has the same number, coverage and effective date.")
NOTHING = text("There is nothing to pay: premium, taxes and fees are zero.")
NO_POLICY = text("Add a policy, or save it as a draft.")
TOO_MANY = text("A program has at most %(most)s policies.", most=MOST_POLICIES)


class InsuredPart(Form):
    """The customer, named as in `InsuredDraft`."""

    name = Typed(_l("Name"), read_text, "always")
    kind = SelectField(_l("Business or person"), choices=KINDS, default="business")
    contact_first_name = Typed(_l("Contact, first name"))
    contact_last_name = Typed(_l("Contact, last name"))
    phone = Typed(_l("Phone"), read_phone)
    emails = Typed(_l("E-mail addresses"), read_emails, empty=())
    address_line1 = Typed(_l("Mailing address"), read_text, "billed")
    address_line2 = Typed(_l("Suite, unit"))
    city = Typed(_l("City"), read_text, "billed")
    state = HomeField(_l("State"), read_state, "billed")
    postal_code = HomeField(_l("ZIP"), read_zip, "billed")
    country = Typed(_l("Country"), read_country, empty="US", default="US")
    locale = SelectField(_l("Language"), choices=LOCALES, default="en_US")


class PolicyPart(Form):
    """A policy, named as in `PolicyDraft`. `policy_id` is empty for a new one."""

    policy_id = HiddenField()
    policy_number = Typed(_l("Policy number"), read_policy_number, "billed")
    carrier = Typed(_l("Carrier"), read_text, "billed")
    wholesaler = Typed(_l("Wholesaler"))
    coverage = Typed(_l("Coverage"), read_text, "billed")
    effective_date = Typed(_l("Effective date"), read_date, "always", empty=None)
    expiration_date = Typed(_l("Expiration date"), read_date, "always", empty=None)
    premium_cents = Typed(_l("Premium"), read_amount, empty=0)
    taxes_cents = Typed(_l("Taxes"), read_amount, empty=0)
    surplus_lines_tax_cents = Typed(_l("Surplus lines tax"), read_amount, empty=0)
    policy_fee_cents = Typed(_l("Policy fee"), read_amount, empty=0)
    agency_fee_cents = Typed(_l("Agency fee"), read_amount, empty=0)
    broker_fee_cents = Typed(_l("Broker fee"), read_amount, empty=0)
    other_fee_cents = Typed(_l("Other fee"), read_amount, empty=0)
    minimum_earned_rate = Typed(_l("Minimum earned, percent"), read_percent, empty=Decimal(0))
    gross_commission_rate = Typed(_l("Gross commission, percent"), read_percent, empty=Decimal(0))
    retail_commission_rate = Typed(_l("Retail commission, percent"), read_percent, empty=None)

    def validate_expiration_date(self, field: Typed) -> None:
        """A term that does not end before it begins."""
        begins, ends = self.effective_date.value, field.value
        if isinstance(begins, date) and isinstance(ends, date) and ends <= begins:
            raise ValidationError(say(NOT_AFTER))

    @property
    def total_cents(self) -> int:
        """Premium, taxes and fees, as far as they can be read."""
        return sum(self.value(name) for name in AMOUNTS)

    def value(self, name: str) -> Any:
        """What was read in a field."""
        field: Any = self[name]
        return field.value

    @property
    def draft(self) -> PolicyDraft:
        """What was typed. Carrier and coverage as typed: the lists know them by their codes."""
        values = {one.name: self.value(one.name) for one in fields(PolicyDraft) if one.name in self}
        return PolicyDraft(**values, coverage_code=values["coverage"])


@dataclass(frozen=True, slots=True)
class Wrong:
    """A line of the error summary: which field, and what is wrong with it."""

    field_id: str
    where: str
    message: Text | str


class ProgramForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The whole. `seen` names the notes that stood on the page, `base` holds what was stored when it was opened."""

    class Meta:
        """Every form of the portal is checked for its token before; this one is also filled by us."""

        csrf = False

    insured_id = HiddenField()
    insured = FormField(InsuredPart)
    reference = Typed(_l("Program number"))
    name = Typed(_l("Name of the program"))
    due_date = Typed(_l("Due date"), read_date, "always", empty=None)
    billing_type = SelectField(_l("Billing"), choices=BILLING, default="direct_bill")
    partner_id = SelectField(_l("Partner"), choices=offered_partners, default="")
    contact_email = Typed(_l("E-mail address for this program alone"), read_email, empty=None)
    producer = Typed(_l("Producer"))
    account_manager = Typed(_l("Account manager"))
    restricted_to = SelectField(_l("Online it is paid by"), choices=RESTRICTIONS, default="")
    policies = FieldList(FormField(PolicyPart))
    seen = HiddenField()
    base = HiddenField()

    @property
    def parts(self) -> list[PolicyPart]:
        """The policies' own forms."""
        return [entry.form for entry in self.policies]

    @property
    def total_cents(self) -> int:
        """What the policies cost together, as far as it can be read."""
        return sum(part.total_cents for part in self.parts)

    def holds(self, *, is_draft: bool) -> bool:
        """Whether all of it can be kept, as a draft or to be billed; else each field says what is wrong with it."""
        self.validate()
        for field, _ in self.typed():
            field.miss(is_draft=is_draft)
        keys: set[object] = set()
        for part in self.parts:
            key = part.policy_number.value, part.coverage.value, part.effective_date.value
            if part.policy_number.value and key in keys:
                part.policy_number.errors = [*part.policy_number.errors, say(TWICE)]
            keys.add(key)
        if len(self.parts) > MOST_POLICIES:
            self.form_errors.append(TOO_MANY)
        if not is_draft and not self.parts:
            self.form_errors.append(NO_POLICY)
        elif not is_draft and not self.wrong() and not self.total_cents:
            self.form_errors.append(NOTHING)
        return not self.wrong()

    def typed(self) -> Iterator[tuple[Typed, str]]:
        """Every field that is read, with what it belongs to in words."""
        for field in self:
            if isinstance(field, Typed):
                yield field, ""
        if not self.insured_id.data:
            for field in self.insured.form:
                if isinstance(field, Typed):
                    yield field, say(text("Customer"))
        for number, part in enumerate(self.parts, 1):
            for field in part:
                if isinstance(field, Typed):
                    yield field, say(text("Policy %(number)s", number=number))

    def wrong(self) -> list[Wrong]:
        """All that is wrong, in the order of the page."""
        found = [Wrong("", "", message) for message in self.form_errors]
        singles: list[Field] = [
            self.billing_type,
            self.partner_id,
            self.restricted_to,
            self.insured.form.kind,
            self.insured.form.locale,
        ]
        found += [Wrong(field.id, str(field.label.text), field.errors[0]) for field in singles if field.errors]
        for field, part in self.typed():
            if field.errors:
                label = str(field.label.text)
                found.append(Wrong(field.id, f"{part}, {label}" if part else label, field.errors[0]))
        return found
