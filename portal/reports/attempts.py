"""Every attempt to pay a program or a one-time payment, as staff see it: whatever came of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.invoices.models import Invoice
from portal.payments.check_image import images_of
from portal.payments.mandates import authorized
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.money_back.shown import GoneBack, gone_back, shown_state
from portal.payments.money_back.standing import refunded_of
from portal.payments.offline import checks_in_clearing


@dataclass(frozen=True, slots=True)
class Attempt:
    """One payment attempt, whatever came of it; `amount_cents` is its part for what is looked at.

    Args:
        state: as stored; "returned" when what it had paid is open again; where some of it went back, what
            `shown_state` says of that.
        image: the name of its picture; empty if there is none.
        is_in_clearing: a check of which the bank has not said yet whether it pays.
        refunded_cents: what of the whole payment went back or is on its way.
        is_authorized: a bank debit whose payer's authorization can be shown.
    """

    id: int
    reference: str
    state: str
    made_at: datetime
    amount_cents: int
    method: Text | str
    payer_kind: str
    payer_name: str
    payer_email: str
    method_kind: str
    decline_code: str | None
    token: str
    image: str
    is_in_clearing: bool
    is_authorized: bool
    refunded_cents: int

    @property
    def may_go_back(self) -> bool:
        """Whether it was paid, and some of it may still be given back."""
        return self.state in {"succeeded", "partly_refunded", "refund_under_way", "refund_came_back", "credited"}

    @property
    def takes_image(self) -> bool:
        """A check whose picture can still be added."""
        return self.method_kind == "check" and not self.image


def attempts_on(session: Scoped, which: ColumnElement[bool]) -> list[Attempt]:
    """Every attempt to pay the invoices that are picked, the newest first.

    Args:
        which: a condition on `Invoice`.
    """
    rows = session.execute(
        select(Payment, Claim.amount_cents, Claim.taken_back_cents, Claim.state)
        .join(Claim, Claim.payment_id == Payment.id)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(which)
        .order_by(Payment.created_at.desc(), Payment.id.desc())
    ).all()
    parts: dict[int, int] = {}
    back: dict[int, int] = {}
    for payment, cents, back_cents, _ in rows:
        parts[payment.id] = parts.get(payment.id, 0) + cents
        back[payment.id] = back.get(payment.id, 0) + back_cents
    payments = {payment.id: (payment, claim_state) for payment, *_, claim_state in rows}
    gone = gone_back(session, [id_ for id_, cents in back.items() if cents])
    checks = [id_ for id_, (payment, _) in payments.items() if payment.method_kind == "check"]
    waiting = checks_in_clearing(session, checks)
    images = images_of(session, [id_ for id_, (payment, _) in payments.items() if payment.kind == "offline"])
    debits = authorized(session, [id_ for id_, (payment, _) in payments.items() if payment.method_kind == BANK_DEBIT])
    refunded = refunded_of(session, list(payments))
    return [
        _attempt(
            payment,
            _state(payment, claim_state, parts[id_], back[id_], gone.get(id_)),
            parts[id_],
            images.get(id_, ""),
            id_ in waiting,
            id_ in debits,
            refunded.get(id_, 0),
        )
        for id_, (payment, claim_state) in payments.items()
    ]


def _state(payment: Payment, claim_state: str, amount_cents: int, back_cents: int, back: GoneBack | None) -> str:
    if claim_state == "reversed" and not (back and back.is_disputed):
        return "returned"
    return shown_state(back, amount_cents, back_cents) if back else payment.state


def _attempt(
    payment: Payment,
    state: str,
    amount_cents: int,
    image: str,
    is_in_clearing: bool,
    is_authorized: bool,
    refunded_cents: int,
) -> Attempt:
    return Attempt(
        id=payment.id,
        reference=payment.reference,
        state=state,
        made_at=payment.succeeded_at or payment.created_at,
        amount_cents=amount_cents,
        method=method_name(payment.method_brand, payment.method_last4),
        payer_kind=payment.payer_kind,
        payer_name=payment.payer_name,
        payer_email=payment.payer_email,
        method_kind=payment.method_kind,
        decline_code=payment.decline_code if payment.state != "canceled" else None,
        token=payment.token,
        image=image,
        is_in_clearing=is_in_clearing,
        is_authorized=is_authorized,
        refunded_cents=refunded_cents,
    )
