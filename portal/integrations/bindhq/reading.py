"""BindHQ's objects in our own words."""

from portal.integrations.bindhq.fields import Fields
from portal.policy_system.protocol import ChangedSchema
from portal.policy_system.records import (
    AgencyThere,
    Company,
    CoverageTypeThere,
    EndorsementThere,
    FeedEvent,
    InsuredThere,
    InvoiceThere,
    LedgerAccount,
    LineItem,
    Person,
    PolicyThere,
    PostalAddress,
    QuoteThere,
    ReceiptThere,
)

COMMISSION = ("agent_commission_percentage", "agent_commission_per1centage")
"""The second is how the seed's help page of BindHQ's field is spelled; installations may send either."""


def person(fields: Fields) -> Person:
    """An agent or a user."""
    return Person(
        fields.needed("id"),
        fields.said("first_name"),
        fields.said("last_name"),
        fields.said("email"),
        fields.said("phone"),
        fields.flag("active", otherwise=True),
    )


def address(fields: Fields | None) -> PostalAddress:
    """An address; an empty one where there is none."""
    if fields is None:
        return PostalAddress()
    return PostalAddress(*(fields.said(name) for name in ("line1", "line2", "city", "state", "postal_code")))


def insured(fields: Fields | None) -> InsuredThere:
    """The insured; an empty one where the record is half filled."""
    if fields is None:
        return InsuredThere("")
    return InsuredThere(
        fields.said("id") or "",
        fields.said("type"),
        fields.said("name"),
        fields.said("first_name"),
        fields.said("last_name"),
        fields.said("email"),
        fields.said("phone"),
        address(fields.part("accounting_address")),
    )


def agency(fields: Fields) -> AgencyThere:
    """A retail agency."""
    return AgencyThere(
        id=fields.needed("id"),
        name=fields.said("name"),
        email=fields.said("email"),
        phone=fields.said("phone"),
        address=address(fields.part("mailing_address")),
        parent_id=fields.said("parent_id"),
        bill_to_parent=fields.flag("bill_to_parent", otherwise=False),
        is_active=fields.flag("active", otherwise=True),
        agents=tuple(person(each) for each in fields.rows("agents")),
        updated_at=fields.moment("updated_at"),
    )


def company(fields: Fields) -> Company:
    """A carrier or a marketing company."""
    return Company(
        fields.needed("id"),
        fields.said("name"),
        fields.said("naic_code"),
        address(fields.part("accounting_address")),
        fields.flag("active", otherwise=True),
    )


def coverage_type(fields: Fields) -> CoverageTypeThere:
    """A line of business."""
    return CoverageTypeThere(fields.said("id") or "", fields.said("code"), fields.said("name"))


def ledger_account(fields: Fields) -> LedgerAccount:
    """An account of their ledger."""
    return LedgerAccount(
        fields.needed("id"), fields.needed("name"), fields.needed("type"), fields.flag("is_bank", otherwise=False)
    )


def line_items(fields: Fields) -> tuple[LineItem, ...]:
    """The charges of a quote or an endorsement."""
    return tuple(
        LineItem(
            kind=each.needed("type"),
            amount_cents=each.cents("amount") or 0,
            code=each.said("code"),
            line_of_business=each.said("line_of_business"),
            description=each.said("description"),
            is_fully_earned=each.flag("fully_earned", otherwise=False),
        )
        for each in fields.rows("line_items")
    )


def quote(fields: Fields | None) -> QuoteThere:
    """What was bound; an empty quote where the record is half filled."""
    if fields is None:
        return QuoteThere("")
    totals = fields.part("totals")
    return QuoteThere(
        id=fields.said("id") or "",
        line_items=line_items(fields),
        description=fields.said("description"),
        minimum_earned_percent=fields.percent("minimum_earned_premium_percentage"),
        agent_commission_percent=fields.percent(*COMMISSION),
        gross_commission_percent=fields.percent("gross_commission_percentage"),
        total_cents=totals.cents("total") if totals else None,
    )


def policy(fields: Fields) -> PolicyThere:
    """A policy. One without a version has as many as seconds have passed until its last change."""
    updated_at = fields.moment("updated_at")
    if updated_at is None:
        raise ChangedSchema("policy.updated_at", "missing", fields.payload())
    version = fields.whole("version")
    parts = {name: fields.part(name) for name in ("type", "carrier", "marketing_company", "agency", "agent", "user")}
    kind, carrier, marketing, retailer, agent, user = parts.values()
    return PolicyThere(
        id=fields.needed("id"),
        status=fields.needed("status"),
        billing_type=fields.said("billing_type"),
        policy_number=fields.said("policy_number"),
        effective_on=fields.day("effective_date"),
        expires_on=fields.day("expiration_date"),
        insured=insured(fields.part("insured")),
        quote=quote(fields.part("quote")),
        version=int(updated_at.timestamp()) if version is None else version,
        updated_at=updated_at,
        transaction=fields.said("transaction"),
        binder_number=fields.said("binder_number"),
        tax_state=fields.said("tax_state"),
        coverage_type=coverage_type(kind) if kind else None,
        carrier=company(carrier) if carrier else None,
        marketing_company=company(marketing) if marketing else None,
        agency=agency(retailer) if retailer else None,
        agent=person(agent) if agent else None,
        user=person(user) if user else None,
        bound_at=fields.moment("bound_at"),
        voided_at=fields.moment("voided_at"),
        void_reason=fields.said("void_reason"),
        payload=fields.payload(),
    )


def endorsement(fields: Fields) -> EndorsementThere:
    """An endorsement."""
    within, number = fields.part("policy"), fields.whole("number")
    if within is None or number is None:
        raise ChangedSchema("endorsement", "without policy or number", fields.payload())
    moments = [fields.moment(name) for name in ("updated_at", "voided_at", "issued_at")]
    last = max((each for each in moments if each), default=None)
    version = fields.whole("version")
    return EndorsementThere(
        id=fields.needed("id"),
        number=number,
        kind=fields.needed("kind"),
        status=fields.needed("status"),
        effective_on=fields.day("effective_date"),
        line_items=line_items(fields),
        policy=policy(within),
        version=version if version is not None else int(last.timestamp()) if last else 1,
        ui_type=fields.said("ui_type"),
        cancellation_method=fields.said("cancellation_method"),
        cancellation_reason=fields.said("cancellation_reason"),
        description=fields.said("description"),
        minimum_earned_percent=fields.percent("minimum_earned_premium_percentage"),
        agent_commission_percent=fields.percent(*COMMISSION),
        issued_at=moments[2],
        voided_at=moments[1],
        updated_at=moments[0],
        payload=fields.payload(),
    )


def event(fields: Fields) -> FeedEvent:
    """News of the feed."""
    about, at = fields.part("object"), fields.moment("occurred_at")
    if about is None or at is None:
        raise ChangedSchema("event", "without object or time", fields.payload())
    return FeedEvent(fields.needed("id"), fields.needed("type"), at, about.needed("type"), about.needed("id"))


def invoice(fields: Fields) -> InvoiceThere:
    """An invoice of theirs."""
    customer = fields.part("customer")
    total, outstanding = fields.cents("net_total_due"), fields.cents("outstanding_amount")
    if customer is None or total is None or outstanding is None:
        raise ChangedSchema("invoice", "without customer or amounts", fields.payload())
    return InvoiceThere(
        id=fields.needed("id"),
        number=fields.needed("number"),
        policy_id=fields.needed("policy_id"),
        endorsement_id=fields.said("endorsement_id"),
        customer_kind=customer.needed("type"),
        customer_id=customer.needed("id"),
        total_cents=total,
        outstanding_cents=outstanding,
        status=fields.needed("status"),
    )


def receipt(fields: Fields) -> ReceiptThere:
    """A receipt of theirs."""
    amount = fields.cents("amount")
    if amount is None:
        raise ChangedSchema("receipt.amount", "missing", fields.payload())
    return ReceiptThere(fields.needed("id"), fields.needed("external_id"), amount, fields.needed("status"))
