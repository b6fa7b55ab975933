"""What saved methods need from a processor: a part of `payments/gateway.py`, whose errors it raises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class MethodSeen:
    """A method as the processor keeps it.

    Args:
        kind: card, us_bank_account, link.
        funding: credit, debit, prepaid, unknown.
        bank_name: empty for cards.
        exp_month, exp_year: None where nothing expires.
        fingerprint: equal for equal cards and accounts; empty where there is none.
        customer_id: whose it is; None once it was let go.
    """

    id: str
    kind: str
    brand: str
    last4: str
    funding: str
    bank_name: str
    exp_month: int | None
    exp_year: int | None
    fingerprint: str
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class SetupSeen:
    """An attempt to keep a method, as the processor reports it.

    Args:
        status: the processor's own word: requires_payment_method, requires_confirmation, requires_action, processing,
            succeeded, canceled.
        error_code: of the last try; None when there was none.
        next_action: kind of action that the payer has to take, or None.
        method: set as soon as one was chosen.
        deposit_type: amounts or descriptor_code, while two small deposits are on their way; `deposits_on` when.
    """

    id: str
    status: str
    error_code: str | None
    next_action: str | None
    client_secret: str
    method: MethodSeen | None
    deposit_type: str | None
    deposits_on: datetime | None


@dataclass(frozen=True, slots=True)
class NewSetup:
    """An attempt to be created, unconfirmed: nothing is kept yet.

    Args:
        key: idempotency key.
        method_kinds: kinds that may be kept.
    """

    customer_id: str
    key: str
    method_kinds: tuple[str, ...]
    metadata: Mapping[str, str]


class MethodGateway(Protocol):
    """The part of an account that keeps methods. No method may be called with a transaction open."""

    def create_customer(self, email: str, metadata: Mapping[str, str], key: str) -> str:
        """A new customer; its id."""

    def create_setup(self, new: NewSetup) -> SetupSeen:
        """Create an unconfirmed setup."""

    def confirm_setup(self, setup_id: str, confirmation_token: str, return_url: str, key: str) -> SetupSeen:
        """Keep what the token stands for. A refusal by the bank is answered with the setup, its error set."""

    def retrieve_setup(self, setup_id: str) -> SetupSeen:
        """The setup as it is."""

    def cancel_setup(self, setup_id: str) -> SetupSeen:
        """Make sure that it never keeps anything. Refused when it has."""

    def verify_deposits(self, setup_id: str, amounts: Sequence[int], code: str, key: str) -> SetupSeen:
        """Say what two small deposits were: their cents, or the code in their description. Refused when it is wrong."""

    def retrieve_method(self, method_id: str) -> MethodSeen:
        """A method as it is."""

    def detach(self, method_id: str) -> None:
        """Make sure that a method belongs to nobody any more, for good."""
