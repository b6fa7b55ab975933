"""Payment links: one in use for each program, whoever issues or replaces it at the same time."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select

from portal.core.tenancy import reading, writing
from portal.programs.links import issue_link, replace_link
from portal.programs.models import PaymentLink
from tests.factories.people import BEGINNING, make_agency, make_insured, make_program


@pytest.mark.parametrize("make", [issue_link, replace_link])
def test_one_link_is_in_use_whoever_comes_at_the_same_time(engine: Engine, make) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        program_id = make_program(session, make_insured(session)).id
    start = Barrier(4)

    def one(_number: int) -> str:
        start.wait()
        with writing(engine, agency.id) as session:
            return make(session, BEGINNING, program_id=program_id).token

    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(one, range(4)))
    with reading(engine, agency.id) as session:
        in_use = session.scalars(select(PaymentLink.token).where(PaymentLink.replaced_at.is_(None))).all()
        assert len(in_use) == 1
        assert in_use[0] in tokens
        if make is issue_link:
            assert session.scalar(select(func.count(PaymentLink.id))) == 1
            assert set(tokens) == set(in_use)
