"""Invoice numbers: consecutive, none twice, whoever begins the year at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import Engine

from portal.core.tenancy import writing
from portal.invoices.numbers import take_numbers
from tests.factories.people import make_agency


def test_numbers_follow_each_other(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        assert take_numbers(session, 2026, 2) == ["INV-2026-000001", "INV-2026-000002"]
        assert take_numbers(session, 2026, 1) == ["INV-2026-000003"]
        assert take_numbers(session, 2027, 1) == ["INV-2027-000001"]


def test_six_units_begin_the_year_at_once(engine: Engine) -> None:
    agency = make_agency(engine)
    start = Barrier(6)

    def take(_number: int) -> list[str]:
        start.wait()
        with writing(engine, agency.id) as session:
            return take_numbers(session, 2026, 2)

    with ThreadPoolExecutor(6) as pool:
        taken = [number for numbers in pool.map(take, range(6)) for number in numbers]
    assert sorted(taken) == [f"INV-2026-{number:06d}" for number in range(1, 13)]
