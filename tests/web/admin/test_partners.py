"""Partners as staff meet them: add, find, change, archive; their users are seen and not managed. On both databases."""

import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.insureds.dead_addresses import mark_dead
from portal.partners.models import Partner, PartnerReference, PartnerUser
from portal.partners.users import UserDraft, add_user
from portal.policy_system.models import PolicyMapping
from portal.programs.models import Policy, Program
from tests.factories.commissions import make_payout, make_statement
from tests.factories.partners import make_partner
from tests.factories.people import make_agency, make_insured, make_invoice, make_policy, make_program
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
DANA = "dana@northgate.example"
TYPED = {
    "kind": "retail",
    "name": "Northgate Risk Advisors",
    "address_line1": "300 Congress Street",
    "city": "Boston",
    "state": "Massachusetts",
    "postal_code": "2210",
    "phone": "6175550182",
    "contact_first_name": "Dana",
    "contact_last_name": "Whitlock",
    "contact_email": " Dana@Northgate.example",
    "bills_agency": "y",
    "due_days": "20",
    "kept_commission_rate": "12.5",
    "payout_schedule": "monthly",
}


def base_of(staff: Visitor, path: str) -> str:
    """What the form to edit a partner says that it held."""
    (base,) = re.findall(r'name="base" value="([^"]*)"', staff.get(f"{path}/edit").text)
    return unescape(str(base))


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def accountant(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "accountant")


def test_added_found_changed_and_archived(app: Flask, agency: Agency, accountant: Visitor) -> None:
    refused = accountant.post("/admin/partners/new", **(TYPED | {"due_days": "soon", "city": "", "state": "Ontario"}))
    assert refused.status_code == 422
    assert "This is not a US state. Write it like NC." in words(refused)
    assert "Enter days from 0 to 365." in words(refused) and 'value="soon"' in refused.text
    added = accountant.post("/admin/partners/new", **TYPED)
    assert re.fullmatch(r"/harbor/admin/partners/\d+", added.location or "")
    path = str(added.location).removeprefix("/harbor")
    page = words(accountant.get(path))
    for shown in ("Boston, MA 02210", "617-555-0182", "20 days after the effective date", "12.5 %", "Partner added"):
        assert shown in page
    with reading(engine_of(app), agency.id) as session:
        assert [row.payload["news"] for row in session.scalars(select(OutboxRow)) if "news" in row.payload] == [
            "welcome"
        ]
    for found in ("?q=gate", "?q=dana@", "?kind=retail&billing=agency_bill"):
        assert "Northgate Risk Advisors" in words(accountant.get(f"/admin/partners{found}"))
    assert "No partner fits" in words(accountant.get("/admin/partners?kind=wholesale"))
    new = TYPED | {"kept_commission_rate": "", "bills_direct": "y", "commission_rate": "8"}
    assert accountant.post(f"{path}/edit", **new, base=base_of(accountant, path)).location == f"/harbor{path}"
    page = words(accountant.get(path))
    assert "Saved. It counts for new policies" in page and "kept commission rate 12.5 % → –" in page
    assert (
        "Northgate Risk Advisors,retail,Boston,MA,yes,yes,20,,8,Dana Whitlock"
        in accountant.get("/admin/partners.csv").text
    )
    accountant.post(f"{path}/archive", path)
    assert "There are no partners yet" in words(accountant.get("/admin/partners"))
    assert "Northgate" in words(accountant.get("/admin/partners?show=archived"))
    accountant.post(f"{path}/unarchive", path)
    assert "Northgate" in words(accountant.get("/admin/partners"))


def test_the_second_of_two_who_edit_is_told_and_loses_nothing(app: Flask, agency: Agency, accountant: Visitor) -> None:
    path = str(accountant.post("/admin/partners/new", **TYPED).location).removeprefix("/harbor")
    base = base_of(accountant, path)
    other = staff_visitor(app, agency, "accountant")
    theirs = {"city": "Salem", "due_days": "45", "bills_direct": "y", "kind": "wholesale"}
    assert other.post(f"{path}/edit", **(TYPED | theirs), base=base).status_code == 303
    clashed = accountant.post(f"{path}/edit", **(TYPED | {"due_days": "30", "address_line2": "Suite 9"}), base=base)
    assert clashed.status_code == 422
    said = words(clashed)
    assert "Somebody else has changed this partner" in said
    for row in ("City Boston Salem Boston", "effective date 20 45 30", "Kind Retail Wholesale Retail", "No Yes No"):
        assert row in said, row
    for kept in ('value="Salem"', 'value="30"', 'value="Suite 9"', 'value="wholesale" checked'):
        assert kept in clashed.text, kept
    (now,) = re.findall(r'name="base" value="([^"]*)"', clashed.text)
    merged = TYPED | theirs | {"due_days": "30", "address_line2": "Suite 9"}
    assert accountant.post(f"{path}/edit", **merged, base=unescape(now)).status_code == 303
    with reading(engine_of(app), agency.id) as session:
        stored = session.scalars(select(Partner)).one()
        assert (stored.city, stored.kind, stored.bills_direct) == ("Salem", "wholesale", True)
        assert (stored.due_days, stored.address_line2) == (30, "Suite 9")
    for nothing in ("", "[]", '{"name": "Northgate"}'):
        assert accountant.post(f"{path}/edit", **merged, base=nothing).status_code == 409


def test_the_page_has_what_it_owes_and_its_programs(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        partner, insured = make_partner(session, DANA), make_insured(session)
        program = make_program(session, insured, name="Harbor package", partner_id=partner.id)
        make_invoice(session, insured, program, partner_id=partner.id, due_date=date(2026, 7, 1))
        make_invoice(session, insured, program, partner_id=partner.id)
        make_invoice(session, insured, program)
    support = staff_visitor(app, agency, "support")
    page = words(support.get(f"/admin/partners/{partner.id}"))
    assert "$2,000.00 $1,000.00 overdue" in page and "Harbor package" in page and DANA in page
    assert "Edit" not in page.split("History")[0].split("Open balance")[0]
    assert support.get("/admin/partners/new").status_code == 403


def test_who_was_merged_away_leads_on(app: Flask, agency: Agency, accountant: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        kept = make_partner(session, DANA)
        gone = make_partner(session, merged_into_id=kept.id)
    assert accountant.get(f"/admin/partners/{gone.id}").location == f"/harbor/admin/partners/{kept.id}"
    assert accountant.get(f"/admin/partners/{gone.id}/edit").status_code == 404


def test_its_page_leads_to_its_papers_and_says_what_bindhq_has_closed(
    app: Flask, agency: Agency, accountant: Visitor
) -> None:
    with writing(engine_of(app), agency.id) as session:
        partner, other = make_partner(session, DANA), make_partner(session)
        program = make_program(session, make_insured(session), partner_id=partner.id)
        payout = make_payout(session, partner.id, make_policy(session, program, "BOP-1"))
        own, others = make_statement(session, partner.id), make_statement(session, other.id)
        session.add_all(PartnerReference(partner_id=partner.id, system="bindhq", external_id=one) for one in "78")
        there = {one: PolicyMapping(kind="agency", external_id=one, detail={}, seen_at=AT) for one in "78"}
        there["7"].is_active = False
        session.add_all(there.values())
    path = f"/admin/partners/{partner.id}"
    page = accountant.get(path)
    assert "BindHQ 7 Inactive BindHQ 8 " in words(page)
    assert "BindHQ has closed this partner" not in words(page), "it is one agency of two there"
    for leads in f"partner-statements/{own.id}", f"partner-payouts/{payout.id}", f"partners/{partner.id}/credit":
        assert f'href="/harbor/admin/{leads}"' in page.text
    listed = accountant.get(f"/admin/partner-statements?partner={partner.id}")
    assert f"Statements of {partner.name}" in words(listed)
    assert f"partner-statements/{own.id}" in listed.text
    assert f"partner-statements/{others.id}" not in listed.text
    assert accountant.get("/admin/partner-statements?partner=98765432").status_code == 404
    with writing(engine_of(app), agency.id) as session:
        session.scalars(select(PolicyMapping).where(PolicyMapping.external_id == "8")).one().is_active = False
    assert "Inactive in BindHQ" in words(accountant.get(path))
    assert "BindHQ has closed this partner" in words(accountant.get(path))
    assert "partner-statements/" not in staff_visitor(app, agency, "support").get(path).text
    assert "/admin/partner-merges" in staff_visitor(app, agency, "admin").get("/admin/partners").text
    assert "/admin/partner-merges" not in accountant.get("/admin/partners").text


def test_staff_let_in_whom_an_import_has_brought(app: Flask, agency: Agency, accountant: Visitor) -> None:
    with writing(engine_of(app), agency.id) as session:
        partner = make_partner(session, DANA)
        imported = add_user(session, partner.id, UserDraft("ray@desk.example", "view"), "imported", SYSTEM, AT)
        invited = add_user(session, partner.id, UserDraft("lee@desk.example", "view"), "invited", SYSTEM, AT)
    page = f"/admin/partners/{partner.id}"
    home, waiting = words(accountant.get("/admin/")), accountant.get("/admin/attention")
    assert "Somebody waits to be let in for a partner 1" in home
    assert "1 person waits to be let in for a partner" in home
    assert "Partner Northgate Risk Advisors" in words(waiting), "who was invited, its own admin lets in"
    assert f'href="/harbor{page}"' in waiting.text
    assert "ray@desk.example" not in waiting.text
    assert accountant.get(page).text.count("/approve") == 1
    assert accountant.post(f"{page}/users/{invited.id}/approve", page).status_code == 409
    accountant.post(f"{page}/users/{imported.id}/approve", page)
    with reading(engine_of(app), agency.id) as session:
        states = dict(session.execute(select(PartnerUser.email, PartnerUser.state)).all())
    assert states == {DANA: "active", "ray@desk.example": "invited", "lee@desk.example": "held"}
    assert "to be let in" not in words(accountant.get("/admin/"))


def test_an_admin_of_the_agency_helps_a_partner_whose_admins_cannot_be_reached(app: Flask, agency: Agency) -> None:
    with writing(engine_of(app), agency.id) as session:
        partner = make_partner(session, DANA)
        kim = add_user(session, partner.id, UserDraft("kim@northgate.example", "view"), "invited", SYSTEM, AT)
    admin = staff_visitor(app, agency, "admin")
    page = f"/admin/partners/{partner.id}"
    assert "/reinvite" not in admin.get(page).text
    assert admin.post(f"{page}/users/{kim.id}/reinvite", page).status_code == 409
    with writing(engine_of(app), agency.id) as session:
        mark_dead(session, DANA, "refused", "550", SYSTEM, services_of(app).now())
        session.get_one(Partner, partner.id).contact_email = "office@northgate.example"
    assert "Nobody can manage this partner’s users" in words(admin.get(page))
    assert "/reinvite" not in staff_visitor(app, agency, "accountant").get(page).text
    admin.post(f"{page}/contact/reinvite", page)
    with reading(engine_of(app), agency.id) as session:
        admins = select(PartnerUser.email).where(PartnerUser.role == "admin", PartnerUser.state == "invited")
        assert session.scalars(admins).all() == ["office@northgate.example"]
    assert admin.post(f"{page}/users/{kim.id}/reinvite", page).status_code == 409
    assert "/reinvite" not in admin.get(page).text


def test_a_program_takes_over_the_partners_terms_and_what_is_cleared_stays_blank(
    app: Flask, agency: Agency, accountant: Visitor
) -> None:
    with writing(engine_of(app), agency.id) as session:
        partner = make_partner(session, DANA, name="Northgate")
        archived = make_partner(session, name="Old Brokers", archived_at=AT)
        insured = make_insured(session)
    typed = {
        "insured_id": str(insured.id),
        "reference": "PR-1",
        "billing_type": "agency_bill",
        "partner_id": str(partner.id),
        "due_date": "",
        "policies-0-policy_number": "BOP-1",
        "policies-0-carrier": "Scottsdale",
        "policies-0-coverage": "General liability",
        "policies-0-effective_date": "2026-08-01",
        "policies-0-expiration_date": "2027-08-01",
        "policies-0-premium_cents": "1,000.00",
        "policies-0-retail_commission_rate": "",
    }
    offered = accountant.get("/admin/programs/new").text
    assert ">Northgate</option>" in offered and "Old Brokers" not in offered
    shown = accountant.post("/admin/programs/new", **typed, step="partner").text
    assert 'value="2026-08-21"' in shown
    assert 'name="policies-0-retail_commission_rate" type="text" value="10"' in shown
    kept = typed | {"due_date": "2026-08-21", "step": "draft"}
    foreign = accountant.post("/admin/programs/new", **(kept | {"partner_id": str(archived.id)}))
    assert foreign.status_code == 422
    added = accountant.post("/admin/programs/new", **kept)
    path = str(added.location).removeprefix("/harbor")
    assert f'href="/harbor/admin/partners/{partner.id}"' in accountant.get(path).text
    with reading(engine_of(app), agency.id) as session:
        program = session.scalars(select(Program)).one()
        assert (program.partner_id, program.paying_partner_id) == (partner.id, partner.id)
        assert session.scalars(select(Policy.retail_commission_rate)).one() is None
    opened = accountant.get(f"{path}/edit").text
    assert f'<option value="{partner.id}" selected>Northgate</option>' in opened
    assert "PR-1" in words(accountant.get(f"/admin/programs?partner={partner.id}"))
    assert "PR-1" not in words(accountant.get(f"/admin/programs?partner={archived.id}"))
