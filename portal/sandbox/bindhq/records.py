"""What happens to policies in the stand-in: bound, changed, endorsed, canceled, voided, reinstated; and agencies."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from portal.sandbox.bindhq import sample
from portal.sandbox.bindhq.feed import publish
from portal.sandbox.bindhq.store import Json, Records, timestamp


class Impossible(ValueError):
    """This cannot happen to that record; the message says why."""


def today() -> date:
    """The day, in UTC."""
    return datetime.now(UTC).date()


def a_year_after(day: date) -> date:
    """The day on which a policy of a year ends."""
    return day.replace(year=day.year + 1) if (day.month, day.day) != (2, 29) else date(day.year + 1, 3, 1)


def merged(body: Json, changes: Json) -> Json:
    """A record with changes; objects within are merged, everything else is replaced."""
    both: Json = dict(body)
    for name, value in changes.items():
        inside = both.get(name)
        both[name] = merged(inside, value) if isinstance(value, dict) and isinstance(inside, dict) else value
    return both


def money(cents: int) -> str:
    """Cents as the wire writes them."""
    sign, whole = ("-" if cents < 0 else ""), abs(cents)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def cents(amount: str) -> int:
    """The wire's money in cents."""
    return int(Decimal(amount) * 100)


def sum_of(items: list[Json], kind: str = "") -> int:
    """What line items come to, of one kind or all, in cents."""
    return sum(cents(each["amount"]) for each in items if kind in ("", each["type"]))


def charges(premium: int, tax: int, fee: int, line_of_business: str) -> list[Json]:
    """Line items of a usual policy; amounts in cents, zero ones left out."""
    items: list[Json] = [
        {"type": "premium", "code": None, "line_of_business": line_of_business, "amount": money(premium)},
        {"type": "fee", "code": "policy_fee", "amount": money(fee), "fully_earned": True},
        {"type": "tax", "code": "surplus_lines_tax", "amount": money(tax)},
    ]
    return [each for each in items if each["type"] == "premium" or cents(each["amount"])]


def totals(items: list[Json]) -> Json:
    """What the system shows that line items come to."""
    parts = {name: money(sum_of(items, kind)) for name, kind in (("premium", "premium"), ("fees", "fee"))}
    return {**parts, "taxes": money(sum_of(items, "tax")), "total": money(sum_of(items))}


def embedded(records: Records, policy: Json) -> Json:
    """A policy as the wire shows it, with the agency and the agent as they are now."""
    shown = {name: value for name, value in policy.items() if name not in ("agency_id", "agent_id")}
    found = records.find("agency", policy["agency_id"] or "")
    agents = found.pop("agents", []) if found else []
    shown.setdefault("agency", found)
    shown.setdefault("agent", next((each for each in agents if each["id"] == policy["agent_id"]), None))
    return shown


def bind(records: Records, changes: Json | None = None) -> Json:
    """Bind a policy.

    Args:
        changes: fields that are not the usual ones, nulls included; `agency_id` and `premium`, `tax`, `fee` in cents
            are short for what follows from them.
    """
    given: Json = dict(changes or {})
    agency_id = str(given.pop("agency_id", sample.AGENCIES[0]["id"]))
    premium, tax, fee = (
        int(given.pop(name, usual)) for name, usual in (("premium", 1_200_000), ("tax", 0), ("fee", 0))
    )
    agency = records.find("agency", agency_id)
    policy_id, start = records.next_id("policy"), today()
    number = int(policy_id) - 10_001
    items = charges(premium, tax, fee, "CGL")
    policy: Json = {
        "id": policy_id,
        "status": "bound",
        "transaction": "new",
        "billing_type": "direct_bill_insured",
        "policy_number": f"CPS {number + 71_234:07d}",
        "binder_number": f"B-{number + 55_120}",
        "effective_date": start.isoformat(),
        "expiration_date": a_year_after(start).isoformat(),
        "tax_state": "TX",
        "type": dict(sample.COVERAGE_TYPES[0]),
        "carrier": dict(sample.CARRIERS[0]),
        "marketing_company": dict(sample.MARKETING_COMPANIES[0]),
        "insured": sample.insured(number),
        "agency_id": agency_id,
        "agent_id": agency["agents"][0]["id"] if agency and agency.get("agents") else None,
        "user": dict(sample.USERS[0]),
        "quote": {
            "id": records.next_id("quote"),
            "description": None,
            "line_items": items,
            "minimum_earned_premium_percentage": 25.0,
            "agent_commission_percentage": 10.0,
            "gross_commission_percentage": 17.5,
        },
        "bound_at": timestamp(),
        "voided_at": None,
        "void_reason": None,
        "version": 1,
        "updated_at": timestamp(),
    }
    policy = merged(policy, given)
    policy["quote"].setdefault("totals", totals(policy["quote"]["line_items"]))
    records.save("policy", policy, policy.get("policy_number") or "")
    first = endorsement_of(records, policy, 0, {"line_items": policy["quote"]["line_items"], "ui_type": "General"})
    records.save("endorsement", first, policy_id)
    bill(records, policy, None, policy["quote"]["line_items"])
    publish(records, "policy.bound", "policy", policy_id)
    return policy


def change_policy(records: Records, policy_id: str, changes: Json) -> Json:
    """Edit a policy, or null its fields."""
    given: Json = dict(changes)
    policy = merged(found(records, "policy", policy_id), given)
    if "line_items" in given.get("quote", {}):
        policy["quote"]["totals"] = totals(policy["quote"]["line_items"])
    return touched(records, "policy", policy, "policy.updated")


def touched(records: Records, kind: str, body: Json, event: str) -> Json:
    """Keep a changed record, its version one up, and tell of it."""
    if "version" in body:
        body["version"] += 1
    body["updated_at"] = timestamp()
    records.save(kind, body)
    publish(records, event, kind, body["id"])
    return body


def endorsement_of(records: Records, policy: Json, number: int, given: Json) -> Json:
    """An endorsement that is not kept yet."""
    usual: Json = {
        "id": records.next_id("endorsement"),
        "policy_id": policy["id"],
        "number": number,
        "kind": "amendment",
        "ui_type": "Additional Premium",
        "cancellation_method": None,
        "cancellation_reason": None,
        "description": None,
        "effective_date": today().isoformat(),
        "status": "issued",
        "minimum_earned_premium_percentage": None,
        "agent_commission_percentage": 10.0,
        "issued_at": timestamp(),
        "voided_at": None,
        "version": 1,
        "updated_at": timestamp(),
    }
    return merged(usual, given)


def endorse(records: Records, policy_id: str, changes: Json | None = None) -> Json:
    """Issue an endorsement; `premium` and `tax` in cents are short for its line items."""
    given: Json = dict(changes or {})
    policy = found(records, "policy", policy_id)
    number = records.count("endorsement", "parent = ?", (policy_id,))
    premium, tax = int(given.pop("premium", 150_000)), int(given.pop("tax", 0))
    given.setdefault("line_items", charges(premium, tax, 0, "CGL"))
    issued = records.save("endorsement", endorsement_of(records, policy, number, given), policy_id)
    bill(records, policy, issued["id"], issued["line_items"])
    publish(records, "endorsement.issued", "endorsement", issued["id"])
    return issued


def cancel(records: Records, policy_id: str) -> Json:
    """Cancel a policy: half of its premium is given back by an endorsement."""
    policy = found(records, "policy", policy_id)
    if policy["status"] not in ("bound", "issued"):
        raise Impossible(f"the policy is {policy['status']}")
    back = -sum_of(policy["quote"]["line_items"], "premium") // 2
    given = {"kind": "cancellation", "ui_type": "Return Premium", "cancellation_method": "pro_rata", "premium": back}
    endorse(records, policy_id, given)
    return touched(records, "policy", {**policy, "status": "cancelled"}, "policy.cancelled")


def reinstate(records: Records, policy_id: str) -> Json:
    """Put a canceled or voided policy back in force."""
    policy = found(records, "policy", policy_id)
    if policy["status"] not in ("cancelled", "voided"):
        raise Impossible(f"the policy is {policy['status']}")
    given = {"kind": "reinstatement", "ui_type": "General", "line_items": []}
    endorse(records, policy_id, given)
    changed = {**policy, "status": "issued", "voided_at": None, "void_reason": None}
    return touched(records, "policy", changed, "policy.reinstated")


def void_policy(records: Records, policy_id: str, reason: str) -> Json:
    """Void a policy and what was billed of it."""
    policy = found(records, "policy", policy_id)
    if policy["status"] == "voided":
        raise Impossible("the policy is voided")
    unbill(records, policy_id, None)
    changed = {**policy, "status": "voided", "voided_at": timestamp(), "void_reason": reason}
    return touched(records, "policy", changed, "policy.voided")


def void_endorsement(records: Records, endorsement_id: str) -> Json:
    """Void (BindHQ: invalidate) an endorsement."""
    body = found(records, "endorsement", endorsement_id)
    if body["status"] == "voided" or body["number"] == 0:
        raise Impossible("the endorsement is voided, or the one made at bind")
    unbill(records, body["policy_id"], endorsement_id)
    changed = {**body, "status": "voided", "voided_at": timestamp()}
    return touched(records, "endorsement", changed, "endorsement.voided")


def change_agency(records: Records, agency_id: str, changes: Json) -> Json:
    """Edit an agency, make one, or make one inactive."""
    known = records.find("agency", agency_id)
    body = merged(known or {**sample.AGENCIES[0], "id": agency_id, "active": True}, changes)
    was_active = bool(known and known["active"])
    event = "agency.updated" if known else "agency.created"
    return touched(records, "agency", body, "agency.inactivated" if was_active and not body["active"] else event)


def bill(records: Records, policy: Json, endorsement_id: str | None, items: list[Json]) -> None:
    """The invoice of a policy or endorsement that asks for money; agency bill asks for it net of commission."""
    owed = sum_of(items)
    customer: Json = {"type": "insured", "id": policy["insured"]["id"]}
    if policy["billing_type"] == "agency_bill":
        rate = Decimal(str(policy["quote"].get("agent_commission_percentage") or 0)) / 100
        owed -= int((sum_of(items, "premium") * rate).quantize(Decimal(1)))
        customer = {"type": "retail_agency", "id": policy["agency_id"]}
    if owed <= 0:
        return
    invoice_id = records.next_id("invoice")
    due = today() + timedelta(days=30)
    invoice: dict[str, Any] = {
        "id": invoice_id,
        "number": f"INV-{invoice_id}",
        "policy_id": policy["id"],
        "endorsement_id": endorsement_id,
        "customer": customer,
        "transaction_date": today().isoformat(),
        "due_date": due.isoformat(),
        "net_total_due": money(owed),
        "total_paid_to_date": "0.00",
        "outstanding_amount": money(owed),
        "status": "open",
    }
    records.save("invoice", invoice, policy["id"])


def unbill(records: Records, policy_id: str, endorsement_id: str | None) -> None:
    """Void the invoices of a policy, or of one endorsement of it."""
    for invoice in records.every("invoice", "parent = ?", (policy_id,)):
        if endorsement_id in (None, invoice["endorsement_id"]):
            records.save("invoice", {**invoice, "status": "void", "outstanding_amount": "0.00"})


def found(records: Records, kind: str, record_id: str) -> Json:
    """A record that there must be. Raises Impossible."""
    body = records.find(kind, record_id)
    if body is None:
        raise Impossible(f"no {kind} {record_id}")
    return body
