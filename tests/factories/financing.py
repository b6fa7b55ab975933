"""A program that can be financed, bound as it comes in, and an agreement for it."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256

from sqlalchemy import select

from portal.core.audit import SYSTEM
from portal.core.files import keep_file
from portal.core.tenancy import Scoped
from portal.financing.eligibility import Applicant, FinancedPolicy
from portal.financing.late.fees import NONE_AGREED, Agreed
from portal.financing.models import Loan, LoanInstallment, Signature
from portal.financing.offers import Lending, Offer, Plan, make_offers
from portal.financing.schedule import add_months
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.programs.models import Program
from portal.reference.finance_rules import finance_rule
from portal.servicing.bind import Binding, bind
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft
from portal.servicing.sign import AGREEMENT, Agreement, Signing, sign
from tests.factories.desk import Desk
from tests.factories.people import BEGINNING, key_of, make_invoice

LENDING = Lending(Decimal("0.30"), Decimal("0.129"), (Plan(9), Plan(6)))


@dataclass(frozen=True)
class Quote:
    """A bound program with its invoice in full, and the plan of nine installments."""

    program_id: int
    invoice_id: int
    offer: Offer


def bakery_program(begins: date, program: str = "PRG-FINANCED", **insured: object) -> ProgramDraft:
    """Two policies of Maria's bakery in New York, which can be financed.

    Args:
        begins: their first day.
        insured: what is said of the bakery instead.
    """
    policies = tuple(
        PolicyDraft(
            policy_number=f"{code}-{program}",
            carrier="Scottsdale Insurance Company",
            coverage_code=code,
            coverage=coverage,
            effective_date=begins,
            expiration_date=add_months(begins, 12),
            premium_cents=premium,
            surplus_lines_tax_cents=premium // 25,
            policy_fee_cents=150_00,
            gross_commission_rate=Decimal("0.125"),
        )
        for code, coverage, premium in (
            ("CGL", "General liability", 8_000_00),
            ("AUTOB", "Auto (Commercial)", 4_123_45),
        )
    )
    bakery = InsuredDraft(
        "INS-MARIA",
        "Maria's Bakery LLC",
        "12 Main St",
        "Albany",
        "NY",
        "12207",
        contact_first_name="Maria",
        contact_last_name="Lopez",
        emails=("ana@bakery.example",),
    )
    return ProgramDraft(
        reference=program,
        name="2026 package",
        billing_type="direct_bill",
        due_date=begins,
        insured=replace(bakery, **insured),  # type: ignore[arg-type]
        policies=policies,
    )


def quoted(desk: Desk, begins: date | None = None, lending: Lending = LENDING, program: str = "PRG-FINANCED") -> Quote:
    """Maria's program, bound, with its first plan."""
    draft = bakery_program(begins or desk.till.today(), program)
    with desk.till.writing() as session:
        binding = Binding(SYSTEM, key_of(desk.agency), desk.till.today(), desk.clock())
        program_id = bind(session, draft, binding)
        invoice_id = session.scalars(select(Invoice.id).where(Invoice.program_id == program_id)).one()
    financed = [
        FinancedPolicy(
            one.policy_number,
            one.coverage_code,
            one.effective_date,
            one.expiration_date,
            one.premium_cents,
            one.surplus_lines_tax_cents,
            one.policy_fee_cents,
            one.minimum_earned_rate,
        )
        for one in draft.policies
    ]
    applicant = Applicant("business", "NY", "Maria", "Lopez")
    found = make_offers(applicant, financed, lending, finance_rule("NY"), desk.till.today())
    return Quote(program_id, invoice_id, found.offers[0])


def signed(desk: Desk, quote: Quote, stamp_tax_cents: int = 0, late: Agreed = NONE_AGREED) -> Loan:
    """Maria signs the plan of nine installments."""
    lender = "Empire Premium Funding", "1 Wall St"
    agreement = Agreement(quote.offer, stamp_tax_cents, "actuarial", *lender, None, late)
    signing = Signing(
        number=f"FA-{quote.program_id}-{desk.clock().timestamp()}",
        typed_name="Maria Lopez",
        email="ana@bakery.example",
        consent="I agree.",
        ip="192.0.2.7",
        browser="Firefox",
        document_hash="ab" * 32,
        signed_pdf=b"%PDF signed",
        today=desk.till.today(),
        at=desk.clock(),
    )
    with desk.till.writing() as session:
        return sign(session, quote.program_id, agreement, signing)


def make_loan(session: Scoped, program: Program, number: str, document: bytes) -> Loan:
    """A loan that has been paid off, with the agreement as it was signed; nothing in the books."""
    insured = session.get_one(Insured, program.insured_id)
    down, financed, replaced = (
        make_invoice(session, insured, program, number=f"{number}-{part}", kind=kind, state="void", open_cents=0)
        for part, kind in (("1", "down_payment"), ("2", "financed"), ("3", "pay_in_full"))
    )
    loan = Loan(
        number=number,
        program_id=program.id,
        down_invoice_id=down.id,
        financed_invoice_id=financed.id,
        replaced_invoice_id=replaced.id,
        text_id=None,
        signed_file_id=keep_file(session, AGREEMENT, "application/pdf", document, BEGINNING).id,
        signed_hash=sha256(document).hexdigest(),
        state="paid_off",
        down_payment_rate=Decimal("0.25"),
        note_rate=Decimal("0.129"),
        apr=Decimal("0.129"),
        months_between=1,
        first_day=BEGINNING.date(),
        down_payment_cents=1,
        amount_financed_cents=1,
        finance_charge_cents=0,
        refund_method="actuarial",
        lender_name="Empire Premium Funding",
        lender_address="1 Wall St",
        signed_at=BEGINNING,
    )
    session.add(loan)
    session.flush()
    session.add(
        LoanInstallment(
            loan_id=loan.id,
            number=1,
            due_date=add_months(BEGINNING.date(), 1),
            payment_cents=1,
            interest_cents=0,
            principal_cents=1,
            balance_cents=0,
        )
    )
    session.add(
        Signature(
            loan_id=loan.id,
            typed_name="A. Signer",
            signer_email="ana@bakery.example",
            consent="I agree.",
            signed_at=BEGINNING,
            ip="192.0.2.7",
            browser="Firefox",
            document_hash="ab" * 32,
        )
    )
    session.flush()
    return loan
