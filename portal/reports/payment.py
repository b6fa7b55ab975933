"""One payment as its payer sees it: what, how, for which invoices, and what is still open afterwards."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, or_, select

from portal.agencies.models import ProcessorAccount
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.documents.filled import LANDED
from portal.insureds.masking import mask_name
from portal.insureds.models import Insured
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.money_back.shown import gone_back
from portal.payments.offline import CheckState, check_state

UNMASKED = frozenset({"insured", "partner"})


@dataclass(frozen=True, slots=True)
class PaidLine:
    """An invoice that the payment is for."""

    invoice_id: int
    number: str
    label: Text | str
    amount_cents: int
    program_id: int | None


@dataclass(frozen=True, slots=True)
class PaymentView:
    """A payment for its status page; names are masked when a third party pays.

    Args:
        is_offline: a check, wire or cash, entered by staff.
        check: what became of a check; None for any other payment.
        lines: what it has paid, or before its end what it is for.
        open_cents, next_due: what is open now, in the same programs and invoices.
    """

    id: int
    token: str
    reference: str
    state: str
    amount_cents: int
    fee_cents: int
    charged_cents: int
    method: Text | str
    method_kind: str
    payer_kind: str
    partner_id: int | None
    payer_name: str
    payer_email: str
    decline_code: str | None
    created_at: datetime
    succeeded_at: datetime | None
    insured_names: tuple[str, ...]
    lines: tuple[PaidLine, ...]
    open_cents: int
    next_due: date | None
    statement_descriptor: str
    is_offline: bool
    check: CheckState | None

    @property
    def credit_cents(self) -> int:
        """What came in but no invoice could take: it is the customer's."""
        return self.amount_cents - sum(line.amount_cents for line in self.lines) if self.state == "succeeded" else 0

    @property
    def is_by_insured(self) -> bool:
        """Whether the insured has paid it, signed in."""
        return self.payer_kind == "insured"

    @property
    def is_masked(self) -> bool:
        """Whether a third party has paid it, who reads no names in full: no insured or partner who has signed in."""
        return self.payer_kind not in UNMASKED

    @property
    def has_receipt(self) -> bool:
        """Whether money came in; the receipt of a check that came back says so."""
        return _has_receipt(self.state, self.check)

    @property
    def status(self) -> str:
        """Its state as people see it: a check that waits for the bank is no payment that is through."""
        is_in_clearing = self.check is not None and self.check.is_in_clearing
        return "clearing" if is_in_clearing and self.state == "succeeded" else self.state


def payment_view(session: Scoped, token: str) -> PaymentView | None:
    """The payment with this public name, in four queries."""
    payment = session.scalars(_PAYMENT, {"token": token}).one_or_none()
    if payment is None:
        return None
    rows = session.rows(_PAID_FOR, {"payment_id": payment.id}).all()
    open_cents, next_due = _still_open(session, {row.program_id for row in rows} - {None}, {row.id for row in rows})
    names = dict.fromkeys(row.insured for row in rows)
    return PaymentView(
        id=payment.id,
        token=payment.token,
        reference=payment.reference,
        state=_state(session, payment, [row.state for row in rows]),
        amount_cents=payment.amount_cents,
        fee_cents=payment.fee_cents,
        charged_cents=payment.charged_cents,
        method=method_name(payment.method_brand, payment.method_last4),
        method_kind=payment.method_kind,
        payer_kind=payment.payer_kind,
        partner_id=payment.partner_id,
        payer_name=payment.payer_name,
        payer_email=payment.payer_email,
        decline_code=payment.decline_code,
        created_at=payment.created_at,
        succeeded_at=payment.succeeded_at,
        insured_names=()
        if payment.partner_id is not None
        else tuple(names if payment.payer_kind in UNMASKED else map(mask_name, names)),
        lines=tuple(
            PaidLine(row.id, row.number, _label(payment, row), row.amount_cents, row.program_id)
            for row in rows
            if payment.state != "succeeded" or row.state in LANDED
        ),
        open_cents=open_cents,
        next_due=next_due,
        statement_descriptor="" if payment.kind == "offline" else session.rows(_DESCRIPTOR, {}).scalar() or "",
        is_offline=payment.kind == "offline",
        check=check_state(session, payment),
    )


def payment_with_receipt(session: Scoped, token: str) -> Payment | None:
    """The payment with this public name, in one query; None as well where it has no receipt."""
    rows = session.execute(_WITH_CLAIMS, {"token": token}).all()
    if not rows:
        return None
    payment: Payment = rows[0].Payment
    claims = [row.state for row in rows if row.state is not None]
    return payment if _has_receipt(_state(session, payment, claims), check_state(session, payment)) else None


def _has_receipt(state: str, check: CheckState | None) -> bool:
    return state == "succeeded" or (state == "returned" and check is not None)


def _label(payment: Payment, row: Row[*tuple[Any, ...]]) -> Text | str:
    """What it is for; to a partner, who pays for many, whom it is for."""
    return row.insured if payment.partner_id is not None else invoice_title(row.kind, row.description)


def _state(session: Scoped, payment: Payment, claims: list[str]) -> str:
    """As stored; or who took all of it back: "disputed" the card's bank, "returned" any other."""
    if not claims or set(claims) != {"reversed"}:
        return payment.state
    return "disputed" if gone_back(session, [payment.id])[payment.id].is_disputed else "returned"


_PAYMENT = select(Payment).where(Payment.token == bindparam("token"))
_WITH_CLAIMS = _PAYMENT.add_columns(Claim.state).outerjoin(Claim, Claim.payment_id == Payment.id)
_PAID_FOR = (
    select(
        Invoice.id,
        Invoice.number,
        Invoice.kind,
        Invoice.description,
        Invoice.program_id,
        Claim.amount_cents,
        Claim.state,
        Insured.name.label("insured"),
    )
    .join(Invoice, Invoice.id == Claim.invoice_id)
    .join(Insured, Insured.id == Invoice.insured_id)
    .where(Claim.payment_id == bindparam("payment_id"))
    .order_by(Invoice.due_date, Invoice.id)
)
_DESCRIPTOR = select(ProcessorAccount.statement_descriptor)
_OPEN = select(Invoice.open_cents, Invoice.due_date).where(
    or_(
        Invoice.program_id.in_(bindparam("program_ids", expanding=True)),
        Invoice.id.in_(bindparam("invoice_ids", expanding=True)),
    ),
    Invoice.state == "open",
)
_NONE = (0,)  # an id that no row has: for an empty list SQLite would read every invoice


def _still_open(session: Scoped, program_ids: set[int | None], invoice_ids: set[int]) -> tuple[int, date | None]:
    """What is open in these programs and invoices now, and when the first of it is due."""
    where = {"program_ids": tuple(program_ids) or _NONE, "invoice_ids": tuple(invoice_ids) or _NONE}
    rows = session.rows(_OPEN, where).all()
    return sum(cents for cents, _ in rows), min((due for _, due in rows), default=None)
