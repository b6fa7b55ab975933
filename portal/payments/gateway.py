"""What the payment protocol needs from a processor. `integrations/stripe` fulfils it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from portal.agencies.keys import ProcessorKeys
from portal.payments.methods.gateway import MethodGateway
from portal.payments.money_back.gateway import MoneyBack
from portal.payments.processor_books import BooksGateway
from portal.payments.webhook_check import EndpointSeen


class GatewayError(Exception):
    """A call to the processor did not go through."""


class OutcomeUnknown(GatewayError):
    """Time-out, 409, 429 or 5xx: it may or may not have happened. Never a failure; the reconciler asks."""


class Refused(GatewayError):
    """400, 402 or 404: the processor answered that it did not do it.

    Args:
        code: the processor's code.
        message: its words, for staff.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


class KeysRefused(GatewayError):
    """401 or 403: the agency's keys do not work. Pause the account, change nothing."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A payment intent as the processor reports it.

    Args:
        status: the processor's own word: requires_payment_method, requires_confirmation, requires_action,
            processing, requires_capture, succeeded, canceled.
        error_code: of the last try: the bank's return code, or decline code, or else code; None when never tried.
        next_action: kind of action that the payer's browser has to run, or None.
        method_kinds: the kinds of methods that it takes: ineligible ones among those asked for are silently left out.
        method_id: the processor's id of the method that pays, or that was refused last; None before it is confirmed.
    """

    id: str
    status: str
    amount_received_cents: int
    error_code: str | None
    client_secret: str
    next_action: str | None
    charge_id: str | None
    metadata: Mapping[str, str]
    method_kinds: tuple[str, ...]
    method_id: str | None


@dataclass(frozen=True, slots=True)
class MethodPreview:
    """What a confirmation token will pay with.

    Args:
        kind: the processor's word: card, us_bank_account, link.
        brand: of a card; of a bank account the bank's name.
        funding: credit, debit, prepaid or unknown.
        fingerprint: equal for equal card or account numbers; empty if the processor does not say.
        is_to_be_kept: the payer has asked to save it for next time.
    """

    token: str
    kind: str
    brand: str
    last4: str
    funding: str
    expires_at: datetime
    fingerprint: str = ""
    is_to_be_kept: bool = False


@dataclass(frozen=True, slots=True)
class Acceptance:
    """That the payer has authorized a bank debit, as the processor wants to know it.

    Args:
        agreed_at: when.
        ip_address, browser: from where, and the browser's own name of itself.
    """

    agreed_at: datetime
    ip_address: str
    browser: str


@dataclass(frozen=True, slots=True)
class NewIntent:
    """An intent to be created, unconfirmed: no money moves.

    Args:
        amount_cents: what will be charged.
        key: idempotency key.
        method_kinds: kinds allowed to pay it.
        customer_id: the processor's, of a payer who pays with a saved method or saves this one; else None.
        saves: keep the method for its payer once it has paid.
        method_id: the kept method to charge when nobody is there; else None.
    """

    amount_cents: int
    key: str
    method_kinds: tuple[str, ...]
    description: str
    metadata: Mapping[str, str]
    customer_id: str | None = None
    saves: bool = False
    method_id: str | None = None


@dataclass(frozen=True, slots=True)
class EventSeen:
    """An event in the processor's log: only its ids are used."""

    id: str
    kind: str
    object_id: str
    is_live: bool
    created_at: datetime


class Gateway(MethodGateway, MoneyBack, BooksGateway, Protocol):
    """One agency's account at the processor. No method may be called with a transaction open."""

    def preview(self, confirmation_token: str) -> MethodPreview:
        """What the payer chose in the processor's own fields."""

    def create_intent(self, new: NewIntent) -> Intent:
        """Create an unconfirmed intent."""

    def confirm(
        self, intent_id: str, confirmation_token: str, return_url: str, key: str, acceptance: Acceptance | None = None
    ) -> Intent:
        """Charge: the one call that moves money. A decline is answered with the intent, its error set.

        Args:
            key: idempotency key.
            acceptance: of the bank debit; None for a card.
        """

    def confirm_saved(
        self, intent_id: str, method_id: str, return_url: str, key: str, acceptance: Acceptance | None = None
    ) -> Intent:
        """The same with a method that the processor keeps, while its owner is there to answer the bank's question."""

    def confirm_kept(self, intent_id: str, key: str) -> Intent:
        """Charge the kept method that the intent names, nobody being there. Answered like `confirm`."""

    def retrieve(self, intent_id: str) -> Intent:
        """The intent as it is."""

    def cancel(self, intent_id: str) -> Intent:
        """Make sure that it never charges. Refused when it has."""

    def intents_since(self, moment: datetime) -> Iterable[Intent]:
        """Every intent created since a moment, newest first, all pages."""

    def events_since(self, moment: datetime) -> Iterable[EventSeen]:
        """The log since a moment, oldest last, all pages."""

    def endpoints(self) -> Sequence[EndpointSeen]:
        """Where events are sent."""


@dataclass(frozen=True, slots=True)
class Processor:
    """How pages and routes reach the payment processor.

    Args:
        gateway: the gateway of an agency's keys.
        verify: a webhook's event, from raw body, signature header and active secrets; None when it is forged.
        script: address of the processor's script.
        sources: origins that the pay pages may load from and talk to.
    """

    gateway: Callable[[ProcessorKeys], Gateway]
    verify: Callable[[bytes, str, tuple[str, ...]], EventSeen | None]
    script: str
    sources: tuple[str, ...]
