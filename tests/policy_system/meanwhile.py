"""What happens to a program between two syncs: it is paid, or a payment is under way."""

from sqlalchemy import select

from portal.core.staff_tasks import StaffTask
from portal.invoices.models import Invoice
from portal.payments.models import Claim
from tests.factories.people import make_payment_under_way
from tests.policy_system.fake import Office


def pay(office: Office, cents: int | None = None) -> None:
    """Somebody has paid on the first invoice."""
    with office.writing() as session:
        invoice = session.scalars(select(Invoice).order_by(Invoice.id)).first()
        assert invoice is not None
        invoice.open_cents -= invoice.open_cents if cents is None else cents
        invoice.state = "open" if invoice.open_cents else "paid"


def start_debit(office: Office) -> None:
    with office.writing() as session:
        invoice = session.scalars(select(Invoice).order_by(Invoice.id)).first()
        assert invoice is not None
        make_payment_under_way(session, invoice)


def end_debit(office: Office, state: str) -> None:
    with office.writing() as session:
        claim = session.scalars(select(Claim)).one()
        claim.state = state


def tasks(office: Office) -> list[str]:
    return [task.kind for task in office.all(StaffTask)]
