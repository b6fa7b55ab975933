"""The jobs about late installments, by two workers at once and killed in the middle: each fee and notice once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import IntegrityError, OperationalError

from portal.core.audit import SYSTEM
from portal.core.outbox import OutboxRow
from portal.financing.late.models import CancelNotice, InstallmentFee
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.jobs.charge_fees import charge_agency
from portal.jobs.context import JobContext
from portal.jobs.send_notices import send_for_agency
from portal.sandbox.stripe.server import Running
from tests.factories.desk import Desk, open_desk
from tests.factories.late import financed, paper_of, wait_until
from tests.payments.interruptions import Crash, Points, interrupted

JOBS = (charge_agency, send_for_agency)
POINTS = 8
"""Before and after the commits of a run of both."""


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    """A loan whose first installment is ten days late."""
    desk = open_desk(engine, stripe_sandbox)
    loan = financed(desk)
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(notices="send"), SYSTEM, desk.clock())
    wait_until(desk, loan.due_dates[0] + timedelta(days=10))
    return desk


def context_of(desk: Desk, jobs: JobContext) -> JobContext:
    return replace(jobs, now=desk.clock, paper=lambda _id: paper_of(desk))


def counts(desk: Desk) -> tuple[int, int, int]:
    """Fees, notices, and mails about them."""
    with desk.till.reading() as session:
        kinds = ("mail.late_fee", "mail.cancel_notice")
        return (
            session.scalar(select(func.count(InstallmentFee.id))) or 0,
            session.scalar(select(func.count(CancelNotice.id))) or 0,
            session.scalar(select(func.count(OutboxRow.id)).where(OutboxRow.kind.in_(kinds))) or 0,
        )


def test_two_workers_at_once_do_each_thing_once(desk: Desk, jobs: JobContext) -> None:
    context = context_of(desk, jobs)

    def work(job: Callable[[JobContext, int], None]) -> None:
        try:
            job(context, desk.agency.id)
        except* (IntegrityError, OperationalError):
            pass  # the other was faster; the next run goes on

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, JOBS * 2))
    for job in JOBS:
        job(context, desk.agency.id)
    assert counts(desk) == (1, 1, 3)
    desk.assert_sound()


@pytest.mark.parametrize("point", range(1, POINTS + 1))
def test_killed_anywhere_the_next_run_does_it_once(desk: Desk, jobs: JobContext, point: int) -> None:
    context = context_of(desk, jobs)

    def run() -> None:
        for job in JOBS:
            job(context, desk.agency.id)

    with interrupted(desk.till, Points(crash_at=point)), pytest.raises(Crash):
        run()
    run()
    assert counts(desk) == (1, 1, 3)
    desk.assert_sound()


def test_a_run_that_is_not_killed_has_these_points(desk: Desk, jobs: JobContext) -> None:
    context = context_of(desk, jobs)
    with interrupted(desk.till, whole := Points()):
        for job in JOBS:
            job(context, desk.agency.id)
    assert len(whole.passed) == POINTS
