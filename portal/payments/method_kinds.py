"""Which kinds of methods may pay, in the processor's words. Pure."""

from portal.reference.failures import BANK_DEBIT as BANK_DEBIT

CARD = "card"


def allowed_kinds(takes_bank_debits: bool, *, is_part: bool = False) -> tuple[str, ...]:
    """What a payer may choose from, in the order shown.

    Args:
        takes_bank_debits: as the agency has set.
        is_part: less than what is open is paid. By card only: a bank debit under way for days would block the rest.

    >>> allowed_kinds(True), allowed_kinds(True, is_part=True), allowed_kinds(False)
    (('card', 'us_bank_account'), ('card',), ('card',))
    """
    return (CARD, BANK_DEBIT) if takes_bank_debits and not is_part else (CARD,)


def charged_as(method_kind: str) -> str:
    """As which kind the processor charges a method: whatever is no bank account is a card, Link and wallets too.

    >>> charged_as("link"), charged_as("us_bank_account")
    ('card', 'us_bank_account')
    """
    return BANK_DEBIT if method_kind == BANK_DEBIT else CARD
