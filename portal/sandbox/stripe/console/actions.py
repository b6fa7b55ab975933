"""What a person can make happen to something on the page, as the buttons beside it."""

from dataclasses import dataclass, field

from portal.sandbox.stripe.resources import disputes
from portal.sandbox.stripe.state.objects import Json


@dataclass(frozen=True)
class Action:
    """One button: what it says, where it posts to under /sandbox/, and what it sends along."""

    label: str
    path: str
    fields: dict[str, str] = field(default_factory=dict)


def of_payment(intent: Json, *, disputed: bool) -> list[Action]:
    """A debit settles, fails or is returned; a card's charge is disputed. Either is disputed once."""
    charge = str(intent["latest_charge"] or "")
    if intent["status"] == "processing":
        place = f"debits/{intent['id']}"
        return [
            Action("Settle", f"{place}/settle"),
            Action("Fail: no funds", f"{place}/fail", {"code": "insufficient_funds"}),
            Action("Fail: closed", f"{place}/fail", {"code": "account_closed"}),
        ]
    if intent["status"] != "succeeded" or disputed:
        return []
    if charge.startswith("py_"):
        place = f"debits/{intent['id']}/return"
        return [
            Action("Return: not authorized", place, {"code": "debit_not_authorized"}),
            Action("Return: no funds", place, {"code": "insufficient_funds"}),
        ]
    place = f"charges/{charge}/dispute"
    return [Action("Dispute", place), Action("Inquiry", place, {"inquiry": "1"})]


def of_refund(refund: Json) -> list[Action]:
    """A refund arrives or comes back."""
    place = f"refunds/{refund['id']}"
    arrives = [Action("Arrives", f"{place}/succeed")] if refund["status"] == "pending" else []
    fails = [Action("Comes back", f"{place}/fail")] if refund["status"] in ("pending", "succeeded") else []
    return arrives + fails


def of_dispute(dispute: Json) -> list[Action]:
    """The bank decides."""
    place, status = f"disputes/{dispute['id']}", dispute["status"]
    if status == "won":
        return [Action("Taken back again", f"{place}/reopen")]
    if status not in disputes.OPEN:
        return []
    asks = [Action("Escalate", f"{place}/escalate")] if status.startswith("warning") else []
    return [*asks, Action("Won", f"{place}/won"), Action("Lost", f"{place}/lost")]


def of_payout(payout: Json) -> list[Action]:
    """A payout is matched, arrives or fails."""
    place, found = f"payouts/{payout['id']}", []
    if payout["reconciliation_status"] == "in_progress":
        found.append(Action("Matched", f"{place}/reconcile"))
    if payout["status"] in ("pending", "in_transit"):
        found.append(Action("Arrives", f"{place}/arrive"))
    if payout["status"] in ("pending", "in_transit", "paid"):
        found.append(Action("Fails", f"{place}/fail"))
    return found


OF_KIND = {"refund": of_refund, "dispute": of_dispute, "payout": of_payout}
