"""The pages of payouts: the list, one with what is in it, its CSV, and who may see them."""

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from portal.agencies.models import Agency
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped, writing
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from tests.factories.payments import make_payment
from tests.factories.people import make_agency, make_insured, make_invoice
from tests.factories.staff import staff_visitor
from tests.web.visitor import engine_of, set_clock, words

AT = datetime(2026, 7, 15, 12, tzinfo=UTC)


def add_payout(session: Scoped, number: str, **more: Any) -> ProcessorPayout:
    facts = {"state": "in_transit", "amount_cents": 93_80, "is_automatic": True, "is_listed": True, "trace": "T-9"}
    payout = ProcessorPayout(
        **(facts | more), account="acct_1", payout_id=number, created_at=AT, arrives_on=date(2026, 7, 17)
    )
    session.add(payout)
    session.flush()
    return payout


def add_movement(session: Scoped, number: str, kind: str, cents: int, fee: int, **more: Any) -> None:
    facts = {"payout_id": "po_1", "source_id": "", "state": "posted", "entry_kind": kind, "entry_ref": number}
    net = {"amount_cents": cents, "fee_cents": fee, "net_cents": cents - fee}
    session.add(
        BalanceTransaction(**(facts | net | more), account="acct_1", transaction_id=number, kind=kind, created_at=AT)
    )


@pytest.fixture
def agency(app: Flask) -> Agency:
    set_clock(app, AT)
    agency = make_agency(engine_of(app))
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, "ana@bakery.example")
        invoice = make_invoice(session, insured, number="INV-9001", total_cents=100_00, open_cents=100_00)
        payment = make_payment(session, invoice, payer_name="=Ana Ruiz", reference="P-HARBOR001")
        add_payout(session, "po_1")
        add_movement(session, "txn_1", "charge", 100_00, 3_20, entry_ref=str(payment.id), source_id="ch_1")
        add_movement(session, "txn_2", "stripe_fee", -3_00, 0)
        add_movement(session, "txn_3", "payout", -93_80, 0, source_id="po_1")
        add_payout(session, "po_2", state="failed", failure="account_closed", is_listed=False)
        add_payout(session, "po_3", is_automatic=False, is_listed=False)
        open_task(session, "payout.failed", "po_2", AT, amount_cents=93_80, why="account_closed")
    return agency


def test_the_list_says_how_much_when_and_how_far(app: Flask, agency: Agency) -> None:
    seen = words(staff_visitor(app, agency, "accountant").get("/admin/payouts"))
    for expected in (
        "Jul 17, 2026 1 payment · po_1 On its way $93.80",
        "The processor is still matching its payments · po_2 Sent back by the bank",
        "Made by hand · po_3",
    ):
        assert expected in seen


def test_one_payout_lists_its_payments_with_what_the_processor_keeps(app: Flask, agency: Agency) -> None:
    accountant = staff_visitor(app, agency, "accountant")
    seen = words(accountant.get("/admin/payouts/1"))
    for expected in (
        "Payout of $93.80",
        "Trace number at the bank T-9",
        "Payment P-HARBOR001 =Ana Ruiz INV-9001 $100.00 $3.20 $96.80",
        "Fee of the processor txn_2 – – -$3.00 $0.00 -$3.00",
        "Amount $97.00 Fee of the processor $3.20 Net $93.80",
    ):
        assert expected in seen
    assert "account closed" in words(accountant.get("/admin/payouts/2"))
    assert "made by hand" in words(accountant.get("/admin/payouts/3"))
    assert accountant.get("/admin/payouts/99").status_code == 404


def test_it_goes_into_a_spreadsheet_without_formulas(app: Flask, agency: Agency) -> None:
    file = staff_visitor(app, agency, "accountant").get("/admin/payouts/1.csv")
    assert "payout-harbor-2026-07-17-po_1.csv" in file.headers["Content-Disposition"]
    first, *_ = csv.DictReader(io.StringIO(file.text))
    assert (first["payment"], first["invoices"], first["net"]) == ("P-HARBOR001", "INV-9001", "96.80")
    assert not first["payer"].startswith("=")


def test_a_failed_payout_is_among_what_needs_attention(app: Flask, agency: Agency) -> None:
    page = staff_visitor(app, agency, "accountant").get("/admin/attention")
    assert "A payout did not reach the bank Number at the processor po_2" in words(page).replace(
        "The bank has sent it back. The money is at the processor again, and in the books there. ", ""
    )
    assert "/harbor/admin/payouts/2" in page.text


def test_producers_and_other_agencies_do_not_see_them(app: Flask, agency: Agency) -> None:
    juniper = make_agency(engine_of(app), "juniper")
    producer, other = staff_visitor(app, agency, "producer"), staff_visitor(app, juniper, "accountant")
    for path in ("/admin/payouts", "/admin/payouts/1", "/admin/payouts/1.csv"):
        assert producer.get(path).status_code == 403
    assert "No payouts yet" in words(other.get("/admin/payouts"))
    assert other.get("/admin/payouts/1").status_code == 404
    assert other.get("/admin/payouts/1.csv").status_code == 404
