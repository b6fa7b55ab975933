"""Policy numbers and ZIPs as people type them."""

import pytest

from portal.programs.policy_numbers import exact_key, loose_key, zip5

SAMPLES = [
    ("CPS 0071234", ["cps0071234", "CPS-0071234", "CPS 71234"]),
    ("76 SBA AB1234", ["76SBAAB1234", "76-sba-ab1234"]),
    ("76 WEG AC0012", ["76WEGAC0012"]),
    ("I-680-1A234567-TIL-25", ["I6801A234567TIL25"]),
    ("UB-0K123456-25-42-G", ["ub0k1234562542g"]),
    ("BKS (25) 01 23 45 67", ["BKS2501234567"]),
    ("WC5-31S-012345-015", ["wc531s012345015"]),
    ("6 012345678", ["6012345678"]),
    ("3512-34-56 ECE", ["35123456ECE"]),
    ("3AA123456", ["3aa 123456"]),
    ("012345678", ["12345678", "0123 45678"]),
    ("NN0123456", ["nn 0123456", "NN123456"]),
    ("123BW01234", ["123 BW 01234"]),
    ("CL 1234567B", ["CL1234567B"]),
    ("0100012345-0", ["01000123450"]),
    ("00123456-2", ["001234562", "00123456 2"]),
    ("PHPK2012345", ["phpk 2012345"]),
    ("TWC4012345", ["TWC 4012345"]),
    ("GLO 0123456-00", ["GLO012345600"]),
    ("PAC 012-34-56-00", ["PAC012345600"]),
    ("93-AB-C012-3", ["93ABC0123"]),
    ("01234567-0", ["012345670", "1234567-0"]),
    ("ACP GLAO 3012345678", ["ACPGLAO3012345678"]),
    ("UDC-1234567-CGL-25", ["udc1234567cgl25"]),
    ("ABBP012345", ["abbp 012345"]),
    ("NXT-1234-00-GL", ["NXT123400GL"]),
]


@pytest.mark.parametrize(("number", "same"), [(number, other) for number, others in SAMPLES for other in others])
def test_ways_to_write_one_number_meet_in_its_loose_key(number: str, same: str) -> None:
    assert loose_key(same) == loose_key(number)


@pytest.mark.parametrize("number", [number for number, _ in SAMPLES])
def test_the_exact_key_keeps_every_letter_and_digit(number: str) -> None:
    assert exact_key(number) == "".join(character for character in number.upper() if character.isalnum())


def test_samples_of_different_groups_stay_apart() -> None:
    assert len({loose_key(number) for number, _ in SAMPLES}) == len(SAMPLES)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("CPS–007—1234", "CPS0071234"),
        ("ＣＰＳ００７１２３４", "CPS0071234"),
        ("\u00a0#cps.007/1234\t", "CPS0071234"),
        ("", ""),
        ("–", ""),
    ],
)
def test_dashes_of_all_kinds_and_wide_letters(typed: str, key: str) -> None:
    assert exact_key(typed) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [("AO123", "A0123"), ("AI1", "A11"), ("GLO0123456-00", "GLO0123456-01"), ("CPS71234", "CPS712345"), ("10", "1")],
)
def test_what_looks_alike_is_not_the_same(one: str, other: str) -> None:
    assert loose_key(one) != loose_key(other)


def test_a_run_of_zeros_keeps_one() -> None:
    assert (loose_key("A-00-B"), loose_key("000")) == ("A0B", "0")


@pytest.mark.parametrize(
    "typed", ["78701", "78701-4042", "787014042", " 78701 ", "７８７０１", "78701 4042", "78701–4042", "78701 - 4042"]
)
def test_a_zip_is_its_first_five_digits(typed: str) -> None:
    assert zip5(typed) == "78701"


@pytest.mark.parametrize("typed", ["7870", "7870A", "78701-404", "", "78701 4042x", "SW1A 1AA"])
def test_what_is_not_a_zip(typed: str) -> None:
    assert zip5(typed) is None
