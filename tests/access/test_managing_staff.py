"""An agency always keeps an active admin, whoever acts at the same time."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select

from portal.access.managing_staff import activate, change_role, deactivate, members
from portal.agencies.found import add_staff
from portal.agencies.models import StaffMember
from portal.core.audit import SYSTEM, Actor
from portal.core.errors import Conflict
from portal.core.tenancy import reading, writing
from tests.factories.people import make_agency

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)


def test_two_admins_cannot_let_each_other_go_at_once(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        ids = {name: add_staff(session, f"{name}@a.example", name, "admin", SYSTEM, AT).id for name in ("ada", "bea")}

    def let_go(pair: tuple[str, str]) -> bool:
        actor, other = pair
        try:
            with writing(engine, agency.id) as session:
                deactivate(session, ids[other], Actor("staff", f"{actor}@a.example"), AT)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(let_go, [("ada", "bea"), ("bea", "ada")]))
    assert done.count(True) == 1
    with reading(engine, agency.id) as session:
        assert len(session.scalars(select(StaffMember.id).where(StaffMember.is_active.is_(True))).all()) == 1


def test_the_last_admin_stays_one_and_those_who_left_do_not_count(engine: Engine) -> None:
    agency = make_agency(engine)
    operator = Actor("operator", "root")
    with writing(engine, agency.id) as session:
        ada, bea = (add_staff(session, f"{name}@a.example", name, "admin", SYSTEM, AT).id for name in ("ada", "bea"))
        deactivate(session, bea, operator, AT)
        with pytest.raises(Conflict):
            change_role(session, ada, "support", operator, AT)
        activate(session, bea, operator, AT)
        change_role(session, ada, "support", operator, AT)
        assert [(each.name, each.role, each.is_active) for each in members(session)] == [
            ("ada", "support", True),
            ("bea", "admin", True),
        ]
