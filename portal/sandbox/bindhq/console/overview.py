"""The page at /: policies, endorsements, receipts, agencies, events; with buttons for whatever can happen."""

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, render_template, request

from portal.sandbox.bindhq import faults, sample
from portal.sandbox.bindhq.api import ENDPOINTS
from portal.sandbox.bindhq.console.controls import machine
from portal.sandbox.bindhq.records import sum_of
from portal.sandbox.bindhq.store import Json, Records

pages = Blueprint("overview", __name__, template_folder="templates")
SHOWN, EVENTS_SHOWN = 25, 30
NEWEST = f"ORDER BY seq DESC LIMIT {SHOWN}"
BILLING = {
    "direct_bill_insured": "Insured Direct Bill",
    "agency_bill": "Agency Bill",
    "direct_bill": "Direct Bill (not supported)",
}


@dataclass(frozen=True)
class PolicyRow:
    """A policy as the page shows it; amounts in cents."""

    body: Json
    billing: str
    total_cents: int
    owed: list[Json]
    endorsements: list[Json]


def dollars(cents: int) -> str:
    """Cents for people: 123456 is 1,234.56."""
    return f"{cents / 100:,.2f}"


def policy_row(records: Records, body: Json) -> PolicyRow:
    """A policy with its invoices and endorsements."""
    return PolicyRow(
        body,
        BILLING.get(body["billing_type"], str(body["billing_type"])),
        sum_of(body["quote"]["line_items"]),
        records.every("invoice", "parent = ?", (body["id"],)),
        [each for each in records.every("endorsement", "parent = ?", (body["id"],)) if each["number"]],
    )


def seen(records: Records) -> dict[str, Any]:
    """What changes on the page by itself."""
    events = records.connection.execute("SELECT * FROM feed ORDER BY position DESC LIMIT ?", (EVENTS_SHOWN,)).fetchall()
    sent = {
        row["body"]: row
        for row in records.connection.execute("SELECT * FROM delivery ORDER BY id DESC LIMIT ?", (EVENTS_SHOWN * 2,))
    }
    return {
        "policies": [policy_row(records, each) for each in records.every("policy", tail=NEWEST)],
        "policy_count": records.count("policy"),
        "receipts": records.every("receipt", tail=NEWEST),
        "receipt_count": records.count("receipt"),
        "agencies": records.every("agency", tail=f"ORDER BY seq LIMIT {SHOWN}"),
        "events": [(row["body"], sent.get(row["body"])) for row in events],
        "active": records.connection.execute("SELECT * FROM fault WHERE remaining IS NULL OR remaining > 0").fetchall(),
    }


@pages.app_template_filter("from_json")
def from_json(body: str) -> Json:
    """An event of the feed."""
    found: Json = json.loads(body)
    return found


@pages.get("/")
def show() -> str:
    """Everything on one page; `?part=live` answers only what changes."""
    with machine().store.look() as records:
        found = seen(records)
        settings = {name: records.setting(name) for name in ("client_code", "webhook_url")}
    return render_template(
        "_bindhq_live.html" if request.args.get("part") == "live" else "bindhq.html",
        **found,
        **settings,
        billing=BILLING,
        carriers=sample.CARRIERS,
        coverages=sample.COVERAGE_TYPES,
        kinds=faults.KINDS,
        endpoints=[*ENDPOINTS, "policy.bound", "policy.*", "endorsement.issued", "*"],
        latency_ms=round(machine().latency_seconds * 1000),
        dollars=dollars,
    )


@pages.get("/policies/<policy_id>")
def show_policy(policy_id: str) -> str:
    """One policy, with its fields to correct and what can happen to it."""
    with machine().store.look() as records:
        body = records.find("policy", policy_id)
        if body is None:
            abort(404)
        row = policy_row(records, body)
    return render_template("bindhq_policy.html", row=row, billing=BILLING, dollars=dollars)
