"""What must hold between payments, claims and books."""

from sqlalchemy import String, case, cast, exists, func, select

from portal.core.invariants import Invariant
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import CHECKS_IN_CLEARING, OWED, PROCESSOR_CLEARING
from portal.payments.models import Claim, Payment
from portal.payments.transitions import CLOSED

_charged = (
    select(func.coalesce(func.sum(JournalLine.debit_cents - JournalLine.credit_cents), 0))
    .join(JournalEntry, (JournalEntry.id == JournalLine.entry_id) & (JournalEntry.agency_id == JournalLine.agency_id))
    .where(
        JournalEntry.agency_id == Payment.agency_id,
        JournalEntry.kind == "charge",
        JournalEntry.ref == cast(Payment.id, String),
        JournalLine.account == case((Payment.kind == "offline", CHECKS_IN_CLEARING), else_=PROCESSOR_CLEARING),
    )
    .correlate(Payment)
    .scalar_subquery()
)
_in_clearing = (
    select(func.coalesce(func.sum(JournalLine.debit_cents - JournalLine.credit_cents), 0))
    .join(JournalEntry, (JournalEntry.id == JournalLine.entry_id) & (JournalEntry.agency_id == JournalLine.agency_id))
    .where(
        JournalEntry.agency_id == Payment.agency_id,
        JournalEntry.kind.in_(["charge", "check_cleared", "check_bounced"]),
        JournalEntry.ref == cast(Payment.id, String),
        JournalLine.account == CHECKS_IN_CLEARING,
    )
    .correlate(Payment)
    .scalar_subquery()
)
_ended = exists().where(
    JournalEntry.agency_id == Payment.agency_id,
    JournalEntry.kind.in_(["check_cleared", "check_bounced"]),
    JournalEntry.ref == cast(Payment.id, String),
)
_bounced = exists().where(
    JournalEntry.agency_id == Payment.agency_id,
    JournalEntry.kind == "check_bounced",
    JournalEntry.ref == cast(Payment.id, String),
)
_LANDED = ("consumed", "reversed")
_consumed = (
    select(func.coalesce(func.sum(Claim.amount_cents - Claim.taken_back_cents), 0))
    .where(Claim.agency_id == Invoice.agency_id, Claim.invoice_id == Invoice.id, Claim.state == "consumed")
    .correlate(Invoice)
    .scalar_subquery()
)
_booked = (
    select(func.coalesce(func.sum(JournalLine.credit_cents - JournalLine.debit_cents), 0))
    .join(JournalEntry, (JournalEntry.id == JournalLine.entry_id) & (JournalEntry.agency_id == JournalLine.agency_id))
    .where(
        JournalEntry.agency_id == Claim.agency_id,
        JournalEntry.kind == "charge",
        JournalEntry.ref == cast(Claim.payment_id, String),
        JournalLine.account.in_(OWED),
        JournalLine.invoice_id == Claim.invoice_id,
    )
    .correlate(Claim)
    .scalar_subquery()
)
_claims = select(Claim.id, Claim.state, Payment.state).join(
    Payment, (Payment.id == Claim.payment_id) & (Payment.agency_id == Claim.agency_id)
)

INVARIANTS = [
    Invariant(
        "at most one live claim per invoice",
        select(Claim.invoice_id).where(Claim.state == "live").group_by(Claim.invoice_id).having(func.count() > 1),
    ),
    Invariant(
        "live claims only on payments under way",
        _claims.where(Claim.state == "live", Payment.state.in_(CLOSED)),
    ),
    Invariant(
        "payments under way hold live claims",
        select(Payment.id, Payment.state).where(
            Payment.state.not_in(CLOSED),
            ~exists().where(
                Claim.agency_id == Payment.agency_id, Claim.payment_id == Payment.id, Claim.state == "live"
            ),
        ),
    ),
    Invariant(
        "consumed claims only on payments that succeeded",
        _claims.where(Claim.state == "consumed", Payment.state != "succeeded"),
    ),
    Invariant(
        "what was paid on an invoice is at most its total",
        select(Invoice.number, Invoice.total_cents, _consumed).where(_consumed > Invoice.total_cents),
    ),
    Invariant(
        "what a claim consumed is what the books say its payment paid on the invoice",
        select(Claim.id, Claim.amount_cents, _booked).where(Claim.state.in_(_LANDED), Claim.amount_cents != _booked),
    ),
    Invariant(
        "what the books say a payment paid on an invoice, a claim of it has consumed",
        select(JournalEntry.ref, JournalLine.invoice_id)
        .join(
            JournalLine, (JournalLine.entry_id == JournalEntry.id) & (JournalLine.agency_id == JournalEntry.agency_id)
        )
        .where(
            JournalEntry.kind == "charge",
            JournalLine.account.in_(OWED),
            ~exists().where(
                Claim.agency_id == JournalEntry.agency_id,
                Claim.invoice_id == JournalLine.invoice_id,
                cast(Claim.payment_id, String) == JournalEntry.ref,
                Claim.state.in_(_LANDED),
            ),
        ),
    ),
    Invariant(
        "a payment that succeeded is in the books with what was charged",
        select(Payment.id, Payment.charged_cents, _charged).where(
            Payment.state == "succeeded", Payment.charged_cents != _charged
        ),
    ),
    Invariant(
        "each charge in the books is of a payment that succeeded",
        select(JournalEntry.id, JournalEntry.ref).where(
            JournalEntry.kind == "charge",
            JournalEntry.ref.not_in(select(cast(Payment.id, String)).where(Payment.state == "succeeded")),
        ),
    ),
    Invariant(
        "a payment beyond created has an intent, unless it was canceled",
        select(Payment.id, Payment.state).where(
            Payment.kind != "offline", Payment.state.not_in(["created", "canceled"]), Payment.intent_id.is_(None)
        ),
    ),
    Invariant(
        "an offline payment is received, has no intent, and waits in clearing until it is cleared or bounced",
        select(Payment.id, Payment.charged_cents, _in_clearing).where(
            Payment.kind == "offline",
            (Payment.state != "succeeded")
            | Payment.intent_id.is_not(None)
            | (_in_clearing != case((_ended, 0), else_=Payment.charged_cents)),
        ),
    ),
    Invariant(
        "claims are reversed exactly when the check has bounced",
        _claims.where(
            Payment.kind == "offline",
            ((Claim.state == "reversed") & ~_bounced) | ((Claim.state == "consumed") & _bounced),
        ),
    ),
]
