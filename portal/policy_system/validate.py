"""What stands against an import: every failure in one pass, with its code, field, raw value and message. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from portal.core.email_address import parse_email
from portal.core.errors import BadInput
from portal.core.money import format_money
from portal.policy_system.records import (
    AgencyThere,
    EndorsementThere,
    InsuredThere,
    LineItem,
    Person,
    PolicyThere,
    PostalAddress,
)
from portal.policy_system.rules import Failure, failure
from portal.reference.carriers import find_carrier
from portal.reference.us_states import state_names

BILLING_TYPES = {"agency_bill": "agency_bill", "direct_bill_insured": "direct_bill"}
"""Theirs, and ours."""
PERSONS = frozenset({"individual", "person", "personal", "individual or sole proprietor"})
"""Types of insureds that are no business, in lower case; the list is each installation's own."""
_PHONE = re.compile(r"[2-9]\d{2}[2-9]\d{6}")
_ZIP = re.compile(r"\d{5}(-?\d{4})?")
_BY_HAND = " Enter it by hand under Actions > Endorse: premium comes back."


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one of BindHQ's names is here: a code, perhaps empty, and a name."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Known:
    """What the portal knows when it checks.

    Args:
        coverages: by BindHQ's code.
        carriers, marketing_companies: by BindHQ's id.
        archived_staff: addresses of staff who were archived here.
        strict_surplus_lines: a carrier that is not admitted needs a surplus lines tax.
    """

    coverages: Mapping[str, Mapped] = field(default_factory=dict)
    carriers: Mapping[str, Mapped] = field(default_factory=dict)
    marketing_companies: Mapping[str, Mapped] = field(default_factory=dict)
    archived_staff: frozenset[str] = frozenset()
    strict_surplus_lines: bool = False


def is_refused(failures: Sequence[Failure]) -> bool:
    """Whether nothing comes in: an error stands against it."""
    return any(one.severity == "error" for one in failures)


def policy_failures(policy: PolicyThere, known: Known) -> list[Failure]:
    """Everything that stands against a policy, in the order of its record."""
    return [
        *_billing(policy),
        *charge_failures(policy.quote.line_items, policy.quote.total_cents),
        *_surplus_lines(policy, known),
        *_product(policy, known),
        *_rates(policy),
        *_insured(policy),
        *_retailer(policy),
        *_mga_user(policy.user, known),
    ]


def endorsement_failures(endorsement: EndorsementThere) -> list[Failure]:
    """Everything that stands against an endorsement of a policy that is here already.

    One without money in it is no error: nobody has to look.
    """
    found = list(charge_failures(endorsement.line_items, None))
    if endorsement.effective_on is None:
        term = {"effective": "–", "expiration": "–"}
        return [*found, failure("BHQ_TERM_INVALID", "endorsement.effective_date", "", **term)]
    if not any(item.amount_cents for item in endorsement.line_items):
        return [replace(one, severity="info") for one in found]
    by_hand = "BHQ_PREMIUM_NOT_POSITIVE"
    return [replace(one, message=one.message + _BY_HAND) if one.code == by_hand else one for one in found]


def as_new_policy(endorsement: EndorsementThere, policy: PolicyThere) -> PolicyThere:
    """What an endorsement bills as a program of its own, where its policy is not here.

    Args:
        policy: the endorsed one, whole.
    """
    earned, commission = endorsement.minimum_earned_percent, endorsement.agent_commission_percent
    quote = replace(
        policy.quote,
        line_items=endorsement.line_items,
        total_cents=None,
        description=endorsement.description,
        minimum_earned_percent=policy.quote.minimum_earned_percent if earned is None else earned,
        agent_commission_percent=policy.quote.agent_commission_percent if commission is None else commission,
    )
    return replace(policy, quote=quote, effective_on=endorsement.effective_on)


def agency_failures(agency: AgencyThere, agent: Person | None) -> list[Failure]:
    """Everything that stands against a retail agency.

    Args:
        agent: its primary contact, whose address stands in for the agency's own.
    """
    if not agency.is_active:
        return [failure("BHQ_AGENCY_INACTIVE", "agency.active", agency.name or agency.id)]
    found: list[Failure] = []
    if _is_blank(agency.name):
        found.append(failure("BHQ_AGENCY_NAME_MISSING", "agency.name", agency.name))
    if _is_blank(agency.email) and (agent is None or _is_blank(agent.email)):
        found.append(failure("BHQ_AGENCY_EMAIL_MISSING", "agency.email", agency.email))
    found += _email("Partner agency", "agency.email", agency.email)
    if _is_blank(agency.phone):
        found.append(failure("BHQ_AGENCY_PHONE_MISSING", "agency.phone", agency.phone))
    return [*found, *_address("Partner agency", "AGENCY", "agency.mailing_address", agency.address)]


def agent_failures(agent: Person | None) -> list[Failure]:
    """Everything that stands against a retail agent, the first contact of a partner."""
    return list(_person("AGENT", "agent", "Retail agent", agent))


def user_failures(user: Person | None, known: Known) -> list[Failure]:
    """Everything that stands against one of the MGA's own users."""
    return list(_mga_user(user, known))


def is_business(insured: InsuredThere) -> bool:
    """Whether an insured is a business; one whose type is left empty is, unless it has a first and a last name."""
    if _is_blank(insured.kind):
        return _is_blank(insured.first_name) or _is_blank(insured.last_name)
    return str(insured.kind).strip().casefold() not in PERSONS


def valid_phone(raw: str) -> str | None:
    """The ten digits of a US phone number, or None.

    >>> valid_phone("+1 (512) 555-0142"), valid_phone("555-0142")
    ('5125550142', None)
    """
    digits = re.sub(r"\D", "", raw)
    digits = digits[1:] if len(digits) == 11 and digits.startswith("1") else digits
    return digits if _PHONE.fullmatch(digits) else None


def _billing(policy: PolicyThere) -> Iterator[Failure]:
    if policy.billing_type not in BILLING_TYPES:
        yield failure("BHQ_BILLING_TYPE_UNSUPPORTED", "policy.billing_type", policy.billing_type)


def charge_failures(items: Sequence[LineItem], total_cents: int | None) -> Iterator[Failure]:
    """What stands against the line items of a policy or endorsement."""
    premium = sum(item.amount_cents for item in items if item.kind == "premium")
    total = sum(item.amount_cents for item in items)
    if premium <= 0 or total <= 0:
        yield failure("BHQ_PREMIUM_NOT_POSITIVE", "quote.line_items", format_money(min(premium, total)))
    surplus = [item.amount_cents for item in items if item.code == "surplus_lines_tax"]
    if surplus and sum(surplus) <= 0:
        yield failure("BHQ_SURPLUS_LINES_NOT_POSITIVE", "quote.line_items", format_money(sum(surplus)))
    if premium > 0 and total > 0:
        by_code: dict[str, int] = {}
        for item in items:
            if item.kind != "premium" and item.code != "surplus_lines_tax":
                name = item.code or item.kind
                by_code[name] = by_code.get(name, 0) + item.amount_cents
        for name, cents in by_code.items():
            if cents < 0:
                yield failure("BHQ_CHARGE_NEGATIVE", "quote.line_items", f"{name} {format_money(cents)}")
    if total_cents is not None and total_cents != total:
        sums = {"sum": format_money(total), "total": format_money(total_cents)}
        yield failure("BHQ_LINE_ITEMS_DO_NOT_ADD_UP", "quote.line_items", sums["sum"], **sums)


def _surplus_lines(policy: PolicyThere, known: Known) -> Iterator[Failure]:
    if not known.strict_surplus_lines or policy.carrier is None:
        return
    mapped = known.carriers.get(policy.carrier.id)
    carrier = find_carrier(mapped.name, mapped.code) if mapped else None
    is_taxed = any(item.code == "surplus_lines_tax" for item in policy.quote.line_items)
    if carrier is not None and carrier.market == "surplus_lines" and not is_taxed:
        yield failure("BHQ_SURPLUS_LINES_NOT_POSITIVE", "quote.line_items", format_money(0))


def _product(policy: PolicyThere, known: Known) -> Iterator[Failure]:
    if _is_blank(policy.policy_number):
        yield failure("BHQ_POLICY_NUMBER_MISSING", "policy.policy_number", policy.policy_number)
    coverage, carrier, marketing = policy.coverage_type, policy.carrier, policy.marketing_company
    if coverage is None or _is_blank(coverage.code):
        yield failure("BHQ_COVERAGE_TYPE_MISSING", "policy.type")
    elif coverage.code not in known.coverages:
        yield failure("BHQ_COVERAGE_TYPE_UNMAPPED", "policy.type", coverage.code)
    if carrier is None:
        yield failure("BHQ_CARRIER_MISSING", "policy.carrier")
    elif carrier.id not in known.carriers:
        yield failure("BHQ_CARRIER_UNMAPPED", "policy.carrier", carrier.name or carrier.id)
    if marketing is not None and marketing.id not in known.marketing_companies:
        yield failure("BHQ_MARKETING_COMPANY_UNMAPPED", "policy.marketing_company", marketing.name or marketing.id)
    first, last = policy.effective_on, policy.expires_on
    if first is None or last is None or last <= first:
        term = {"effective": first or "–", "expiration": last or "–"}
        name = "policy.effective_date, policy.expiration_date"
        yield failure("BHQ_TERM_INVALID", name, f"{term['effective']} – {term['expiration']}", **term)


def _rates(policy: PolicyThere) -> Iterator[Failure]:
    quote = policy.quote
    earned, commission, gross = (
        quote.minimum_earned_percent,
        quote.agent_commission_percent,
        quote.gross_commission_percent,
    )
    if not _is_percent(earned):
        yield failure("BHQ_MIN_EARNED_MISSING", "quote.minimum_earned_premium_percentage", earned)
    name = "quote.agent_commission_percentage"
    if commission is None:
        yield failure("BHQ_COMMISSION_BLANK", name)
    elif not _is_percent(commission) or (gross is not None and commission > gross):
        yield failure("BHQ_COMMISSION_OUT_OF_RANGE", name, commission)


def _insured(policy: PolicyThere) -> Iterator[Failure]:
    insured = policy.insured
    if _is_blank(insured.name):
        yield failure("BHQ_INSURED_NAME_MISSING", "insured.name", insured.name)
    if _is_blank(insured.email):
        yield failure("BHQ_INSURED_EMAIL_MISSING", "insured.email", insured.email)
    yield from _email("Insured", "insured.email", insured.email)
    yield from _phone("BHQ_INSURED_PHONE_INVALID", "insured.phone", insured.phone)
    yield from _address("Insured", "INSURED", "insured.accounting_address", insured.address)
    has_contact = not _is_blank(insured.first_name) and not _is_blank(insured.last_name)
    if is_business(insured) and policy.billing_type == "direct_bill_insured" and not has_contact:
        yield failure("BHQ_INSURED_CONTACT_NAME_NEEDED", "insured.type", insured.kind)


def _retailer(policy: PolicyThere) -> Iterator[Failure]:
    agency, agent = policy.agency, policy.agent
    if agency is None:
        yield failure("BHQ_AGENCY_MISSING", "policy.agency")
    else:
        yield from agency_failures(agency, agent)
    yield from _person("AGENT", "agent", "Retail agent", agent)


def _mga_user(user: Person | None, known: Known) -> Iterator[Failure]:
    yield from _person("MGA_USER", "user", "Account manager / producer", user)
    if user is not None and (user.email or "").strip().lower() in known.archived_staff:
        yield failure("BHQ_MGA_USER_ARCHIVED", "user.email", user.email)


def _person(code: str, name: str, who: str, person: Person | None) -> Iterator[Failure]:
    email, first, last, phone = (person.email, person.first_name, person.last_name, person.phone) if person else _NOBODY
    if _is_blank(email):
        yield failure(f"BHQ_{code}_EMAIL_MISSING", f"{name}.email", email)
    yield from _email(who, f"{name}.email", email)
    if _is_blank(first):
        yield failure(f"BHQ_{code}_FIRST_NAME_MISSING", f"{name}.first_name", first)
    if _is_blank(last):
        yield failure(f"BHQ_{code}_LAST_NAME_MISSING", f"{name}.last_name", last)
    yield from _phone(f"BHQ_{code}_PHONE_INVALID", f"{name}.phone", phone)


_NOBODY: tuple[str | None, str | None, str | None, str | None] = (None, None, None, None)


def _address(who: str, code: str, name: str, address: PostalAddress) -> Iterator[Failure]:
    parts = (
        ("STREET", "line1", address.line1),
        ("CITY", "city", address.city),
        ("STATE", "state", address.state),
        ("ZIP", "postal_code", address.postal_code),
    )
    for part, each, value in parts:
        if value is None or _is_blank(value):
            yield failure(f"BHQ_{code}_{part}_MISSING", f"{name}.{each}", value)
        elif part == "STATE" and value.strip().upper() not in state_names():
            yield failure("BHQ_STATE_INVALID", f"{name}.{each}", value, who=who)
        elif part == "ZIP" and not _ZIP.fullmatch(value.strip()):
            yield failure("BHQ_ZIP_INVALID", f"{name}.{each}", value, who=who)


def _email(who: str, name: str, value: str | None) -> Iterator[Failure]:
    if value is None or _is_blank(value):
        return
    try:
        parse_email(value)
    except BadInput:
        yield failure("BHQ_EMAIL_INVALID", name, value, who=who)


def _phone(code: str, name: str, value: str | None) -> Iterator[Failure]:
    if value is not None and not _is_blank(value) and valid_phone(value) is None:
        yield failure(code, name, value)


def _is_percent(value: Decimal | None) -> bool:
    return value is not None and 0 <= value <= 100


def _is_blank(value: str | None) -> bool:
    return value is None or not value.strip()
