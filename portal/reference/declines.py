"""Why a card was declined: what to tell the payer, and whether trying again makes sense."""

from dataclasses import dataclass
from functools import cache

from portal.core.text import Text, text
from portal.reference.table import read_table

_MESSAGES = {
    "funds": text("Your card does not have enough funds. Use another card, or try again later."),
    "limit": text("Your card’s limit has been reached. Try again later or use another card."),
    "unreachable": text("The card issuer could not be reached. Please try again."),
    "try_again": text("The payment could not be processed. Please try again."),
    "not_authorized": text("The payment could not be authorized. Please try again or contact your bank."),
    "confirm": text("Your bank needs you to confirm this payment. Please try again and follow its steps."),
    "declined": text("Your card was declined. Please contact your bank or use another card."),
    "not_permitted": text("Your card does not allow this kind of payment. Please use another card."),
    "unsupported_card": text("Your card does not support this kind of purchase. Please use another card."),
    "currency": text("Your card does not support US dollars. Please use another card."),
    "expired": text("Your card has expired. Please use another card."),
    "number": text("The card number is incorrect. Please check it."),
    "security_code": text("The security code is incorrect. Please check it."),
    "zip": text("The billing ZIP code does not match. Please check it."),
    "address": text("The billing address does not match. Please check it."),
    "expiration": text("The expiration date is not valid. Please check it."),
    "account": text("The card or its account is not valid. Please use another card."),
    "amount": text("The amount is not allowed on this card. Please contact your bank or use another card."),
    "card_changed": text("Your card details have changed. Please enter the new ones."),
    "another_card": text("Please use another card."),
    "stopped": text("Your bank has stopped this payment. Please use another card."),
    "duplicate": text("A payment of the same amount was just made. Check your receipts before paying again."),
    "test_card": text("A test card was used."),
}


@dataclass(frozen=True, slots=True)
class Decline:
    """A decline code. Kind: soft, hard, unknown or test; `retry` and its values as in SOURCES.md."""

    code: str
    kind: str
    retry: str
    card_needs_update: bool
    message: Text


def find_decline(code: str | None) -> Decline:
    """What a decline code means; one that we do not know is a plain decline."""
    known = _index()
    return known.get(code or "") or known["generic_decline"]


def decline_message(code: str | None) -> Text:
    """What to tell the payer. Nothing is revealed of lost, stolen or suspicious cards."""
    return find_decline(code).message


@cache
def _index() -> dict[str, Decline]:
    return {
        row["code"]: Decline(
            row["code"], row["class"], row["retry"], row["card_needs_update"] == "yes", _MESSAGES[row["message"]]
        )
        for row in read_table("declines.csv")
    }
