"""Endorse a policy: bill what it costs more, or give back what it costs less, once the carrier has confirmed it."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict
from portal.core.money import allocate, percent_of
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.models import Loan, LoanInstallment
from portal.insureds.models import Insured
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoices
from portal.invoices.line_words import written_label
from portal.invoices.models import Invoice
from portal.ledger.return_postings import Returned
from portal.programs.changes import Endorsement, PremiumReturn
from portal.programs.endorsing import EndorsementDraft, days_for, parts_of
from portal.programs.models import Policy, Program
from portal.servicing.actions.facts import WAITS
from portal.servicing.actions.returning import Plan, billed_policies, give_back
from portal.servicing.actions.telling import tell
from portal.servicing.billing_lines import kept_of


def spread_days(session: Scoped, program: Program, today: date) -> Sequence[date]:
    """The days of the installments with which an endorsement of this program can be paid; none without a loan."""
    query = (
        select(Invoice.due_date)
        .join(LoanInstallment, LoanInstallment.invoice_id == Invoice.id)
        .join(Loan, Loan.id == LoanInstallment.loan_id)
        .where(Loan.program_id == program.id, Loan.state == "bound", Invoice.state == "open", Invoice.due_date >= today)
        .order_by(Invoice.due_date)
    )
    is_person = session.get_one(Insured, program.insured_id).kind == "person"
    return days_for(session.scalars(query).all(), is_person=is_person)


def endorsement_lines(policy: Policy, draft: EndorsementDraft, *, partner_pays: bool) -> list[LineDraft]:
    """What the invoices of an endorsement consist of; commissions as the policy's rates say."""
    amounts = {
        "premium": draft.premium_cents,
        "tax": draft.taxes_cents,
        "surplus_lines_tax": draft.surplus_lines_tax_cents,
        "policy_fee": draft.fees_cents,
    }
    commission = percent_of(draft.premium_cents, policy.gross_commission_rate)
    kept = kept_of(draft.premium_cents, policy.retail_commission_rate, partner_pays=partner_pays)
    return [
        LineDraft(
            kind,
            written_label(policy.coverage, kind),
            cents,
            commission if kind == "premium" else 0,
            policy.id,
            policy.carrier,
            kept if kind == "premium" else 0,
        )
        for kind, cents in amounts.items()
        if cents
    ]


def drafts_of(
    session: Scoped, program: Program, policy: Policy, draft: EndorsementDraft, today: date
) -> list[InvoiceDraft]:
    """The invoices that an endorsement makes; none when premium comes back.

    Raises:
        BadInput: no amount, a day outside the policy's term, or it cannot be spread.
    """
    check_endorsement(policy, draft, today)
    if draft.way == "credit":
        return []
    partner_pays = program.paying_partner_id is not None
    lines, days = endorsement_lines(policy, draft, partner_pays=partner_pays), [draft.due_date]
    if draft.way == "spread":
        days = list(spread_days(session, program, today))
    parts = parts_of(lines, len(days)) if draft.way == "spread" else [lines]
    return [
        InvoiceDraft(
            insured_id=program.insured_id,
            kind="endorsement",
            lines=part,
            issued_on=today,
            due_date=day,
            program_id=program.id,
            partner_id=program.paying_partner_id,
            description=draft.description,
            contact_email=program.contact_email,
        )
        for part, day in zip(parts, days, strict=True)
    ]


def check_endorsement(policy: Policy, draft: EndorsementDraft, today: date) -> None:
    """Let an endorsement pass that can be made.

    Raises:
        BadInput: no amount, a day outside the policy's term, a due date in the past, or fees that come back.
    """
    if draft.total_cents <= 0:
        raise BadInput(text("Enter an amount of more than nothing."))
    if not policy.effective_date <= draft.effective_on <= policy.expiration_date:
        raise BadInput(text("The day is outside the term of %(policy)s.", policy=policy.policy_number))
    if draft.way == "invoice" and draft.due_date < today:
        raise BadInput(text("Choose a due date from today on."))
    if draft.way == "credit" and draft.fees_cents:
        raise BadInput(text("Fees are fully earned: they do not come back with premium."))


def endorse(
    session: Scoped, program: Program, draft: EndorsementDraft, actor: Actor, today: date, at: datetime
) -> Endorsement:
    """Enter an endorsement and bill it; premium that comes back waits for the carrier.

    Args:
        session: a unit that holds the program (`facts.require`).

    Raises:
        BadInput: it cannot be made so; see `drafts_of`.
        Conflict: the policy is canceled, or more would come back than was billed.
    """
    known = session.scalars(select(Endorsement).where(Endorsement.request_key == draft.request_key)).one_or_none()
    if known is not None:
        return known
    billed = billed_policies(session, program.id).get(draft.policy_id)
    if billed is None:
        raise Conflict(text("This policy is canceled. Nothing was changed."))
    if draft.way == "credit" and (
        draft.premium_cents > billed.premium_cents
        or draft.taxes_cents + draft.surplus_lines_tax_cents > billed.taxes_cents
    ):
        raise BadInput(text("More would come back of %(policy)s than was billed.", policy=billed.number))
    policy = session.get_one(Policy, draft.policy_id)
    drafts = drafts_of(session, program, policy, draft, today)
    invoices = issue_invoices(session, drafts, at) if drafts else []
    row = Endorsement(
        program_id=program.id,
        policy_id=policy.id,
        request_key=draft.request_key,
        way=draft.way,
        description=draft.description,
        effective_on=draft.effective_on,
        premium_cents=draft.premium_cents,
        taxes_cents=draft.taxes_cents,
        surplus_lines_tax_cents=draft.surplus_lines_tax_cents,
        fees_cents=draft.fees_cents,
        entered_by=actor.name,
        entered_at=at,
    )
    session.add(row)
    session.flush()
    record(
        session,
        actor,
        "policy.endorsed",
        "program",
        program.id,
        at,
        policy=policy.policy_number,
        way=draft.way,
        amount_cents=draft.total_cents,
        effective_on=draft.effective_on.isoformat(),
    )
    if invoices:
        tell(session, "endorsed", program, f"{row.id}:{'-'.join(str(one.id) for one in invoices)}", at)
    session.flush()
    return row


def waiting_credits(session: Scoped, program_id: int) -> Sequence[Endorsement]:
    """Premium that comes back once staff confirm it."""
    query = select(Endorsement).where(Endorsement.program_id == program_id, WAITS)
    return session.scalars(query.order_by(Endorsement.id)).all()


def confirm_credit(
    session: Scoped, program: Program, endorsement_id: int, actor: Actor, today: date, at: datetime
) -> Plan:
    """The carrier has confirmed that premium comes back: it pays what is open, the loan first; the rest is credit.

    Args:
        session: a unit that holds the program (`facts.require`).

    Raises:
        Conflict: it is confirmed or withdrawn already, the policy is canceled, or a payment is under way.
    """
    row = _waiting(session, program.id, endorsement_id)
    back = credit_of(session, row)
    row.confirmed_at = at
    returning = PremiumReturn(
        program_id=program.id,
        endorsement_id=row.id,
        reason="endorsement",
        effective_on=row.effective_on,
        booked_on=today,
        note=row.description,
    )
    plan = give_back(session, program, [back], returning, {}, actor, at)
    record(session, actor, "endorsement.confirmed", "program", program.id, at, amount_cents=back.total_cents)
    tell(session, "credited", program, str(returning.id), at)
    session.flush()
    return plan


def withdraw_credit(session: Scoped, program: Program, endorsement_id: int, actor: Actor, at: datetime) -> None:
    """Premium does not come back after all. Nothing was booked, and nobody was told.

    Raises:
        Conflict: it is confirmed or withdrawn already.
    """
    row = _waiting(session, program.id, endorsement_id)
    row.withdrawn_at = at
    record(session, actor, "endorsement.withdrawn", "program", program.id, at, amount_cents=row.total_cents)
    session.flush()


def credit_of(session: Scoped, row: Endorsement) -> Returned:
    """What an endorsement gives back of its policy, with the commission inside.

    Raises:
        Conflict: the policy is canceled, or less than that is left of what was billed.
    """
    billed = billed_policies(session, row.program_id).get(row.policy_id)
    taxes = row.taxes_cents + row.surplus_lines_tax_cents
    if billed is None or row.premium_cents > billed.premium_cents or taxes > billed.taxes_cents:
        raise Conflict(text("The policy is canceled, or not so much is left of it. Nothing was changed."))
    commission = kept = 0
    if billed.premium_cents:
        weights = [row.premium_cents, billed.premium_cents - row.premium_cents]
        commission, kept = (allocate(cents, weights)[0] for cents in (billed.commission_cents, billed.kept_cents))
    return Returned(billed.policy_id, billed.carrier, row.premium_cents, commission, taxes, kept_cents=kept)


def _waiting(session: Scoped, program_id: int, endorsement_id: int) -> Endorsement:
    found = next((row for row in waiting_credits(session, program_id) if row.id == endorsement_id), None)
    if found is None:
        raise Conflict(text("It is confirmed or taken back already. Nothing was changed."))
    return found
