"""The mail about a loan that has begun, from its outbox row."""

from collections.abc import Callable

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.documents.filled import letterhead_of
from portal.financing.models import Loan, Signature
from portal.financing.payoffs import installments_of
from portal.insureds.models import Insured
from portal.invoices.kinds import installment_name, invoice_title
from portal.notices.loan_bound import loan_bound
from portal.notices.message import Message, Recipient
from portal.programs.models import Program
from portal.servicing.sign import signed_pdf

LOAN_BOUND = "mail.loan_bound"


def bound_message(session: Scoped, agency: Agency, loan_id: int, url_for: Callable[..., str]) -> Message:
    """The mail to whoever signed, in the insured's language.

    Args:
        session: a read unit.
        url_for: makes the absolute address of an endpoint in the agency's portal.
    """
    loan = session.get_one(Loan, loan_id)
    signature = session.scalars(select(Signature).where(Signature.loan_id == loan.id)).one()
    query = select(Insured.locale).join(Program, Program.insured_id == Insured.id).where(Program.id == loan.program_id)
    ones = installments_of(session, loan.id)
    return loan_bound(
        Recipient(signature.signer_email, signature.typed_name, session.scalars(query).one()),
        letterhead_of(agency),
        number=loan.number,
        lender=loan.lender_name,
        installments=[
            (invoice_title("installment", installment_name(one.number, len(ones))), one.due_date, one.payment_cents)
            for one in ones
        ],
        pdf=signed_pdf(session, loan),
        program_url=url_for("insured.program", program_id=loan.program_id),
    )
