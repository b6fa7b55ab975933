"""Partners who are one are merged a moment after one of them has changed; agencies never share a partner."""

from dataclasses import replace
from functools import partial

from sqlalchemy import Engine, select

from portal.core.tenancy import reading, writing
from portal.jobs.context import JobContext
from portal.jobs.drain_outbox import drain
from portal.jobs.merge_partners import merge_changed, merge_partners
from portal.partners.models import Partner
from portal.partners.twins import LOOK_FOR_TWINS, look_for_twins
from tests.factories.partners import make_partner
from tests.jobs.conftest import agency


def merged(engine: Engine, agency_id: int) -> list[bool]:
    with reading(engine, agency_id) as session:
        return [into is not None for into in session.scalars(select(Partner.merged_into_id).order_by(Partner.id))]


def test_a_change_is_looked_at_and_the_rest_each_hour(engine: Engine, jobs: JobContext) -> None:
    harbor, cedar = agency(engine), agency(engine, "cedar")
    jobs = replace(jobs, outbox={LOOK_FOR_TWINS: partial(merge_changed, engine, jobs.now)})
    for agency_id in (harbor, cedar):
        with writing(engine, agency_id) as session:
            for number in range(2):
                new = make_partner(session, f"user-{number}@elm.example", name="Elm Inc")
            if agency_id == harbor:
                look_for_twins(session, new.id, jobs.now())
    drain(jobs)
    assert (merged(engine, harbor), merged(engine, cedar)) == ([False, True], [False, False])
    merge_partners(jobs)
    assert merged(engine, cedar) == [False, True]
