"""What a policy system tells us, in our own words: as raw as checking it needs, half-filled records included.

Money is in cents, percentages in percent (Decimal("25") is 25 %), dates are dates and times UTC-aware. None is what the
system left empty; what it wrote wrongly, such as an address or a phone number, stays as it was written.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, TypeVar


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address as it was typed there."""

    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """A retail agent, or a user of the MGA (account manager, producer)."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class InsuredThere:
    """Whom a policy insures.

    Args:
        kind: the installation's own word: Individual, Corporation, LLC and so on; None where it is left empty.
        first_name, last_name: of the billing contact, or of the individual.
        address: the accounting address, where invoices go.
    """

    id: str
    kind: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: PostalAddress = field(default_factory=PostalAddress)


@dataclass(frozen=True, slots=True)
class AgencyThere:
    """A retail agency: our partner.

    Args:
        address: the mailing address.
        agents: its people, as far as the system lists them with it.
        updated_at: None where a record within another does not say.
    """

    id: str
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: PostalAddress = field(default_factory=PostalAddress)
    parent_id: str | None = None
    bill_to_parent: bool = False
    is_active: bool = True
    agents: tuple[Person, ...] = ()
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Company:
    """A carrier, or a marketing company (wholesaler)."""

    id: str
    name: str | None = None
    naic_code: str | None = None
    address: PostalAddress = field(default_factory=PostalAddress)
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class CoverageTypeThere:
    """A line of business."""

    id: str
    code: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """An account of their general ledger: receipts go to a bank account.

    Args:
        kind: asset, liability, income, expense or equity.
    """

    id: str
    name: str
    kind: str
    is_bank: bool = False


@dataclass(frozen=True, slots=True)
class LineItem:
    """One charge.

    Args:
        kind: premium, tax or fee.
        code: surplus_lines_tax, stamping_fee, policy_fee, broker_fee and so on; None where it is not said.
        amount_cents: negative gives back.
        is_fully_earned: of a fee: it is kept when the policy is canceled.
    """

    kind: str
    amount_cents: int
    code: str | None = None
    line_of_business: str | None = None
    description: str | None = None
    is_fully_earned: bool = False


@dataclass(frozen=True, slots=True)
class QuoteThere:
    """What was bound.

    Args:
        total_cents: what the system says that the line items come to; None where it says nothing.
    """

    id: str
    line_items: tuple[LineItem, ...] = ()
    description: str | None = None
    minimum_earned_percent: Decimal | None = None
    agent_commission_percent: Decimal | None = None
    gross_commission_percent: Decimal | None = None
    total_cents: int | None = None


@dataclass(frozen=True, slots=True)
class PolicyThere:
    """A policy with everything around it. Within an endorsement most of it may be missing: fetch the policy itself.

    Args:
        status: bound, issued, cancelled or voided.
        billing_type: as the system writes it: agency_bill, direct_bill, direct_bill_insured.
        transaction: new, renewal or rewrite.
        user: the MGA's account manager and producer.
        version: rises with every change.
        payload: the record as it came, JSON, for staff who look into a failed import.
    """

    id: str
    status: str
    billing_type: str | None
    policy_number: str | None
    effective_on: date | None
    expires_on: date | None
    insured: InsuredThere
    quote: QuoteThere
    version: int
    updated_at: datetime
    transaction: str | None = None
    binder_number: str | None = None
    tax_state: str | None = None
    coverage_type: CoverageTypeThere | None = None
    carrier: Company | None = None
    marketing_company: Company | None = None
    agency: AgencyThere | None = None
    agent: Person | None = None
    user: Person | None = None
    bound_at: datetime | None = None
    voided_at: datetime | None = None
    void_reason: str | None = None
    payload: str = ""


@dataclass(frozen=True, slots=True)
class EndorsementThere:
    """A change to a policy after it was bound.

    Args:
        number: 0 is the one that the system makes itself at bind.
        kind: amendment, cancellation or reinstatement.
        ui_type: what its user picked, such as Additional Premium; for reading only.
        status: draft, issued or voided.
        policy: what the endorsement says of its policy; often only a part of it.
        version, payload: as of a policy.
    """

    id: str
    number: int
    kind: str
    status: str
    effective_on: date | None
    line_items: tuple[LineItem, ...]
    policy: PolicyThere
    version: int
    ui_type: str | None = None
    cancellation_method: str | None = None
    cancellation_reason: str | None = None
    description: str | None = None
    minimum_earned_percent: Decimal | None = None
    agent_commission_percent: Decimal | None = None
    issued_at: datetime | None = None
    voided_at: datetime | None = None
    updated_at: datetime | None = None
    payload: str = ""


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """News in the system's feed: only its ids are used, the record itself is read anew.

    Args:
        kind: policy.bound, policy.updated, policy.voided, policy.cancelled, policy.reinstated, endorsement.issued,
            endorsement.voided, agency.created, agency.updated, agency.inactivated, user.updated, or one yet unknown.
        object_kind: policy, endorsement, agency or user.
    """

    id: str
    kind: str
    occurred_at: datetime
    object_kind: str
    object_id: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A stretch of the feed.

    Args:
        cursor: where the next stretch begins; keep it once the events are.
        has_more: there is another stretch already.
    """

    events: tuple[FeedEvent, ...]
    cursor: str
    has_more: bool


Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    """One page of a list.

    Args:
        problems: rows of it that could not be read, each in a line: one bad row does not hide the others.
        next_page: its number, or None after the last.
        total: rows of all pages.
    """

    rows: tuple[Row, ...]
    next_page: int | None
    total: int
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class InvoiceThere:
    """An invoice in the policy system: what a receipt is applied to.

    Args:
        customer_kind: insured, retail_agency, marketing_company or supplier: whom it bills.
        status: open, overdue, paid or void.
    """

    id: str
    number: str
    policy_id: str
    endorsement_id: str | None
    customer_kind: str
    customer_id: str
    total_cents: int
    outstanding_cents: int
    status: str


@dataclass(frozen=True, slots=True)
class ReceiptApplication:
    """What of a receipt pays which of their invoices."""

    invoice_id: str
    amount_cents: int


@dataclass(frozen=True, slots=True)
class ReceiptDraft:
    """A receipt that is to be made there.

    Args:
        external_id: ours, once per client of the system.
        customer_kind, customer_id: as of the invoices.
        amount_cents: gross of the processor's fees; what the applications come to.
        received_on: when the money reached the agency's bank.
        method: ach, card, wire or check.
        bank_account_id: the receipt bank account of the connection.
        reference: ours, as the payer knows it.
    """

    external_id: str
    customer_kind: str
    customer_id: str
    amount_cents: int
    received_on: date
    method: str
    bank_account_id: str
    applications: tuple[ReceiptApplication, ...]
    reference: str = ""
    memo: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptThere:
    """A receipt that they have.

    Args:
        status: open, applied or voided.
    """

    id: str
    external_id: str
    amount_cents: int
    status: str
