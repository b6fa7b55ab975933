"""Somebody who works with several agencies finds all their accounts, and only theirs. On both databases."""

from datetime import UTC, date, datetime

from flask import Flask
from sqlalchemy import select

from portal.core.audit import SYSTEM
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, reading_global, writing
from portal.jobs.context import OutboxItem
from portal.jobs.partner_logins import keep_partner_login
from portal.partners.logins import KEEP_LOGIN, agencies_of
from portal.partners.models import PartnerLogin
from portal.partners.users import UserDraft, add_user
from tests.factories.partners import make_partner, partner_visitor
from tests.factories.people import BEGINNING, make_agency, make_insured, make_invoice
from tests.web.visitor import Visitor, engine_of, services_of, set_clock, words

DANA, KIM = "dana@northgate.example", "kim@northgate.example"


def test_all_accounts_of_one_address_and_nobody_elses(app: Flask) -> None:
    set_clock(app, datetime(2026, 7, 15, 12, tzinfo=UTC))
    engine, secret = engine_of(app), services_of(app).secret
    harbor, cedar = make_agency(engine, "harbor"), make_agency(engine, "cedar")
    services_of(app).directory.forget()

    for agency, name, cents in ((harbor, "Northgate Boston", 10_000), (cedar, "Northgate Austin", 20_000)):
        with writing(engine, agency.id) as session:
            partner = make_partner(session, name=name)
            add_user(session, partner.id, UserDraft(DANA, "admin"), "contact", SYSTEM, BEGINNING)
            others = make_partner(session, KIM, name=f"Secret {agency.slug}")
            due = date(2026, 7, 1)
            make_invoice(session, make_insured(session), due_date=due, total_cents=cents, partner_id=partner.id)
            make_invoice(session, make_insured(session), due_date=due, total_cents=77_777, partner_id=others.id)
    dana = partner_visitor(app, harbor, DANA)
    assert dana.get("/account/partners").location is not None
    for agency in (harbor, cedar):
        with reading(engine, agency.id) as session:
            (row,) = session.scalars(select(OutboxRow).where(OutboxRow.kind == KEEP_LOGIN))
        item = OutboxItem(agency.id, row.id, row.kind, row.dedupe_key, row.payload, 0)
        keep_partner_login(engine, secret, item)
        keep_partner_login(engine, secret, item)
    with reading_global(engine) as unscoped:
        assert agencies_of(unscoped, secret, DANA) == [harbor.id, cedar.id]
        assert agencies_of(unscoped, secret, KIM) == []
        assert all(DANA not in row.email_digest for row in unscoped.scalars(select(PartnerLogin)))
    page = dana.get("/account/partners")
    assert "Northgate Boston" in words(page) and "$100.00" in words(page)
    assert "At other agencies Northgate Austin Cedar Insurance Services Overdue $200.00" in words(page)
    assert "Secret" not in words(page) and "777" not in words(page)
    elsewhere = Visitor(app, cedar)
    elsewhere._client = dana._client
    assert "/cedar/sign-in?next=" in str(elsewhere.get(f"/partner/{partner.id}/").location)
    assert dana.get(f"/partner/{partner.id + 50}/").status_code == 404
