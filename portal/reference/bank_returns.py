"""Why a bank sent a debit back: what to tell the payer, what to tell staff, and what may be done next."""

from dataclasses import dataclass
from functools import cache
from typing import Literal, cast

from portal.core.text import Text, text
from portal.reference.table import read_table

_MESSAGES = {
    "funds": text(
        "Your bank returned this payment because there was not enough money in the account. "
        "You can pay now with a card or another account."
    ),
    "closed": text("Your bank says this account is closed. Please add a different payment method."),
    "not_found": text(
        "Your bank could not find this account. Check the routing and account numbers or use another payment method."
    ),
    "number": text(
        "The account number does not look right to your bank. Please re-enter it or use another payment method."
    ),
    "not_authorized": text("Your bank reported this payment as not authorized. Please contact us before paying again."),
    "sent_back": text("This payment was sent back at the request of our bank. We will contact you."),
    "permission": text("Your bank says you took back your consent to this payment. Please choose another way to pay."),
    "stop": text(
        "You placed a stop on this payment with your bank. Please choose another payment method or lift the stop."
    ),
    "not_cleared": text("Your bank sent this payment back. Money paid into the account has not cleared yet."),
    "not_as_agreed": text("Your bank says this payment did not match what you agreed to. We will contact you."),
    "moved": text("Your account has moved to another bank. Please add your new account."),
    "routing": text("The routing number is not accepted. Please re-enter it or use another payment method."),
    "call_us": text("Your bank could not complete this payment. Please contact us."),
    "another_method": text("Your bank could not complete this payment. Please use another payment method."),
    "check_details": text("Your bank could not process this payment. Please check the account details."),
    "error": text("A processing error stopped this payment. No money was taken."),
    "account_type": text(
        "Payments are not allowed from this type of account. Please use a checking account or a card."
    ),
    "error_call": text("A processing error stopped this payment. We will contact you."),
    "refund_refused": text("Your refund or payout was refused by the bank."),
    "duplicate": text("This payment was a duplicate and was sent back."),
    "company_blocked": text(
        "Your bank blocked this payment as not authorized. Ask your bank to allow our company ID, then try again."
    ),
    "returned": text(
        "Your bank returned this payment. Please use another payment method, or contact us if you have questions."
    ),
}
_PROCESSOR_CODES = {
    "insufficient_funds": "R01",
    "account_closed": "R02",
    "bank_account_closed": "R02",
    "no_account": "R03",
    "bank_account_invalid_details": "R03",
    "invalid_account_number": "R04",
    "debit_not_authorized": "R10",
    "bank_ownership_changed": "R12",
    "recipient_deceased": "R15",
    "bank_account_frozen": "R16",
    "account_frozen": "R16",
    "bank_account_restricted": "R16",
}
"""Stripe's names, each as the return that asks for the most care among those that it stands for (SOURCES.md)."""


@dataclass(frozen=True, slots=True)
class BankReturn:
    """A return of a bank debit, by its Nacha code.

    Args:
        code: R01 and so on; empty for one that we do not know.
        title: what banks call it, for staff.
        window: how long the payer's bank may take to send it.
        kind: soft (may work another day), hard (will not), technical (our side), credit_only, other.
        counts_toward: the Nacha return rate that it adds to, or none.
        retry: yes, no, or corrected_entry_only; at most `max_retries` times.
        remove_method: the bank account must not be charged again.
        autopay: retry, disable, disable_and_review, pause or review.
        message: what the payer reads; it never says that somebody died or that an account is frozen.
        staff_note: what staff have to know besides; may be empty.
    """

    code: str
    title: str
    window: str
    kind: Literal["soft", "hard", "technical", "credit_only", "other"]
    counts_toward: str
    retry: str
    max_retries: int
    remove_method: bool
    autopay: str
    message: Text
    staff_note: str

    @property
    def for_staff(self) -> str:
        """The code, its title and the note, as staff read them."""
        return ". ".join(part for part in (f"{self.code} {self.title}".strip(), self.staff_note) if part)


_UNKNOWN = BankReturn(
    code="",
    title="Returned for a reason that is not in our list",
    window="",
    kind="other",
    counts_toward="overall_15pct",
    retry="no",
    max_retries=0,
    remove_method=False,
    autopay="review",
    message=_MESSAGES["returned"],
    staff_note="",
)


@cache
def bank_returns() -> dict[str, BankReturn]:
    """Every return that we know, by its Nacha code."""
    return {
        row["code"]: BankReturn(
            code=row["code"],
            title=row["title"],
            window=row["window"],
            kind=cast(Literal["soft", "hard", "technical", "credit_only", "other"], row["class"]),
            counts_toward=row["counts_toward"],
            retry=row["retry"],
            max_retries=int(row["max_retries"]),
            remove_method=row["remove_method"] == "yes",
            autopay=row["autopay"],
            message=_MESSAGES[row["message"]],
            staff_note=row["staff_note"],
        )
        for row in read_table("bank_returns.csv")
    }


def find_return(code: str | None) -> BankReturn:
    """What a return means, by its Nacha code or the processor's name for it; an unknown one is for staff to look at.

    >>> find_return("account_closed").code, find_return("R01").kind, find_return("R99").autopay
    ('R02', 'soft', 'review')
    """
    known = bank_returns()
    return known.get(_PROCESSOR_CODES.get(code or "", code or ""), _UNKNOWN)


def return_message(code: str | None) -> Text:
    """What to tell the payer. Why an account is blocked is for the payer's bank to say."""
    return find_return(code).message
