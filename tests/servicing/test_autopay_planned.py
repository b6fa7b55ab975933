"""What staff see beforehand is what the run does."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from portal.sandbox.stripe.server import Running
from portal.servicing.autopay_planned import planned
from tests.factories.desk import Desk, open_desk
from tests.payments.autopay.street import ANA, open_street
from tests.payments.methods.keeping import keep

DAY = timedelta(days=1)


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def test_the_list_of_a_day_is_what_the_run_of_that_day_does(desk: Desk) -> None:
    street = open_street(desk, installments=2)
    street.on(keep(desk))
    for ahead in range(-4, 2):
        street.noon(street.first + ahead * DAY, hour=6)
        with desk.till.reading() as session:
            steps = planned(session, street.first + ahead * DAY)
        mails = street.mails().count("autopay_notice")
        ends = street.run_on(street.first + ahead * DAY, hour=9)
        assert [step.step for step in steps] == ["autopay.announce"] * (
            street.mails().count("autopay_notice") - mails
        ) + ["autopay.charge"] * len(ends)
        for step in steps:
            assert (step.program_id, step.invoice_ids, step.cents) == (
                street.program_id,
                (street.invoices[0],),
                40_000,
            )
            assert step.to == ((ANA,) if step.step == "autopay.announce" else ())
