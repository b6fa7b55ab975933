"""Calls are kept at while BindHQ is busy, and given up in the words that say what may have happened."""

import pytest

from portal.core.tenancy import reading_global
from portal.policy_system.protocol import AuthFailed, NotFound, Unavailable, UnsafeAddress
from tests.integrations.bindhq.test_wire import receipt_for


def test_a_busy_system_is_asked_again_when_it_says(stand, system):
    policy_id = stand.do("policies")["id"]
    stand.do("faults", endpoint="policies.get", kind="rate_limit", count=3, seconds=7)
    assert system.policy(policy_id).id == policy_id
    waited = [seconds for seconds in stand.waits if seconds]
    assert waited and all(6 < seconds <= 7 for seconds in waited)


def test_a_long_wait_is_left_to_the_job(stand, system):
    stand.do("faults", endpoint="policies.list", kind="rate_limit", seconds=600)
    with pytest.raises(Unavailable) as busy:
        system.policies()
    assert busy.value.retry_after_seconds == 600


@pytest.mark.parametrize("kind", ["error_before", "error_after"])
def test_five_tries_and_no_more(stand, system, kind):
    stand.do("faults", endpoint="policies.list", kind=kind, count=4)
    assert system.policies().rows == ()
    stand.do("faults", endpoint="policies.list", kind=kind, count=5)
    with pytest.raises(Unavailable):
        system.policies()
    assert system.policies().rows == ()


@pytest.mark.parametrize("kind", ["timeout_before", "timeout_after", "error_after", "rate_limit"])
def test_a_receipt_is_made_once_whatever_gets_lost(stand, kind):
    system = stand.connect(timeout_seconds=0.3)
    policy_id = stand.do("policies")["id"]
    [invoice] = system.invoices(policy_id=policy_id)
    stand.do("faults", endpoint="receipts.create", kind=kind, count=2, seconds=1)
    made = system.create_receipt(receipt_for(invoice, 5000), "key-1")
    assert [each["id"] for each in stand.books()["receipt"]] == [made.id]
    assert system.invoices(policy_id=policy_id)[0].outstanding_cents == invoice.total_cents - 5000


def test_a_person_who_tests_the_connection_does_not_wait(stand, system):
    stand.do("faults", endpoint="ping", kind="error_before")
    with pytest.raises(Unavailable):
        system.test()


def test_a_refused_key_is_not_tried_again(stand, system):
    stand.do("faults", endpoint="agencies.list", kind="unauthorized")
    with pytest.raises(AuthFailed):
        system.agencies()
    assert stand.waits in ([], [0.0])


def test_no_redirect_is_followed(stand, system):
    stand.do("faults", endpoint="agencies.list", kind="redirect")
    with pytest.raises(UnsafeAddress):
        system.agencies()


def test_nobody_calls_with_a_unit_open(stand, system, engine):
    with reading_global(engine), pytest.raises(RuntimeError):
        system.users()


def test_an_address_with_another_path_finds_nothing(stand):
    with pytest.raises(NotFound):
        stand.connect(url=f"{stand.url}/api/v1").users()
