"""The demo has a program whose cancelation is pending, and one that is canceled and can be reinstated."""

from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.cli.demo_data import load_demo
from portal.cli.demo_late import CANCELED, NOTICED, load_late
from portal.cli.verify_ledger import ALL
from portal.core.clock import local_date, now
from portal.core.invariants import check
from portal.core.tenancy import reading, reading_global
from portal.programs.models import Program
from portal.reports.staff_notices import staff_reinstatement
from portal.servicing.program_facts import statuses_of
from portal.settings import Settings


def test_one_is_pending_and_one_can_be_reinstated_and_loading_again_changes_nothing(
    settings: Settings, engine: Engine
) -> None:
    load_demo(settings)
    load_late(settings)
    load_late(settings)
    with reading_global(engine) as unscoped:
        agency = unscoped.scalars(select(Agency).where(Agency.slug == "harborline")).one()
    today = local_date(now(), agency.time_zone)
    with reading(engine, agency.id) as session:
        query = select(Program).where(Program.reference.in_((NOTICED.reference, CANCELED.reference)))
        noticed, canceled = session.scalars(query.order_by(Program.reference)).all()
        shown = statuses_of(session, [noticed.id, canceled.id], today)
        assert (shown[noticed.id], shown[canceled.id]) == ("pending_cancelation", "canceled")
        assert staff_reinstatement(session, canceled, today).can_offer
        assert check(session, ALL) == []
