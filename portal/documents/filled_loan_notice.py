"""The notice of cancelation to the lender, filled from what the books say of the day on which the loan was canceled."""

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.documents.filled import letterhead_of
from portal.documents.filled_agreement import lender_party
from portal.documents.letterhead import Line, Party, PolicyLine
from portal.documents.loan_notice import LoanNoticeDocument
from portal.financing.late.canceled import unpaid_when_canceled
from portal.financing.models import Loan
from portal.insureds.models import Insured
from portal.programs.models import Policy, Program


def loan_notice_document(session: Scoped, agency: Agency, loan: Loan) -> LoanNoticeDocument:
    """The notice of the last cancelation of a loan; the same whenever it is drawn.

    Args:
        agency: whose paper it is on.

    Raises:
        IllegalMove: the loan was never canceled.
    """
    unpaid = unpaid_when_canceled(session, loan)
    program = session.get_one(Program, loan.program_id)
    insured = session.get_one(Insured, program.insured_id)
    query = select(Policy).where(Policy.program_id == program.id).order_by(Policy.effective_date, Policy.id)
    place = f"{insured.city}, {insured.state} {insured.postal_code}".strip(", ")
    address = (insured.address_line1, insured.address_line2, place)
    lines = (
        Line(Text("Principal"), unpaid.principal_cents),
        Line(Text("Interest earned and not paid"), unpaid.interest_cents),
    )
    return LoanNoticeDocument(
        letterhead=letterhead_of(agency),
        number=loan.number,
        canceled_on=unpaid.canceled_on,
        lender=lender_party(loan.lender_name, loan.lender_address),
        borrower=Party(insured.name, tuple(line for line in address if line)),
        lines=tuple(line for line in lines if line.amount_cents),
        unpaid_cents=unpaid.principal_cents + unpaid.interest_cents,
        policies=tuple(
            PolicyLine(one.policy_number, one.carrier, one.coverage, one.effective_date, one.expiration_date)
            for one in session.scalars(query)
        ),
    )
