"""Records as BindHQ would send them, whole and right; a test spoils what it is about."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from portal.policy_system.records import (
    AgencyThere,
    Company,
    CoverageTypeThere,
    EndorsementThere,
    InsuredThere,
    LineItem,
    Person,
    PolicyThere,
    PostalAddress,
    QuoteThere,
)

BOUND = datetime(2026, 7, 1, 12, tzinfo=UTC)
ROOFER = InsuredThere(
    id="9001",
    kind="Corporation",
    name="Lone Star Roofing, Inc.",
    first_name="Ada",
    last_name="Ruiz",
    email="ap@lonestarroofing.example",
    phone="(512) 555-0142",
    address=PostalAddress("100 Congress Ave", "Suite 400", "Austin", "TX", "78701-4042"),
)
DANA = Person("733", "Dana", "Reyes", "dana@hillcountry.example", "512-555-0111")
SAM = Person("12", "Sam", "Okafor", "sam@mymga.example")
HILL_COUNTRY = AgencyThere(
    id="512",
    name="Hill Country Insurance Agency",
    email="office@hillcountry.example",
    phone="512-555-0199",
    address=PostalAddress("1 Main St", None, "Round Rock", "TX", "78664"),
    agents=(DANA,),
)
CHARGES = (
    LineItem("premium", 12_000_00, line_of_business="CGL"),
    LineItem("fee", 250_00, code="policy_fee", is_fully_earned=True),
    LineItem("tax", 594_13, code="surplus_lines_tax"),
    LineItem("tax", 4_90, code="stamping_fee"),
)
ADDED = (
    LineItem("premium", 1_500_00, line_of_business="CGL"),
    LineItem("tax", 72_75, code="surplus_lines_tax"),
    LineItem("tax", 60, code="stamping_fee"),
)


def policy_there(policy_id: str = "10442", **changes: Any) -> PolicyThere:
    """A general liability policy of a roofer: $12,849.03."""
    quote = QuoteThere(
        id="20877",
        line_items=changes.pop("line_items", CHARGES),
        description="GL for roofing contractor",
        minimum_earned_percent=changes.pop("minimum_earned_percent", Decimal(25)),
        agent_commission_percent=changes.pop("agent_commission_percent", Decimal(10)),
        gross_commission_percent=changes.pop("gross_commission_percent", Decimal("17.5")),
        total_cents=changes.pop("total_cents", None),
    )
    found = PolicyThere(
        id=policy_id,
        status="bound",
        billing_type="direct_bill_insured",
        policy_number=f"CPS {policy_id}",
        effective_on=date(2026, 7, 1),
        expires_on=date(2027, 7, 1),
        insured=ROOFER,
        quote=quote,
        version=1,
        updated_at=BOUND,
        transaction="new",
        tax_state="TX",
        coverage_type=CoverageTypeThere("16", "CGL", "General Liability"),
        carrier=Company("301", "Evanston Insurance Company", "35378"),
        marketing_company=Company("77", "Sample Surplus Brokers"),
        agency=HILL_COUNTRY,
        agent=DANA,
        user=SAM,
        bound_at=BOUND,
        payload=f'{{"id": "{policy_id}"}}',
    )
    return replace(found, **changes)


def endorsement_there(
    endorsement_id: str = "55120", policy: PolicyThere | None = None, **changes: Any
) -> EndorsementThere:
    """Two vehicles more: $1,573.35."""
    found = EndorsementThere(
        id=endorsement_id,
        number=1,
        kind="amendment",
        status="issued",
        effective_on=date(2026, 8, 15),
        line_items=ADDED,
        policy=policy or policy_there(),
        version=1,
        description="Add 2 vehicles",
        issued_at=BOUND,
        payload=f'{{"id": "{endorsement_id}"}}',
    )
    return replace(found, **changes)
