"""After a backup was restored: payments made since look unpaid here though they were charged.

The agency's account stays closed (`restored_from`) until every intent since the backup has been read again and what
it says is in the books: known ones by `apply`, unknown ones from their metadata. Safe to run again at any point.
"""

import secrets
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from portal.agencies.keys import end_restore
from portal.core.audit import SYSTEM, Actor, record
from portal.core.db import run_unit
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice
from portal.partners.models import Partner
from portal.payments.apply import apply, move
from portal.payments.autopay.run import announce_anew
from portal.payments.claims import ends_loan, held_invoices
from portal.payments.gateway import Intent, Refused
from portal.payments.models import Claim, LoanPayoff, Payment
from portal.payments.money_back.nightly import look_again
from portal.payments.till import Till
from portal.payments.written import read_numbers

OVERLAP = timedelta(days=2)
"""So far before the backup: an intent may have waited for the payer's bank when it was taken."""
CHARGES = {"succeeded", "processing"}
WRITTEN = ("invoice_ids", "reference", "amount_cents", "fee_cents")
"""What `submit` writes into an intent's metadata for this."""


def read_again(till: Till, backup_at: datetime, actor: Actor) -> Counter[str]:
    """Bring every payment since a backup into the books, then open the agency's account again.

    Args:
        till: the agency's till, made of its stored keys; no unit may be open.
        backup_at: when the backup was taken.
        actor: whoever runs it.

    Returns:
        How many intents came to what: known, found, stopped, or not ours.

    Raises:
        GatewayError: the processor could not be asked; the account stays closed. Run it again.
        ExceptionGroup: some refunds or disputes could not be brought into the books; it stays closed. Run it again.
    """
    intents = list(till.gateway.intents_since(backup_at - OVERLAP))
    ours = [intent for intent in intents if intent.metadata.get("agency_id") == str(till.agency_id)]
    done = Counter({"not ours": len(intents) - len(ours)})
    unknown = []
    for intent in ours:
        payment_id = run_unit(partial(_known, till, intent))
        if payment_id is None:
            unknown.append(intent)
        else:
            apply(till, payment_id)
            done["known"] += 1
    for intent in unknown:
        done[_take(till, intent)] += 1
    look_again(till, backup_at - OVERLAP)
    run_unit(partial(_open_again, till, done, actor))
    return done


def _known(till: Till, intent: Intent) -> int | None:
    """The payment of an intent; one that the backup saw before its intent was stored gets it now."""
    at = till.now()
    with till.writing() as session:
        query = select(Payment).where(Payment.account == till.account)
        payment = session.scalars(query.where(Payment.intent_id == intent.id)).one_or_none()
        if payment is not None:
            return payment.id
        by_reference = query.where(
            Payment.reference == intent.metadata.get("reference", ""),
            Payment.intent_id.is_(None),
            Payment.state == "created",
        )
        payment = session.scalars(by_reference).one_or_none()
        if payment is None or not move(session, payment, "ready", at):
            return None
        move(session, payment, "submitted", at)  # the row is ours since the move before
        payment.intent_id, payment.submitted_at = intent.id, at
        return payment.id


def _take(till: Till, intent: Intent) -> str:
    """An intent that no payment has: stop it if it has not charged, else make its payment."""
    if intent.status not in CHARGES:
        try:
            intent = till.gateway.cancel(intent.id)
        except Refused:
            intent = till.gateway.retrieve(intent.id)
    if intent.status == "canceled":
        return "stopped"
    payment_id = run_unit(partial(_make, till, intent))
    if payment_id is None:
        return "left to staff"
    apply(till, payment_id)
    return "found"


def _make(till: Till, intent: Intent) -> int | None:
    """The payment that the backup does not have, from the intent's metadata, with claims on what it paid.

    An invoice that is gone, paid or held by another payment gets no claim: its money becomes customer credit, with a
    task for staff. None when this cannot be our payment's metadata: staff decide.
    """
    at = till.now()
    with till.writing() as session:
        written = _written(intent.metadata)
        if intent.status not in CHARGES or written is None:
            open_task(session, "payment.unknown_intent", intent.id, at, status=intent.status)
            return None
        amount, fee, wished = written
        partner_id = _partner(session, intent.metadata)
        payment = Payment(
            token=secrets.token_urlsafe(24),
            reference=intent.metadata["reference"],
            account=till.account,
            kind="interactive",
            state="submitted",
            amount_cents=amount,
            fee_cents=fee,
            charged_cents=amount + fee,
            request_key=f"restored:{intent.id}",
            intent_id=intent.id,
            method_kind=intent.method_kinds[0],
            method_brand=intent.method_kinds[0],
            method_last4="",
            method_funding="unknown",
            payer_kind="insured" if partner_id is None else "partner",
            partner_id=partner_id,
            payer_name="",
            payer_email="",
            created_at=at,
            changed_at=at,
            submitted_at=at,
        )
        session.add(payment)
        session.flush()
        shares = _shares(session, wished, amount)
        for invoice_id, cents in shares:
            session.add(Claim(payment_id=payment.id, invoice_id=invoice_id, amount_cents=cents, state="live"))
        loan_id = intent.metadata.get("payoff_loan_id", "")
        if loan_id.isdecimal() and dict(shares) == wished and ends_loan(session, int(loan_id), wished):
            session.add(LoanPayoff(payment_id=payment.id, loan_id=int(loan_id)))
        record(session, SYSTEM, "payment.found_again", "payment", payment.id, at, intent=intent.id)
        return payment.id


def _written(metadata: Mapping[str, str]) -> tuple[int, int, dict[int, int]] | None:
    """Amount, fee, and what was to be paid of each invoice, as `submit` wrote them; None if it did not."""
    if any(name not in metadata for name in WRITTEN):
        return None
    try:
        amount, fee = int(metadata["amount_cents"]), int(metadata["fee_cents"])
        invoice_ids, shares = read_numbers("invoice_ids", metadata), read_numbers("invoice_cents", metadata)
    except ValueError:
        return None
    if len(shares) != len(invoice_ids):
        shares = [amount] * len(invoice_ids)
    return (amount, fee, dict(zip(invoice_ids, shares, strict=True))) if amount > 0 and fee >= 0 else None


def _partner(session: Scoped, metadata: Mapping[str, str]) -> int | None:
    """The partner who paid, if it was one and the backup has it."""
    written = metadata.get("partner_id", "")
    return session.scalar(select(Partner.id).where(Partner.id == int(written))) if written.isdecimal() else None


def _shares(session: Scoped, wished: Mapping[int, int], amount_cents: int) -> list[tuple[int, int]]:
    """What each invoice takes of the amount: what was paid of it, at most what is open, in the order of ids."""
    held = held_invoices(session, list(wished))
    query = select(Invoice.id, Invoice.open_cents).where(Invoice.id.in_(wished), Invoice.state == "open")
    shares = []
    for invoice_id, open_cents in session.execute(query.order_by(Invoice.id)):
        cents = min(open_cents, wished[invoice_id], amount_cents)
        if invoice_id not in held and cents:
            shares.append((invoice_id, cents))
            amount_cents -= cents
    return shares


def _open_again(till: Till, done: Counter[str], actor: Actor) -> None:
    with till.writing() as session:
        announce_anew(session, till.today(), till.now())
        end_restore(session)
        record(
            session,
            actor,
            "account.read_again",
            "agency",
            till.agency_id,
            till.now(),
            known=done["known"],
            found=done["found"],
            stopped=done["stopped"],
            left_to_staff=done["left to staff"],
        )
