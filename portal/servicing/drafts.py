"""What comes in when business is bound: typed values, whatever their source. Field names are those of the models."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class InsuredDraft:
    """The customer. `emails` in lower case, sorted, each once; `reference` is the agency's own."""

    reference: str
    name: str
    address_line1: str
    city: str
    state: str
    postal_code: str
    kind: str = "business"
    contact_first_name: str = ""
    contact_last_name: str = ""
    phone: str = ""
    address_line2: str = ""
    country: str = "US"
    locale: str = "en_US"
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PolicyDraft:
    """A policy. Amounts in cents, rates as fractions (0.125 is 12.5 %)."""

    policy_number: str
    carrier: str
    coverage_code: str
    coverage: str
    effective_date: date
    expiration_date: date
    premium_cents: int
    carrier_naic: str = ""
    wholesaler: str = ""
    taxes_cents: int = 0
    surplus_lines_tax_cents: int = 0
    policy_fee_cents: int = 0
    agency_fee_cents: int = 0
    broker_fee_cents: int = 0
    other_fee_cents: int = 0
    minimum_earned_rate: Decimal = Decimal(0)
    gross_commission_rate: Decimal = Decimal(0)
    retail_commission_rate: Decimal | None = None

    @property
    def total_cents(self) -> int:
        """Premium, taxes and fees."""
        return (
            self.premium_cents
            + self.taxes_cents
            + self.surplus_lines_tax_cents
            + self.policy_fee_cents
            + self.agency_fee_cents
            + self.broker_fee_cents
            + self.other_fee_cents
        )

    @property
    def key(self) -> tuple[str, str, date]:
        """What makes it this policy within its program."""
        return self.policy_number, self.coverage_code, self.effective_date


@dataclass(frozen=True, slots=True)
class ProgramDraft:
    """A program with its insured and policies.

    Args:
        reference: the agency's own name for it, unique in the agency.
        partner_id: the partner behind it, who pays agency bill and receives the commission of direct bill.
        restricted_to: the only kind of method that pays it; empty for any.
        is_draft: not bound yet: nothing is billed.
        opening_paid_cents: paid before the agency came to this portal, at most the total.
    """

    reference: str
    name: str
    insured: InsuredDraft
    policies: tuple[PolicyDraft, ...]
    due_date: date
    billing_type: str = "direct_bill"
    partner_id: int | None = None
    contact_email: str | None = None
    producer: str = ""
    account_manager: str = ""
    restricted_to: str = ""
    is_draft: bool = False
    opening_paid_cents: int = 0

    @property
    def paying_partner_id(self) -> int | None:
        """The partner who pays its invoices; None where the insured does."""
        return self.partner_id if self.billing_type == "agency_bill" else None

    @property
    def total_cents(self) -> int:
        """What its policies cost together."""
        return sum(policy.total_cents for policy in self.policies)
