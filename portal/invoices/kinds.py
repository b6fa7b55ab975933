"""What people call the kinds of invoices."""

from portal.core.text import Text, text

_NAMES = {
    "pay_in_full": text("Payment in full"),
    "down_payment": text("Down payment"),
    "financed": text("Financed balance"),
    "installment": text("Installment"),
    "endorsement": text("Endorsement"),
    "one_time": text("One-time payment"),
    "late_fee": text("Late fee"),
    "payoff": text("Payoff"),
    "reinstatement": text("Reinstatement"),
}


def kind_name(kind: str) -> Text:
    """A kind of invoice in words.

    Raises:
        KeyError: no such kind.
    """
    return _NAMES[kind]
