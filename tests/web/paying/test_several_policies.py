"""A third party pays several policies, of several insureds, in one payment."""

from sqlalchemy import select

from portal.core.outbox import OutboxRow
from portal.invoices.models import Invoice
from portal.jobs.payment_mails import PAID_FOR_INSURED, fan_out, paid_for_message
from portal.programs.guest_keys import reindex
from tests.factories.desk import Desk
from tests.factories.people import key_of, make_insured, make_policy, make_program
from tests.sandbox.stripe.paying import token
from tests.web.paying.test_flow import sealed
from tests.web.visitor import Visitor, words


def insured_with(desk: Desk, number: str, postal_code: str, name: str, email: str, cents: int) -> int:
    """An insured with a policy and an open invoice; its id."""
    invoice_id = desk.invoice(cents)
    with desk.till.writing() as session:
        insured = make_insured(session, email, name=name, postal_code=postal_code)
        program = make_program(session, insured)
        make_policy(session, program, number)
        invoice = session.get_one(Invoice, invoice_id)
        invoice.insured_id, invoice.program_id = insured.id, program.id
        session.flush()
        reindex(session, key_of(desk.agency), [program.id])
    return invoice_id


def test_two_policies_of_two_insureds_are_paid_at_once(stranger: Visitor, desk: Desk) -> None:
    bakery = insured_with(desk, "BAK 1001", "78701", "Riverside Bakery LLC", "ana@bakery.example", 41_250)
    garage = insured_with(desk, "GAR 2002", "10001", "Corner Garage Inc", "bo@garage.example", 10_000)
    found = stranger.post("/pay-a-policy", policy_number="BAK 1001", zip="78701")
    program = stranger.get(found.location.removeprefix(f"/{desk.agency.slug}"))
    assert "Add another policy" in words(program)
    added = stranger.post("/pay-a-policy", policy_number="GAR 2002", zip="10001")
    assert added.location == f"/{desk.agency.slug}/guest/programs"
    basket = stranger.get("/guest/programs")
    assert "$412.50" in words(basket)
    assert "$100.00" in words(basket)
    assert "Bakery" not in basket.text
    page = stranger.get(f"/guest/pay?invoice={bakery}&invoice={garage}")
    assert "Review payment of $512.50" in words(page)
    assert "R••••• B••••• L•••••" in words(page)
    assert "C••••• G••••• I•••••" in words(page)
    reviewed = stranger.post(
        "/guest/pay/review",
        "/guest/pay",
        invoice=[str(bakery), str(garage)],
        confirmation_token=token(desk.processor, "pm_card_visa"),
        payer_name="Dana Books",
        payer_email="dana@books.example",
    )
    done = stranger.post("/guest/pay/submit", "/guest/pay", agreed=sealed(reviewed))
    thanks = stranger.get(done.location.removeprefix(f"/{desk.agency.slug}"))
    assert "Thank you. You paid $512.50" in words(thanks)
    assert desk.invoice_state(bakery) == desk.invoice_state(garage) == ("paid", 0)
    assert desk.charged_cents() == 51_250
    desk.assert_sound()


def test_each_insured_is_told_of_their_own_part(stranger: Visitor, desk: Desk) -> None:
    test_two_policies_of_two_insureds_are_paid_at_once(stranger, desk)
    with desk.till.writing() as session:
        fan_out(session, 1, desk.clock())
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == PAID_FOR_INSURED)).all()
        mails = [
            paid_for_message(session, desk.agency, 1, row.payload["email_id"], lambda *_, **__: "https://x.example")
            for row in rows
        ]
    told = {mail.recipient.address: mail.context["total_cents"] for mail in mails if mail}
    assert told == {"ana@bakery.example": 41_250, "bo@garage.example": 10_000}
