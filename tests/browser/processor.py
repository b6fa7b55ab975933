"""The Stripe sandbox behind the running portal: its own books, and its fault switches."""

import json
import urllib.request
from typing import Any


class ProcessorBooks:
    """What the sandbox says happened to money.

    Args:
        url: where it listens.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def charged(self, slug: str, invoice_id: int) -> list[int]:
        """What was charged for an invoice, in cents, one number for each charge."""
        accounts = self._send("books", method="GET")["accounts"]
        if slug not in accounts:
            return []
        intents = {
            intent["id"]
            for intent in accounts[slug]["payment_intents"]
            if str(invoice_id) in intent["metadata"].get("invoice_ids", "").split(",")
        }
        return [
            charge["amount_captured"]
            for charge in accounts[slug]["charges"]
            if charge["payment_intent"] in intents and charge["amount_captured"]
        ]

    def pay_out(self, slug: str) -> None:
        """Everything that an account holds goes to the bank, and gets there; no clock moves."""
        payout = self._send("payouts", {"account": slug, "ripe": True})
        for step in "reconcile", "arrive":
            self._send(f"payouts/{payout['id']}/{step}", {})

    def fault(self, endpoint: str, kind: str, **more: Any) -> None:
        """Let the next call of an endpoint go wrong."""
        self._send("faults", {"endpoint": endpoint, "kind": kind, **more})

    def clear_faults(self) -> None:
        """Let everything go well again."""
        self._send("faults", method="DELETE")

    def _send(self, path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        request = urllib.request.Request(
            f"{self._url}/sandbox/{path}",
            data=None if body is None else json.dumps(body).encode(),
            method=method,
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
