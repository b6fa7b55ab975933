"""A partner's payments, the newest first, and one payment's remittance for a spreadsheet."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.documents.filled import LANDED
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.offline import checks_in_clearing
from portal.programs.models import Policy

PAGE = 50
SHOWN = ("action_required", "submitted", "processing", "succeeded", "failed")


@dataclass(frozen=True, slots=True)
class PartnerPayment:
    """One line of the history; `token` is of its page."""

    id: int
    token: str
    reference: str
    made_at: datetime
    method: Text | str
    payer_email: str
    state: str
    invoices: int
    charged_cents: int

    @property
    def has_receipt(self) -> bool:
        """Whether money came in."""
        return self.state in {"succeeded", "clearing"}


def payments_of(session: Scoped, partner_id: int, before: int | None) -> tuple[list[PartnerPayment], int | None]:
    """Fifty payments, and with what the next page begins; None on the last.

    Args:
        before: the id of the last one on the page before.
    """
    paid = (
        select(func.count(Claim.id))
        .where(Claim.agency_id == Payment.agency_id, Claim.payment_id == Payment.id)
        .correlate(Payment)
        .scalar_subquery()
    )
    query = select(Payment, paid).where(Payment.partner_id == partner_id, Payment.state.in_(SHOWN))
    if before is not None:
        query = query.where(Payment.id < before)
    rows = session.execute(query.order_by(Payment.id.desc()).limit(PAGE + 1)).all()
    clearing = checks_in_clearing(session, [one.id for one, _ in rows if one.method_kind == "check"])
    shown = [
        PartnerPayment(
            id=one.id,
            token=one.token,
            reference=one.reference,
            made_at=one.succeeded_at or one.created_at,
            method=method_name(one.method_brand, one.method_last4),
            payer_email=one.payer_email,
            state="clearing" if one.id in clearing else one.state,
            invoices=int(count),
            charged_cents=one.charged_cents,
        )
        for one, count in rows[:PAGE]
    ]
    return shown, shown[-1].id if len(rows) > PAGE else None


REMITTANCE_HEADER = ("payment", "paid_on", "invoice", "insured", "policies", "due_date", "invoice_total", "paid")


def remittance_rows(
    session: Scoped, partner_id: int, payment_id: int, zone: str
) -> tuple[str, Iterator[tuple[object, ...]]]:
    """A payment's reference, and a row for each invoice that it has paid.

    Raises:
        NotFound: it is not this partner's, or no money has come in.
    """
    payment = session.get(Payment, payment_id)
    if payment is None or payment.partner_id != partner_id or payment.succeeded_at is None:
        raise NotFound
    query = (
        select(Invoice, Insured.name, Claim.amount_cents)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(Claim.payment_id == payment_id, Claim.state.in_(LANDED))
        .order_by(Invoice.due_date, Invoice.id)
    )
    rows = session.execute(query).all()
    numbers: dict[int, list[str]] = {}
    programs = {row.Invoice.program_id for row in rows} - {None}
    policies = select(Policy.program_id, Policy.policy_number).where(Policy.program_id.in_(programs))
    for program_id, number in session.execute(policies.order_by(Policy.id)):
        numbers.setdefault(program_id, []).append(number)
    paid_on = local_date(payment.succeeded_at, zone)
    return payment.reference, (
        (
            payment.reference,
            paid_on,
            invoice.number,
            name,
            ", ".join(numbers.get(invoice.program_id or 0, ())),
            invoice.due_date,
            plain_money(invoice.total_cents),
            plain_money(cents),
        )
        for invoice, name, cents in rows
    )
