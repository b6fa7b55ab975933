"""Premium that comes back: what was billed, where it goes, and the books. The loan first, what is left is credit."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from portal.core.audit import Actor
from portal.core.errors import Conflict
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.loans import after_payment
from portal.financing.models import Loan
from portal.financing.payoffs import pay_off, quote_payoff
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.invoices.models import Invoice, InvoiceLine
from portal.invoices.settle import settle
from portal.ledger.journal import post
from portal.ledger.return_postings import Returned, premium_returned
from portal.payments.claims import held_invoices
from portal.payments.money_back.credit import CreditOwner, enter_credit
from portal.programs.changes import PolicyReturn, PremiumReturn
from portal.programs.models import Policy, Program
from portal.programs.returns import OpenInvoice, PolicyBilled, spread_return
from portal.servicing.actions.facts import hold_invoices

BALANCE_DUE = timedelta(days=10)
"""So long the insured has to pay what a loan that ended still needs."""
TAXES = ("tax", "surplus_lines_tax")
FEES = ("policy_fee", "agency_fee", "broker_fee", "other_fee")


@dataclass(frozen=True, slots=True)
class Plan:
    """Where premium goes that comes back, in cents.

    Args:
        loan: installment's invoice -> what it pays there.
        loan_id: the loan that ends by it; None where none does.
        others: other open invoices -> what it pays there.
        credit_cents: what is left for whoever paid.
        balance_cents: what the loan that ends still needs.
    """

    loan: Mapping[int, int] = field(default_factory=dict)
    loan_id: int | None = None
    others: Mapping[int, int] = field(default_factory=dict)
    credit_cents: int = 0
    balance_cents: int = 0

    @property
    def loan_cents(self) -> int:
        """All that the loan gets; what it still needs is in it."""
        return sum(self.loan.values())


def billed_policies(session: Scoped, program_id: int) -> dict[int, PolicyBilled]:
    """The policies of a program that are not canceled, with what was billed of each and has not come back."""
    query = select(Policy).where(Policy.program_id == program_id).order_by(Policy.effective_date, Policy.id)
    policies = session.scalars(query).all()
    billed = _billed(session, [policy.id for policy in policies])
    back = _came_back(session, [policy.id for policy in policies])
    return {
        policy.id: PolicyBilled(
            policy_id=policy.id,
            number=policy.policy_number,
            carrier=policy.carrier,
            effective_date=policy.effective_date,
            expiration_date=policy.expiration_date,
            minimum_earned_rate=policy.minimum_earned_rate,
            premium_cents=billed[policy.id, "premium"] - back[policy.id].premium_cents,
            commission_cents=billed[policy.id, "commission"] - back[policy.id].commission_cents,
            taxes_cents=sum(billed[policy.id, kind] for kind in TAXES) - back[policy.id].taxes_cents,
            fees_cents=sum(billed[policy.id, kind] for kind in FEES) - back[policy.id].fees_cents,
            kept_cents=billed[policy.id, "kept"] - back[policy.id].kept_cents,
        )
        for policy in policies
        if not back[policy.id].is_canceled
    }


def plan_return(session: Scoped, program_id: int, cents: int, today: date, *, ends_loan: bool) -> Plan:
    """Where premium goes that comes back today.

    Args:
        ends_loan: the loan ends whatever it costs; else only when this pays it off.
    """
    query = select(Invoice).where(Invoice.program_id == program_id, Invoice.state == "open", Invoice.kind != "financed")
    invoices = session.scalars(query.order_by(Invoice.id)).all()
    found = [OpenInvoice(one.id, one.kind, one.due_date, one.open_cents) for one in invoices]
    loan = session.scalars(select(Loan.id).where(Loan.program_id == program_id, Loan.state == "bound")).one_or_none()
    if loan is not None:
        quote = quote_payoff(session, loan, today)
        if ends_loan or cents >= quote.payoff_cents:
            paid = {id_: open_cents - quote.saved_cents[id_] for id_, open_cents in quote.open_cents.items()}
            others = [one for one in found if one.id not in paid]
            left = max(cents - quote.payoff_cents, 0)
            goes = spread_return(left, others, today)
            return Plan(paid, loan, goes, left - sum(goes.values()), max(quote.payoff_cents - cents, 0))
    goes = spread_return(cents, found, today)
    installments = {one.id for one in found if one.kind == "installment"}
    return Plan(
        loan={id_: part for id_, part in goes.items() if id_ in installments},
        others={id_: part for id_, part in goes.items() if id_ not in installments},
        credit_cents=cents - sum(goes.values()),
    )


def give_back(
    session: Scoped,
    program: Program,
    returned: Sequence[Returned],
    row: PremiumReturn,
    days: Mapping[int, date],
    actor: Actor,
    at: datetime,
    *,
    ends_loan: bool = False,
) -> Plan:
    """Let premium come back: it pays what is open as `plan_return` says, and the rest is the credit of who pays.

    Args:
        session: a unit that holds the program (`facts.require`).
        row: what is known of it so far: program, reason, days; the amounts are filled in here.
        days: of the policies that are canceled by it, from when on.

    Raises:
        Conflict: a payment is under way on the program, or a partner paid that nobody has named.
    """
    invoices = {invoice.id: invoice for invoice in hold_invoices(session, program.id)}
    if held_invoices(session, list(invoices)):
        raise Conflict(text("A payment is under way; wait until it is through."))
    total, today = sum(one.total_cents for one in returned), row.booked_on
    plan = plan_return(session, program.id, total, today, ends_loan=ends_loan)
    if program.billing_type == "agency_bill" and program.partner_id is None and plan.credit_cents:
        raise Conflict(text("The partner has paid for this, and the program does not say which one. Edit it first."))
    balance = _bill_balance(session, program, plan.balance_cents, today, at)
    row.returned_cents, row.loan_cents, row.credit_cents = total, plan.loan_cents, plan.credit_cents
    row.invoices_cents, row.balance_cents = sum(plan.others.values()), plan.balance_cents
    row.balance_invoice_id = balance.id if balance else None
    row.by, row.at = actor.name, at
    session.add(row)
    session.flush()
    session.add_all(
        PolicyReturn(
            premium_return_id=row.id,
            policy_id=one.policy_id,
            is_cancelation=one.policy_id in days,
            effective_on=days.get(one.policy_id, row.effective_on),
            premium_cents=one.premium_cents,
            commission_cents=one.commission_cents,
            kept_cents=one.kept_cents,
            taxes_cents=one.taxes_cents,
            fees_cents=one.fees_cents,
        )
        for one in returned
    )
    paid = [(invoices[id_], cents) for id_, cents in sorted({**plan.loan, **plan.others}.items())]
    parts = settle(session, paid, at)
    owed = (balance.id, balance.total_cents) if balance else None
    if total or balance:
        post(session, [premium_returned(str(row.id), returned, parts, owed, plan.credit_cents, today)], at)
    ref = str(row.id)
    enter_credit(session, "premium_returned", ref, plan.credit_cents, today, at, owner=credit_owner_of(program))
    if plan.loan_id is not None:
        pay_off(session, plan.loan_id, today, at)
    after_payment(session, [invoice for invoice, _ in paid], today, at)
    session.flush()
    return plan


def credit_owner_of(program: Program) -> CreditOwner:
    """Whose credit it is when more comes back than is open: the partner's of agency bill, else the insured's."""
    partner_id = program.paying_partner_id
    return CreditOwner(insured_id=program.insured_id) if partner_id is None else CreditOwner(partner_id=partner_id)


def _bill_balance(session: Scoped, program: Program, cents: int, today: date, at: datetime) -> Invoice | None:
    if not cents:
        return None
    draft = InvoiceDraft(
        insured_id=program.insured_id,
        kind="payoff",
        lines=[LineDraft("loan_balance", "Balance of the loan", cents)],
        issued_on=today,
        due_date=today + BALANCE_DUE,
        program_id=program.id,
        contact_email=program.contact_email,
    )
    return issue_invoice(session, draft, at)


def _billed(session: Scoped, policy_ids: Sequence[int]) -> defaultdict[tuple[int, str], int]:
    """What stands on invoices that are not void: (policy, kind of line) -> cents; commissions are kinds too."""
    query = (
        select(
            InvoiceLine.policy_id,
            InvoiceLine.kind,
            func.sum(InvoiceLine.amount_cents),
            func.sum(InvoiceLine.commission_cents),
            func.sum(InvoiceLine.kept_cents),
        )
        .join(Invoice, Invoice.id == InvoiceLine.invoice_id)
        .where(InvoiceLine.policy_id.in_(policy_ids), Invoice.state.not_in(("void", "draft")))
        .group_by(InvoiceLine.policy_id, InvoiceLine.kind)
    )
    found: defaultdict[tuple[int, str], int] = defaultdict(int)
    for policy_id, kind, cents, commission, kept in session.execute(query):
        found[policy_id or 0, kind] += int(cents)
        found[policy_id or 0, "commission"] += int(commission)
        found[policy_id or 0, "kept"] += int(kept)
    return found


@dataclass(slots=True)
class _Back:
    premium_cents: int = 0
    commission_cents: int = 0
    taxes_cents: int = 0
    fees_cents: int = 0
    kept_cents: int = 0
    is_canceled: bool = False


def _came_back(session: Scoped, policy_ids: Sequence[int]) -> defaultdict[int, _Back]:
    found: defaultdict[int, _Back] = defaultdict(_Back)
    for row in session.scalars(select(PolicyReturn).where(PolicyReturn.policy_id.in_(policy_ids))):
        back = found[row.policy_id]
        back.premium_cents += row.premium_cents
        back.commission_cents += row.commission_cents
        back.taxes_cents += row.taxes_cents
        back.fees_cents += row.fees_cents
        back.kept_cents += row.kept_cents
        back.is_canceled = back.is_canceled or row.is_cancelation
    return found
