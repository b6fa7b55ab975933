"""What staff read before a program is saved: what follows in dollars, and what looks as if it were there already."""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from flask import url_for

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.reports.staff_duplicates import Twin
from portal.servicing.drafts import ProgramDraft
from portal.servicing.editing import Editable, is_billed_anew
from portal.web.filters import say, say_date


class Note(NamedTuple):
    """One line of them, perhaps with what to look at."""

    message: Text
    url: str = ""


def of_twins(twins: Sequence[Twin]) -> list[Note]:
    """What looks the same, each with its page."""
    return [
        Note(
            twin.message,
            url_for("admin.program", program_id=twin.program_id)
            if twin.program_id
            else url_for("admin.customer", insured_id=twin.insured_id),
        )
        for twin in twins
    ]


def of_billing(draft: ProgramDraft) -> Note:
    """The first invoice of a program."""
    return Note(
        text(
            "An invoice of %(total)s is issued, due %(day)s. Nothing is mailed.",
            total=format_money(draft.total_cents),
            day=say_date(draft.due_date),
        )
    )


def of_editing(editable: Editable, new: ProgramDraft) -> list[Note]:
    """What saving changes in what is billed."""
    if editable.program.draft.is_draft:
        return [] if new.is_draft else [of_billing(new)]
    if not is_billed_anew(editable, new):
        return []
    return [
        Note(
            text(
                "Invoice %(number)s of %(before)s becomes void. A new invoice of %(after)s is issued, due %(day)s. "
                "The payment link stays the same. Nothing is mailed.",
                number=editable.invoice_number,
                before=format_money(editable.total_cents),
                after=format_money(new.total_cents),
                day=say_date(new.due_date),
            )
        )
    ]


def digest_of(notes: Sequence[Note]) -> str:
    """Names these notes: who sends it back has had them on the page."""
    return sha256("\n".join(say(note.message) for note in notes).encode()).hexdigest()[:32]
