"""Invoice lines and payments to start a test from; without their entries in the books."""

from datetime import timedelta
from itertools import count
from typing import Any

from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice, InvoiceLine
from portal.payments.models import Claim, Mandate, Payment
from portal.programs.links import issue_link
from portal.programs.models import PaymentLink, Policy, Program
from tests.factories.people import BEGINNING

_numbers = count(1)
_CLAIM_OF = {"succeeded": "consumed", "failed": "released", "canceled": "released"}


def make_line(session: Scoped, invoice: Invoice, label: str = "General liability: Premium", **more: Any) -> InvoiceLine:
    """A line over the whole invoice."""
    values: dict[str, Any] = {
        "invoice_id": invoice.id,
        "kind": "premium",
        "label": label,
        "amount_cents": invoice.total_cents,
        "policy_id": None,
    }
    line = InvoiceLine(**(values | more))
    session.add(line)
    session.flush()
    return line


def make_payment(session: Scoped, *invoices: Invoice, **more: Any) -> Payment:
    """A payment by Visa of all that is open on the invoices; by default it has succeeded.

    A state under way holds the invoices; one that failed has let them go.
    """
    number = next(_numbers)
    amount = sum(invoice.open_cents for invoice in invoices)
    values: dict[str, Any] = {
        "token": f"payment-token-{number}",
        "reference": f"P-{number:09}",
        "account": "acct_1",
        "kind": "interactive",
        "state": "succeeded",
        "amount_cents": amount,
        "fee_cents": 0,
        "request_key": f"request-{number}",
        "confirmation_token": None,
        "intent_id": None,
        "method_kind": "card",
        "method_brand": "visa",
        "method_last4": "4242",
        "method_funding": "credit",
        "payer_kind": "insured",
        "payer_name": "Ana Ruiz",
        "payer_email": "ana@bakery.example",
        "created_at": BEGINNING,
    }
    values |= more
    values.setdefault("charged_cents", values["amount_cents"] + values["fee_cents"])
    values.setdefault("changed_at", values["created_at"])
    if values["state"] == "succeeded":
        values.setdefault("succeeded_at", values["created_at"] + timedelta(minutes=1))
    payment = Payment(**values)
    session.add(payment)
    session.flush()
    claimed = _CLAIM_OF.get(payment.state, "live")
    for invoice in invoices:
        session.add(Claim(payment_id=payment.id, invoice_id=invoice.id, amount_cents=invoice.open_cents, state=claimed))
        if claimed == "consumed":
            invoice.open_cents, invoice.state = 0, "paid"
    session.flush()
    return payment


def make_mandate(session: Scoped, payment: Payment, words: str = "You authorize a debit.") -> Mandate:
    """What the payer of a bank debit has agreed to."""
    mandate = Mandate(
        payment_id=payment.id,
        text=words,
        version="test",
        locale=payment.payer_locale,
        agreed_at=payment.created_at,
        ip_address="192.0.2.7",
        browser="Firefox",
        method_kind="us_bank_account",
        method_brand="STRIPE TEST BANK",
        method_last4="6789",
        method_fingerprint="fp_6789",
    )
    session.add(mandate)
    session.flush()
    return mandate


def make_link(session: Scoped, target: Program | Invoice) -> PaymentLink:
    """The payment link of a program or a one-time invoice."""
    where = {"program_id": target.id} if isinstance(target, Program) else {"invoice_id": target.id}
    return issue_link(session, BEGINNING, **where)


def cover(session: Scoped, invoice: Invoice, policy: Policy, *parts: tuple[str, str, int]) -> None:
    """Lines of one policy: (kind, words, cents) each."""
    for kind, label, cents in parts:
        make_line(session, invoice, f"{policy.coverage}: {label}", kind=kind, amount_cents=cents, policy_id=policy.id)
