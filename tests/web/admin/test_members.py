"""Users and roles, as an admin meets them; on both databases."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.models import StaffFactor, StaffRecoveryCode
from portal.access.permissions import LOWEST_ROLE, Permission
from portal.agencies.found import ROLES, Role
from portal.agencies.models import Agency, StaffMember
from portal.core.audit import AuditEntry
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading
from portal.web.guards import access_of, permission_of
from tests.factories.people import make_agency
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, set_clock, wait, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
EVA = {"name": "Eva Lind", "email": " Eva@Harbor.example ", "role": "producer"}


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "admin")


def of_staff(app: Flask, agency: Agency, email: str) -> StaffMember:
    with reading(engine_of(app), agency.id) as session:
        return session.scalars(select(StaffMember).where(StaffMember.email == email)).one()


def actions(app: Flask, agency: Agency) -> list[tuple[str, str, dict]]:
    with reading(engine_of(app), agency.id) as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(row.actor, row.action, row.detail) for row in rows]


def mailed(app: Flask, agency: Agency) -> list[tuple[str, int]]:
    with reading(engine_of(app), agency.id) as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.staff_news").order_by(OutboxRow.id))
        return [(row.payload["news"], row.payload["staff_id"]) for row in rows]


def test_somebody_is_added_and_welcomed(app: Flask, agency: Agency, admin: Visitor) -> None:
    assert admin.post("/admin/staff/new", **EVA).location == "/harbor/admin/staff"
    page = words(admin.get("/admin/staff"))
    assert "Eva Lind eva@harbor.example No second step yet Producer" in page
    assert "A welcome e-mail is on its way" in page
    eva = of_staff(app, agency, "eva@harbor.example")
    assert mailed(app, agency) == [("welcome", eva.id)]
    assert ("admin@harbor.example", "staff.added", {"role": "producer"}) in actions(app, agency)
    visitor = Visitor(app, agency)
    assert visitor.sign_in("eva@harbor.example").location == "/harbor/admin/"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"email": "eva"}, "is not an e-mail address"),
        ({"email": "admin@harbor.example"}, "is on the staff already"),
        ({"name": ""}, "Enter the name."),
        ({"role": "owner"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_used_is_said_beside_it(admin: Visitor, wrong: dict[str, str], message: str) -> None:
    answer = admin.post("/admin/staff/new", **(EVA | wrong))
    assert answer.status_code == 422
    assert message in words(answer)
    for name, value in (EVA | wrong).items():
        assert name == "role" or f'value="{value}"' in answer.text


def test_a_role_counts_at_once(app: Flask, agency: Agency, admin: Visitor) -> None:
    support = staff_visitor(app, agency, "support")
    assert support.get("/admin/staff").status_code == 403
    member = of_staff(app, agency, "support@harbor.example")
    admin.post(f"/admin/staff/{member.id}/role", f"/admin/staff/{member.id}", role="admin")
    assert support.get("/admin/staff").status_code == 200
    assert ("role_changed", member.id) in mailed(app, agency)
    assert ("admin@harbor.example", "staff.role_changed", {"before": "support", "after": "admin"}) in actions(
        app, agency
    )


def test_who_is_let_go_is_out_at_once_and_stays_out(app: Flask, agency: Agency, admin: Visitor) -> None:
    support = staff_visitor(app, agency, "support")
    member = of_staff(app, agency, "support@harbor.example")
    page = f"/admin/staff/{member.id}"
    assert admin.post(f"{page}/deactivate", page).location == f"/harbor{page}"
    assert support.get("/admin/").location.startswith("/harbor/sign-in")
    support.post("/sign-in", email="support@harbor.example")
    assert "Left" in words(admin.get("/admin/staff"))
    assert "Can come in No" in words(admin.get(page))
    admin.post(f"{page}/activate", page)
    assert mailed(app, agency)[-1] == ("welcome", member.id)
    back = Visitor(app, agency)
    back.sign_in("support@harbor.example")
    assert back.get("/admin/second-factor").location.startswith("/harbor/admin/second-factor/new")


def test_a_second_factor_is_reset_for_who_lost_it(app: Flask, agency: Agency, admin: Visitor) -> None:
    support = staff_visitor(app, agency, "support")
    support.post("/admin/second-factor/recovery-codes")
    member = of_staff(app, agency, "support@harbor.example")
    admin.post(f"/admin/staff/{member.id}/reset-second-factor", f"/admin/staff/{member.id}")
    assert support.get("/admin/").location.startswith("/harbor/sign-in")
    assert mailed(app, agency)[-1] == ("factors_reset", member.id)
    with reading(engine_of(app), agency.id) as session:
        mine = StaffFactor.staff_id == member.id, StaffRecoveryCode.staff_id == member.id
        assert session.scalars(select(StaffFactor).where(mine[0])).all() == []
        assert session.scalars(select(StaffRecoveryCode).where(mine[1])).all() == []


def test_somebody_is_signed_out_everywhere_and_told(app: Flask, agency: Agency, admin: Visitor) -> None:
    luis = staff_visitor(app, agency, "accountant")
    member = of_staff(app, agency, "accountant@harbor.example")
    page = f"/admin/staff/{member.id}"
    assert "1 browser is signed in now." in words(admin.get(page))
    assert admin.post(f"{page}/sign-out", page).location == f"/harbor{page}"
    assert "No browser is signed in now." in words(admin.get(page))
    assert luis.get("/admin/").location == "/harbor/sign-in?next=/admin/&why=ended"
    assert mailed(app, agency) == [("signed_out", member.id)]
    assert actions(app, agency)[-2:] == [
        ("admin@harbor.example", "session.ended", {}),
        ("admin@harbor.example", "staff.signed_out", {}),
    ]
    own = of_staff(app, agency, "admin@harbor.example")
    assert admin.post(f"/admin/staff/{own.id}/sign-out", page).status_code == 422
    assert admin.get("/admin/").status_code == 200


def test_nobody_locks_the_agency_or_themselves_out(app: Flask, agency: Agency, admin: Visitor) -> None:
    me = of_staff(app, agency, "admin@harbor.example")
    for action in ("role", "deactivate", "reset-second-factor"):
        answer = admin.post(f"/admin/staff/{me.id}/{action}", "/admin/staff/new", role="support")
        assert answer.status_code == 422
        assert "Ask another admin" in words(answer)
    assert "This is you" in words(admin.get(f"/admin/staff/{me.id}"))
    assert of_staff(app, agency, "admin@harbor.example").role == "admin"


def test_staff_of_another_agency_are_not_there(app: Flask, agency: Agency, admin: Visitor) -> None:
    other = make_agency(engine_of(app), "other")
    services_of(app).directory.forget()
    staff_visitor(app, other, "support")
    theirs = of_staff(app, other, "support@other.example")
    assert admin.get(f"/admin/staff/{theirs.id}").status_code == 404
    for action in ("role", "deactivate", "activate", "reset-second-factor"):
        answer = admin.post(f"/admin/staff/{theirs.id}/{action}", "/admin/staff/new", role="support")
        assert answer.status_code == 404
    assert of_staff(app, other, "support@other.example").is_active
    assert "support@other.example" not in admin.get("/admin/staff").text


def test_the_roles_page_says_what_the_table_says(app: Flask, agency: Agency) -> None:
    page = staff_visitor(app, agency, "support").get("/admin/roles")
    rows = re.findall(r'<th class="permission".*?</tr>', page.text, re.DOTALL)
    granted = [row.count('class="yes"') for row in rows]
    assert granted == [len(ROLES) - ROLES.index(lowest) for lowest in LOWEST_ROLE.values()]
    assert 'aria-current="page"' not in page.text
    assert ">Staff</a>" not in page.text


def test_managing_staff_asks_for_the_second_factor_again(app: Flask, admin: Visitor) -> None:
    wait(app, minutes=11)
    assert admin.get("/admin/staff").location == "/harbor/admin/second-factor?next=/admin/staff"


@pytest.mark.parametrize("role", ROLES)
def test_each_role_enters_what_its_permissions_say(app: Flask, agency: Agency, role: Role) -> None:
    visitor = staff_visitor(app, agency, role)
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) != "staff" or rule.arguments or "GET" not in (rule.methods or ()):
            continue
        permission = permission_of(app, rule.endpoint)
        assert isinstance(permission, Permission)
        allowed = ROLES.index(role) >= ROLES.index(LOWEST_ROLE[permission])
        assert (visitor.get(str(rule)).status_code != 403) == allowed, rule
