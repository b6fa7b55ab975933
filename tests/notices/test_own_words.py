"""An agency's own words in a mail: what they may say, and that the facts of the mail stay out of their reach."""

import re
from dataclasses import replace
from datetime import date

import pytest

from portal.core.errors import BadInput
from portal.notices.mail_kinds import KINDS, LOCALES, PLACE_WORDS
from portal.notices.message import Message, OwnWords, Recipient
from portal.notices.own_test import marked
from portal.notices.own_words import checked, paragraphs
from portal.notices.samples import SAMPLES, Sample, sample_mail
from tests.factories.mail import DANA, LINK, a_letterhead, pages
from tests.notices.test_messages import seen

TODAY = date(2026, 7, 10)


def a_sample(kind: str, **recipient: str) -> Message:
    return sample_mail(kind, Sample(replace(DANA, **recipient), a_letterhead(), TODAY, LINK))


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_can_name_all_its_places_and_says_all_else_as_before(kind: str) -> None:
    message = a_sample(kind)
    assert message.kind == kind
    assert set(message.facts) == set(KINDS[kind].facts)
    standard = pages().render(message)
    every = " ".join("{" + place + "}" for place in KINDS[kind].places)
    own = pages().render(replace(message, own=OwnWords(opening=f"First {every}.", closing=f"Last {every}.")))
    assert own.subject == standard.subject
    said = "Dana Reyes Harbor Point Insurance (207) 555-0142"
    for mail_part in (seen(own), own.text):
        first, last = mail_part.index(f"First {said}"), mail_part.index(f"Last {said}")
        assert first < last
        assert "{" not in mail_part[first:]
    taken_out = re.sub(r"(First|Last) [^\n]*\n\s*", "", own.text)
    assert [line for line in taken_out.splitlines() if line] == [line for line in standard.text.splitlines() if line]


@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.in_subject])
def test_the_standard_subject_names_what_an_own_one_has_to(kind: str) -> None:
    message, needed = a_sample(kind), KINDS[kind].in_subject or ()
    standard = pages().render(message).subject
    own = checked(KINDS[kind], "subject", "Yours: " + " / ".join("{" + place + "}" for place in needed))
    said = pages().render(replace(message, own=OwnWords(subject=own))).subject
    for fact in said.removeprefix("Yours: ").split(" / "):
        assert fact in standard
        assert "{" not in fact


def test_every_place_is_explained_and_every_kind_has_a_sample() -> None:
    assert {place for kind in KINDS.values() for place in kind.places} == set(PLACE_WORDS)
    assert list(SAMPLES) == list(KINDS)


@pytest.mark.parametrize(
    ("part", "typed", "said"),
    [
        ("opening", "Hello {frist_name}", "This mail has no {frist_name}. It has {name}, {agency}, {phone}, {amount}"),
        ("opening", "Hello {}", "This mail has no {}."),
        ("opening", "Hello {name", "a { or } too many"),
        ("opening", "Hello name}", "a { or } too many"),
        ("opening", "Hello {{name}}", "a { or } too many"),
        ("closing", "Pay at https://evil.example/pay now", "“https://evil.example/pay” reads like a web"),
        ("closing", "Pay at Evil.Example", "“Evil.Example” reads like a web"),
        ("closing", "Mail pay@evil", "“pay@evil” reads like a web"),
        ("closing", "Hello\x07", "cannot be shown"),
        ("closing", "Hello \u202egro", "cannot be shown"),
        ("closing", "x" * 1001, "Shorten this to 1000 characters. It has 1001."),
        ("subject", "One\nTwo", "one line"),
        ("subject", "{amount} please", "has to name {date}"),
        ("subject", "x" * 121, "Shorten this to 120"),
    ],
)
def test_what_cannot_stand_in_a_mail_is_said(part: str, typed: str, said: str) -> None:
    with pytest.raises(BadInput) as error:
        checked(KINDS["payment_link"], part, typed)
    assert said in str(error.value.message)


def test_words_are_tidied_and_ordinary_ones_are_no_address() -> None:
    typed = "  Dear {name},\r\n\r\n\r\n\r\nwe are here 9 a.m. to 5 p.m.,  e.g. on Fridays...and more.\t \r\nAnn, Inc. "
    words = checked(KINDS["payment_link"], "opening", typed)
    assert words == "Dear {name},\n\nwe are here 9 a.m. to 5 p.m., e.g. on Fridays...and more.\nAnn, Inc."
    assert len(paragraphs(words)) == 2
    assert checked(KINDS["payment_link"], "subject", " ") == ""


def test_what_is_typed_is_escaped_in_html_and_plain_in_text() -> None:
    typed = checked(KINDS["payment_link"], "opening", "<b>Tom</b> & {name} <script>x</script>\nsecond line")
    message = replace(a_sample("payment_link", name="<i>Dana</i> {amount}"), own=OwnWords(opening=typed))
    mail = pages().render(message)
    assert "&lt;b&gt;Tom&lt;/b&gt; &amp; &lt;i&gt;Dana&lt;/i&gt; {amount} &lt;script&gt;" in mail.html
    assert "<br />second line" in mail.html
    assert "<b>Tom</b> & <i>Dana</i> {amount} <script>x</script>\nsecond line\n" in mail.text
    assert mail.text.startswith("<b>Tom")


def test_dates_are_written_as_the_reader_does_and_nobody_is_addressed_by_nothing() -> None:
    reader = Recipient("ana@bakery.example", locale=LOCALES["es"])
    message = sample_mail("payment_link", Sample(reader, a_letterhead(), TODAY, LINK))
    mail = pages().render(replace(message, own=OwnWords(subject="{name}: {amount}, {date}")))
    assert mail.subject == "customer: $412.50, 1 ago 2026"


def test_a_test_says_that_it_is_one() -> None:
    message = a_sample("payment_link")
    assert pages().render(marked(message)).subject == "Test: $412.50 is due on Aug 1, 2026"
    own = replace(message, own=OwnWords(subject="{amount}, {date}"))
    assert pages().render(marked(own)).subject == "Test: $412.50, Aug 1, 2026"
    assert message.attachments == ()
