"""Receipts: made once for each idempotency key and external id, applied to invoices, voided."""

import hashlib
import json
import re

from portal.sandbox.bindhq.records import cents, money
from portal.sandbox.bindhq.refusals import Refusal
from portal.sandbox.bindhq.store import Json, Records, timestamp

MONEY = re.compile(r"-?\d{1,12}\.\d{2}")
REQUIRED = ("external_id", "customer", "amount", "received_on", "bank_account_id", "applications")
KNOWN = {*REQUIRED, "reference", "method", "source_account_id", "memo"}


def create(records: Records, key: str, body: Json) -> tuple[int, Json]:
    """Make a receipt; the status and the receipt.

    Raises:
        Refusal: it does not fit.
    """
    if not key or len(key) > 64:
        raise Refusal(422, "validation_failed", "Idempotency-Key is missing or too long")
    mark = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    row = records.connection.execute("SELECT * FROM idempotency WHERE key = ?", (key,)).fetchone()
    if row:
        if row["fingerprint"] != mark:
            raise Refusal(409, "idempotency_conflict", "The key was used for another receipt")
        return 200, records.find("receipt", row["receipt"]) or {}
    check(records, body)
    for each in body["applications"]:
        apply(records, each["invoice_id"], cents(each["amount"]))
    receipt = {
        **body,
        "id": records.next_id("receipt"),
        "status": "applied",
        "created_at": timestamp(),
        "voided_at": None,
        "void_reason": None,
    }
    records.save("receipt", receipt, body["external_id"])
    records.connection.execute("INSERT INTO idempotency VALUES (?, ?, ?)", (key, mark, receipt["id"]))
    return 201, receipt


def check(records: Records, body: Json) -> None:
    """Raises Refusal for a receipt that cannot be made."""
    for name in REQUIRED:
        if body.get(name) in (None, "", []):
            raise Refusal(422, "validation_failed", f"{name} is missing", f"/{name}")
    odd = sorted(body.keys() - KNOWN)
    if odd:
        raise Refusal(422, "validation_failed", f"{odd[0]} is not known", f"/{odd[0]}")
    if not MONEY.fullmatch(body["amount"]) or cents(body["amount"]) <= 0:
        raise Refusal(422, "validation_failed", "amount must be more than zero", "/amount")
    if records.count("receipt", "parent = ?", (body["external_id"],)):
        raise Refusal(409, "conflict", f"{body['external_id']} has a receipt", "/external_id")
    account = records.find("gl_account", body["bank_account_id"])
    if not account or not account["is_bank"]:
        raise Refusal(422, "validation_failed", "bank_account_id is no bank account", "/bank_account_id")
    if sum(cents(each["amount"]) for each in body["applications"]) != cents(body["amount"]):
        raise Refusal(422, "validation_failed", "applications do not come to the amount", "/applications")
    for number, each in enumerate(body["applications"]):
        pointer = f"/applications/{number}"
        invoice = records.find("invoice", each["invoice_id"])
        if invoice is None:
            raise Refusal(422, "validation_failed", f"no invoice {each['invoice_id']}", f"{pointer}/invoice_id")
        if invoice["customer"] != body["customer"]:
            raise Refusal(422, "validation_failed", f"{invoice['number']} is another customer's", "/customer")
        open_now = cents(invoice["outstanding_amount"])
        if cents(each["amount"]) > open_now:
            detail = f"{each['amount']} is applied but {invoice['number']} has {money(open_now)} open"
            raise Refusal(422, "amount_exceeds_open_balance", detail, f"{pointer}/amount")


def apply(records: Records, invoice_id: str, amount: int) -> None:
    """Pay so many cents of an invoice; negative takes them back."""
    invoice = records.find("invoice", invoice_id)
    assert invoice is not None
    paid = cents(invoice["total_paid_to_date"]) + amount
    left = cents(invoice["net_total_due"]) - paid
    status = "void" if invoice["status"] == "void" else "open" if left else "paid"
    changed = {"total_paid_to_date": money(paid), "outstanding_amount": money(left), "status": status}
    records.save("invoice", {**invoice, **changed})


def void(records: Records, receipt_id: str, reason: str) -> Json:
    """Take a receipt back.

    Raises:
        Refusal: there is none, or it is void.
    """
    receipt = records.find("receipt", receipt_id)
    if receipt is None:
        raise Refusal(404, "not_found", f"no receipt {receipt_id}")
    if receipt["status"] == "voided":
        raise Refusal(409, "receipt_already_void", "the receipt is void")
    for each in receipt["applications"]:
        apply(records, each["invoice_id"], -cents(each["amount"]))
    return records.save("receipt", {**receipt, "status": "voided", "voided_at": timestamp(), "void_reason": reason})
