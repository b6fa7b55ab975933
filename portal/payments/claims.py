"""T1: insert a payment with its claims, then check that each invoice is still what was reviewed."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy import exists, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.core.audit import Actor, record
from portal.core.errors import Conflict
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.models import Loan, LoanInstallment
from portal.invoices.models import Invoice
from portal.payments.autopay.asking import Wish, enter_wish
from portal.payments.gateway import MethodPreview
from portal.payments.mandates import Agreement, keep_agreement
from portal.payments.method_kinds import BANK_DEBIT, charged_as
from portal.payments.methods.paying import Use, enter_use
from portal.payments.models import Claim, LoanPayoff, Payment
from portal.programs.models import Program

MOST_INVOICES = 50
"""In one payment of an insured or a guest."""
MOST_OF_PARTNER = 500
"""In one payment of a partner: what the processor keeps of them (`written.py`) has room for no more than that."""
MOST_CENTS = 99_999_999
"""Of one charge: eight digits (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts)."""
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
IN_CLOSED_PROGRAM = exists().where(
    Program.id == Invoice.program_id, or_(Program.archived_at.is_not(None), Program.is_draft.is_(True))
)
"""Condition on an invoice: its program is archived, or not bound yet. Nothing is charged for it."""


def new_reference() -> str:
    """What people quote of a payment: random, since numbers come again after a restore."""
    return "P-" + "".join(secrets.choice(ALPHABET) for _ in range(9))


@dataclass(frozen=True, slots=True)
class KeptMethod:
    """A method that is kept at the processor: its customer, its own number there, and what names it to its owner.

    `fingerprint` is equal for equal card or account numbers.
    """

    customer_id: str
    method_id: str
    kind: str
    brand: str
    last4: str
    funding: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Payer:
    """Who pays: kind is insured, guest, link or partner; then `partner_id` says which."""

    kind: str
    name: str
    email: str
    locale: str
    partner_id: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What a person agreed to on the review page.

    Args:
        request_key: one per rendered review page; a repeat returns the payment that exists.
        reviewed: invoice id -> the open cents that were shown. All of it is paid, unless `parts` says less.
        fee_cents: the fee that was shown.
        parts: invoice id -> the cents that are paid, of those that are paid in part.
        return_url: the payment's page, with `{token}` for its public name.
        use: of a saved method that pays, or is to be saved by this payment; None for neither.
        payoff_loan_id: the loan that it ends, with `parts` less by the interest saved; else None.
        agreement: what the payer of a bank debit has authorized; None for cards.
        autopay: what is to be on autopay with this method from then on; None for nothing.
    """

    request_key: str
    reviewed: Mapping[int, int]
    fee_cents: int
    method: MethodPreview
    payer: Payer
    return_url: str
    parts: Mapping[int, int] = field(default_factory=dict)
    payoff_loan_id: int | None = None
    agreement: Agreement | None = None
    use: Use | None = None
    autopay: Wish | None = None

    @property
    def shares(self) -> dict[int, int]:
        """Invoice id -> what is paid of it."""
        return {**self.reviewed, **self.parts}

    @property
    def amount_cents(self) -> int:
        """What is paid, without the fee."""
        return sum(self.shares.values())


class ReviewChanged(Conflict):
    """What was reviewed is not what is open now; nothing was charged."""

    default = text("The amount has changed since you looked. You have not been charged. Please review it again.")


class AlreadyUnderWay(Conflict):
    """Another payment holds one of the invoices; nothing was charged."""

    default = text(
        "Another payment for this is already being processed. You have not been charged. A card payment takes a "
        "moment, a bank debit up to five business days. Please look again later."
    )


class NotAuthorized(Conflict):
    """A bank debit that its payer has not authorized; nothing was charged."""

    default = text("A bank debit needs your authorization. You have not been charged. Please review it again.")


class MethodNotTaken(Conflict):
    """A program is not paid with a method of this kind; nothing was charged."""

    default = text("This cannot be paid that way. You have not been charged. Please choose another way to pay.")


class Charged(Protocol):
    """What every order says, whoever gives it."""

    @property
    def request_key(self) -> str:
        """One per charge that is wanted."""

    @property
    def amount_cents(self) -> int:
        """What is paid, without the fee."""

    @property
    def fee_cents(self) -> int:
        """What is charged on top."""

    @property
    def method(self) -> MethodPreview | KeptMethod:
        """What it is charged to."""

    @property
    def payer(self) -> Payer:
        """Who pays."""


def begun_payment(account: str, kind: str, order: Charged, token: str, at: datetime) -> Payment:
    """A payment at its beginning, not stored yet.

    Args:
        kind: interactive or autopay.
        token: the public name of its page.
    """
    return Payment(
        token=token,
        reference=new_reference(),
        account=account,
        kind=kind,
        state="created",
        amount_cents=order.amount_cents,
        fee_cents=order.fee_cents,
        charged_cents=order.amount_cents + order.fee_cents,
        request_key=order.request_key,
        confirmation_token=None,
        intent_id=None,
        method_kind=order.method.kind,
        method_brand=order.method.brand,
        method_last4=order.method.last4,
        method_funding=order.method.funding,
        method_fingerprint=order.method.fingerprint,
        payer_kind=order.payer.kind,
        payer_name=order.payer.name,
        payer_email=order.payer.email,
        payer_locale=order.payer.locale,
        partner_id=order.payer.partner_id,
        created_at=at,
        changed_at=at,
    )


def claim(session: Scoped, account: str, order: Order, at: datetime) -> Payment:
    """Insert the payment and its claims, in the order of invoice ids, then compare what is open with what was seen.

    Reading the balance before the claim would charge twice: the claim comes first.

    Raises:
        AlreadyUnderWay: an invoice is held by another payment.
        ReviewChanged: an invoice is not payable, not by this payer, or its open amount differs from the reviewed one.
        NotAuthorized: a bank debit without the payer's authorization.
        MethodNotTaken: staff let a program be paid in another way only.
        MethodGone: the saved method is not the payer's, or cannot be used now.
    """
    if order.method.kind == BANK_DEBIT and order.agreement is None:
        raise NotAuthorized
    token = secrets.token_urlsafe(24)
    payment = begun_payment(account, "interactive", order, token, at)
    payment.confirmation_token = order.method.token or None
    payment.return_url = order.return_url.replace("{token}", token)
    session.add(payment)
    session.flush()
    hold(session, payment.id, sorted(order.shares.items()))
    for invoice_id, reviewed_cents in sorted(order.reviewed.items()):
        if not still(session, invoice_id, reviewed_cents, at):
            raise ReviewChanged
    if _of_others(session, order.reviewed, order.payer.partner_id):
        raise ReviewChanged
    if refusing(session, order.reviewed, order.method.kind):
        raise MethodNotTaken
    if order.payoff_loan_id is not None:
        _end_loan(session, payment, order.payoff_loan_id, order.reviewed)
    if order.agreement is not None:
        keep_agreement(session, payment, order.agreement, at)
    if order.use is not None:
        enter_use(session, payment, order.use, at)
    if order.autopay is not None and order.use is not None and order.payer.kind == "insured":
        enter_wish(session, payment, order.autopay, at)
    actor = Actor(order.payer.kind, order.payer.email)
    record(session, actor, "payment.started", "payment", payment.id, at, charged_cents=payment.charged_cents)
    return payment


def _of_others(session: Scoped, invoice_ids: Collection[int], partner_id: int | None) -> bool:
    """Whether an invoice is another partner's; or a partner's at all, where an insured or guest pays."""
    query = select(Invoice.id).where(Invoice.id.in_(invoice_ids), Invoice.partner_id.is_distinct_from(partner_id))
    return session.scalar(query.limit(1)) is not None


def _end_loan(session: Scoped, payment: Payment, loan_id: int, reviewed: Mapping[int, int]) -> None:
    """Note that the payment ends a loan, if it pays every installment that is open.

    Raises:
        ReviewChanged: another installment is open, or the loan has ended.
    """
    if not ends_loan(session, loan_id, reviewed):
        raise ReviewChanged
    session.add(LoanPayoff(payment_id=payment.id, loan_id=loan_id))
    session.flush()


def ends_loan(session: Scoped, loan_id: int, invoice_ids: Collection[int]) -> bool:
    """Whether a loan runs, and these invoices are all of its installments that are open."""
    open_ones = (
        select(Invoice.id)
        .join(LoanInstallment, LoanInstallment.invoice_id == Invoice.id)
        .join(Loan, Loan.id == LoanInstallment.loan_id)
        .where(Loan.id == loan_id, Loan.state == "bound", Invoice.state == "open")
    )
    found = set(session.scalars(open_ones))
    return bool(found) and found == set(invoice_ids)


def release(session: Scoped, payment_id: int) -> None:
    """Let the payment's live claims go: it will not charge."""
    _set_claims(session, [payment_id], "released")


def consume(session: Scoped, payment_id: int) -> list[Claim]:
    """Turn the live claims of a payment that succeeded into what it has paid."""
    return consume_all(session, [payment_id])


def consume_all(session: Scoped, payment_ids: Sequence[int]) -> list[Claim]:
    """As `consume` of several payments, in the order of invoice ids."""
    _set_claims(session, payment_ids, "consumed")
    query = select(Claim).where(Claim.payment_id.in_(payment_ids), Claim.state == "consumed").order_by(Claim.invoice_id)
    return list(session.scalars(query))


def held_invoices(session: Scoped, invoice_ids: Sequence[int]) -> set[int]:
    """Which of these invoices a payment under way holds."""
    query = select(Claim.invoice_id).where(Claim.state == "live", Claim.invoice_id.in_(invoice_ids))
    return set(session.scalars(query))


def hold(session: Scoped, payment_id: int, reviewed: Sequence[tuple[int, int]]) -> None:
    """Take the live claims of a payment, in the order of invoice ids.

    Raises:
        AlreadyUnderWay: an invoice is held by another payment.
    """
    try:
        for invoice_id, cents in reviewed:
            session.add(Claim(payment_id=payment_id, invoice_id=invoice_id, amount_cents=cents, state="live"))
            session.flush()
    except IntegrityError as error:
        raise AlreadyUnderWay from error


def still(session: Scoped, invoice_id: int, reviewed_cents: int, at: datetime) -> bool:
    """Whether an invoice is payable, and open with what was reviewed; it is ours to change from here on.

    What a loan will pay is not payable: it lends all of it, and what had come before would be owed twice.
    """
    touch = (
        update(Invoice)
        .where(
            Invoice.id == invoice_id,
            Invoice.state == "open",
            Invoice.kind != "financed",
            Invoice.open_cents == reviewed_cents,
            ~IN_CLOSED_PROGRAM,
        )
        .values(touched_at=at)
        .execution_options(synchronize_session=False)
    )
    return session.execute(touch).rowcount == 1  # type: ignore[attr-defined, no-any-return]


def refusing(session: Scoped, invoice_ids: Collection[int], method_kind: str) -> set[int]:
    """Which of these invoices belong to programs that are not paid with a method of this kind."""
    query = (
        select(Invoice.id)
        .join(Program, Program.id == Invoice.program_id)
        .where(Invoice.id.in_(invoice_ids), Program.restricted_to.not_in(["", charged_as(method_kind)]))
    )
    return set(session.scalars(query))


def reverse(session: Scoped, payment_id: int) -> None:
    """What a payment had paid turned out not to have come."""
    session.execute(
        update(Claim)
        .where(Claim.payment_id == payment_id, Claim.state == "consumed")
        .values(state="reversed", taken_back_cents=Claim.amount_cents)
        .execution_options(synchronize_session=False)
    )


def _set_claims(session: Scoped, payment_ids: Sequence[int], state: str) -> None:
    session.execute(
        update(Claim)
        .where(Claim.payment_id.in_(payment_ids), Claim.state == "live")
        .values(state=state)
        .execution_options(synchronize_session=False)
    )
