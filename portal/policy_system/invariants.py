"""What must hold between imports, the receipts that the policy system has of us, and the books."""

from sqlalchemy import String, and_, cast, exists, func, or_, select
from sqlalchemy.orm import aliased

from portal.core.invariants import Invariant
from portal.financing.models import Loan
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.models import Claim, Payment
from portal.policy_system.models import ImportRecord
from portal.policy_system.receipt_models import PolicyReceipt
from portal.policy_system.receipt_plan import billed_there

_is_live = PolicyReceipt.state != "voided"
_of_payment = and_(PolicyReceipt.source == "payment", PolicyReceipt.source_id == Payment.id)
_ref = cast(PolicyReceipt.source_id, String)
_paid_out = (
    select(BalanceTransaction.id)
    .join(ProcessorPayout, ProcessorPayout.payout_id == BalanceTransaction.payout_id)
    .where(
        BalanceTransaction.entry_kind == "charge",
        BalanceTransaction.entry_ref == _ref,
        ProcessorPayout.state.in_(("paid", "failed")),
    )
)
_cleared = select(JournalEntry.id).where(JournalEntry.kind == "check_cleared", JournalEntry.ref == _ref)
_mate, _mate_receipt = aliased(BalanceTransaction), aliased(PolicyReceipt)
_begun = (
    select(_mate.id)
    .join(_mate_receipt, cast(_mate_receipt.source_id, String) == _mate.entry_ref)
    .where(
        _mate.payout_id == BalanceTransaction.payout_id,
        _mate.entry_kind == "charge",
        _mate_receipt.source == "payment",
    )
)

INVARIANTS = [
    Invariant(
        "a program was made by one record of the policy system",
        select(ImportRecord.program_id, func.count(ImportRecord.id))
        .where(ImportRecord.program_id.is_not(None), ImportRecord.invoice_id.is_(None))
        .group_by(ImportRecord.program_id)
        .having(func.count(ImportRecord.id) > 1),
    ),
    Invariant(
        "a payment's receipts in the policy system come to no more than it paid",
        select(Payment.id, Payment.amount_cents, func.sum(PolicyReceipt.amount_cents))
        .join(PolicyReceipt, _of_payment)
        .where(_is_live)
        .group_by(Payment.id, Payment.amount_cents)
        .having(func.sum(PolicyReceipt.amount_cents) > Payment.amount_cents),
    ),
    Invariant(
        "a receipt in the policy system is of money that has reached the agency's bank",
        select(PolicyReceipt.id, PolicyReceipt.external_id).where(
            PolicyReceipt.source == "payment", _is_live, ~or_(_paid_out.exists(), _cleared.exists())
        ),
    ),
    Invariant(
        "of a payout that has receipts in the policy system, each payment that it has billed has had one",
        select(Payment.id, BalanceTransaction.payout_id)
        .join(
            BalanceTransaction,
            and_(BalanceTransaction.entry_kind == "charge", BalanceTransaction.entry_ref == cast(Payment.id, String)),
        )
        .join(Claim, Claim.payment_id == Payment.id)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(
            Payment.state == "succeeded",
            Claim.state == "consumed",
            Claim.amount_cents > Claim.taken_back_cents,
            billed_there(),
            _begun.exists(),
            ~exists().where(_of_payment),
        ),
    ),
    Invariant(
        "the receipts of a lender's money come to what it has paid",
        select(Loan.id, func.sum(PolicyReceipt.amount_cents))
        .join(PolicyReceipt, and_(PolicyReceipt.source == "funding", PolicyReceipt.source_id == Loan.id))
        .where(_is_live)
        .group_by(Loan.id, Loan.funded_cents)
        .having(func.sum(PolicyReceipt.amount_cents) != func.coalesce(Loan.funded_cents, 0)),
    ),
]
