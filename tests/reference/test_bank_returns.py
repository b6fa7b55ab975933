"""Bank returns: what payers and staff read of each."""

import pytest
from babel.messages.catalog import Catalog

from portal.reference.bank_returns import bank_returns, find_return, return_message
from portal.reference.declines import decline_message
from portal.reference.table import read_table
from scripts.texts import TRANSLATIONS, is_translated, read_catalog


@pytest.fixture(scope="module")
def spanish() -> Catalog:
    return read_catalog(TRANSLATIONS / "es" / "LC_MESSAGES" / "messages.po")


@pytest.mark.parametrize("code", [row["code"] for row in read_table("bank_returns.csv")])
def test_each_return_has_words_for_the_payer_in_both_languages_and_for_staff(code: str, spanish: Catalog) -> None:
    found = find_return(code)
    assert str(found.message).endswith(".")
    assert found.for_staff.startswith(f"{code} {found.title}")
    translated = spanish.get(found.message.message)
    assert translated is not None
    assert is_translated(translated)


@pytest.mark.parametrize("code", [row["code"] for row in read_table("declines.csv")])
def test_each_decline_has_words_for_the_payer_in_both_languages(code: str, spanish: Catalog) -> None:
    translated = spanish.get(decline_message(code).message)
    assert translated is not None
    assert is_translated(translated)


def test_all_the_codes_are_there_once() -> None:
    codes = [row["code"] for row in read_table("bank_returns.csv")]
    assert len(codes) == len(set(codes)) == len(bank_returns()) == 27
    kinds = {found.kind for found in bank_returns().values()}
    assert kinds == {"soft", "hard", "technical", "credit_only", "other"}


def test_only_missing_money_is_tried_again() -> None:
    again = [found.code for found in bank_returns().values() if found.autopay == "retry"]
    assert again == ["R01", "R09"]
    assert all(find_return(code).max_retries == 2 for code in again)
    assert not any(found.max_retries for found in bank_returns().values() if found.remove_method)


def test_a_payer_is_not_told_of_a_death_or_a_frozen_account() -> None:
    for code in ("R14", "R15", "R16", "recipient_deceased", "bank_account_frozen"):
        words = str(return_message(code)).lower()
        assert not any(word in words for word in ("deceased", "died", "frozen", "ofac"))


def test_the_processors_names_and_unknown_ones() -> None:
    assert find_return("insufficient_funds").code == "R01"
    assert find_return("debit_not_authorized").autopay == "disable_and_review"
    for code in ("R99", "never heard of", "", None):
        assert "another payment method" in str(return_message(code))
        assert find_return(code).autopay == "review"
