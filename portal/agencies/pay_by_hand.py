"""How an agency is paid by check or wire: what stands on its invoices beside the code to pay online.

Kept in plain: it is printed on every invoice, so whoever gets one knows it. What matters is who changes it.
"""

import re
from dataclasses import dataclass

from portal.agencies.models import Agency
from portal.core.errors import BadInput
from portal.core.tenancy import Unscoped
from portal.core.text import text

MOST_LINES = 5
WEIGHTS = (3, 7, 1, 3, 7, 1, 3, 7, 1)


@dataclass(frozen=True, slots=True)
class PayByHand:
    """Check and wire details as set; empty where nothing is set.

    Args:
        payable_to: the name that checks are made out to and the account is in; empty: the agency's.
        mail_to: where checks go, one line each; empty: the agency's address.
        bank_name, routing_number, account_number: for wires: all three or none.

    Raises:
        BadInput: too long an address, or wire details that are not whole.
    """

    payable_to: str = ""
    mail_to: tuple[str, ...] = ()
    bank_name: str = ""
    routing_number: str = ""
    account_number: str = ""

    def __post_init__(self) -> None:
        """See that an invoice can show it."""
        if len(self.mail_to) > MOST_LINES:
            raise BadInput(text("An address has at most %(count)d lines.", count=MOST_LINES))
        wire = (self.bank_name, self.routing_number, self.account_number)
        if any(wire) and not all(wire):
            raise BadInput(text("A wire needs all three: bank, routing number and account number. Or leave all empty."))

    @property
    def account_last4(self) -> str:
        """What names the account in the audit."""
        return self.account_number[-4:]


def parse_routing(raw: str) -> str:
    """Read a routing number; empty stays empty.

    The check digit is that of the American Bankers Association: weights 3, 7, 1 over nine digits, a multiple of ten.

    >>> parse_routing("0210 0002 1"), parse_routing(" ")
    ('021000021', '')

    Raises:
        BadInput: not nine digits, or a typing error by its check digit.
    """
    digits = re.sub(r"[\s-]", "", raw)
    if not digits:
        return ""
    if not re.fullmatch(r"[0-9]{9}", digits):
        raise BadInput(text("A routing number has nine digits."))
    if digits == "000000000" or sum(w * int(d) for w, d in zip(WEIGHTS, digits, strict=True)) % 10:
        raise BadInput(text("This routing number has a typing error: its check digit does not fit."))
    return digits


def parse_account(raw: str) -> str:
    """Read an account number; empty stays empty.

    >>> parse_account("0012 3456-789")
    '00123456789'

    Raises:
        BadInput: not 4 to 17 digits (Nacha's field of an account number).
    """
    digits = re.sub(r"[\s-]", "", raw)
    if digits and not re.fullmatch(r"[0-9]{4,17}", digits):
        raise BadInput(text("An account number has 4 to 17 digits."))
    return digits


def parse_lines(raw: str) -> tuple[str, ...]:
    """The lines of an address as typed, without empty ones."""
    return tuple(line for line in (" ".join(line.split()) for line in raw.splitlines()) if line)


def pay_by_hand(agency: Agency) -> PayByHand:
    """What an agency has set."""
    return PayByHand(
        agency.pay_to,
        parse_lines(agency.mail_checks_to),
        agency.wire_bank,
        agency.wire_routing,
        agency.wire_account,
    )


def set_pay_by_hand(session: Unscoped, agency_id: int, wished: PayByHand) -> None:
    """Store it, for invoices as they are shown from now on."""
    agency = session.get_one(Agency, agency_id)
    agency.pay_to = wished.payable_to
    agency.mail_checks_to = "\n".join(wished.mail_to)
    agency.wire_bank = wished.bank_name
    agency.wire_routing = wished.routing_number
    agency.wire_account = wished.account_number
