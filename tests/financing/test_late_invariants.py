"""Each rule about fees, notices, cancelations and reinstatements finds what breaks it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import SYSTEM
from portal.core.tenancy import Scoped
from portal.financing.late.invariants import INVARIANTS
from portal.financing.late.models import CancelNotice, InstallmentFee, Reinstatement
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.financing.models import Loan
from portal.invoices.models import Invoice
from portal.programs.models import Program
from portal.sandbox.stripe.server import Running
from portal.servicing.late.cancel import cancel_program
from portal.servicing.late.fees import charge_fees
from portal.servicing.late.notices import make_notice
from portal.servicing.late.reinstate import offer_reinstatement
from tests.factories.desk import Desk, open_desk
from tests.factories.late import financed, paper_of, wait_until


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    """A late fee, then a cancelation and an offer to reinstate."""
    desk = open_desk(engine, stripe_sandbox)
    loan = financed(desk)
    wait_until(desk, loan.due_dates[0] + timedelta(days=10))
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(notices="send"), SYSTEM, desk.clock())
        charge_fees(session, desk.till.today(), desk.clock())
        notice = make_notice(session, loan.program_id, paper_of(desk), desk.till.today(), desk.clock())
        assert notice is not None
    wait_until(desk, loan.due_dates[0] + timedelta(days=21))
    with desk.till.writing() as session:
        cancel_program(session, notice.id, SYSTEM, desk.till.today(), desk.clock())
        offer_reinstatement(session, loan.program_id, SYSTEM, desk.till.today(), desk.clock())
    return desk


def waive_without_voiding(session: Scoped) -> None:
    fee = session.scalars(select(InstallmentFee)).one()
    fee.waived_at, fee.waived_reason = session.info["at"], "courtesy"
    invoice = session.get_one(Invoice, fee.invoice_id)
    invoice.state, invoice.open_cents = "open", invoice.total_cents


def revive_the_notice(session: Scoped) -> None:
    notice = session.scalars(select(CancelNotice)).one()
    notice.closed_at = notice.closed_for = notice.closed_by = None


def revive_the_loan(session: Scoped) -> None:
    session.scalars(select(Loan)).one().state = "bound"


def open_an_installment(session: Scoped) -> None:
    invoice = session.scalars(select(Invoice).where(Invoice.kind == "installment")).first()
    assert invoice is not None
    invoice.state, invoice.open_cents = "open", 1


def forget_the_arrears(session: Scoped) -> None:
    session.scalars(select(Reinstatement)).one().past_due_cents += 1


def pay_without_applying(session: Scoped) -> None:
    offer = session.scalars(select(Reinstatement)).one()
    offer.closed_at, offer.closed_for = session.info["at"], "paid"


def undo_the_day(session: Scoped) -> None:
    session.scalars(select(Program)).one().canceled_on = None


@pytest.mark.parametrize(
    ("corrupt", "rule"),
    [
        (waive_without_voiding, 0),
        (revive_the_notice, 1),
        (revive_the_loan, 2),
        (open_an_installment, 3),
        (forget_the_arrears, 4),
        (pay_without_applying, 4),
        (undo_the_day, 5),
    ],
)
def test_what_breaks_a_rule_is_found(desk: Desk, corrupt: Callable[[Scoped], None], rule: int) -> None:
    assert desk.broken_rules() == []
    with desk.till.writing() as session:
        session.info["at"] = desk.clock()
        corrupt(session)
    assert any(said.startswith(INVARIANTS[rule].name) for said in desk.broken_rules())
