"""Why a payment failed, whatever it was paid with: what the payer reads, and what staff read."""

from portal.core.text import Text
from portal.reference.bank_returns import find_return
from portal.reference.declines import find_decline

BANK_DEBIT = "us_bank_account"


def failure_message(method_kind: str, code: str | None) -> Text:
    """What to tell the payer.

    Args:
        method_kind: the processor's word for the method: card, us_bank_account, …
        code: a decline code, or a bank's return code or the processor's name for it.
    """
    return find_return(code).message if method_kind == BANK_DEBIT else find_decline(code).message


def failure_for_staff(method_kind: str, code: str | None) -> Text | str:
    """What to tell staff: of a bank's return its code, title and what they have to know; of a card as the payer."""
    return find_return(code).for_staff if method_kind == BANK_DEBIT else find_decline(code).message
