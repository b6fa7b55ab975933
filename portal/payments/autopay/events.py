"""News of autopay, for whoever has it."""

from dataclasses import dataclass
from typing import Literal

from portal.core.events import Event


@dataclass(frozen=True, slots=True)
class AutopayAgreed(Event):
    """Autopay was turned on, or its method replaced: the mandate goes to whoever agreed."""

    consent_id: int
    program_id: int


@dataclass(frozen=True, slots=True)
class AutopayEnded(Event):
    """Autopay is off."""

    enrollment_id: int
    program_id: int


@dataclass(frozen=True, slots=True)
class ChargeAnnounced(Event):
    """A charge is coming: day, amount and method are told beforehand."""

    announcement_id: int
    program_id: int


@dataclass(frozen=True, slots=True)
class MethodAsked(Event):
    """An installment comes, and nothing can be charged for it until the method is replaced."""

    enrollment_id: int
    invoice_id: int
    program_id: int


@dataclass(frozen=True, slots=True)
class CardExpires(Event):
    """The card that autopay charges expires in at most so many days."""

    method_id: int
    days: Literal[60, 15]
    until: str
