"""What staff have changed of programs: rows by themselves, nothing in the books."""

from portal.core.tenancy import Scoped
from portal.invoices.models import Invoice, WriteOff
from portal.programs.changes import Endorsement, PolicyReturn, PremiumReturn
from portal.programs.models import Policy
from tests.factories.people import BEGINNING


def make_write_off(session: Scoped, invoice: Invoice) -> WriteOff:
    """A cent of an invoice that was given up."""
    row = WriteOff(
        invoice_id=invoice.id, amount_cents=1, reason="small", note="", by="", booked_on=BEGINNING.date(), at=BEGINNING
    )
    session.add(row)
    session.flush()
    return row


def make_return(session: Scoped, policy: Policy) -> PremiumReturn:
    """An endorsement by which nothing came back after all."""
    endorsement = Endorsement(
        program_id=policy.program_id,
        policy_id=policy.id,
        request_key=f"endorsement-{policy.id}",
        way="credit",
        description="Removed a driver",
        effective_on=policy.effective_date,
        premium_cents=0,
        taxes_cents=0,
        surplus_lines_tax_cents=0,
        fees_cents=0,
        entered_by="",
        entered_at=BEGINNING,
        confirmed_at=BEGINNING,
    )
    session.add(endorsement)
    session.flush()
    row = PremiumReturn(
        program_id=policy.program_id,
        endorsement_id=endorsement.id,
        reason="endorsement",
        effective_on=policy.effective_date,
        returned_cents=0,
        loan_cents=0,
        invoices_cents=0,
        credit_cents=0,
        by="",
        booked_on=BEGINNING.date(),
        at=BEGINNING,
    )
    session.add(row)
    session.flush()
    part = {"premium_cents": 0, "commission_cents": 0, "taxes_cents": 0, "fees_cents": 0}
    session.add(
        PolicyReturn(
            premium_return_id=row.id,
            policy_id=policy.id,
            is_cancelation=False,
            effective_on=policy.effective_date,
            **part,
        )
    )
    session.flush()
    return row
