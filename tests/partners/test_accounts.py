"""A partner as the agency keeps it, and its users: who gets in, who is held, who cannot go. On both databases."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import Actor, AuditEntry, tell
from portal.core.errors import BadInput, Conflict, IllegalMove, NotFound
from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, writing
from portal.partners.accounts import (
    PartnerDraft,
    archive_partner,
    create_partner,
    edit_partner,
    partner_of,
    unarchive_partner,
)
from portal.partners.models import Partner
from portal.partners.seats import has_seat, seat_at, seats_of
from portal.partners.users import UserDraft, add_user, approve_user, change_role, join, remove_user, user_of
from portal.programs.models import Program
from tests.factories.partners import make_partner, make_partner_user
from tests.factories.people import BEGINNING, make_agency, make_insured, make_program

DANA, KIM = "dana@northgate.example", "kim@northgate.example"
STAFF, BY_DANA = Actor("staff", "eva@harbor.example"), Actor("partner", DANA)
DRAFT = PartnerDraft(
    kind="retail",
    name=" Northgate Risk Advisors ",
    address_line1="300 Congress Street",
    city="Boston",
    state="MA",
    postal_code="02210",
    contact_first_name="Dana",
    contact_last_name="Whitlock",
    contact_email="Dana@Northgate.example",
    bills_agency=True,
    bills_direct=True,
    due_days=20,
    kept_commission_rate=Decimal("0.1"),
    commission_rate=None,
)


def mailed(session: Scoped) -> list[str]:
    """The news that are on their way."""
    rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.partner_news").order_by(OutboxRow.id))
    return [row.payload["news"] for row in rows]


def lines(session: Scoped) -> list[str]:
    """The actions of the audit trail."""
    return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_the_contact_of_a_new_partner_is_its_first_admin_and_welcomed(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        partner = create_partner(session, DRAFT, STAFF, BEGINNING)
        assert (partner.name, partner.contact_email) == ("Northgate Risk Advisors", DANA)
        assert [(seat.name, seat.role) for seat in seats_of(session, DANA)] == [("Northgate Risk Advisors", "admin")]
        assert mailed(session) == ["welcome"]
        assert lines(session) == ["partner.added", "partner_user.added"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"kind": "broker"},
        {"bills_agency": False, "bills_direct": False},
        {"due_days": -1},
        {"settlement_days": 400},
        {"kept_commission_rate": Decimal(1)},
        {"contact_email": "nobody"},
    ],
)
def test_what_cannot_be_used_is_refused(engine: Engine, wrong: dict[str, object]) -> None:
    with writing(engine, make_agency(engine).id) as session:
        with pytest.raises(BadInput):
            create_partner(session, replace(DRAFT, **wrong), STAFF, BEGINNING)
        assert session.scalars(select(Partner)).all() == []


def test_a_change_counts_for_new_policies_only_and_says_before_and_after(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        partner = create_partner(session, DRAFT, STAFF, BEGINNING)
        program = make_program(session, make_insured(session), partner_id=partner.id, due_date=date(2026, 8, 1))
        later = replace(DRAFT, due_days=45, kept_commission_rate=Decimal("0.125"), contact_email=KIM)
        edit_partner(session, partner.id, later, STAFF, BEGINNING)
        assert session.get_one(Program, program.id).due_date == date(2026, 8, 1)
        assert (partner.due_days, partner.contact_email) == (45, KIM)
        assert not has_seat(session, KIM)
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "partner.changed")).one()
        assert tell(session, [entry])[0].detail == {
            "due_days": [20, 45],
            "kept_commission_rate": ["10 %", "12.5 %"],
            "contact_email": [DANA, KIM],
        }
        edit_partner(session, partner.id, later, STAFF, BEGINNING)
        assert lines(session).count("partner.changed") == 1


def test_archived_and_back(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        partner = create_partner(session, DRAFT, STAFF, BEGINNING)
        archive_partner(session, partner.id, STAFF, BEGINNING)
        with pytest.raises(Conflict):
            archive_partner(session, partner.id, STAFF, BEGINNING)
        assert has_seat(session, DANA)
        unarchive_partner(session, partner.id, STAFF, BEGINNING)
        with pytest.raises(Conflict):
            unarchive_partner(session, partner.id, STAFF, BEGINNING)


def test_what_was_merged_into_another_is_gone(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        kept = make_partner(session, DANA)
        merged = make_partner(session, DANA, merged_into_id=kept.id)
        with pytest.raises(NotFound):
            partner_of(session, merged.id)
        assert [seat.partner_id for seat in seats_of(session, DANA)] == [kept.id]


def test_another_domain_waits_for_an_admin_and_an_imported_one_for_staff(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        partner = make_partner(session, DANA)
        same = add_user(session, partner.id, UserDraft(KIM, "pay", "Kim"), "invited", BY_DANA, BEGINNING)
        other = add_user(session, partner.id, UserDraft("lee@books.example", "pay"), "invited", BY_DANA, BEGINNING)
        imported = add_user(session, partner.id, UserDraft("ray@desk.example", "view"), "imported", STAFF, BEGINNING)
        assert [same.state, other.state, imported.state] == ["invited", "held", "held"]
        assert has_seat(session, KIM) and not has_seat(session, other.email)
        with pytest.raises(Conflict):
            approve_user(session, partner.id, imported.id, BY_DANA, BEGINNING)
        with pytest.raises(Conflict):
            approve_user(session, partner.id, other.id, STAFF, BEGINNING)
        approve_user(session, partner.id, other.id, BY_DANA, BEGINNING)
        approve_user(session, partner.id, imported.id, STAFF, BEGINNING)
        assert has_seat(session, other.email) and has_seat(session, imported.email)
        with pytest.raises(IllegalMove):
            approve_user(session, partner.id, other.id, BY_DANA, BEGINNING)
        with pytest.raises(Conflict):
            add_user(session, partner.id, UserDraft(KIM, "view"), "invited", BY_DANA, BEGINNING)
        assert mailed(session) == ["invited", "invited", "invited"]


def test_the_first_sign_in_takes_up_an_invitation(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        partner = create_partner(session, DRAFT, STAFF, BEGINNING)
        join(session, KIM, BEGINNING)
        join(session, DANA, BEGINNING)
        seat = seat_at(session, DANA, partner.id)
        assert seat is not None
        user = user_of(session, partner.id, seat.user_id)
        session.refresh(user)
        assert (user.state, user.joined_at) == ("active", BEGINNING)


def test_the_last_admin_stays(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        partner = make_partner(session, DANA)
        dana = seat_at(session, DANA, partner.id)
        kim = make_partner_user(session, partner, KIM, state="invited", joined_at=None)
        assert dana is not None
        by_kim = Actor("partner", KIM)
        for act in (
            lambda: remove_user(session, partner.id, dana.user_id, by_kim, BEGINNING),
            lambda: change_role(session, partner.id, dana.user_id, "view", by_kim, BEGINNING),
        ):
            with pytest.raises(Conflict):
                act()
        with pytest.raises(BadInput):
            remove_user(session, partner.id, dana.user_id, BY_DANA, BEGINNING)
        join(session, KIM, BEGINNING)
        session.refresh(kim)
        change_role(session, partner.id, dana.user_id, "view", by_kim, BEGINNING)
        remove_user(session, partner.id, dana.user_id, by_kim, BEGINNING)
        assert not has_seat(session, DANA)
        with pytest.raises(IllegalMove):
            remove_user(session, partner.id, dana.user_id, by_kim, BEGINNING)
        again = add_user(session, partner.id, UserDraft(DANA, "pay"), "invited", by_kim, BEGINNING)
        assert (again.id, again.state, again.role) == (dana.user_id, "invited", "pay")
        assert mailed(session) == ["role_changed", "removed", "invited"]
        assert lines(session)[-3:] == ["partner_user.role_changed", "partner_user.removed", "partner_user.added"]
