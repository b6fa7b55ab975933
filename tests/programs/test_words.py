"""Words by which programs are found: letters and digits alone, without case and accents."""

from portal.programs.words import LONGEST, key_of, keys_of, words_of


def test_a_number_is_the_same_however_it_is_written() -> None:
    assert {key_of(typed) for typed in ("CPS-007 1234", "cps0071234", " cps 007/1234")} == {"cps0071234"}


def test_accents_do_not_hide_a_name() -> None:
    assert keys_of("Müller ÉLAN straße") == ["muller", "elan", "strasse"]


def test_a_hyphenated_name_is_found_by_each_of_its_parts() -> None:
    assert words_of(["Smith-Jones & Sons", ""], ["ana@bakery.example", ""]) == {
        "smith",
        "jones",
        "smithjones",
        "sons",
        "anabakeryexample",
    }


def test_marks_alone_are_no_word_and_a_long_one_is_cut() -> None:
    assert keys_of("% -- _") == []
    assert key_of("x" * 500) == "x" * LONGEST
