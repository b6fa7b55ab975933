"""The first rooms of staff: search, a program, its payment link, mails, help, the audit trail."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.guest_breaker import GuestHour
from portal.agencies.models import Agency
from portal.core.outbox import OutboxRow, enqueue
from portal.core.tenancy import reading, writing
from portal.notices.models import SentMail
from portal.programs.guest_keys import reindex
from portal.programs.links import find_link, issue_link
from portal.programs.models import Program
from tests.factories.people import (
    key_of,
    make_agency,
    make_insured,
    make_invoice,
    make_payment_under_way,
    make_policy,
    make_program,
)
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, set_clock, wait, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    return make_agency(engine_of(app))


@pytest.fixture
def bakery(app: Flask, agency: Agency) -> Program:
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        program = make_program(session, insured, reference="HBR-2001")
        make_policy(session, program, "CPS 0071234")
        make_payment_under_way(session, make_invoice(session, insured, program, number="INV-9001"))
        issue_link(session, AT, program_id=program.id)
        reindex(session, key_of(agency), [program.id])
    return program


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "admin")


@pytest.mark.parametrize(
    "typed", ["river", "BAKERY", "ana@bak", "hbr-20", "cps-007", "CPS 0071234", "inv-9"], ids=lambda typed: typed
)
def test_a_program_is_found_by_whatever_staff_know(admin: Visitor, bakery: Program, typed: str) -> None:
    page = admin.get(f"/admin/programs?q={typed}")
    assert f"/harbor/admin/programs/{bakery.id}" in page.text
    assert "Riverside Bakery LLC" in words(page)


@pytest.mark.parametrize("typed", ["100%", "_iver", "zebra", "71234"])
def test_what_does_not_fit_is_not_found(admin: Visitor, bakery: Program, typed: str) -> None:
    page = admin.get("/admin/programs", query_string={"q": typed})
    assert "Nothing fits" in words(page)


def test_one_character_is_too_little(admin: Visitor, bakery: Program) -> None:
    assert "Type a little more" in words(admin.get("/admin/programs?q=r"))


def test_a_program_shows_everything_in_it(admin: Visitor, bakery: Program) -> None:
    seen = words(admin.get(f"/admin/programs/{bakery.id}"))
    for expected in (
        "Riverside Bakery LLC",
        "12 Main St",
        "ana@bakery.example",
        "CPS 0071234",
        "$1,000.00",
        "HBR-2001",
    ):
        assert expected in seen
    assert "Nobody has tried to pay yet." not in seen


def test_the_payment_link_is_replaced_after_a_word_of_warning(app: Flask, admin: Visitor, bakery: Program) -> None:
    address = f"/admin/programs/{bakery.id}/payment-link"
    with reading(engine_of(app), bakery.agency_id) as session:
        old = session.scalars(select(Program).where(Program.id == bakery.id)).one() and issue_link(
            session, AT, program_id=bakery.id
        )
    assert "stops working at once" in words(admin.get(address))
    answer = admin.post(address)
    assert answer.location == f"/harbor/admin/programs/{bakery.id}"
    page = words(admin.get(f"/admin/programs/{bakery.id}"))
    assert "The old payment link is closed" in page
    assert "Payment link replaced" in page
    assert "admin@harbor.example" in page
    with reading(engine_of(app), bakery.agency_id) as session:
        closed = find_link(session, old.token)
        assert closed
        assert closed.replaced_at == AT
    assert Visitor(app, admin.agency).get(f"/pay/{old.token}").status_code == 410


def test_replacing_a_link_asks_for_the_second_factor_again(app: Flask, admin: Visitor, bakery: Program) -> None:
    wait(app, minutes=11)
    answer = admin.get(f"/admin/programs/{bakery.id}/payment-link")
    assert answer.location.startswith("/harbor/admin/second-factor?next=")
    assert admin.get(f"/admin/programs/{bakery.id}").status_code == 200


def test_a_program_is_closed_to_third_parties_and_opened_again(app: Flask, admin: Visitor, bakery: Program) -> None:
    accountant = Visitor(app, admin.agency, ip="198.51.100.7")
    page = f"/admin/programs/{bakery.id}"
    admin.post(f"{page}/guest-payments", page)
    assert "Nobody can look this program up" in words(admin.get(page))
    assert accountant.post("/pay-a-policy", policy_number="CPS 0071234", zip="78701").status_code == 422
    admin.post(f"{page}/guest-payments", page)
    assert accountant.post("/pay-a-policy", policy_number="CPS 0071234", zip="78701").status_code == 303


def test_the_whole_agency_is_closed_to_third_parties(app: Flask, admin: Visitor, bakery: Program) -> None:
    admin.post("/admin/help/guest-payments", "/admin/help")
    page = admin.get("/admin/help")
    assert "Closed: nobody can look up policies." in words(page)
    accountant = Visitor(app, admin.agency, ip="198.51.100.7")
    assert accountant.post("/pay-a-policy", policy_number="CPS 0071234", zip="78701").status_code == 422


def test_help_has_the_addresses_and_their_codes(admin: Visitor) -> None:
    page = admin.get("/admin/help")
    assert 'value="http://localhost/harbor/"' in page.text
    assert 'value="http://localhost/harbor/pay-a-policy"' in page.text
    assert page.text.count('src="data:image/svg+xml') == 2


def test_help_says_when_look_ups_are_guessed_at(app: Flask, admin: Visitor) -> None:
    with writing(engine_of(app), admin.agency.id) as session:
        session.add(GuestHour(hour=AT, misses=61, found=2))
    seen = words(admin.get("/admin/help"))
    assert "Look-ups are being guessed at" in seen
    assert "2 programs found, 61 misses" in seen


@pytest.fixture
def receipt(app: Flask, agency: Agency, bakery: Program) -> int:
    """A mail that went out about the program; its id."""
    with writing(engine_of(app), agency.id) as session:
        enqueue(session, "mail.guest_link", "1:1:today", {"program_id": bakery.id, "email_id": 1}, AT)
        mail = SentMail(
            kind="mail.guest_link",
            dedupe_key="1:1:today",
            to="ana@bakery.example",
            subject="Your payment link",
            text_body="Here is the link.",
            html_body="<p>Here is the link.</p>",
            program_id=bakery.id,
            sent_at=AT,
        )
        session.add(mail)
    return mail.id


def test_a_mail_is_read_and_sent_again(app: Flask, admin: Visitor, bakery: Program, receipt: int) -> None:
    assert "Your payment link" in words(admin.get(f"/admin/programs/{bakery.id}"))
    assert "Here is the link." in words(admin.get(f"/admin/mails/{receipt}"))
    for _ in range(2):
        admin.post(f"/admin/mails/{receipt}/again", f"/admin/mails/{receipt}")
    with reading(engine_of(app), admin.agency.id) as session:
        keys = session.scalars(select(OutboxRow.dedupe_key).where(OutboxRow.kind == "mail.guest_link")).all()
    assert sorted(keys) == ["1:1:today", "1:1:today#1", "1:1:today#2"]


def test_the_audit_trail_is_filtered(admin: Visitor, bakery: Program) -> None:
    page = f"/admin/programs/{bakery.id}"
    admin.post(f"{page}/guest-payments", page)
    every = words(admin.get("/admin/audit"))
    assert "Look-up of the program switched" in every
    assert f"Look-up of the program switched: {bakery.reference} admin@harbor.example" in every
    assert "Second factor shown: Admin of harbor admin@harbor.example · 192.0.2.1 · kind authenticator app" in every
    one = words(
        admin.get("/admin/audit?action=program.guest_payments&actor_kind=staff&first=2026-07-15&last=2026-07-15")
    )
    entries = one[one.index("Show all") :]
    assert "Look-up of the program switched" in entries
    assert "Second factor shown" not in entries
    assert "Nothing to show." in words(admin.get("/admin/audit?last=2026-07-14"))
    assert admin.get("/admin/audit?first=yesterday").status_code == 422


def test_the_audit_trail_is_read_a_page_at_a_time(app: Flask, admin: Visitor, bakery: Program) -> None:
    page = f"/admin/programs/{bakery.id}"
    for _ in range(26):
        admin.post(f"{page}/guest-payments", page)
        admin.post(f"{page}/guest-payments", page)
    newest = admin.get("/admin/audit?action=program.guest_payments")
    older = newest.text.rpartition('href="/harbor/admin/audit?')[2].partition('"')[0].replace("&amp;", "&")
    assert "before=" in older
    last = admin.get(f"/admin/audit?{older}")
    assert last.text.count('class="row-title"') == 2
    assert ">Older<" not in last.text


def test_who_may_enter_which_room(app: Flask, agency: Agency, bakery: Program) -> None:
    support = staff_visitor(app, agency, "support")
    assert support.get("/admin/audit").status_code == 403
    page = support.get(f"/admin/programs/{bakery.id}")
    assert "Replace the link" in words(page)
    assert "Close it to third parties" not in words(page)
    assert (
        support.post(f"/admin/programs/{bakery.id}/guest-payments", f"/admin/programs/{bakery.id}").status_code == 403
    )
    assert support.post("/admin/help/guest-payments", "/admin/help").status_code == 403
    assert "Audit" not in words(support.get("/admin/"))


def test_settings_lead_to_those_of_ones_role(app: Flask, agency: Agency) -> None:
    seen = words(staff_visitor(app, agency, "accountant").get("/admin/settings"))
    assert "Fees What paying by card or bank costs" in seen
    assert "Where checks and wires go" not in seen
    everything = staff_visitor(app, agency, "admin").get("/admin/settings")
    assert "Where checks and wires go" in words(everything)
    assert "Who works here, and in which role" in words(everything)
    fees = staff_visitor(app, agency, "admin").get("/admin/fees").text
    assert 'href="/harbor/admin/settings" aria-current="page"' in fees
    assert "Settings" not in words(staff_visitor(app, agency, "support").get("/admin/"))


def test_another_agencys_program_is_not_there(app: Flask, bakery: Program) -> None:
    juniper = make_agency(engine_of(app), "juniper")
    stranger = staff_visitor(app, juniper, "admin")
    assert stranger.get(f"/admin/programs/{bakery.id}").status_code == 404
    assert "Riverside" not in stranger.get("/admin/programs?q=river").text
    assert date(2026, 7, 15).isoformat() not in stranger.get("/admin/audit").text
