"""The finance agreement filled from a quote: before it is signed, and with its signature."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.money import format_money
from portal.core.tenancy import Scoped
from portal.documents.agreement import AgreementDocument, InstallmentLine, Signed, paragraphs, standard_terms
from portal.documents.filled import letterhead_of
from portal.documents.letterhead import Line, Party, PolicyLine
from portal.financing.late.fees import NONE_AGREED, Agreed
from portal.financing.models import AgreementText
from portal.financing.schedule import Schedule, Spacing
from portal.insureds.models import Insured
from portal.programs.models import Policy, Program

REFUNDS = {
    "actuarial": "You owe no penalty. Interest counts only up to the day on which you pay (actuarial method).",
    "rule_of_78": "You owe no penalty. The finance charge that is not earned yet is given back by the Rule of 78.",
}
SPACINGS: dict[Spacing, str] = {1: "monthly", 3: "quarterly", 6: "half-yearly"}


def agreement_document(
    session: Scoped,
    agency: Agency,
    program_id: int,
    *,
    number: str,
    made_on: date,
    schedule: Schedule,
    months_between: Spacing,
    first_day: date,
    stamp_tax_cents: int,
    refund_method: str,
    lender: Party,
    text_id: int | None,
    late: Agreed = NONE_AGREED,
    signed: Signed | None = None,
) -> AgreementDocument:
    """An agreement on paper; the same values make the same document.

    Args:
        agency: whose paper it is on.
        made_on: the day on which it was drawn up.
        text_id: the agency's own terms in their version, or None for the standard ones.
        late: what is agreed about a late fee.
        signed: the signature, once there is one.
    """
    program = session.get_one(Program, program_id)
    insured = session.get_one(Insured, program.insured_id)
    policies = session.scalars(select(Policy).where(Policy.program_id == program_id).order_by(Policy.id)).all()
    cost = _cost(policies, stamp_tax_cents)
    body = standard_terms() if text_id is None else session.get_one(AgreementText, text_id).body
    place = f"{insured.city}, {insured.state} {insured.postal_code}"
    address = (insured.address_line1, insured.address_line2, place)
    return AgreementDocument(
        letterhead=letterhead_of(agency),
        number=number,
        made_on=made_on,
        first_day=first_day,
        borrower=Party(insured.name, tuple(line for line in address if line)),
        lender=lender,
        policies=tuple(
            PolicyLine(one.policy_number, one.carrier, one.coverage, one.effective_date, one.expiration_date)
            for one in policies
        ),
        cost=cost,
        cost_cents=sum(line.amount_cents for line in cost),
        down_payment_cents=schedule.down_payment_cents + stamp_tax_cents,
        amount_financed_cents=schedule.amount_financed_cents,
        finance_charge_cents=schedule.finance_charge_cents,
        total_of_payments_cents=schedule.total_of_payments_cents,
        apr=f"{schedule.apr_percent}%",
        level=payments_in_words(schedule, months_between),
        refund=REFUNDS[refund_method],
        late=late_in_words(late),
        installments=installment_lines(schedule),
        terms=paragraphs(body),
        signed=signed,
    )


def late_in_words(late: Agreed) -> str:
    """What a late installment costs, in words; disclosed as 12 CFR 1026.18(l) asks."""
    if not late.rate:
        return "No late fee is charged."
    percent = f"{(late.rate * 100).normalize():f}"
    return (
        f"A late fee of {percent}% of an installment that is not paid within {late.after_days} days after its due "
        "date, and never more than the law of your state allows."
    )


def lender_party(name: str, address: str) -> Party:
    """The lender, its address as the agency wrote it: a line each."""
    return Party(name, tuple(line.strip() for line in address.splitlines() if line.strip()))


def installment_lines(schedule: Schedule) -> tuple[InstallmentLine, ...]:
    """The rows of the schedule."""
    return tuple(
        InstallmentLine(
            str(one.number),
            one.due_date,
            one.payment_cents,
            one.interest_cents,
            one.principal_cents,
            one.balance_cents,
        )
        for one in schedule.installments
    )


def _cost(policies: Sequence[Policy], stamp_tax_cents: int) -> tuple[Line, ...]:
    parts = {
        "Premiums": sum(one.premium_cents for one in policies),
        "Taxes": sum(one.taxes_cents + one.surplus_lines_tax_cents for one in policies),
        "Fees": sum(
            one.policy_fee_cents + one.agency_fee_cents + one.broker_fee_cents + one.other_fee_cents for one in policies
        ),
        "Documentary stamp tax": stamp_tax_cents,
    }
    return tuple(Line(name, cents) for name, cents in parts.items() if cents)


def payments_in_words(schedule: Schedule, months_between: Spacing) -> str:
    """The payments in words: "8 monthly payments of $1,107.24, the first on Sep 1, 2026, then one of …"."""
    ones = schedule.installments
    last = ones[-1]
    if len(ones) == 1:
        return f"One payment of {format_money(last.payment_cents)} on {_day(last.due_date)}."
    is_level = last.payment_cents == ones[0].payment_cents
    count, amount = len(ones) if is_level else len(ones) - 1, format_money(ones[0].payment_cents)
    if count == 1:
        many = f"One payment of {amount} on {_day(ones[0].due_date)}"
    else:
        many = f"{count} {SPACINGS[months_between]} payments of {amount}, the first on {_day(ones[0].due_date)}"
    return (
        f"{many}." if is_level else f"{many}, then one of {format_money(last.payment_cents)} on {_day(last.due_date)}."
    )


def _day(day: date) -> str:
    return f"{day:%b} {day.day}, {day.year}"
