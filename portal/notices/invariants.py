"""What must hold between payments and mails."""

from sqlalchemy import String, cast, exists, select

from portal.core.invariants import Invariant
from portal.core.outbox import OutboxRow
from portal.notices.models import SentMail
from portal.payments.models import Payment

RECEIPT = "mail.payment_receipt"

_is_queued = exists().where(
    OutboxRow.agency_id == Payment.agency_id,
    OutboxRow.kind == RECEIPT,
    OutboxRow.dedupe_key == cast(Payment.id, String),
)
_was_sent = exists().where(
    SentMail.agency_id == Payment.agency_id,
    SentMail.kind == RECEIPT,
    SentMail.dedupe_key == cast(Payment.id, String),
)

INVARIANTS = [
    Invariant(
        "a payment that succeeded has its receipt queued, or sent",
        select(Payment.id).where(Payment.state == "succeeded", ~_is_queued, ~_was_sent),
    ),
]
