"""A line is kept in English and read in the reader's language."""

from portal.core.text import Text, text
from portal.invoices.line_words import LINE_PARTS, line_label, written_label


def test_every_kept_label_is_found_again() -> None:
    for kind, part in LINE_PARTS.items():
        found = line_label(kind, written_label("General liability", kind))
        assert found == text("%(coverage)s: %(part)s", coverage="General liability", part=part)
        assert str(found) == f"General liability: {part}"


def test_what_the_agency_has_worded_itself_stays() -> None:
    assert line_label("premium", "Premium for the spring fair") == "Premium for the spring fair"
    assert line_label("premium", "Umbrella: Fee") == "Umbrella: Fee"
    assert line_label("adjustment", "Umbrella: Premium") == "Umbrella: Premium"


def test_a_coverage_with_a_colon_or_a_percent_sign_keeps_it() -> None:
    found = line_label("tax", "Auto: 100% owned: Taxes")
    assert isinstance(found, Text)
    assert str(found) == "Auto: 100% owned: Taxes"
