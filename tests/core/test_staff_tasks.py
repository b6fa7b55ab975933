"""Staff are asked once per matter, whoever asks at the same moment, and again when it comes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from sqlalchemy import Engine, select

from portal.core.staff_tasks import StaffTask, open_if_new, open_task
from portal.core.tenancy import reading, writing
from tests.factories.people import BEGINNING, make_agency


def test_many_who_ask_at_once_make_one_task_and_none_of_them_fails(engine: Engine) -> None:
    agency = make_agency(engine)
    together = Barrier(4)

    def ask(_: int) -> None:
        together.wait()
        with writing(engine, agency.id) as session:
            open_task(session, "processor.keys_refused", "acct_1", BEGINNING, error="401")

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(ask, range(4)))
    with reading(engine, agency.id) as session:
        assert len(session.scalars(select(StaffTask)).all()) == 1


def test_a_matter_that_was_closed_and_comes_back_is_opened_again(engine: Engine) -> None:
    agency = make_agency(engine)
    later = BEGINNING + timedelta(days=2)
    with writing(engine, agency.id) as session:
        open_task(session, "payment.stuck", "1", BEGINNING, state="submitted")
        session.scalars(select(StaffTask)).one().closed_at = BEGINNING
    for detail in ("first", "again"):
        with writing(engine, agency.id) as session:
            open_task(session, "payment.stuck", "1", later, state=detail)
    with reading(engine, agency.id) as session:
        task = session.scalars(select(StaffTask)).one()
    assert (task.opened_at, task.closed_at, task.detail) == (later, None, {"state": "first"})


def test_what_lasts_is_opened_again_by_other_facts_alone_and_waits_with_those_it_was_asked_by(engine: Engine) -> None:
    agency = make_agency(engine)
    seen = []
    for why, tries in (("refused", 1), ("refused", 1), ("refused", 2), ("amount", 2), ("amount", 2)):
        with writing(engine, agency.id) as session:
            open_if_new(session, "autopay.not_charged", "1", BEGINNING, why=why, attempts=tries)
            task = session.scalars(select(StaffTask)).one()
            seen.append((task.closed_at is None, task.detail))
            task.closed_at = BEGINNING if tries == 1 else None
    first, second = {"why": "refused", "attempts": 1}, {"why": "refused", "attempts": 2}
    assert seen == [(True, first), (False, first), (True, second), (True, second), (True, second)]
