"""What a guest is shown of what was found: the cases of ordinary life, without a database."""

from datetime import date

from portal.access.guest_lookup import MISS, Found, Match, choose

TODAY = date(2026, 7, 15)
THIS_YEAR = (date(2026, 1, 1), date(2027, 1, 1))
LAST_YEAR = (date(2025, 1, 1), date(2026, 1, 1))
NEXT_YEAR = (date(2027, 1, 1), date(2028, 1, 1))


def found(
    program: int, term: tuple[date, date] = THIS_YEAR, *, insured: int = 1, open_cents: int = 0, exact: bool = True
) -> Found:
    return Found(exact, program, insured, *term, open_cents)


def test_nothing_found_is_a_miss() -> None:
    assert choose([], None, TODAY) == MISS
    assert not choose([], date(2026, 1, 1), TODAY)


def test_one_program() -> None:
    assert choose([found(7)], None, TODAY) == Match((7,))


def test_a_program_with_the_number_on_two_policies_is_listed_once() -> None:
    assert choose([found(7), found(7, LAST_YEAR, open_cents=5)], None, TODAY) == Match((7,))


def test_an_expired_program_with_nothing_open_still_shows_its_status() -> None:
    assert choose([found(7, LAST_YEAR)], None, TODAY) == Match((7,))


def test_a_reused_number_of_one_insured_lists_what_is_current_and_what_is_open_newest_first() -> None:
    rows = [found(1, LAST_YEAR), found(2, LAST_YEAR, open_cents=100), found(3), found(4, NEXT_YEAR, open_cents=1)]
    assert choose(rows, None, TODAY) == Match((4, 3, 2))


def test_the_effective_date_does_not_matter_for_one_insured() -> None:
    assert choose([found(3)], date(1999, 1, 1), TODAY) == Match((3,))


def test_different_insureds_need_the_effective_date() -> None:
    rows = [found(1, insured=1), found(2, LAST_YEAR, insured=2)]
    assert choose(rows, None, TODAY) == Match(asks_effective_date=True)
    assert choose(rows, date(2025, 1, 1), TODAY) == Match((2,))
    assert choose(rows, date(2024, 1, 1), TODAY) == MISS


def test_different_insureds_with_the_same_effective_date_cannot_be_told_apart() -> None:
    assert choose([found(1, insured=1), found(2, insured=2)], date(2026, 1, 1), TODAY) == MISS


def test_an_exact_number_wins_over_one_that_fits_without_zeros() -> None:
    rows = [found(1, insured=1, exact=False), found(2, insured=2)]
    assert choose(rows, None, TODAY) == Match((2,))
    assert choose([rows[0]], None, TODAY) == Match((1,))
