"""The agency's own terms of its agreements: each save is a new version, and what was signed keeps its own."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.models import AgreementText

MOST_CHARACTERS = 40_000


def texts(session: Scoped) -> Sequence[AgreementText]:
    """All versions, the newest first."""
    return session.scalars(select(AgreementText).order_by(AgreementText.version.desc())).all()


def write_text(session: Scoped, body: str, on_version: int, actor: Actor, at: datetime) -> AgreementText:
    """Keep a text as the newest version: it stands in agreements that are drawn up from now on.

    Args:
        session: a write unit.
        body: paragraphs, parted by blank lines.
        on_version: the version that was read when writing began; 0 is the standard text.

    Raises:
        BadInput: empty, too long, or the same as before.
        Conflict: somebody else has written meanwhile.
    """
    body = "\n".join(line.rstrip() for line in body.strip().splitlines())
    if not body:
        raise BadInput(text("The text is empty."))
    if len(body) > MOST_CHARACTERS:
        raise BadInput(text("The text has more than %(most)s characters.", most=f"{MOST_CHARACTERS:,}"))
    newest = session.scalars(select(AgreementText).order_by(AgreementText.version.desc()).limit(1)).one_or_none()
    version = newest.version if newest else 0
    if version != on_version:
        raise Conflict(
            text("Version %(version)s was saved meanwhile. Copy your text and open the page again.", version=version)
        )
    if newest is not None and newest.body == body:
        raise BadInput(text("Nothing has changed since version %(version)s.", version=version))
    row = AgreementText(version=version + 1, body=body, written_by=actor.name, written_at=at)
    session.add(row)
    record(session, actor, "agreement_text.written", "agency", session.agency_id, at, version=row.version)
    session.flush()
    return row
