"""Late fee, waiver, notice, cancelation, reinstatement, payment and its return, in any order: the books always hold."""

from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import SYSTEM
from portal.core.errors import PortalError
from portal.core.tenancy import Scoped
from portal.financing.late.models import CancelNotice, InstallmentFee
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.financing.loans import book_interest
from portal.invoices.models import Invoice
from portal.payments.claims import Payer
from portal.payments.models import Payment
from portal.payments.offline import Received, bounce_check, record_offline
from portal.sandbox.stripe.server import Running
from portal.servicing.late.cancel import cancel_program
from portal.servicing.late.fees import charge_fees, waive_fee
from portal.servicing.late.notices import make_notice
from portal.servicing.late.reinstate import lapse_reinstatements, offer_reinstatement, withdraw_reinstatement
from portal.servicing.late.watch import look_after_notices
from tests.factories.desk import Desk, open_desk
from tests.factories.late import financed, paper_of


class Life:
    """One financed program, and what can happen to it on a day."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk, self.random, self.loan, self.checks = desk, Random(seed), financed(desk), 0
        with desk.till.writing() as session:
            set_late_terms(session, LateTerms(notices="send", reinstatement_fee_cents=25_00), SYSTEM, desk.clock())

    def a_day_passes(self, session: Scoped) -> None:
        today, at = self.desk.till.today(), self.desk.clock()
        book_interest(session, today, at)
        charge_fees(session, today, at)
        make_notice(session, self.loan.program_id, paper_of(self.desk), today, at)
        look_after_notices(session, today, at)
        lapse_reinstatements(session, today, at)

    def waived(self, session: Scoped) -> None:
        for fee_id in session.scalars(select(InstallmentFee.id)).all():
            with suppress(PortalError):
                waive_fee(session, fee_id, "courtesy", "", SYSTEM, self.desk.clock(), self.desk.till.today())

    def canceled(self, session: Scoped) -> None:
        notice = session.scalars(select(CancelNotice).order_by(CancelNotice.id.desc())).first()
        if notice is not None:
            cancel_program(session, notice.id, SYSTEM, self.desk.till.today(), self.desk.clock())

    def offered(self, session: Scoped) -> None:
        offer_reinstatement(session, self.loan.program_id, SYSTEM, self.desk.till.today(), self.desk.clock())

    def offer_taken_back(self, session: Scoped) -> None:
        withdraw_reinstatement(session, self.loan.program_id, SYSTEM, self.desk.till.today(), self.desk.clock())

    def paid(self, session: Scoped) -> None:
        query = select(Invoice).where(Invoice.program_id == self.loan.program_id, Invoice.state == "open")
        invoice = session.scalars(query.order_by(Invoice.kind.desc(), Invoice.due_date).limit(1)).first()
        if invoice is None:
            return
        self.checks += 1
        received = Received(
            request_key=f"check {self.checks}",
            method="check",
            reference="1",
            received_on=self.desk.till.today(),
            amount_cents=invoice.open_cents,
            reviewed={invoice.id: invoice.open_cents},
            payer=Payer("insured", "Ana", "", "en_US"),
        )
        record_offline(session, received, self.desk.till.zone, SYSTEM, self.desk.clock())

    def bounced(self, session: Scoped) -> None:
        query = select(Payment.id).where(Payment.method_kind == "check").order_by(Payment.id.desc()).limit(1)
        payment_id = session.scalar(query)
        if payment_id is not None:
            bounce_check(session, payment_id, self.desk.till.today(), SYSTEM, self.desk.clock())

    def goes_on(self) -> str:
        """Something happens; what the portal refuses leaves no trace."""
        step = self.random.choice(
            (self.waived, self.canceled, self.canceled, self.offered, self.offer_taken_back, self.paid, self.bounced)
        )
        self.desk.clock.ahead += timedelta(days=self.random.choice((0, 1, 5, 12)))
        for happens in (self.a_day_passes, step):
            with suppress(PortalError), self.desk.till.writing() as session:
                happens(session)
        return step.__name__


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_in_any_order_the_books_hold(engine: Engine, stripe_sandbox: Running, seed: int) -> None:
    life = Life(open_desk(engine, stripe_sandbox), seed)
    history = []
    for _ in range(40):
        history.append(life.goes_on())
        assert life.desk.broken_rules() == [], history
    assert {"canceled", "paid"} <= set(history)
