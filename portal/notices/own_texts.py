"""An agency's own words for its mails: each save is a new version; what was mailed stays as it was."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.notices.mail_kinds import KINDS
from portal.notices.message import Message, OwnWords
from portal.notices.models import MailText
from portal.notices.own_words import checked


def mail_texts(session: Scoped, kind: str, language: str) -> Sequence[MailText]:
    """All versions for a kind of mail in a language, the newest first."""
    query = select(MailText).where(MailText.kind == kind, MailText.language == language)
    return session.scalars(query.order_by(MailText.version.desc())).all()


def texts_in_use(session: Scoped) -> dict[tuple[str, str], MailText]:
    """By kind and language, the newest version where it says something of its own."""
    newest = select(func.max(MailText.id)).group_by(MailText.kind, MailText.language)
    rows = session.scalars(select(MailText).where(MailText.id.in_(newest)))
    return {(row.kind, row.language): row for row in rows if words_of(row) != OwnWords()}


def words_of(row: MailText) -> OwnWords:
    """What a version says."""
    return OwnWords(row.subject, row.opening, row.closing)


def in_own_words(session: Scoped, message: Message) -> Message:
    """A message with the agency's own words for it, if it has any in the reader's language.

    A part that names what its mail does not have any more has the standard words: a mail never fails for its words.
    """
    if message.kind not in KINDS:
        return message
    query = select(MailText).where(
        MailText.kind == message.kind, MailText.language == message.recipient.locale.partition("_")[0]
    )
    row = session.scalars(query.order_by(MailText.version.desc()).limit(1)).one_or_none()
    if row is None:
        return message
    kind = KINDS[message.kind]

    def still(part: str) -> str:
        try:
            return checked(kind, part, getattr(row, part)) if part in kind.parts else ""
        except BadInput:
            return ""

    return replace(message, own=OwnWords(still("subject"), still("opening"), still("closing")))


def write_mail_text(
    session: Scoped, kind: str, language: str, words: OwnWords, on_version: int, actor: Actor, at: datetime
) -> MailText:
    """Keep words as the newest version: they stand in mails that leave from now on.

    Args:
        session: a write unit.
        words: as `checked` returns them; all empty goes back to the standard words.
        on_version: the version that was read when writing began; 0 is the standard text.

    Raises:
        BadInput: the same as before.
        Conflict: somebody else has written meanwhile.
    """
    newest = next(iter(mail_texts(session, kind, language)), None)
    version = newest.version if newest else 0
    if version != on_version:
        raise Conflict(_meanwhile(version))
    if words == (words_of(newest) if newest else OwnWords()):
        raise BadInput(text("Nothing has changed."))
    row = MailText(
        kind=kind,
        language=language,
        version=version + 1,
        subject=words.subject,
        opening=words.opening,
        closing=words.closing,
        written_by=actor.name,
        written_at=at,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict(_meanwhile(version + 1)) from error
    record(
        session,
        actor,
        "mail_text.written",
        "agency",
        session.agency_id,
        at,
        mail=kind,
        language=language,
        version=row.version,
        is_standard=words == OwnWords(),
    )
    return row


def _meanwhile(version: int) -> Text:
    return text("Version %(version)s was saved meanwhile. Copy your text and open the page again.", version=version)
