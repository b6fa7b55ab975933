"""What the payer of a bank debit is asked to authorize on the review, and their answer."""

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField

from portal.core.clock import local_date
from portal.payments.autopay.asking import Wish
from portal.payments.autopay.consent import VERSION as AUTOPAY_VERSION
from portal.payments.mandates import Agreement, debit_authorization
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.method_name import method_name
from portal.web.filters import say
from portal.web.paying.agreed import Agreed
from portal.web.services import agency, services

MOST_LETTERS = 400
"""Of a browser's name of itself: longer ones are cut."""


class AgreeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A box for the bank debit and one for autopay, never ticked for the payer."""

    agrees = BooleanField(_l("I authorize this bank debit"))
    autopay = BooleanField(_l("I authorize these payments: turn autopay on"))

    def has_agreed(self) -> bool:
        """Whether it is ticked; if not, the form says what is missing."""
        if not self.agrees.data:
            self.agrees.errors = [_l("Tick the box to authorize the bank debit. You have not been charged.")]
        return bool(self.agrees.data)


def authorization(method_kind: str, brand: str, last4: str, charged_cents: int) -> str:
    """What is shown, in the reader's language, a paragraph on each line; empty for what is no bank debit."""
    if method_kind != BANK_DEBIT:
        return ""
    paragraphs = debit_authorization(
        agency_name=agency().name,
        phone=agency().phone,
        email=agency().email,
        amount_cents=charged_cents,
        account=method_name(brand, last4),
        debited_on=local_date(services().now(), agency().time_zone),
    )
    return "\n".join(say(paragraph) for paragraph in paragraphs)


def agreement_of(agreed: Agreed) -> Agreement | None:
    """What the payer has agreed to by this request; None where nothing was asked."""
    return _agreement(agreed.authorization, agreed.wording, agreed.locale) if agreed.authorization else None


def wish_of(agreed: Agreed) -> Wish | None:
    """Autopay that the payer has agreed to by this request: asked for before, and its own box ticked."""
    if agreed.autopay_program_id is None or not AgreeForm().autopay.data:
        return None
    return Wish(agreed.autopay_program_id, _agreement(agreed.autopay_authorization, AUTOPAY_VERSION, agreed.locale))


def _agreement(words: str, version: str, locale: str) -> Agreement:
    return Agreement(words, version, locale, request.remote_addr or "", request.user_agent.string[:MOST_LETTERS])
