"""What a program can be financed on today: its own terms, else the agency's, its policies, and its state's rule."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.eligibility import Applicant, FinancedPolicy
from portal.financing.late.fees import NONE_AGREED, Agreed, agree
from portal.financing.late.terms import late_terms
from portal.financing.lifecycle import read_plans
from portal.financing.models import AgreementText, LendingTerms
from portal.financing.offers import Lending, Offer, Offers, make_offers
from portal.financing.stamp_tax import StampTax
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.programs.models import Policy, Program
from portal.reference.finance_rules import FinanceRule, finance_rule
from portal.reference.late_rules import late_rule
from portal.servicing.sign import Agreement


@dataclass(frozen=True, slots=True)
class Quote:
    """The offers of a program, and what an agreement for one of them says beside its figures.

    Without terms there is nothing on offer, and `offers.reasons` say why.
    """

    offers: Offers
    rule: FinanceRule
    terms: LendingTerms | None
    text_id: int | None
    late: Agreed = NONE_AGREED

    def stamp_tax_cents(self, offer: Offer) -> int:
        """The state's tax on an agreement for this offer; due with its down payment."""
        tax = StampTax(self.rule.stamp_tax_per_100_cents, self.rule.stamp_tax_most_cents)
        return tax.of(offer.schedule.amount_financed_cents)

    def agreement(self, plan: str) -> Agreement | None:
        """What would be signed for a plan, written as it is kept: "9x1"; None when it is not offered."""
        for offer in self.offers.offers:
            if offer.plan == plan and self.terms is not None:
                return Agreement(
                    offer,
                    self.stamp_tax_cents(offer),
                    self.terms.refund_method if self.rule.allows_rule_of_78 else "actuarial",
                    self.terms.lender_name,
                    self.terms.lender_address,
                    self.text_id,
                    self.late,
                )
        return None


def quote(session: Scoped, program_id: int, today: date) -> Quote:
    """Work out every plan for a program that nobody has paid on yet.

    Args:
        today: where the agency is.
    """
    program = session.get_one(Program, program_id)
    insured = session.get_one(Insured, program.insured_id)
    rule = finance_rule(insured.state if insured.country == "US" else "")
    terms = lending_terms(session, program_id)
    text_id = session.scalars(select(AgreementText.id).order_by(AgreementText.version.desc()).limit(1)).first()
    if terms is None or not terms.is_offered:
        return Quote(Offers((), (text("The agency offers no financing for this program."),)), rule, None, text_id)
    if not _is_untouched(session, program):
        reason = text("Something was paid or billed on this program, so it cannot be financed now.")
        return Quote(Offers((), (reason,)), rule, terms, text_id)
    lending = Lending(terms.down_payment_rate, terms.note_rate, read_plans(terms.plans))
    applicant = Applicant(insured.kind, insured.state, insured.contact_first_name, insured.contact_last_name)
    policies = [_financed(policy) for policy in policies_of(session, program_id)]
    late = agree(late_terms(session), late_rule(applicant.state), is_person=insured.kind == "person")
    return Quote(make_offers(applicant, policies, lending, rule, today), rule, terms, text_id, late)


def lending_terms(session: Scoped, program_id: int) -> LendingTerms | None:
    """The terms of a program: its own, else the agency's; None where there are none."""
    query = select(LendingTerms).where(or_(LendingTerms.program_id == program_id, LendingTerms.program_id.is_(None)))
    found = {row.program_id: row for row in session.scalars(query)}
    return found.get(program_id) or found.get(None)


def policies_of(session: Scoped, program_id: int) -> list[Policy]:
    """The policies of a program, in its order."""
    return list(session.scalars(select(Policy).where(Policy.program_id == program_id).order_by(Policy.id)))


def _is_untouched(session: Scoped, program: Program) -> bool:
    """Bound, not archived or canceled, billed in full by one invoice of which nothing is paid."""
    if program.is_draft or program.archived_at or program.canceled_on or program.billing_type != "direct_bill":
        return False
    query = select(Invoice.kind, Invoice.open_cents, Invoice.total_cents).where(
        Invoice.program_id == program.id, Invoice.state != "void"
    )
    rows = session.execute(query).all()
    return len(rows) == 1 and rows[0].kind == "pay_in_full" and rows[0].open_cents == rows[0].total_cents


def _financed(policy: Policy) -> FinancedPolicy:
    return FinancedPolicy(
        policy_number=policy.policy_number,
        coverage_code=policy.coverage_code,
        effective_date=policy.effective_date,
        expiration_date=policy.expiration_date,
        premium_cents=policy.premium_cents,
        taxes_cents=policy.taxes_cents + policy.surplus_lines_tax_cents,
        fees_cents=policy.policy_fee_cents + policy.agency_fee_cents + policy.broker_fee_cents + policy.other_fee_cents,
        minimum_earned_rate=policy.minimum_earned_rate,
    )
