"""What staff type into the form of a program."""

from typing import Any

INSURED: dict[str, str] = {
    "insured-name": "Harbor Street Books LLC",
    "insured-kind": "business",
    "insured-contact_first_name": "Maria",
    "insured-contact_last_name": "Lopez",
    "insured-phone": "828 555 0134",
    "insured-emails": "maria@books.example, Owner@books.example",
    "insured-address_line1": "12 Main St",
    "insured-city": "Austin",
    "insured-state": "Texas",
    "insured-postal_code": "78701",
    "insured-country": "US",
    "insured-locale": "en_US",
}
PROGRAM: dict[str, str] = {
    "reference": "PR-TYPED",
    "name": "",
    "due_date": "2026-09-01",
    "billing_type": "direct_bill",
    "producer": "Nadia Newman",
}
POLICY: dict[str, str] = {
    "policy_number": "CPS-0071234",
    "carrier": "Hanover Ins. Co.",
    "coverage": "general liability",
    "effective_date": "2026-09-01",
    "expiration_date": "2027-09-01",
    "premium_cents": "$1,200",
    "taxes_cents": "60.50",
    "policy_fee_cents": "75",
    "minimum_earned_rate": "25",
    "gross_commission_rate": "0.5 %",
}


def typed(*policies: dict[str, str], **more: Any) -> dict[str, str]:
    """A whole form: a new customer with these policies, or with one."""
    values = INSURED | PROGRAM
    for place, policy in enumerate(policies or (POLICY,)):
        values |= {f"policies-{place}-{name}": value for name, value in policy.items()}
    return values | more
