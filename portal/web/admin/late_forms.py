"""The forms about installments that are late: the agency's settings, and waiving a fee."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, IntegerField, RadioField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from portal.agencies.fee_settings import parse_percent
from portal.core.errors import BadInput
from portal.core.money import parse_money, plain_money
from portal.core.text import text
from portal.financing.late.fees import WAIVER_REASONS
from portal.financing.late.terms import LateTerms
from portal.web.admin.lending_forms import rate_words
from portal.web.filters import say

Value = TypeVar("Value")
NOTICES: list[Any] = [
    ("ask", text("Staff confirm each one")),
    ("send", text("Sent on their day")),
    ("off", text("None")),
]
REASONS: list[Any] = list(WAIVER_REASONS.items())


class LateForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """The settings. `terms` is what was typed, once the form holds."""

    fee_is_charged = BooleanField(_l("Charge a late fee"))
    fee_percent = StringField(_l("Late fee, percent of the installment"), [Length(max=20)])
    fee_after_days = IntegerField(_l("Days after the due date"), [InputRequired(_l("Enter a number of days."))])
    failed_fee = StringField(_l("Fee for a payment that comes back"), [Length(max=20)])

    notices = RadioField(_l("Notices"), [InputRequired(_l("Choose one."))], choices=NOTICES)
    notice_after_days = IntegerField(_l("Days after the due date"), [InputRequired(_l("Enter a number of days."))])
    notice_days = IntegerField(_l("Days that it gives"), [InputRequired(_l("Enter a number of days."))])
    mailing_days = IntegerField(_l("Days added by post"), [InputRequired(_l("Enter a number of days."))])
    notices_by_post = BooleanField(_l("All go by post"))
    reinstatement_fee = StringField(_l("Fee for a reinstatement"), [Length(max=20)])

    def validate_notice_after_days(self, field: IntegerField) -> None:
        """Days within reason."""
        read(lambda: LateTerms(notice_after_days=field.data or 0))

    def validate_notice_days(self, field: IntegerField) -> None:
        """As many as the laws ask for."""
        read(lambda: LateTerms(notice_days=field.data or 0))

    def validate_mailing_days(self, field: IntegerField) -> None:
        """Days within reason."""
        read(lambda: LateTerms(mailing_days=field.data or 0))

    def validate_fee_percent(self, field: StringField) -> None:
        """A percentage within reason."""
        read(lambda: LateTerms(fee_rate=_rate(field.data)))

    def validate_fee_after_days(self, field: IntegerField) -> None:
        """Days within reason."""
        read(lambda: LateTerms(fee_after_days=field.data or 0))

    def validate_reinstatement_fee(self, field: StringField) -> None:
        """Dollars within reason."""
        read(lambda: LateTerms(reinstatement_fee_cents=parse_money(field.data or "0")))

    def validate_failed_fee(self, field: StringField) -> None:
        """Dollars within reason."""
        read(lambda: LateTerms(failed_fee_cents=parse_money(field.data or "0")))

    @property
    def terms(self) -> LateTerms:
        """What was typed."""
        return LateTerms(
            fee_is_charged=bool(self.fee_is_charged.data),
            fee_rate=_rate(self.fee_percent.data),
            fee_after_days=self.fee_after_days.data or 0,
            failed_fee_cents=parse_money(self.failed_fee.data or "0"),
            notices=self.notices.data,
            notice_after_days=self.notice_after_days.data or 0,
            notice_days=self.notice_days.data or 0,
            mailing_days=self.mailing_days.data or 0,
            notices_by_post=bool(self.notices_by_post.data),
            reinstatement_fee_cents=parse_money(self.reinstatement_fee.data or "0"),
        )


class WaiveForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Why a fee is waived."""

    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))], choices=REASONS)
    note = StringField(_l("Note for your colleagues"), [Length(max=300)])


def stored(terms: LateTerms) -> MultiDict[str, Any]:
    """The fields of the form as they are stored."""
    return MultiDict(
        {
            **({"fee_is_charged": "y"} if terms.fee_is_charged else {}),
            "fee_percent": rate_words(terms.fee_rate),
            "fee_after_days": str(terms.fee_after_days),
            "failed_fee": plain_money(terms.failed_fee_cents),
            "reinstatement_fee": plain_money(terms.reinstatement_fee_cents),
            "notices": terms.notices,
            "notice_after_days": str(terms.notice_after_days),
            "notice_days": str(terms.notice_days),
            "mailing_days": str(terms.mailing_days),
            **({"notices_by_post": "y"} if terms.notices_by_post else {}),
        }
    )


def _rate(typed: str | None) -> Decimal:
    return Decimal(parse_percent(typed or "0")) / 10_000


def read(make: Callable[[], Value]) -> Value:
    """What a person typed; its error goes to the field."""
    try:
        return make()
    except BadInput as error:
        raise ValidationError(say(error.message)) from error
