"""A program on its way to its first payment, as its insured sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select

from portal.access.visible import SEEN_PROGRAM
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.financing.models import Checkout, Loan
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.programs.models import Program
from portal.reports.program import SeenPolicy, policies_of


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """What the steps show.

    Args:
        needs_contact: a business has not said yet who signs for it.
        invoice_ids, open_cents: what can be paid now.
        loan_id: of an agreement that is signed and waits for its down payment.
        step: where to go on: details, options or agreement.
        plan: the plan that was being read.
    """

    program_id: int
    name: str
    insured_id: int
    insured: str
    address: tuple[str, ...]
    kind: str
    contact_first_name: str
    contact_last_name: str
    due_date: date
    policies: Sequence[SeenPolicy]
    invoice_ids: tuple[int, ...]
    open_cents: int
    loan_id: int | None
    is_open: bool
    step: str
    plan: str

    @property
    def needs_contact(self) -> bool:
        """Financing needs a name that signs."""
        return self.kind == "business" and not (self.contact_first_name and self.contact_last_name)


_PROGRAM = (
    select(Program, Insured)
    .join(Insured, Insured.id == Program.insured_id)
    .where(Program.id == bindparam("program_id"), SEEN_PROGRAM)
)


def checkout_page(session: Scoped, email: str, program_id: int) -> CheckoutPage:
    """A program that this address sees.

    Raises:
        NotFound: there is none, or not for this address.
    """
    found = session.execute(_PROGRAM, {"email": email, "program_id": program_id}).one_or_none()
    if found is None:
        raise NotFound
    program, insured = found
    invoices = session.execute(
        select(Invoice.id, Invoice.kind, Invoice.open_cents, Invoice.total_cents).where(
            Invoice.program_id == program_id, Invoice.state != "void"
        )
    ).all()
    kept = session.scalars(select(Checkout).where(Checkout.program_id == program_id)).one_or_none()
    loan_id = session.scalars(
        select(Loan.id).where(Loan.program_id == program_id, Loan.state == "signed")
    ).one_or_none()
    can_pay = [row for row in invoices if row.kind != "financed" and row.open_cents]
    is_closed = program.archived_at or program.canceled_on or program.is_draft or program.billing_type != "direct_bill"
    return CheckoutPage(
        program_id=program.id,
        name=program.name,
        insured_id=insured.id,
        insured=insured.name,
        address=tuple(
            line
            for line in (
                insured.address_line1,
                insured.address_line2,
                f"{insured.city}, {insured.state} {insured.postal_code}",
            )
            if line
        ),
        kind=insured.kind,
        contact_first_name=insured.contact_first_name,
        contact_last_name=insured.contact_last_name,
        due_date=program.due_date,
        policies=policies_of(session, program_id),
        invoice_ids=tuple(row.id for row in can_pay),
        open_cents=sum(row.open_cents for row in can_pay),
        loan_id=loan_id,
        is_open=not is_closed and [row.kind for row in invoices] == ["pay_in_full"] and bool(can_pay),
        step=kept.step if kept else "details",
        plan=kept.plan if kept else "",
    )
