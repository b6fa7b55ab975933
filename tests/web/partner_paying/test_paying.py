"""A partner pays: ticks from page to page, one payment for many, what others pay is left out. Through HTTP."""

from dataclasses import replace
from datetime import timedelta
from html import unescape

from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoices
from portal.invoices.models import Invoice
from portal.jobs.payment_mails import fan_out, receipt_message
from portal.payments.claims import Order
from portal.payments.inbox import handle
from portal.payments.models import Payment
from portal.payments.money_back.credit import CreditOwner, credit_balance, enter_credit
from portal.payments.submit import submit
from portal.payments.written import read_numbers
from tests.factories.desk import Desk
from tests.factories.partners import make_partner, partner_visitor
from tests.factories.people import make_insured, make_policy, make_program
from tests.sandbox.stripe.paying import control, token
from tests.web.partner_paying.conftest import DANA, EVE, VIEWER
from tests.web.paying.test_flow import SEALED
from tests.web.visitor import Visitor, services_of, words

DEBIT = "pm_usBankAccount_processing"


def bill(desk: Desk, partner_id: int, count: int, days: int = 10, cents: int = 100_00) -> list[int]:
    """Open invoices of agency bill, of one insured each five; the partner keeps a tenth."""
    with desk.till.writing() as session:
        today, drafts = desk.till.today(), []
        for number in range(count):
            if number % 5 == 0:
                insured = make_insured(session, f"owner{number}@bakery.example", name=f"Bakery {number // 5 + 1} LLC")
            program = make_program(session, insured, billing_type="agency_bill", partner_id=partner_id)
            policy = make_policy(session, program, f"GL-{program.id:05}")
            line = LineDraft("premium", "Premium", cents, cents // 5, policy.id, "Hartford", cents // 10)
            due = today + timedelta(days=days + number % 3)
            drafts.append(
                InvoiceDraft(insured.id, "pay_in_full", [line], today, due, program.id, partner_id=partner_id)
            )
        return [invoice.id for invoice in issue_invoices(session, drafts, desk.clock())]


def order_of(desk: Desk, partner_id: int, *ids: int, **parts: dict[int, int]) -> Order:
    order = desk.order(*ids)
    return replace(order, payer=replace(order.payer, kind="partner", partner_id=partner_id), **parts)


def tick(visitor: Visitor, partner_id: int, then: str, *chosen: int, query: str = "", **more: object) -> str:
    base = f"/partner/{partner_id}/balances"
    answer = visitor.post(base + query, base, then=then, invoice=list(chosen), **more)
    assert answer.status_code == 303, words(answer)
    return str(answer.location).removeprefix("/harbor")


def review(visitor: Visitor, desk: Desk, partner_id: int, *invoices: int, card: str = "pm_card_visa") -> str:
    base = f"/partner/{partner_id}/pay"
    sent = {"invoice": list(invoices), "confirmation_token": token(desk.processor, card)}
    answer = visitor.post(f"{base}/review", base, **sent)
    assert answer.status_code == 200, words(answer)
    return str(answer.text)


def submit_review(visitor: Visitor, partner_id: int, page: str) -> TestResponse:
    base = f"/partner/{partner_id}/pay"
    return visitor.post(f"{base}/submit", base, agreed=sealed_in(page), agrees="y")


def sealed_in(page: str) -> str:
    found = SEALED.search(page)
    assert found, page
    return unescape(found.group(1))


def open_ids(desk: Desk, partner_id: int) -> set[int]:
    with desk.till.reading() as session:
        query = select(Invoice.id).where(Invoice.partner_id == partner_id, Invoice.state == "open")
        return set(session.scalars(query))


def test_thirty_ticked_over_pages_are_paid_by_one_bank_debit(dana: Visitor, desk: Desk, partner_id: int) -> None:
    ids = bill(desk, partner_id, 60)
    base = f"/partner/{partner_id}/balances"
    first = dana.get(base)
    assert "60 invoices" in words(first)
    assert "$5,400.00 open" in words(first)
    shown = [int(part.partition('"')[0]) for part in first.text.split('name="shown" value="')[1:]]
    after = first.text.partition('name="after" value="')[2].partition('"')[0]
    where = tick(dana, partner_id, "next", *shown[:20], shown=shown, after=after)
    second = dana.get(where)
    assert "20 on other pages" in words(second)
    rest = [int(part.partition('"')[0]) for part in second.text.split('name="shown" value="')[1:]]
    where = tick(dana, partner_id, "pay", *rest, shown=rest, query=f"?after={after}")
    chosen = [*shown[:20], *rest]
    assert len(chosen) == 30
    assert where == f"/partner/{partner_id}/pay"
    page = dana.get(where)
    assert page.text.count('name="invoice"') == 30
    answer = submit_review(dana, partner_id, review(dana, desk, partner_id, *chosen, card=DEBIT))
    status = answer.location.removeprefix("/harbor")
    assert "Your bank is being asked" in words(dana.get(status))
    assert "30 invoices" in words(dana.get(base + "?show=processing"))
    with desk.till.reading() as session:
        payment = session.scalars(select(Payment)).one()
    assert (payment.payer_kind, payment.partner_id, payment.amount_cents) == ("partner", partner_id, 30 * 90_00)
    control(desk.sandbox, f"debits/{payment.intent_id}/settle", {})
    handle(desk.till, "payment_intent.updated", str(payment.intent_id))
    assert open_ids(desk, partner_id) == set(ids) - set(chosen)
    assert "Thank you. You paid $2,700.00" in words(dana.get(status))
    assert dana.get(f"{status}/receipt.pdf").mimetype == "application/pdf"
    csv = dana.get(f"/partner/{partner_id}/payments/{payment.id}/remittance.csv").text.splitlines()
    assert len(csv) == 31
    assert csv[1].endswith("90.00,90.00")
    assert payment.reference in words(dana.get(f"/partner/{partner_id}/payments"))
    with desk.till.writing() as session:
        fan_out(session, payment.id, desk.clock())
        message = receipt_message(
            session, desk.agency, payment.id, lambda *_, **__: "https://x.example", services_of(dana.app).renderer
        )
    assert message is not None
    assert message.recipient.address == DANA
    desk.assert_sound()


def test_what_others_pay_is_said_and_left_out(app: Flask, dana: Visitor, desk: Desk, partner_id: int) -> None:
    """Two users, and another partner's invoice among the ids: the rest is paid."""
    mine = bill(desk, partner_id, 4)
    with desk.till.writing() as session:
        other = make_partner(session, "olga@other.example").id
    theirs = bill(desk, other, 1)
    eve = partner_visitor(app, desk.agency, EVE)
    before = review(dana, desk, partner_id, *mine)
    first = submit_review(eve, partner_id, review(eve, desk, partner_id, mine[0], card=DEBIT))
    assert first.status_code == 303
    told = submit_review(dana, partner_id, before)
    assert "Another payment for this is already being processed. You have not been charged." in words(told)
    with desk.till.writing() as session:
        session.execute(
            update(Invoice)
            .where(Invoice.id == mine[1])
            .values(state="void", open_cents=0)
            .execution_options(synchronize_session=False)
        )
        number = session.get_one(Invoice, theirs[0]).number
    page = review(dana, desk, partner_id, *mine, *theirs)
    assert "2 invoices are left out" in page
    assert "Another payment for it is being processed." in page
    assert "It is not open any more." in page
    assert number not in page
    done = submit_review(dana, partner_id, page)
    again = submit_review(dana, partner_id, page)
    assert done.location == again.location
    assert open_ids(desk, partner_id) == {mine[0]}
    assert open_ids(desk, other) == set(theirs)
    with desk.till.reading() as session:
        paid = session.scalar(select(func.sum(Payment.amount_cents)).where(Payment.state == "succeeded"))
    assert paid == 2 * 90_00


def test_a_balance_that_changed_after_the_review_is_not_charged(dana: Visitor, desk: Desk, partner_id: int) -> None:
    (one,) = bill(desk, partner_id, 1)
    page = review(dana, desk, partner_id, one)
    submit(desk.till, order_of(desk, partner_id, one, parts={one: 40_00}))
    answer = submit_review(dana, partner_id, page)
    assert "The amount has changed since you looked. You have not been charged." in words(answer)


def test_who_only_looks_cannot_pay_and_strangers_find_nothing(
    app: Flask,
    dana: Visitor,
    desk: Desk,
    partner_id: int,
) -> None:
    (one,) = bill(desk, partner_id, 1)
    viewer = partner_visitor(app, desk.agency, VIEWER)
    assert 'name="invoice"' not in viewer.get(f"/partner/{partner_id}/balances").text
    assert viewer.get(f"/partner/{partner_id}/pay").status_code == 403
    assert viewer.get(f"/partner/{partner_id}/balances.csv").status_code == 200
    with desk.till.writing() as session:
        other = make_partner(session, "olga@other.example").id
    (theirs,) = bill(desk, other, 1)
    assert dana.get(f"/partner/{partner_id}/invoices/{theirs}/invoice.pdf").status_code == 404
    assert dana.get(f"/partner/{partner_id}/invoices/{one}/invoice.pdf").status_code == 200
    assert dana.get(f"/partner/{other}/balances").status_code == 404
    payment = submit(desk.till, order_of(desk, other, theirs))
    assert dana.get(f"/partner/{partner_id}/payments/{payment.id}/remittance.csv").status_code == 404
    assert payment.reference not in words(dana.get(f"/partner/{partner_id}/payments"))


def test_all_that_fits_is_ticked_and_overdue_goes_on_to_paying(dana: Visitor, desk: Desk, partner_id: int) -> None:
    late, soon = bill(desk, partner_id, 55, days=-9), bill(desk, partner_id, 6)
    assert tick(dana, partner_id, "overdue") == f"/partner/{partner_id}/pay"
    assert dana.get(f"/partner/{partner_id}/pay").text.count('name="invoice"') == len(late)
    where = tick(dana, partner_id, "filter", show="due", words="Bakery 2")
    assert "1 invoice" in words(dana.get(where))
    tick(dana, partner_id, "all", query="?show=due")
    assert dana.get(f"/partner/{partner_id}/pay").text.count('name="invoice"') == len(soon)
    tick(dana, partner_id, "none")
    assert "Nothing to pay right now" in words(dana.get(f"/partner/{partner_id}/pay"))
    assert len(dana.get(f"/partner/{partner_id}/balances.csv?show=overdue").text.splitlines()) == 56


def test_a_credit_pays_what_is_ticked_once(dana: Visitor, desk: Desk, partner_id: int) -> None:
    first, second = bill(desk, partner_id, 2)
    with desk.till.writing() as session:
        owner = CreditOwner(partner_id=partner_id)
        enter_credit(session, "charge", "x", 120_00, desk.till.today(), desk.clock(), owner=owner)
    tick(dana, partner_id, "credit", first, second, shown=[first, second])
    page = dana.get(f"/partner/{partner_id}/credit")
    assert "Use $120.00 of your credit" in words(page)
    sent = {
        name: page.text.partition(f'name="{name}" value="')[2].partition('"')[0] for name in ("request_key", "seen")
    }
    for _ in range(2):
        dana.post(f"/partner/{partner_id}/credit", f"/partner/{partner_id}/credit", **sent)
    with desk.till.reading() as session:
        assert credit_balance(session, owner) == 0
        assert [session.get_one(Invoice, each).open_cents for each in (first, second)] == [0, 60_00]


def test_five_hundred_go_in_one_payment(dana: Visitor, desk: Desk, partner_id: int) -> None:
    ids = bill(desk, partner_id, 500, cents=10_00)
    answer = submit_review(dana, partner_id, review(dana, desk, partner_id, *ids))
    assert answer.status_code == 303
    with desk.till.reading() as session:
        payment = session.scalars(select(Payment)).one()
    assert (payment.state, payment.amount_cents) == ("succeeded", 500 * 9_00)
    assert payment.intent_id
    written = desk.till.gateway.retrieve(payment.intent_id).metadata
    assert read_numbers("invoice_ids", written) == sorted(ids)
    assert sum(read_numbers("invoice_cents", written)) == payment.amount_cents
    assert open_ids(desk, partner_id) == set()
    desk.assert_sound()


def test_rooms_with_nothing_in_them_say_so(dana: Visitor, partner_id: int) -> None:
    for room in ("balances", "payments", "credit", "statements", "commissions", "clients", "users", "help", ""):
        answer = dana.get(f"/partner/{partner_id}/{room}")
        assert answer.status_code == 200, room
    assert "No payments yet" in words(dana.get(f"/partner/{partner_id}/payments"))
