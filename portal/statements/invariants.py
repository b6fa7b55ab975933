"""What must hold between partners' commissions, the payouts of them, and the books."""

from sqlalchemy import BigInteger, Case, ScalarSelect, String, and_, case, cast, exists, func, select, type_coerce
from sqlalchemy.orm import aliased

from portal.core.invariants import Invariant
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.partner_postings import COMMISSION_PAYABLE
from portal.ledger.postings import OWED
from portal.payments.money_back.models import CreditEntry
from portal.statements.accruing import KNOWN_AT, NOT_ACCRUED, PAID_FOR
from portal.statements.drawing import PAYOUT_KINDS
from portal.statements.models import Commission, PartnerPayout, PartnerStatement, PayoutItem
from portal.statements.payout_rules import HOLDS
from portal.statements.settings import PartnerSettings

MILLION = 1_000_000
"""Rates are kept in millionths."""
_ref = cast(Commission.entry_id, String) + ":" + cast(Commission.policy_id, String)
_net = func.coalesce(func.sum(JournalLine.credit_cents - JournalLine.debit_cents), 0)
_in_entry = and_(JournalEntry.id == JournalLine.entry_id, JournalEntry.agency_id == JournalLine.agency_id)
_booked: ScalarSelect[int] = (
    select(_net)
    .join(JournalEntry, _in_entry)
    .where(
        JournalEntry.agency_id == Commission.agency_id,
        JournalEntry.kind == "commission",
        JournalEntry.ref == _ref,
        JournalLine.policy_id == Commission.policy_id,
        JournalLine.account == COMMISSION_PAYABLE,
    )
    .correlate(Commission)
    .scalar_subquery()
)
_paid_for: ScalarSelect[int] = (
    select(_net)
    .where(
        JournalLine.agency_id == Commission.agency_id,
        JournalLine.entry_id == Commission.entry_id,
        JournalLine.policy_id == Commission.policy_id,
        JournalLine.account.in_(PAID_FOR),
    )
    .correlate(Commission)
    .scalar_subquery()
)
_premium = func.sum(Commission.premium_cents)
_due = case((_premium > 0, _premium), else_=0) * type_coerce(func.max(Commission.rate), BigInteger)
_off = (func.sum(Commission.cents) - func.sum(Commission.kept_cents)) * MILLION - _due


def _paid_out(kind: str) -> ScalarSelect[int]:
    """What an entry of a payout did to what is owed to partners, in cents: positive for less."""
    return (
        select(-_net)
        .join(JournalEntry, _in_entry)
        .where(
            JournalEntry.agency_id == PartnerPayout.agency_id,
            JournalEntry.kind == kind,
            JournalEntry.ref == cast(PartnerPayout.id, String),
            JournalLine.account == COMMISSION_PAYABLE,
        )
        .correlate(PartnerPayout)
        .scalar_subquery()
    )


def _items(cents: Case[int]) -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(cents), 0))
        .join(PayoutItem, PayoutItem.commission_id == Commission.id)
        .where(
            Commission.agency_id == PartnerPayout.agency_id,
            PayoutItem.agency_id == PartnerPayout.agency_id,
            PayoutItem.payout_id == PartnerPayout.id,
        )
        .correlate(PartnerPayout)
        .scalar_subquery()
    )


_earned = _items(case((Commission.cents > 0, Commission.cents), else_=0))
_deducted = _items(case((Commission.cents < 0, -Commission.cents), else_=0))
_was_paid = case((PartnerPayout.state.in_(["paid", "returned"]), PartnerPayout.amount_cents), else_=0)
_came_back = case((PartnerPayout.state == "returned", PartnerPayout.amount_cents), else_=0)

_receivable = (
    select(-_net)
    .join(JournalEntry, _in_entry)
    .join(Invoice, (Invoice.id == JournalLine.invoice_id) & (Invoice.agency_id == JournalLine.agency_id))
    .where(
        JournalLine.agency_id == PartnerStatement.agency_id,
        JournalLine.account.in_(OWED),
        Invoice.partner_id == PartnerStatement.partner_id,
        JournalEntry.posted_at < PartnerStatement.until_at,
    )
    .correlate(PartnerStatement)
    .scalar_subquery()
)
_credit = (
    select(func.coalesce(func.sum(CreditEntry.cents), 0))
    .where(
        CreditEntry.agency_id == PartnerStatement.agency_id,
        CreditEntry.partner_id == PartnerStatement.partner_id,
        CreditEntry.at < PartnerStatement.until_at,
    )
    .correlate(PartnerStatement)
    .scalar_subquery()
)
_accrued = (
    select(func.coalesce(func.sum(Commission.cents), 0))
    .where(
        Commission.agency_id == PartnerStatement.agency_id,
        Commission.partner_id == PartnerStatement.partner_id,
        Commission.accrued_at < PartnerStatement.until_at,
    )
    .correlate(PartnerStatement)
    .scalar_subquery()
)
_paid_to_partner = (
    select(-_net)
    .join(JournalEntry, _in_entry)
    .join(
        PartnerPayout,
        (cast(PartnerPayout.id, String) == JournalEntry.ref) & (PartnerPayout.agency_id == JournalEntry.agency_id),
    )
    .where(
        JournalLine.agency_id == PartnerStatement.agency_id,
        JournalLine.account == COMMISSION_PAYABLE,
        JournalEntry.kind.in_(PAYOUT_KINDS),
        PartnerPayout.partner_id == PartnerStatement.partner_id,
        JournalEntry.posted_at < PartnerStatement.until_at,
    )
    .correlate(PartnerStatement)
    .scalar_subquery()
)
_of_partner = (
    PartnerStatement.partner_id,
    PartnerStatement.month,
    PartnerStatement.until_at,
    PartnerStatement.agency_id,
)
_before, _earlier = aliased(PartnerStatement), aliased(PartnerStatement)


def _closed_before(column: str) -> ScalarSelect[int]:
    return (
        select(func.coalesce(func.sum(getattr(_before, column)), 0))
        .where(
            _before.agency_id == PartnerStatement.agency_id,
            _before.partner_id == PartnerStatement.partner_id,
            _before.until_at == PartnerStatement.from_at,
        )
        .correlate(PartnerStatement)
        .scalar_subquery()
    )


_is_not_first = exists().where(
    _earlier.agency_id == PartnerStatement.agency_id,
    _earlier.partner_id == PartnerStatement.partner_id,
    _earlier.until_at <= PartnerStatement.from_at,
)

INVARIANTS = [
    Invariant(
        "a commission is in the books with its cents",
        select(Commission.id, Commission.cents, _booked).where(Commission.cents != _booked),
    ),
    Invariant(
        "each commission in the books has its row",
        select(JournalEntry.id, JournalEntry.ref).where(
            JournalEntry.kind == "commission",
            ~exists().where(Commission.agency_id == JournalEntry.agency_id, JournalEntry.ref == _ref),
        ),
    ),
    Invariant(
        "the premium of a commission is what its entry paid for",
        select(Commission.id, Commission.premium_cents, _paid_for).where(Commission.premium_cents != _paid_for),
    ),
    Invariant(
        "a policy's commission is its rate of the premium that is paid for, and what was not clawed back",
        select(Commission.policy_id, _premium, func.sum(Commission.cents))
        .group_by(Commission.policy_id)
        .having(func.min(Commission.rate) == func.max(Commission.rate), func.abs(_off) * 2 > MILLION),
    ),
    Invariant(
        "what has settled has brought its commission",
        NOT_ACCRUED.with_only_columns(JournalLine.entry_id, JournalLine.policy_id)
        .where(select(PartnerSettings.accrued_until).scalar_subquery() > KNOWN_AT)
        .group_by(KNOWN_AT),
    ),
    Invariant(
        "a payout is what its commissions come to, earned and taken back",
        select(PartnerPayout.id, PartnerPayout.earned_cents, _earned, PartnerPayout.deducted_cents, _deducted).where(
            (PartnerPayout.earned_cents != _earned) | (PartnerPayout.deducted_cents != _deducted)
        ),
    ),
    Invariant(
        "a payout holds its commissions exactly while it is proposed or paid",
        select(PartnerPayout.id, PartnerPayout.state, PayoutItem.state)
        .join(PayoutItem, PayoutItem.payout_id == PartnerPayout.id)
        .where((PayoutItem.state == "live") != PartnerPayout.state.in_(HOLDS)),
    ),
    Invariant(
        "a commission is in one payout at a time",
        select(PayoutItem.commission_id)
        .where(PayoutItem.state == "live")
        .group_by(PayoutItem.commission_id)
        .having(func.count() > 1),
    ),
    Invariant(
        "a payout is in the books exactly when it was paid, and again when it came back",
        select(PartnerPayout.id, PartnerPayout.state).where(
            (_paid_out("commission_paid") != _was_paid) | (-_paid_out("commission_payout_returned") != _came_back)
        ),
    ),
    Invariant(
        "a partner's statements close with what it owed by the books then, and what it was owed of commission",
        select(PartnerStatement.partner_id, PartnerStatement.month)
        .group_by(*_of_partner)
        .having(
            (func.sum(PartnerStatement.closing_cents) != _receivable - _credit)
            | (func.sum(PartnerStatement.commission_closing_cents) != _accrued - _paid_to_partner)
        ),
    ),
    Invariant(
        "a partner's statement opens with what the one before closed with",
        select(PartnerStatement.partner_id, PartnerStatement.month)
        .where(_is_not_first)
        .group_by(*_of_partner, PartnerStatement.from_at)
        .having(
            (func.sum(PartnerStatement.opening_cents) != _closed_before("closing_cents"))
            | (func.sum(PartnerStatement.commission_opening_cents) != _closed_before("commission_closing_cents"))
        ),
    ),
]
