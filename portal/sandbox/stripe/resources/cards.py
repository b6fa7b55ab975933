"""The test cards: their number, what they look like, and what a bank says to them. Numbers and answers are Stripe's.

Source: https://docs.stripe.com/testing
"""

import hashlib
import re
from dataclasses import dataclass

from portal.sandbox.stripe.state.objects import Json


@dataclass(frozen=True)
class Decline:
    """Why a bank says no. `param` names the field to look at, where there is one."""

    code: str
    decline_code: str
    message: str
    param: str | None = None


@dataclass(frozen=True)
class Card:
    """One test card.

    `challenge` is `always`, `unless_set_up` (a saved, once authenticated card passes) or `never`. `token` is the id
    under which Stripe has it as a ready-made PaymentMethod. `says` is the hint shown beside the fields. `later` is what
    happens after a success: `dispute`, `inquiry`, and to its refunds `refund_pending`, `refund_fails`.
    `only_charges`: the bank declines charges, while the card can be saved.
    """

    number: str
    brand: str
    funding: str
    token: str
    says: str
    decline: Decline | None = None
    challenge: str = "never"
    later: str = ""
    only_charges: bool = False

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """Equal for equal card numbers, and no way back to them."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "exp_month")
WRONG_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "cvc")
NEEDS_PAYER = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)

CARDS = (
    Card("4242424242424242", "visa", "credit", "pm_card_visa", "Visa credit, succeeds"),
    Card("5555555555554444", "mastercard", "credit", "pm_card_mastercard", "Mastercard credit, succeeds"),
    Card("4000056655665556", "visa", "debit", "pm_card_visa_debit", "Visa debit, succeeds"),
    Card("5105105105105100", "mastercard", "prepaid", "pm_card_mastercard_prepaid", "Prepaid, succeeds"),
    Card("4000000000000002", "visa", "credit", "pm_card_visa_chargeDeclined", "Declined", GENERIC),
    Card(
        "4000000000009995",
        "visa",
        "credit",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "Insufficient funds",
        NO_FUNDS,
    ),
    Card("4000000000000069", "visa", "credit", "pm_card_chargeDeclinedExpiredCard", "Expired card", EXPIRED),
    Card("4000000000000127", "visa", "credit", "pm_card_chargeDeclinedIncorrectCvc", "Wrong CVC", WRONG_CVC),
    Card(
        "4000002500003155",
        "visa",
        "credit",
        "pm_card_authenticationRequiredOnSetup",
        "3-D Secure unless saved",
        challenge="unless_set_up",
    ),
    Card(
        "4000000000003220",
        "visa",
        "credit",
        "pm_card_threeDSecure2Required",
        "3-D Secure every time",
        challenge="always",
    ),
    Card(
        "4000000000000341",
        "visa",
        "credit",
        "pm_card_chargeCustomerFail",
        "Can be saved, then declined",
        GENERIC,
        only_charges=True,
    ),
    Card("4000000000000259", "visa", "credit", "pm_card_createDispute", "Disputed at once", later="dispute"),
    Card("4000000000001976", "visa", "credit", "pm_card_createDisputeInquiry", "An inquiry at once", later="inquiry"),
    Card("4000000000007726", "visa", "credit", "pm_card_pendingRefund", "Refunds take a day", later="refund_pending"),
    Card("4000000000005126", "visa", "credit", "pm_card_refundFail", "Refunds fail a day later", later="refund_fails"),
)
DECLINES = {each.decline_code: each for each in (GENERIC, NO_FUNDS, EXPIRED, NEEDS_PAYER)}
"""What a bank may begin to say to a card that was saved: by the code that a button of the sandbox names."""
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {card.token: card for card in CARDS}


def digits(text: str) -> str:
    """A card number without the spaces and dashes that people type."""
    return re.sub(r"[ -]", "", text)


def luhn(number: str) -> bool:
    """Whether the check digit is right (ISO/IEC 7812-1)."""
    doubled = [int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


def card_hash(card: Card, exp_month: int, exp_year: int, checks: Json) -> Json:
    """The `card` member of a PaymentMethod."""
    return {
        "brand": card.brand,
        "checks": checks,
        "country": "US",
        "display_brand": card.brand,
        "exp_month": exp_month,
        "exp_year": exp_year,
        "fingerprint": card.fingerprint,
        "funding": card.funding,
        "generated_from": None,
        "last4": card.last4,
        "networks": {"available": [card.brand], "preferred": None},
        "regulated_status": "unregulated",
        "three_d_secure_usage": {"supported": True},
        "wallet": None,
    }
