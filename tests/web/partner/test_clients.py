"""A retailer's clients on direct bill, and the copy of their notices. Through HTTP, on both databases."""

from datetime import UTC, date, datetime

from flask import Flask
from sqlalchemy import select

from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.jobs.late_mails import partner_notice_message
from portal.servicing.late.notices import PARTNER_NOTICE, enqueue_mails
from tests.factories.financing import make_loan
from tests.factories.late import make_cancel_notice
from tests.factories.partners import make_partner, partner_visitor
from tests.factories.payments import make_link
from tests.factories.people import make_agency, make_insured, make_invoice, make_policy, make_program
from tests.web.visitor import engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
DANA = "dana@northgate.example"


def test_status_due_date_and_payment_link_of_ones_own_clients(app: Flask) -> None:
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        partner, other = make_partner(session, DANA), make_partner(session)
        tokens = []
        for number, (name, more) in enumerate(
            {
                "Harbor Bakery": {"partner_id": partner.id},
                "Agency-billed Inc": {"partner_id": partner.id, "billing_type": "agency_bill"},
                "Somebody else’s": {"partner_id": other.id},
                "Not bound": {"partner_id": partner.id, "is_draft": True},
            }.items()
        ):
            insured = make_insured(session, name=name)
            program = make_program(session, insured, **more)
            make_policy(session, program, f"P-{number}")
            make_invoice(session, insured, program, due_date=date(2026, 7, 1 if not number else 31))
            tokens.append(make_link(session, program).token)
    dana = partner_visitor(app, agency, DANA)
    page = dana.get(f"/partner/{partner.id}/clients")
    assert "Harbor Bakery" in words(page) and "Payment due $1,000.00" in words(page) and "Jul 1, 2026" in words(page)
    assert f'href="/harbor/pay/{tokens[0]}"' in page.text
    for hidden in ("Agency-billed", "Somebody else", "Not bound"):
        assert hidden not in words(page)
    assert "Harbor Bakery" in words(dana.get(f"/partner/{partner.id}/clients?q=baker&show=late"))
    assert "Harbor Bakery" in words(dana.get(f"/partner/{partner.id}/clients?show=due"))
    assert "No client fits" in words(dana.get(f"/partner/{partner.id}/clients?q=nobody"))
    assert "How this works" in words(dana.get(f"/partner/{partner.id}/help"))


def test_the_retailer_gets_a_copy_of_a_notice_of_intent_to_cancel(app: Flask) -> None:
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        partner, insured = make_partner(session, DANA), make_insured(session, "ana@bakery.example")
        program = make_program(session, insured, partner_id=partner.id)
        loan = make_loan(session, program, "FA-1", b"agreement")
        due = date(2026, 7, 1)
        make_invoice(session, insured, program, kind="installment", due_date=due, total_cents=25_000)
        notice = make_cancel_notice(session, loan, b"notice", sent_on=AT.date(), pay_by=date(2026, 7, 30), through=due)
        enqueue_mails(session, notice, AT)
    with reading(engine_of(app), agency.id) as session:
        row = session.scalars(select(OutboxRow).where(OutboxRow.kind == PARTNER_NOTICE)).one()
        ids = row.payload["notice_id"], row.payload["partner_id"]
        message = partner_notice_message(session, agency, *ids, lambda *_names, **_values: "https://x.example")
    assert message is not None
    assert (message.recipient.address, message.context["copy_for"]) == (DANA, "partner")
    assert [each.content_type for each in message.attachments] == ["application/pdf"]
