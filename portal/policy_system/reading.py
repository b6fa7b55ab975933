"""A record of BindHQ that has nothing against it, as drafts of ours. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256

from portal.core.email_address import parse_email
from portal.imports.cells import read_zip
from portal.policy_system.records import InsuredThere, LineItem, PolicyThere
from portal.policy_system.validate import BILLING_TYPES, Known, is_business, valid_phone
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft

_FEES = {"policy_fee": "policy_fee_cents", "agency_fee": "agency_fee_cents", "broker_fee": "broker_fee_cents"}
_FINEST = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Charges:
    """What line items come to, in cents, by our names."""

    premium_cents: int = 0
    taxes_cents: int = 0
    surplus_lines_tax_cents: int = 0
    policy_fee_cents: int = 0
    agency_fee_cents: int = 0
    broker_fee_cents: int = 0
    other_fee_cents: int = 0


def charges_of(items: Sequence[LineItem]) -> Charges:
    """Premium, the surplus lines tax apart from other taxes, and fees by what they are; nothing is lost.

    >>> charges_of([LineItem("premium", 900), LineItem("tax", 50, code="stamping_fee"), LineItem("fee", 7)])
    Charges(premium_cents=900, taxes_cents=50, surplus_lines_tax_cents=0, policy_fee_cents=0, agency_fee_cents=0, \
broker_fee_cents=0, other_fee_cents=7)
    """
    sums: dict[str, int] = {}
    for item in items:
        if item.kind == "premium":
            name = "premium_cents"
        elif item.code == "surplus_lines_tax":
            name = "surplus_lines_tax_cents"
        elif item.kind == "tax":
            name = "taxes_cents"
        else:
            name = _FEES.get(item.code or "", "other_fee_cents")
        sums[name] = sums.get(name, 0) + item.amount_cents
    return Charges(**sums)


def rate_of(percent: Decimal) -> Decimal:
    """A fraction of percent: 17.5 is 0.175."""
    return (percent / 100).quantize(_FINEST)


def program_reference(policy_id: str, endorsement_id: str = "") -> str:
    """What a program that came from there is called here."""
    return f"BHQ-{policy_id}-E{endorsement_id}" if endorsement_id else f"BHQ-{policy_id}"


def insured_draft(insured: InsuredThere, reference: str) -> InsuredDraft:
    """The customer."""
    address = insured.address
    phone = valid_phone(insured.phone or "") or ""
    return InsuredDraft(
        reference=reference,
        name=(insured.name or "").strip(),
        address_line1=(address.line1 or "").strip(),
        address_line2=(address.line2 or "").strip(),
        city=(address.city or "").strip(),
        state=(address.state or "").strip().upper(),
        postal_code=read_zip((address.postal_code or "").strip()),
        kind="business" if is_business(insured) else "person",
        contact_first_name=(insured.first_name or "").strip(),
        contact_last_name=(insured.last_name or "").strip(),
        phone=f"{phone[:3]}-{phone[3:6]}-{phone[6:]}" if phone else "",
        emails=(parse_email(insured.email or ""),),
    )


def program_draft(
    policy: PolicyThere,
    known: Known,
    insured: InsuredDraft,
    partner_id: int,
    due_days: int,
    today: date,
    reference: str,
) -> ProgramDraft:
    """The program that a policy becomes: due on its effective date, agency bill so many days later, never before today.

    Args:
        policy: one that is not refused (`validate.policy_failures`).
        due_days: of agency bill, of the partner.
        today: the day at the agency.
        reference: of the program.
    """
    assert policy.effective_on and policy.expires_on and policy.coverage_type and policy.carrier
    assert policy.billing_type
    coverage = known.coverages[policy.coverage_type.code or ""]
    carrier = known.carriers[policy.carrier.id]
    marketing = policy.marketing_company
    quote, billing_type = policy.quote, BILLING_TYPES[policy.billing_type]
    user = policy.user
    name = f"{user.first_name or ''} {user.last_name or ''}".strip() if user else ""
    commission = quote.agent_commission_percent
    charges = charges_of(quote.line_items)
    bound = PolicyDraft(
        policy_number=(policy.policy_number or "").strip(),
        carrier=carrier.name,
        carrier_naic=carrier.code,
        wholesaler=known.marketing_companies[marketing.id].name if marketing else "",
        coverage_code=coverage.code,
        coverage=coverage.name,
        effective_date=policy.effective_on,
        expiration_date=policy.expires_on,
        premium_cents=charges.premium_cents,
        taxes_cents=charges.taxes_cents,
        surplus_lines_tax_cents=charges.surplus_lines_tax_cents,
        policy_fee_cents=charges.policy_fee_cents,
        agency_fee_cents=charges.agency_fee_cents,
        broker_fee_cents=charges.broker_fee_cents,
        other_fee_cents=charges.other_fee_cents,
        minimum_earned_rate=rate_of(quote.minimum_earned_percent or Decimal(0)),
        gross_commission_rate=rate_of(quote.gross_commission_percent or Decimal(0)),
        retail_commission_rate=None if commission is None else rate_of(commission),
    )
    later = timedelta(days=due_days if billing_type == "agency_bill" else 0)
    return ProgramDraft(
        reference=reference,
        name=coverage.name,
        insured=insured,
        policies=(bound,),
        due_date=max(policy.effective_on + later, today),
        billing_type=billing_type,
        partner_id=partner_id,
        producer=name,
        account_manager=name,
    )


def fingerprints(draft: ProgramDraft) -> str:
    """Of what BindHQ says of the program, and of its insured: whether either has changed there since.

    The due date is ours, and the insured's reference.
    """
    program = replace(draft, due_date=date.min, insured=_NOBODY)
    insured = replace(draft.insured, reference="")
    return f"{_digest(program)}:{_digest(insured)}"


_NOBODY = InsuredDraft("", "", "", "", "", "")


def _digest(value: object) -> str:
    return sha256(repr(value).encode()).hexdigest()[:32]
