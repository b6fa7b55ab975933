"""Payments that do not go smoothly: each ends with the right page, mail, invoice and books, and one charge at most."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from portal.cli.database import PROJECT
from portal.cli.demo_settings import as_environment
from tests.browser.conftest import Visit
from tests.browser.office import Bill
from tests.browser.running import AGENCIES, ANSWER_WITHIN_SECONDS, Site
from tests.browser.steps import (
    CONFIRMED_BY_BANK,
    DECLINED,
    NO_FUNDS,
    bank_page,
    card_fields,
    expect_paid,
    pay_by_link,
    review,
    type_card,
)

OFFICE = "harborline"
CENTS = 312_50
AMOUNT = "$312.50"
TOO_LONG = ANSWER_WITHIN_SECONDS + 1.5


@pytest.fixture
def bill(site: Site) -> Bill:
    """An invoice nobody has tried to pay."""
    return site.offices[OFFICE].bill(CENTS)


@pytest.fixture
def payer(bill: Bill) -> str:
    """A third party's address that no other test writes to."""
    return bill.email.replace("owner", "payer")


@pytest.fixture(autouse=True)
def no_faults_left(site: Site) -> Iterator[None]:
    yield
    site.processor.clear_faults()


def assert_paid_once(site: Site, bill: Bill) -> None:
    """One charge, one paid invoice, books that hold."""
    office = site.offices[OFFICE]
    assert site.processor.charged(OFFICE, bill.invoice_id) == [CENTS]
    assert office.state(bill.invoice_id) == ("paid", 0)
    assert office.broken_rules() == []


def assert_nothing_charged(site: Site, bill: Bill) -> None:
    """No charge, an invoice that can be paid at once, books that hold."""
    office = site.offices[OFFICE]
    assert site.processor.charged(OFFICE, bill.invoice_id) == []
    assert office.state(bill.invoice_id) == ("open", CENTS)
    assert "live" not in office.claims(bill.invoice_id)
    assert office.broken_rules() == []


@pytest.mark.parametrize(
    ("card", "reason"),
    [(DECLINED, "contact your bank"), (NO_FUNDS, "does not have enough funds")],
    ids=["card", "funds"],
)
def test_a_decline_keeps_what_was_typed_and_another_card_pays(
    site: Site, visit: Visit, bill: Bill, payer: str, card: str, reason: str
) -> None:
    page = visit(OFFICE, phone=True)
    pay_by_link(page, bill.link, AMOUNT, card=card, email=payer).click()
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("You have not been charged")
    expect(problem).to_contain_text(reason)
    expect(problem).to_be_focused()
    assert_nothing_charged(site, bill)
    expect(page.get_by_label("Your name")).to_have_value("Cleo Counts")
    expect(card_fields(page).get_by_label("Card number")).to_have_value(re.compile(f"{card[-4:]}$"))
    assert site.inbox.stays_at(payer, [])
    type_card(page)
    review(page, AMOUNT).click()
    expect_paid(page, AMOUNT)
    site.inbox.wait_for(payer, AMOUNT)
    assert site.inbox.count(payer) == 1
    assert_paid_once(site, bill)


def test_the_bank_asks_and_the_payer_confirms(site: Site, visit: Visit, bill: Bill, payer: str) -> None:
    page = visit(OFFICE)
    pay_by_link(page, bill.link, AMOUNT, card=CONFIRMED_BY_BANK, email=payer).click()
    expect(page.get_by_role("heading", name="Confirm with your bank")).to_be_visible()
    assert site.processor.charged(OFFICE, bill.invoice_id) == []
    bank_page(page).get_by_role("button", name="Complete").click()
    expect_paid(page, AMOUNT)
    site.inbox.wait_for(payer, AMOUNT)
    assert_paid_once(site, bill)


def test_the_bank_refuses_and_another_card_pays(site: Site, visit: Visit, bill: Bill, payer: str) -> None:
    page = visit(OFFICE)
    pay_by_link(page, bill.link, AMOUNT, card=CONFIRMED_BY_BANK, email=payer).click()
    bank_page(page).get_by_role("button", name="Fail").click()
    expect(page.get_by_role("alert")).to_contain_text("You have not been charged")
    assert_nothing_charged(site, bill)
    assert site.inbox.stays_at(payer, [])
    type_card(page)
    review(page, AMOUNT).click()
    expect_paid(page, AMOUNT)
    assert_paid_once(site, bill)


def test_who_leaves_the_banks_page_can_go_on_with_the_payment(site: Site, visit: Visit, bill: Bill, payer: str) -> None:
    page = visit(OFFICE, phone=True)
    pay_by_link(page, bill.link, AMOUNT, card=CONFIRMED_BY_BANK, email=payer).click()
    expect(bank_page(page).get_by_role("button", name="Complete")).to_be_visible()
    other = visit(OFFICE)
    other.goto(bill.link)
    expect(other.get_by_text("it cannot be paid a second time meanwhile")).to_be_visible()
    expect(other.get_by_role("main").get_by_role("link")).to_have_count(0)
    page.goto(bill.link)
    page.get_by_role("link", name="See the payment that you have begun").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Confirm with your bank")
    page.get_by_role("button", name="Confirm with my bank").click()
    bank_page(page).get_by_role("button", name="Complete").click()
    expect_paid(page, AMOUNT)
    assert_paid_once(site, bill)


def test_an_answer_that_is_lost_is_found_again(site: Site, visit: Visit, bill: Bill, payer: str) -> None:
    """The processor charges, but nobody hears of it in time: never 'failed', never a second charge."""
    page = visit(OFFICE)
    button = pay_by_link(page, bill.link, AMOUNT, email=payer)
    site.processor.fault("payment_intent.succeeded", "webhook_late", seconds=TOO_LONG + 2)
    site.processor.fault("payment_intents.confirm", "timeout_after", seconds=TOO_LONG)
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your payment is being processed")
    expect(page.get_by_text("Please do not pay again.")).to_be_visible()
    assert site.offices[OFFICE].state(bill.invoice_id) == ("open", CENTS)
    other = visit(OFFICE)
    other.goto(bill.link)
    expect(other.get_by_text("it cannot be paid a second time meanwhile")).to_be_visible()
    expect_paid(page, AMOUNT)
    expect(page.get_by_role("link", name="Receipt (PDF)")).to_be_visible()
    site.inbox.wait_for(payer, AMOUNT)
    assert site.inbox.count(payer) == 1
    assert_paid_once(site, bill)


def test_a_charge_that_never_arrived_is_given_up_and_can_be_tried_again(
    site: Site, visit: Visit, bill: Bill, payer: str
) -> None:
    page = visit(OFFICE)
    button = pay_by_link(page, bill.link, AMOUNT, email=payer)
    site.processor.fault("payment_intents.confirm", "timeout_before", seconds=TOO_LONG)
    button.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your payment is being processed")
    site.offices[OFFICE].reconcile(minutes_old=3)
    expect(page.get_by_role("heading", level=1)).to_have_text("You have not been charged")
    assert_nothing_charged(site, bill)
    mail = site.inbox.wait_for(payer, "did not go through")
    assert mail.link == page.url
    assert "This payment was stopped before anything was charged." in mail.text
    page.get_by_role("link", name="Try again").click()
    pay_by_link(page, page.url, AMOUNT, email=payer).click()
    expect_paid(page, AMOUNT)
    assert_paid_once(site, bill)


@pytest.mark.parametrize("kind", ["error_before", "rate_limit", "timeout_after"])
def test_a_processor_that_cannot_be_reached_is_said_and_pressing_again_pays(
    site: Site, visit: Visit, bill: Bill, payer: str, kind: str
) -> None:
    page = visit(OFFICE)
    button = pay_by_link(page, bill.link, AMOUNT, email=payer)
    site.processor.fault("payment_intents.create", kind, **({"seconds": TOO_LONG} if "timeout" in kind else {}))
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("You have not been charged")
    assert_nothing_charged(site, bill)
    review(page, AMOUNT).click()
    expect_paid(page, AMOUNT)
    assert_paid_once(site, bill)


def test_a_double_click_pays_once(site: Site, visit: Visit, bill: Bill, payer: str) -> None:
    page = visit(OFFICE)
    button = pay_by_link(page, bill.link, AMOUNT, email=payer)
    site.processor.fault("payment_intents.create", "latency", seconds=1)
    button.dblclick()
    expect(button).to_be_disabled()
    expect_paid(page, AMOUNT)
    site.inbox.wait_for(payer, AMOUNT)
    assert site.inbox.count(payer) == 1
    assert_paid_once(site, bill)


def test_a_second_window_cannot_pay_the_same_again(site: Site, visit: Visit, bill: Bill, payer: str) -> None:
    page, other = visit(OFFICE), visit(OFFICE)
    first = pay_by_link(page, bill.link, AMOUNT, email=payer)
    second = pay_by_link(other, bill.link, AMOUNT, email=payer)
    first.click()
    expect_paid(page, AMOUNT)
    second.click()
    expect(other.get_by_role("alert")).to_contain_text("You have not been charged")
    other.get_by_role("link", name="See what is open now").click()
    expect(other.get_by_text("Nothing to pay right now")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Nothing to pay right now")).to_be_visible()
    assert_paid_once(site, bill)


def test_the_operator_finds_nothing_wrong_after_all_of_this(site: Site) -> None:
    """`flask verify-ledger` on the running portal."""
    said = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "verify-ledger"],
        cwd=PROJECT, env=os.environ | as_environment(site.settings), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stdout + said.stderr
    for slug in AGENCIES:
        assert f"{slug}: " in said.stdout
