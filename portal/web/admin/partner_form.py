"""The form on which staff add and change a partner."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, HiddenField, RadioField, SelectField
from wtforms.validators import InputRequired

from portal.core.errors import BadInput
from portal.core.text import text
from portal.imports.cells import read_email, read_phone, read_zip
from portal.partners.accounts import MOST_DAYS, PartnerDraft
from portal.partners.models import Partner
from portal.reference.us_states import find_state
from portal.reports.staff_partners import KIND_WORDS, SCHEDULE_WORDS, percent_of_rate
from portal.web.admin.typed_fields import Typed, read_percent
from portal.web.filters import say

KINDS: list[Any] = [*KIND_WORDS.items()]
SCHEDULES: list[Any] = [*SCHEDULE_WORDS.items()]
NOT_OF_PARTNER = frozenset({"csrf_token", "base"})
NO_BILLING = text("Choose agency bill, direct bill or both.")
DAYS = text("Enter days from 0 to %(most)s.", most=MOST_DAYS)
WHOLE = text("A commission is less than 100 percent.")
NO_STATE = text("This is not a US state. Write it like NC.")


def read_days(raw: str) -> int:
    """A number of days.

    Raises:
        BadInput: it is none, or too many.
    """
    if not (raw.isascii() and raw.isdigit() and int(raw) <= MOST_DAYS):
        raise BadInput(DAYS)
    return int(raw)


def read_home_state(raw: str) -> str:
    """A state or territory, by code or name, as its code: partners have an address in the United States.

    Raises:
        BadInput: it is none.
    """
    code = find_state(raw)
    if code is None:
        raise BadInput(NO_STATE)
    return code


def read_commission(raw: str) -> Decimal:
    """A commission in percent, as a fraction.

    Raises:
        BadInput: it is none.
    """
    rate = read_percent(raw)
    if rate >= 1:
        raise BadInput(WHOLE)
    return rate


class PartnerForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A partner, named as in `PartnerDraft`."""

    kind = RadioField(_l("Kind"), [InputRequired(_l("Choose a kind."))], choices=KINDS)
    name = Typed(_l("Name"), needed="always")
    address_line1 = Typed(_l("Mailing address"), needed="always")
    address_line2 = Typed(_l("Suite, unit"))
    city = Typed(_l("City"), needed="always")
    state = Typed(_l("State"), read_home_state, "always")
    postal_code = Typed(_l("ZIP"), read_zip, "always")
    phone = Typed(_l("Phone"), read_phone)
    contact_first_name = Typed(_l("First name"), needed="always")
    contact_last_name = Typed(_l("Last name"), needed="always")
    contact_email = Typed(_l("E-mail address"), read_email, "always")
    bills_agency = BooleanField(_l("Agency bill: it pays our invoices"))
    due_days = Typed(_l("Due so many days after the effective date"), read_days, empty=0)
    kept_commission_rate = Typed(_l("Commission it keeps, percent"), read_commission, empty=None)
    bills_direct = BooleanField(_l("Direct bill: its clients pay, and it receives commissions"))
    commission_rate = Typed(_l("Commission it receives, percent"), read_commission, empty=None)
    payout_schedule = SelectField(_l("Commissions are paid out"), choices=SCHEDULES, default="monthly")
    settlement_days = Typed(_l("Days after the client’s payment has settled"), read_days, empty=0)

    def holds(self) -> bool:
        """Whether it was sent, and can be kept; else each field says what is wrong with it."""
        if not self.is_submitted():
            return False
        self.validate()
        for field in self:
            if isinstance(field, Typed):
                field.miss(is_draft=False)
        if not (self.bills_agency.data or self.bills_direct.data):
            self.bills_agency.errors = [say(NO_BILLING)]
        return not self.errors

    def draft(self) -> PartnerDraft:
        """What was typed."""
        names = (field.name for field in self if field.name not in NOT_OF_PARTNER)
        return PartnerDraft(**{name: getattr(self[name], "value", self[name].data) for name in names})


class PartnerEditForm(PartnerForm):
    """A partner that there is. `base` is what the form held when it was opened."""

    base = HiddenField()


def stored_fields(partner: Partner) -> dict[str, str]:
    """What the form holds when a partner is opened to be edited."""
    values: dict[str, str] = {}
    for field in PartnerForm(meta={"csrf": False}):
        stored = getattr(partner, field.name)
        if isinstance(stored, bool):
            values[field.name] = "y" if stored else ""
        else:
            values[field.name] = percent_of_rate(stored) if field.name.endswith("_rate") else str(stored)
    return values


def sent_fields(form: PartnerEditForm) -> dict[str, str]:
    """What was typed."""
    return {
        field.name: ("y" if field.data else "") if isinstance(field, BooleanField) else str(field.data or "")
        for field in form
        if field.name not in NOT_OF_PARTNER
    }


def opened(fields: Mapping[str, str], base: Mapping[str, str]) -> PartnerEditForm:
    """The form with these fields; what is sent is compared with `base`."""
    return PartnerEditForm(MultiDict({**fields, "base": json.dumps(dict(base))}), meta={"csrf": False})
