"""A renewal is a draft with all fields of today, a term later; it is made once, and bills nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from portal.core.errors import IllegalMove
from portal.financing.schedule import add_months
from portal.invoices.models import Invoice
from portal.payments.submit import submit
from portal.programs.models import Policy, Program
from portal.sandbox.stripe.server import Running
from portal.servicing.actions.facts import require
from portal.servicing.actions.renew import renew
from tests.factories.desk import Desk, open_desk
from tests.factories.financing import quoted
from tests.factories.late import wait_until
from tests.factories.people import key_of
from tests.servicing.actions.test_invoices import STAFF


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def again(desk: Desk, program_id: int) -> int:
    with desk.till.writing() as session:
        program = require(session, program_id, "renew", desk.till.today())
        return renew(session, program, key_of(desk.agency), STAFF, desk.till.today(), desk.clock())


def test_a_draft_of_the_next_term_is_made_once_from_ninety_days_before(desk: Desk) -> None:
    quote = quoted(desk)
    submit(desk.till, desk.order(quote.invoice_id))
    ends = add_months(desk.till.today(), 12)
    wait_until(desk, ends - timedelta(days=91))
    with pytest.raises(IllegalMove, match="90 days"):
        again(desk, quote.program_id)
    wait_until(desk, ends - timedelta(days=90))
    new_id = again(desk, quote.program_id)
    with desk.till.reading() as session:
        old, new = session.get_one(Program, quote.program_id), session.get_one(Program, new_id)
        assert (new.is_draft, new.reference, new.due_date) == (True, f"{old.reference}-R1", ends)
        assert (new.name, new.insured_id, new.canceled_on) == (old.name, old.insured_id, None)
        before, after = (
            session.scalars(select(Policy).where(Policy.program_id == id_).order_by(Policy.id)).all()
            for id_ in (quote.program_id, new_id)
        )
        assert [(one.policy_number, one.premium_cents, one.gross_commission_rate) for one in after] == [
            (one.policy_number, one.premium_cents, one.gross_commission_rate) for one in before
        ]
        assert {(one.effective_date, one.expiration_date) for one in after} == {(ends, add_months(ends, 12))}
        assert session.scalars(select(Invoice.id).where(Invoice.program_id == new_id)).all() == []
    with pytest.raises(IllegalMove, match="renewed already"):
        again(desk, quote.program_id)
