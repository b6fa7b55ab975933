"""The agency's keys, stored encrypted and opened where they are used: those at its payment processor, and its own."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.agencies.models import Agency, ProcessorAccount
from portal.core.errors import BadInput, Conflict
from portal.core.secrets import SecretBox
from portal.core.tenancy import Scoped
from portal.core.text import text

_DESCRIPTOR = re.compile(r"""(?=.*[A-Za-z])[ !#-&(-)+-;=?-\[\]-~]{5,22}""")
"""Stripe's rule for statement_descriptor: Latin, 5 to 22 characters, one letter, none of < > \\ ' " *."""


@dataclass(frozen=True, slots=True)
class ProcessorKeys:
    """Keys in the clear, for the moment of a call. `webhook_secrets` are all that are active."""

    account: str
    publishable_key: str
    secret_key: str
    webhook_secrets: tuple[str, ...]
    statement_descriptor: str = ""

    def __repr__(self) -> str:
        return f"ProcessorKeys(account={self.account!r})"


def lookup_key(agency: Agency, box: SecretBox) -> bytes:
    """The agency's own key of the guest's index and of the PINs on its invoices."""
    return box.open(agency.lookup_key).encode()


def set_keys(session: Scoped, box: SecretBox, keys: ProcessorKeys) -> None:
    """Store the agency's keys, in place of those it had.

    Raises:
        BadInput: keys that are not a publishable and a secret one of the same mode, or a descriptor of a wrong form.
        Conflict: another agency has this account.
    """
    modes = [keys.publishable_key[:8], keys.secret_key[:8]]
    if modes not in (["pk_test_", "sk_test_"], ["pk_live_", "sk_live_"]):
        raise BadInput(text("Give a publishable key (pk_…) and a secret key (sk_…) of the same mode."))
    if keys.statement_descriptor and not _DESCRIPTOR.fullmatch(keys.statement_descriptor):
        raise BadInput(
            text("What statements show has 5 to 22 characters, a letter among them, and none of < > \\ ' \" *.")
        )
    row = session.scalars(select(ProcessorAccount)).one_or_none()
    if row is None:
        row = ProcessorAccount(account=keys.account, paused_at=None, restored_from=None, events_swept_at=None)
        session.add(row)
    row.account = keys.account
    row.publishable_key = keys.publishable_key
    row.secret_key = box.close(keys.secret_key)
    row.webhook_secrets = box.close(",".join(keys.webhook_secrets))
    row.statement_descriptor = keys.statement_descriptor
    row.paused_at = None
    try:
        session.flush()
    except IntegrityError as error:  # the rows of other agencies cannot be looked at, but the database compares them
        raise Conflict(text("Another agency here has the account %(account)s.", account=keys.account)) from error


def pause_account(session: Scoped, at: datetime) -> None:
    """Take no payments online until working keys are entered: the processor refuses the ones we have."""
    session.execute(update(ProcessorAccount).where(ProcessorAccount.paused_at.is_(None)).values(paused_at=at))


def read_keys(session: Scoped, box: SecretBox) -> ProcessorKeys | None:
    """The agency's keys, or None: then it cannot take payments online."""
    row = session.scalars(select(ProcessorAccount)).one_or_none()
    is_closed = row is None or row.paused_at is not None or row.restored_from is not None
    return None if row is None or is_closed else _opened(row, box)


def restored_from(session: Scoped) -> datetime | None:
    """The moment of the backup whose payments since are still to be read again; None in ordinary life."""
    return session.scalars(select(ProcessorAccount.restored_from)).one_or_none()


def end_restore(session: Scoped) -> None:
    """All payments since the backup are in the books: take payments again."""
    session.execute(update(ProcessorAccount).values(restored_from=None))


def stored_keys(session: Scoped, box: SecretBox) -> ProcessorKeys | None:
    """The agency's keys even while its account is paused: what the processor announces meanwhile is kept."""
    row = session.scalars(select(ProcessorAccount)).one_or_none()
    return None if row is None else _opened(row, box)


def _opened(row: ProcessorAccount, box: SecretBox) -> ProcessorKeys:
    return ProcessorKeys(
        row.account,
        row.publishable_key,
        box.open(row.secret_key),
        tuple(secret for secret in box.open(row.webhook_secrets).split(",") if secret),
        row.statement_descriptor,
    )
