"""The books: every event balances, and what is paid in parts ends where paying at once would have ended."""

from collections import Counter
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.ledger.postings import (
    Billed,
    Entry,
    Line,
    Settled,
    Share,
    invoice_issued,
    invoice_voided,
    opening_paid,
    payment_succeeded,
    shares_of_line,
)
from portal.ledger.return_postings import Returned, premium_returned

TODAY = date(2026, 8, 1)
ACCOUNTS = st.sampled_from(["premium_billed", "commission_billed", "tax_billed", "fee_income"])
INVOICES = st.lists(st.builds(Share, ACCOUNTS, st.integers(0, 5_000_000)), min_size=1, max_size=12).map(
    lambda shares: Billed(7, tuple(shares))
)


def balances(*entries: Entry) -> Counter[str]:
    found: Counter[str] = Counter()
    for entry in entries:
        for line in entry.lines:
            found[line.account] += line.cents
    return Counter({account: cents for account, cents in found.items() if cents})


def bakery() -> Billed:
    """$1,000.00 premium with 15 % commission, $48.50 tax, $75.00 fee."""
    shares = [
        *shares_of_line("premium", 100_000, 15_000, 1, "Hartford"),
        *shares_of_line("surplus_lines_tax", 4_850, 0, 1, "Hartford"),
        *shares_of_line("policy_fee", 7_500, 0, 1, "Hartford"),
    ]
    return Billed(7, tuple(shares))


def test_an_invoice_is_owed_and_says_what_for() -> None:
    assert balances(invoice_issued(bakery(), TODAY)) == {
        "receivable": 112_350,
        "premium_billed": -85_000,
        "commission_billed": -15_000,
        "tax_billed": -4_850,
        "fee_income": -7_500,
    }


def test_a_payment_makes_premium_and_tax_payable_and_commission_earned() -> None:
    paid = payment_succeeded("1", [Settled(bakery(), 0, 112_350)], 0, 0, TODAY)
    assert balances(invoice_issued(bakery(), TODAY), paid) == {
        "processor_clearing": 112_350,
        "premium_payable": -85_000,
        "commission_income": -15_000,
        "tax_payable": -4_850,
        "fee_income": -7_500,
    }


def test_a_fee_and_what_no_invoice_takes_stand_apart() -> None:
    paid = payment_succeeded("1", [Settled(bakery(), 0, 112_350)], 1_000, 2_500, TODAY)
    found = balances(paid)
    assert found["processor_clearing"] == 112_350 + 1_000 + 2_500
    assert found["customer_credit"] == -1_000
    assert found["convenience_fee_income"] == -2_500


def test_what_was_paid_elsewhere_makes_nothing_payable_here() -> None:
    found = balances(invoice_issued(bakery(), TODAY), opening_paid(Settled(bakery(), 0, 112_350), TODAY))
    assert found == {"opening_balance": 7_500, "fee_income": -7_500}


@given(INVOICES, st.lists(st.floats(0, 1), max_size=6))
def test_parts_end_where_the_whole_would(invoice: Billed, cuts: list[float]) -> None:
    whole = invoice.total_cents
    stops = sorted({0, whole, *(int(cut * whole) for cut in cuts)})
    entries = [
        payment_succeeded(str(start), [Settled(invoice, start, end - start)], 0, 0, TODAY)
        for start, end in pairwise(stops)
    ]
    at_once = [payment_succeeded("0", [Settled(invoice, 0, whole)], 0, 0, TODAY)]
    assert balances(*entries) == balances(*at_once)


@given(INVOICES, st.data())
def test_what_is_voided_leaves_nothing_owed(invoice: Billed, data: st.DataObject) -> None:
    paid = data.draw(st.integers(0, invoice.total_cents))
    entries = [invoice_issued(invoice, TODAY)]
    if paid:
        entries.append(payment_succeeded("1", [Settled(invoice, 0, paid)], 0, 0, TODAY))
    entries.append(invoice_voided(invoice, paid, TODAY))
    found = balances(*entries)
    assert found["receivable"] == 0
    assert not any(found[account] for account in ("premium_billed", "commission_billed", "tax_billed"))


def test_an_entry_off_balance_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="off balance by 1 cents"):
        Entry("charge", "1", TODAY, (Line("receivable", 1),))


def kept_bakery() -> Billed:
    """The bakery of agency bill: the partner keeps 10 % of the premium."""
    return Billed(7, bakery().shares, kept_cents=10_000)


NET: dict[str, tuple[list[Entry], dict[str, int]]] = {
    "issued: the partner is asked for the total less its commission": (
        [invoice_issued(kept_bakery(), TODAY)],
        {
            "receivable": 102_350,
            "commission_expense": 10_000,
            "premium_billed": -85_000,
            "commission_billed": -15_000,
            "tax_billed": -4_850,
            "fee_income": -7_500,
        },
    ),
    "paid: carriers and tax offices get all of theirs": (
        [
            invoice_issued(kept_bakery(), TODAY),
            payment_succeeded("1", [Settled(kept_bakery(), 0, 102_350)], 0, 0, TODAY),
        ],
        {
            "processor_clearing": 102_350,
            "commission_expense": 10_000,
            "premium_payable": -85_000,
            "commission_income": -15_000,
            "tax_payable": -4_850,
            "fee_income": -7_500,
        },
    ),
    "half paid, then void: half of the commission is kept": (
        [
            invoice_issued(kept_bakery(), TODAY),
            payment_succeeded("1", [Settled(kept_bakery(), 0, 51_175)], 0, 0, TODAY),
            invoice_voided(kept_bakery(), 51_175, TODAY),
        ],
        {
            "processor_clearing": 51_175,
            "commission_expense": 5_000,
            "premium_payable": -42_500,
            "commission_income": -7_500,
            "tax_payable": -2_425,
            "fee_income": -3_750,
        },
    ),
    "unpaid and void: nothing is left": (
        [invoice_issued(kept_bakery(), TODAY), invoice_voided(kept_bakery(), 0, TODAY)],
        {},
    ),
    "paid and canceled flat: what came in goes back, and no commission is kept": (
        [
            invoice_issued(kept_bakery(), TODAY),
            payment_succeeded("1", [Settled(kept_bakery(), 0, 102_350)], 0, 0, TODAY),
            premium_returned(
                "1", [Returned(1, "Hartford", 100_000, 15_000, 4_850, 7_500, 10_000)], [], None, 102_350, TODAY
            ),
        ],
        {"processor_clearing": 102_350, "customer_credit": -102_350},
    ),
}


@pytest.mark.parametrize("case", NET)
def test_agency_bill_net_of_what_the_partner_keeps(case: str) -> None:
    entries, expected = NET[case]
    assert balances(*entries) == expected


NET_INVOICES = st.builds(
    lambda shares, kept: Billed(7, shares, kept_cents=int(kept * (sum(share.cents for share in shares) - 1))),
    st.lists(st.builds(Share, ACCOUNTS, st.integers(1, 5_000_000)), min_size=1, max_size=12).map(tuple),
    st.floats(0, 1),
)


@given(NET_INVOICES, st.lists(st.floats(0, 1), max_size=6), st.booleans())
def test_net_parts_end_where_the_whole_would(invoice: Billed, cuts: list[float], is_voided: bool) -> None:
    """Whatever is paid in which parts, and void or not at the end: every share is released to the cent."""
    stops = sorted({0, *(int(cut * invoice.total_cents) for cut in cuts)})
    if not is_voided:
        stops.append(invoice.total_cents)
    entries = [invoice_issued(invoice, TODAY)]
    entries += [
        payment_succeeded(str(start), [Settled(invoice, start, end - start)], 0, 0, TODAY)
        for start, end in pairwise(stops)
    ]
    if is_voided:
        entries.append(invoice_voided(invoice, stops[-1], TODAY))
    found = balances(*entries)
    assert found["processor_clearing"] == stops[-1]
    assert found["commission_expense"] == invoice.kept(stops[-1])
    assert not any(found[account] for account in ("receivable", "premium_billed", "commission_billed", "tax_billed"))
