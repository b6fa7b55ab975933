"""Why a payment failed: the same word means another thing for a card than for a bank account."""

from portal.reference.failures import failure_for_staff, failure_message


def test_a_card_and_an_account_without_enough_money() -> None:
    assert "Your card does not have enough funds" in str(failure_message("card", "insufficient_funds"))
    assert "not enough money in the account" in str(failure_message("us_bank_account", "insufficient_funds"))


def test_staff_read_of_a_return_what_its_payer_does_not() -> None:
    assert "deceased" in str(failure_for_staff("us_bank_account", "R15"))
    assert "deceased" not in str(failure_message("us_bank_account", "R15"))
    assert failure_for_staff("card", "stolen_card") == failure_message("card", "stolen_card")
