"""Credit notes filled from what is stored."""

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.documents.credit_note import CreditNote, CreditNoteState
from portal.documents.filled import PARTY, letterhead_of, party_of
from portal.documents.given_back import refunded_to
from portal.documents.letterhead import Line, Party
from portal.insureds.masking import mask_name
from portal.insureds.models import Insured
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.payments.models import Payment
from portal.payments.money_back.models import Refund, RefundPart
from portal.payments.money_back.rules import AT_PROCESSOR, REASONS

_STATES: dict[str, CreditNoteState] = {
    "pending": "on_its_way",
    "requires_action": "on_its_way",
    "succeeded": "done",
    "failed": "stopped",
}


def reason_words(reason: str) -> Text:
    """Why money went back, for whoever gets it."""
    return text("Refunded by your agency") if reason == AT_PROCESSOR else REASONS[reason]


def credit_note(session: Scoped, agency: Agency, refund_id: int, *, is_masked: bool) -> CreditNote:
    """The credit note of a refund, in the payer's language.

    Args:
        agency: whose paper it is on.
        is_masked: for a third party: names are masked.

    Raises:
        NotFound: no such refund, or no money has left for it.
    """
    refund = session.scalars(select(Refund).where(Refund.id == refund_id)).one_or_none()
    if refund is None or refund.state not in _STATES:
        raise NotFound
    payment = session.scalars(select(Payment).where(Payment.id == refund.payment_id)).one()
    rows = session.execute(
        select(Invoice.number, Invoice.kind, Invoice.description, Invoice.insured_id, RefundPart.amount_cents, *PARTY)
        .join(Invoice, Invoice.id == RefundPart.invoice_id)
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(RefundPart.refund_id == refund.id)
        .order_by(Invoice.due_date, Invoice.id)
    ).all()
    lines = [
        Line(invoice_title(row.kind, row.description), row.amount_cents, text("Invoice %(number)s", number=row.number))
        for row in rows
    ]
    others = (
        (text("Credit on your account"), refund.credit_cents),
        (text("Card fee"), refund.fee_cents),
        (text("Other"), refund.unmatched_cents),
    )
    lines += [Line(words, cents) for words, cents in others if cents]
    insureds = {row.insured_id: row for row in rows}
    one = next(iter(insureds.values())) if len(insureds) == 1 else None
    zone = agency.time_zone
    return CreditNote(
        letterhead=letterhead_of(agency),
        number=refund.reference,
        refunded_on=local_date(refund.created_at, zone),
        payment_reference=payment.reference,
        paid_on=local_date(payment.succeeded_at or payment.changed_at, zone),
        insured=None if one is None else Party(mask_name(one.name)) if is_masked else party_of(one),
        payer_name=payment.payer_name,
        method=refunded_to(refund, payment.method_brand, payment.method_last4),
        reason=reason_words(refund.reason),
        lines=tuple(lines),
        total_cents=refund.total_cents,
        state=_STATES[refund.state],
        locale=payment.payer_locale,
    )
