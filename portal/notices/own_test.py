"""A mail with sample figures in words that an admin tries out, to that admin alone."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from portal.agencies.models import Agency, StaffMember
from portal.core.outbox import enqueue
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.documents.filled import letterhead_of
from portal.notices.mail_kinds import LOCALES
from portal.notices.message import Message, OwnWords, Recipient
from portal.notices.samples import Sample, sample_mail

TEST = "mail.own_words_test"
MARK = "Test: "


def ask_for_test(session: Scoped, kind: str, language: str, words: OwnWords, staff_id: int, at: datetime) -> None:
    """Put a test on its way. The same words leave once a minute.

    Args:
        session: a write unit.
        words: as `checked` returns them; the row holds them, since they need not be saved: they are nobody's secret.
        staff_id: who tries them out, and gets the mail.
    """
    payload = {"mail": kind, "language": language, "words": asdict(words), "staff_id": staff_id}
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()[:32]
    enqueue(session, TEST, f"{digest}:{at:%Y%m%d%H%M}", payload, at)


def test_message(
    session: Scoped, agency: Agency, payload: Mapping[str, Any], today: date, home_url: str
) -> Message | None:
    """The mail of an outbox row; None when its reader does not work here any more.

    Args:
        today: the day at the agency.
        home_url: absolute address of the portal, where its button leads.
    """
    member = session.scalars(select(StaffMember).where(StaffMember.id == payload["staff_id"])).one()
    if not member.is_active:
        return None
    recipient = Recipient(member.email, member.name, LOCALES[payload["language"]])
    message = sample_mail(payload["mail"], Sample(recipient, letterhead_of(agency), today, home_url))
    return marked(replace(message, own=OwnWords(**payload["words"])))


def marked(message: Message) -> Message:
    """A message whose subject says that it is a test."""
    if message.own.subject:
        return replace(message, own=replace(message.own, subject=MARK + message.own.subject))
    subject: Text = text("Test: %(subject)s", subject=message.subject)
    return replace(message, subject=subject)
