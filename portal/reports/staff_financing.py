"""How a program is financed, as staff see it: what is offered or why not, and the loan with its signature."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.orm import undefer

from portal.core.errors import NotFound
from portal.core.files import StoredFile
from portal.core.tenancy import Scoped
from portal.financing.models import LendingTerms, Loan, LoanInstallment, Signature
from portal.financing.payoffs import installments_of
from portal.insureds.models import Insured
from portal.reports.insured_invoices import SeenInvoice, invoices_of_program
from portal.servicing.quote import Quote, lending_terms, quote


@dataclass(frozen=True, slots=True)
class StaffFinancing:
    """The card on the program's page.

    Args:
        quote: what is offered, or why not; None once there is a loan.
        terms: those that hold for the program; None where the agency has set none.
        loan: the latest that was not withdrawn.
        withdrawn: those that were, the newest first.
        signer: who signs for a business; empty where it is not known yet.
    """

    quote: Quote | None
    terms: LendingTerms | None
    loan: Loan | None
    withdrawn: tuple[Loan, ...]
    is_business: bool
    signer: str

    @property
    def has_own_terms(self) -> bool:
        """The program does not follow the agency's terms."""
        return self.terms is not None and self.terms.program_id is not None


@dataclass(frozen=True, slots=True)
class StaffInstallment:
    """An installment as agreed, and what became of it; `status` as `portal/web/statuses.py` knows it."""

    agreed: LoanInstallment
    status: str
    paid_cents: int


@dataclass(frozen=True, slots=True)
class StaffLoan:
    """A loan with all that belongs to it.

    Args:
        signature: None for a loan that was brought along from elsewhere.
        document_hash: SHA-256 of the stored PDF, worked out just now.
    """

    loan: Loan
    installments: tuple[StaffInstallment, ...]
    signature: Signature | None
    document_hash: str

    @property
    def is_intact(self) -> bool:
        """The stored PDF is the one that was signed."""
        return self.document_hash == self.loan.signed_hash

    @property
    def paid_cents(self) -> int:
        """What was paid on installments."""
        return sum(one.paid_cents for one in self.installments)

    @property
    def total_of_payments_cents(self) -> int:
        """What the installments come to."""
        return sum(one.agreed.payment_cents for one in self.installments)


def staff_financing(session: Scoped, program_id: int, insured: Insured, today: date) -> StaffFinancing:
    """What the card of a program says.

    Args:
        insured: of the program.
        today: where the agency is.
    """
    loans = session.scalars(select(Loan).where(Loan.program_id == program_id).order_by(Loan.id.desc())).all()
    loan = next((one for one in loans if one.state != "withdrawn"), None)
    return StaffFinancing(
        quote=quote(session, program_id, today) if loan is None else None,
        terms=lending_terms(session, program_id),
        loan=loan,
        withdrawn=tuple(one for one in loans if one.state == "withdrawn"),
        is_business=insured.kind == "business",
        signer=f"{insured.contact_first_name} {insured.contact_last_name}".strip()
        if insured.contact_first_name and insured.contact_last_name
        else "",
    )


def staff_loan(session: Scoped, program_id: int, loan_id: int, today: date) -> StaffLoan:
    """A loan of a program.

    Raises:
        NotFound: there is none.
    """
    loan = session.get(Loan, loan_id)
    if loan is None or loan.program_id != program_id:
        raise NotFound
    file = session.get_one(StoredFile, loan.signed_file_id, options=[undefer(StoredFile.data)])
    invoices = {invoice.id: invoice for invoice in invoices_of_program(session, program_id, today)}
    return StaffLoan(
        loan=loan,
        installments=tuple(_seen(one, invoices, today) for one in installments_of(session, loan.id)),
        signature=session.scalars(select(Signature).where(Signature.loan_id == loan.id)).one_or_none(),
        document_hash=sha256(file.data).hexdigest(),
    )


def _seen(one: LoanInstallment, invoices: dict[int, SeenInvoice], today: date) -> StaffInstallment:
    invoice = invoices.get(one.invoice_id) if one.invoice_id is not None else None
    if invoice is None:
        return StaffInstallment(one, "upcoming", 0)
    is_ahead = invoice.status == "awaiting_payment" and invoice.due_date > today
    return StaffInstallment(one, "upcoming" if is_ahead else invoice.status, invoice.paid_cents)
