"""Which kinds of methods may pay, in the processor's words. Pure."""

from collections.abc import Iterable

from portal.reference.failures import BANK_DEBIT as BANK_DEBIT

CARD = "card"


def takes(restricted_to: str, method_kind: str) -> bool:
    """Whether a program may be paid with a method.

    Args:
        restricted_to: the only kind that staff let pay it; empty for any.

    >>> takes("", "card"), takes("card", "link"), takes("card", "us_bank_account")
    (True, True, False)
    """
    return restricted_to in {"", charged_as(method_kind)}


def allowed_kinds(
    takes_bank_debits: bool, *, is_part: bool = False, restrictions: Iterable[str] = ()
) -> tuple[str, ...]:
    """What a payer may choose from, in the order shown.

    Args:
        takes_bank_debits: as the agency has set.
        is_part: less than what is open is paid. By card only: a bank debit under way for days would block the rest.
        restrictions: of the programs that are paid, each as `takes` has it; none is left where two exclude each other.

    >>> allowed_kinds(True), allowed_kinds(True, is_part=True), allowed_kinds(False)
    (('card', 'us_bank_account'), ('card',), ('card',))
    >>> allowed_kinds(True, restrictions=["", "us_bank_account"]), allowed_kinds(True, restrictions=["card"])
    (('us_bank_account',), ('card',))
    """
    kinds = (CARD, BANK_DEBIT) if takes_bank_debits and not is_part else (CARD,)
    only = set(restrictions)
    return tuple(kind for kind in kinds if all(takes(each, kind) for each in only))


def charged_as(method_kind: str) -> str:
    """As which kind the processor charges a method: whatever is no bank account is a card, Link and wallets too.

    >>> charged_as("link"), charged_as("us_bank_account")
    ('card', 'us_bank_account')
    """
    return BANK_DEBIT if method_kind == BANK_DEBIT else CARD
