"""Everything the portal asks of BindHQ, in its own words; each exchange is held against the contract by `stand`."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from portal.integrations.bindhq.client import BindHQ
from portal.policy_system.protocol import AuthFailed, ChangedSchema, CursorGone, NotFound, PolicySystem, Refused
from portal.policy_system.records import PostalAddress, ReceiptApplication, ReceiptDraft
from tests.integrations.bindhq.contract import CONTRACT, problems_of


def receipt_for(invoice, cents, external_id="pay-1"):
    return ReceiptDraft(
        external_id=external_id,
        customer_kind=invoice.customer_kind,
        customer_id=invoice.customer_id,
        amount_cents=cents,
        received_on=date(2026, 11, 20),
        method="ach",
        bank_account_id="1095",
        applications=(ReceiptApplication(invoice.id, cents),),
        reference="PAY-2026-000381",
        memo="Portal payout",
    )


def test_every_operation_of_the_contract_is_spoken(stand):
    system: PolicySystem = stand.connect()
    policy_id = stand.do("policies", tax=59413, fee=25000)["id"]
    endorsement_id = stand.do(f"policies/{policy_id}/endorse", premium=150000)["id"]
    assert system.test().client_code == "mymga"
    assert [each.kind for each in system.events(None).events] == ["policy.bound", "endorsement.issued"]
    assert system.policies(updated_since=datetime.now(UTC) - timedelta(hours=1)).rows == (system.policy(policy_id),)
    assert [each.number for each in system.endorsements(policy_id)] == [0, 1]
    assert system.endorsement(endorsement_id).line_items[0].amount_cents == 150000
    assert [each.is_active for each in system.agencies().rows] == [True, True, True, False]
    assert system.agency("512").agents[0].email == "dana@hillcountry.example"
    assert [each.email for each in system.users().rows] == ["sam@harborline.example", "priya@harborline.example"]
    assert system.carriers().rows[0].naic_code == "35378"
    assert system.marketing_companies().rows[0].name == "Sample Surplus Brokers"
    assert system.coverage_types()[0].code == "CGL"
    assert [each.name for each in system.ledger_accounts() if each.is_bank] == ["Portal FBO", "Operating Account"]
    first, second = system.invoices(policy_id=policy_id)
    assert (first.total_cents, second.total_cents) == (1200000 + 59413 + 25000, 150000)
    assert system.invoices(endorsement_id=endorsement_id) == [second]
    assert system.receipt_by_external_id("pay-1") is None
    made = system.create_receipt(receipt_for(first, 100000), "key-1")
    assert system.create_receipt(receipt_for(first, 100000), "key-1") == made
    assert system.receipt_by_external_id("pay-1") == made
    assert system.void_receipt(made.id, "returned by the bank").status == "voided"
    assert system.void_receipt(made.id, "again").status == "voided"
    all_of_it = {
        each["operationId"] for item in CONTRACT["paths"].values() for each in item.values() if "operationId" in each
    }
    assert stand.checked.used == all_of_it


def test_a_policy_comes_whole_and_exact(stand, system):
    policy_id = stand.do("policies", tax=59413, fee=25000, agency_id="513", insured={"first_name": "Ana"})["id"]
    policy = system.policy(policy_id)
    assert [(each.kind, each.code, each.amount_cents, each.is_fully_earned) for each in policy.quote.line_items] == [
        ("premium", None, 1200000, False),
        ("fee", "policy_fee", 25000, True),
        ("tax", "surplus_lines_tax", 59413, False),
    ]
    assert policy.quote.total_cents == 1284413
    assert (policy.quote.minimum_earned_percent, policy.quote.agent_commission_percent) == (Decimal(25), Decimal(10))
    assert policy.insured.address == PostalAddress("100 Congress Ave", None, "Austin", "TX", "78701-4042")
    assert (policy.insured.first_name, policy.agency.name, policy.agent.email) == (
        "Ana",
        "Bayou Bend Insurance",
        "marcus@bayoubend.example",
    )
    assert '"policy_number": "CPS 0071234"' in policy.payload
    assert policy.version == 1
    assert policy.updated_at.tzinfo is UTC


def test_the_misspelled_commission_counts_too(stand, system):
    quote = {"agent_commission_percentage": None, "agent_commission_per1centage": 12.125}
    policy_id = stand.do("policies", quote=quote)["id"]
    assert system.policy(policy_id).quote.agent_commission_percent == Decimal("12.125")


def test_a_half_filled_record_is_a_record(stand, system):
    policy_id = stand.do("policies")["id"]
    stand.do("faults", endpoint="policies.get", kind="half_filled")
    policy = system.policy(policy_id)
    assert (policy.policy_number, policy.agency, policy.agent, policy.insured.email) == (None, None, None, None)
    assert policy.insured.address == PostalAddress()
    assert policy.quote.minimum_earned_percent is None
    assert system.policy(policy_id).policy_number == "CPS 0071234"


@pytest.mark.parametrize("amount", ["12.345", "1,200.00", "twelve", "1e3", ""])
def test_money_that_is_not_exact_to_the_cent_is_refused_with_its_place(stand, system, amount):
    policy_id = stand.do("policies")["id"]
    with stand.machine.store.turn() as records:
        policy = records.find("policy", policy_id)
        policy["quote"]["line_items"][0]["amount"] = amount
        records.save("policy", policy)
    with pytest.raises(ChangedSchema) as refused:
        system.policy(policy_id)
    assert refused.value.where == "policy.quote.line_items[0].amount"
    page = system.policies()
    assert (page.rows, page.total) == ((), 1)
    assert page.problems[0].startswith(f"{policy_id}: ")
    stand.checked.problems.clear()  # the record was broken on purpose


def test_another_shape_is_said_not_guessed(stand, system):
    policy_id = stand.do("policies")["id"]
    for endpoint, ask in (
        ("policies.get", lambda: system.policy(policy_id)),
        ("events.list", lambda: system.events(None)),
        ("agencies.list", lambda: system.agencies()),
    ):
        stand.do("faults", endpoint=endpoint, kind="changed_schema")
        with pytest.raises(ChangedSchema):
            ask()


def test_the_feed_goes_on_behind_its_cursor(stand, system):
    stand.do("policies", count=5)
    first = system.events(None, limit=3)
    rest = system.events(first.cursor, limit=3)
    assert (len(first.events), first.has_more, len(rest.events), rest.has_more) == (3, True, 2, False)
    assert system.events(rest.cursor).events == ()
    assert system.events(rest.cursor).cursor == rest.cursor
    stand.do("feed/forget")
    stand.do("policies")
    with pytest.raises(CursorGone):
        system.events(first.cursor)
    assert len(system.events(None).events) == 1


def test_lists_come_in_pages(stand, system):
    stand.do("agencies", count=450)
    pages = [system.agencies(page=number) for number in (1, 2, 3)]
    assert [len(each.rows) for each in pages] == [200, 200, 54]
    assert [each.next_page for each in pages] == [2, 3, None]
    assert pages[0].total == 454


def test_what_is_not_there_and_who_may_not(stand, system):
    with pytest.raises(NotFound):
        system.policy("1 2")
    with pytest.raises(NotFound):
        system.endorsement("none")
    with pytest.raises(AuthFailed):
        stand.connect(api_key="wrong").test()
    with pytest.raises(AuthFailed):
        stand.connect(client_code="another").test()


def test_the_key_goes_in_the_header_that_was_set(stand):
    named = stand.connect(auth_header="Authorization", auth_prefix="Bearer")
    assert isinstance(named, BindHQ)
    assert named.test().client_code == "mymga"


def test_a_receipt_that_does_not_fit_is_refused_with_the_field(stand, system):
    policy_id = stand.do("policies")["id"]
    [invoice] = system.invoices(policy_id=policy_id)
    with pytest.raises(Refused) as refused:
        system.create_receipt(receipt_for(invoice, invoice.total_cents + 1), "key-1")
    [problem] = refused.value.problems
    assert (problem.code, problem.pointer) == ("amount_exceeds_open_balance", "/applications/0/amount")
    system.create_receipt(receipt_for(invoice, 100), "key-1")
    with pytest.raises(Refused) as refused:
        system.create_receipt(receipt_for(invoice, 200), "key-1")
    assert refused.value.says("idempotency_conflict")
    with pytest.raises(Refused) as refused:
        system.create_receipt(receipt_for(invoice, 100), "key-2")
    assert refused.value.says("conflict")


def test_the_contract_s_own_examples_fit_it():
    examples = CONTRACT["components"]["examples"]
    for name, schema in (
        ("policyAgencyBill", "Policy"),
        ("endorsementAddPremium", "Endorsement"),
        ("receipt", "ReceiptRequest"),
    ):
        assert problems_of({"$ref": f"#/components/schemas/{schema}"}, examples[name]["value"]) == []
