"""The test bank accounts: their number, and what their bank does with a debit. Numbers and answers are Stripe's.

Source: https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment, "Test account numbers"; the return codes
are Nacha's.
"""

import hashlib
import re
from dataclasses import dataclass

from portal.sandbox.stripe.state.objects import Json


@dataclass(frozen=True)
class Return:
    """Why a bank sends a debit back: Stripe's code, Nacha's, and a sentence."""

    code: str
    network_code: str
    message: str


@dataclass(frozen=True)
class Account:
    """One test account at the test bank.

    `failure` is why its debits fail. `token` is the id under which Stripe has it as a ready-made PaymentMethod, `says`
    the hint shown beside the fields. `returns`: a debit succeeds first and is taken back afterwards. `stays`: it never
    settles by itself. `gets_deposits`: whether micro-deposits reach it.
    """

    number: str
    token: str
    says: str
    failure: Return | None = None
    returns: bool = False
    stays: bool = False
    gets_deposits: bool = True

    @property
    def last4(self) -> str:
        """The last four digits."""
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """Equal for equal account numbers, and no way back to them."""
        return hashlib.sha256(self.number.encode()).hexdigest()[:16]


ROUTING_NUMBER = "110000000"
BANK_NAME = "STRIPE TEST BANK"
CLOSED = Return("account_closed", "R02", "The customer's bank account has been closed.")
NO_ACCOUNT = Return("no_account", "R03", "The bank account could not be located.")
NO_FUNDS = Return("insufficient_funds", "R01", "The customer's account has insufficient funds to cover this payment.")
NOT_AUTHORIZED = Return(
    "debit_not_authorized", "R10", "The customer has notified their bank that this payment was unauthorized."
)
NOT_DOLLARS = Return("invalid_currency", "R17", "The bank was unable to process this payment because of its currency.")
OVER_LIMIT = Return(
    "charge_exceeds_weekly_limit", "R17", "The payment exceeds the account's weekly limit for bank debits."
)

ACCOUNTS = (
    Account("000123456789", "pm_usBankAccount_success", "Succeeds"),
    Account("000111111113", "pm_usBankAccount_accountClosed", "Fails: account closed", CLOSED),
    Account("000111111116", "pm_usBankAccount_noAccount", "Fails: no such account", NO_ACCOUNT),
    Account("000222222227", "pm_usBankAccount_insufficientFunds", "Fails: insufficient funds", NO_FUNDS),
    Account("000333333335", "pm_usBankAccount_debitNotAuthorized", "Fails: not authorized", NOT_AUTHORIZED),
    Account("000444444440", "pm_usBankAccount_invalidCurrency", "Fails: currency", NOT_DOLLARS),
    Account("000555555559", "pm_usBankAccount_dispute", "Succeeds, returned a day later", returns=True),
    Account("000666666661", "pm_usBankAccount_failMicrodeposits", "Small deposits fail", gets_deposits=False),
    Account("000777777771", "pm_usBankAccount_weeklyLimitExceeded", "Fails: over the weekly limit", OVER_LIMIT),
    Account("000000000009", "pm_usBankAccount_processing", "Stays in processing", stays=True),
)
BY_NUMBER = {account.number: account for account in ACCOUNTS}
BY_TOKEN = {account.token: account for account in ACCOUNTS}
RETURNS = {why.code: why for why in (CLOSED, NO_ACCOUNT, NO_FUNDS, NOT_AUTHORIZED, NOT_DOLLARS, OVER_LIMIT)}


def routing_is_valid(number: str) -> bool:
    """Whether the check digit of a routing number is right (weights 3, 7, 1; American Bankers Association)."""
    if not re.fullmatch(r"\d{9}", number):
        return False
    return sum(int(digit) * weight for digit, weight in zip(number, (3, 7, 1) * 3, strict=True)) % 10 == 0


def bank_hash(account: Account, holder_type: str = "individual", account_type: str = "checking") -> Json:
    """The `us_bank_account` member of a PaymentMethod."""
    return {
        "account_holder_type": holder_type,
        "account_type": account_type,
        "bank_name": BANK_NAME,
        "financial_connections_account": None,
        "fingerprint": account.fingerprint,
        "last4": account.last4,
        "networks": {"preferred": "ach", "supported": ["ach"]},
        "routing_number": ROUTING_NUMBER,
        "status_details": {},
    }
