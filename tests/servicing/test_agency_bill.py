"""Agency bill: the partner is asked for the total less its commission, and gets back what it has paid."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import SYSTEM
from portal.core.tenancy import Scoped
from portal.documents.filled import invoice_document
from portal.invoices.issue import void_invoice
from portal.invoices.models import Invoice
from portal.partners.models import Partner
from portal.payments.money_back.credit import CreditOwner, apply_credit, credit_balance, pay_out_credit
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.submit import submit
from portal.programs.changes import PolicyReturn
from portal.programs.endorsing import EndorsementDraft
from portal.programs.models import Policy
from portal.sandbox.stripe.server import Running
from portal.servicing.actions.endorse import confirm_credit, endorse, waiting_credits
from portal.servicing.actions.facts import require
from portal.servicing.bind import Binding, bind
from tests.factories.desk import Desk, open_desk
from tests.factories.financing import bakery_program
from tests.factories.late import balances
from tests.factories.people import BEGINNING, key_of
from tests.servicing.actions.test_cancel import end
from tests.servicing.actions.test_invoices import STAFF

GROSS = 12_123_45 + 484_93 + 300_00
KEPT = 1_212_35  # 10 % of 8,000.00 and of 4,123.45, half a cent rounded up
NET = GROSS - KEPT


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def make_partner(session: Scoped) -> Partner:
    """A retailer who pays the agency's invoices."""
    row = Partner(
        kind="retail",
        name="Northgate Risk Advisors",
        address_line1="300 Congress Street",
        city="Boston",
        state="MA",
        postal_code="02210",
        contact_first_name="Dana",
        contact_last_name="Whitlock",
        contact_email="dana@northgate.example",
        bills_agency=True,
        bills_direct=False,
        created_at=BEGINNING,
    )
    session.add(row)
    session.flush()
    return row


def bound(desk: Desk, rate: str | None = "0.1", opening_paid_cents: int = 0) -> tuple[int, int, int]:
    """The bakery's program for a partner who keeps so much: ids of partner, program and invoice."""
    draft = bakery_program(desk.till.today())
    rates = tuple(replace(one, retail_commission_rate=Decimal(rate) if rate else None) for one in draft.policies)
    with desk.till.writing() as session:
        partner_id = make_partner(session).id
        program_id = bind(
            session,
            replace(
                draft,
                policies=rates,
                billing_type="agency_bill",
                partner_id=partner_id,
                opening_paid_cents=opening_paid_cents,
            ),
            Binding(SYSTEM, key_of(desk.agency), desk.till.today(), desk.clock()),
        )
        return partner_id, program_id, session.scalars(select(Invoice.id)).one()


def credit(desk: Desk, partner_id: int) -> int:
    with desk.till.reading() as session:
        return credit_balance(session, CreditOwner(partner_id=partner_id))


def invoice(desk: Desk, invoice_id: int) -> Invoice:
    with desk.till.reading() as session:
        return session.get_one(Invoice, invoice_id)


@pytest.mark.parametrize(("rate", "kept"), [("0.1", KEPT), (None, 0), ("0.155", 1_240_00 + 639_13)])
def test_the_partner_is_asked_for_the_rest(desk: Desk, rate: str | None, kept: int) -> None:
    _, _, invoice_id = bound(desk, rate)
    row = invoice(desk, invoice_id)
    assert (row.total_cents, row.open_cents, row.kept_cents) == (GROSS - kept, GROSS - kept, kept)
    assert balances(desk).get("commission_expense", 0) == kept
    desk.assert_sound()


def test_what_was_paid_before_is_at_most_what_is_asked_for(desk: Desk) -> None:
    _, _, invoice_id = bound(desk, opening_paid_cents=GROSS)
    assert invoice(desk, invoice_id).state == "paid"
    desk.assert_sound()


def test_paid_and_canceled_flat_it_is_the_partners_credit_and_it_can_use_it(desk: Desk) -> None:
    partner_id, program_id, invoice_id = bound(desk)
    submit(desk.till, desk.order(invoice_id))
    row = end(desk, program_id, "flat")
    assert row.returned_cents == row.credit_cents == NET == credit(desk, partner_id)
    assert balances(desk) == {"processor_clearing": NET, "customer_credit": -NET}
    with desk.till.writing() as session:
        owner, today = CreditOwner(partner_id=partner_id), desk.till.today()
        other = make_partner(session)
        insured_id = session.get_one(Invoice, invoice_id).insured_id
        pay_out_credit(session, owner, "out", 1_00, "Check 7", today, STAFF, desk.clock())
        assert credit_balance(session, CreditOwner(partner_id=other.id)) == 0
        assert credit_balance(session, CreditOwner(insured_id=insured_id)) == 0
    assert credit(desk, partner_id) == NET - 1_00
    desk.assert_sound()


def test_canceled_after_a_quarter_the_commission_goes_back_in_proportion(desk: Desk) -> None:
    partner_id, program_id, invoice_id = bound(desk)
    submit(desk.till, desk.order(invoice_id))
    desk.wait(timedelta(days=91))
    row = end(desk, program_id, "pro_rata")
    with desk.till.reading() as session:
        parts = session.scalars(select(PolicyReturn)).all()
    assert all(abs(one.kept_cents * 10 - one.premium_cents) <= 10 for one in parts)
    assert row.returned_cents == sum(one.premium_cents + one.taxes_cents - one.kept_cents for one in parts)
    assert credit(desk, partner_id) == row.returned_cents
    assert balances(desk)["commission_expense"] == KEPT - sum(one.kept_cents for one in parts)
    desk.assert_sound()


def test_endorsements_are_net_both_ways_and_credit_pays_what_is_open(desk: Desk) -> None:
    partner_id, program_id, invoice_id = bound(desk)
    submit(desk.till, desk.order(invoice_id))
    today = desk.till.today()
    with desk.till.writing() as session:
        policy = session.scalars(select(Policy).order_by(Policy.id)).first()
        assert policy is not None
        program = require(session, program_id, "endorse", today)
        less = EndorsementDraft("less", policy.id, "credit", "Fewer drivers", today, today, 1_000_00, 40_00)
        endorse(session, program, less, STAFF, today, desk.clock())
        (waiting,) = waiting_credits(session, program_id)
        confirm_credit(session, program, waiting.id, STAFF, today, desk.clock())
    assert credit(desk, partner_id) == 940_00
    with desk.till.writing() as session:
        program = require(session, program_id, "endorse", today)
        more = EndorsementDraft("more", policy.id, "invoice", "A driver", today, today, 500_00, 20_00)
        endorse(session, program, more, STAFF, today, desk.clock())
        added = session.scalars(select(Invoice).order_by(Invoice.id.desc())).first()
        assert added is not None
        assert (added.total_cents, added.kept_cents, added.partner_id) == (470_00, 50_00, partner_id)
        owner = CreditOwner(partner_id=partner_id)
        apply_credit(session, owner, "use", {added.id: 470_00}, 470_00, today, STAFF, desk.clock())
    assert (credit(desk, partner_id), invoice(desk, added.id).state) == (470_00, "paid")
    desk.assert_sound()


def test_a_part_that_is_refunded_takes_its_share_of_everything_back(desk: Desk) -> None:
    _, _, invoice_id = bound(desk)
    payment = submit(desk.till, desk.order(invoice_id))
    refund(desk.till, RefundOrder("back", payment.id, "duplicate", {invoice_id: NET}), STAFF)
    row = invoice(desk, invoice_id)
    assert (row.state, row.open_cents) == ("open", NET)
    books = balances(desk)
    assert not {"premium_payable", "tax_payable", "commission_income"} & books.keys()
    with desk.till.writing() as session:
        void_invoice(session, session.get_one(Invoice, invoice_id), desk.till.today(), desk.clock())
    assert "commission_expense" not in balances(desk)
    desk.assert_sound()


def test_on_paper_the_partner_reads_gross_and_net_and_the_insured_what_it_costs(desk: Desk) -> None:
    _, _, invoice_id = bound(desk)
    with desk.till.reading() as session:
        own, insureds = (
            invoice_document(
                session,
                desk.agency,
                key_of(desk.agency),
                invoice_id,
                "",
                desk.till.today(),
                locale="en_US",
                for_payer=for_payer,
            )
            for for_payer in (True, False)
        )
    assert (own.gross_cents, own.kept_cents, own.total_cents, own.open_cents) == (GROSS, KEPT, NET, NET)
    assert (insureds.kept_cents, insureds.total_cents, insureds.open_cents) == (0, GROSS, GROSS)
    assert own.partner is not None
    assert (own.partner.name, own.insured.name) == (insureds.partner and insureds.partner.name, "Maria's Bakery LLC")
