"""Tokens and codes of a sign-in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.access.sign_in_secrets import is_code, link_token, public_id_of, sign_in_code

SECRET = "a secret that only the deployment knows"


def test_a_token_leads_back_to_its_challenge() -> None:
    assert public_id_of(SECRET, link_token(SECRET, "abc-_1")) == "abc-_1"


@given(st.text())
def test_no_other_text_does(text: str) -> None:
    assert public_id_of(SECRET, text) is None


def test_a_token_of_another_deployment_or_with_one_letter_changed_does_not() -> None:
    token = link_token(SECRET, "abc")
    assert public_id_of(SECRET, link_token("another secret", "abc")) is None
    assert all(public_id_of(SECRET, token[:i] + "!" + token[i + 1 :]) is None for i in range(len(token)))
    assert len(token.partition(".")[2]) == 43


def test_a_code_has_six_digits_of_its_own() -> None:
    codes = {sign_in_code(SECRET, str(number)) for number in range(200)}
    assert len(codes) > 195
    assert all(len(code) == 6 and code.isdecimal() for code in codes)


@pytest.mark.parametrize("typed", ["012345", " 012 345 ", "012-345", "０１２３４５"])
def test_a_code_may_be_spaced(typed: str) -> None:
    assert is_code(typed, "012345")


@pytest.mark.parametrize("typed", ["", "12345", "0123456", "012346", "O12345"])
def test_but_not_be_another(typed: str) -> None:
    assert not is_code(typed, "012345")
