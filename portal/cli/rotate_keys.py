"""`flask rotate-keys`: everything encrypted at rest is encrypted anew with the newest key."""

from collections.abc import Iterator
from dataclasses import dataclass

import click
from sqlalchemy import ColumnElement, Engine, bindparam, select, true, update
from sqlalchemy.orm import InstrumentedAttribute

from portal.access.models import StaffFactor
from portal.agencies.models import Agency, ProcessorAccount
from portal.cli.deployment import deployment, operator
from portal.core import clock
from portal.core.audit import record
from portal.core.db import Base
from portal.core.secrets import CannotDecrypt, SecretBox
from portal.core.tenancy import Scoped, reading_global, writing
from portal.policy_system.models import PolicyConnection
from portal.settings import load_settings


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """A column that a `SecretBox` has closed, in the rows of an agency that satisfy `rows`."""

    model: type[Base]
    column: InstrumentedAttribute[str]
    rows: ColumnElement[bool]

    @property
    def name(self) -> str:
        """As tests and people call it."""
        return f"{self.column.class_.__tablename__}.{self.column.key}"


ENCRYPTED = (
    EncryptedColumn(Agency, Agency.lookup_key, Agency.id == bindparam("rotated_agency_id")),
    EncryptedColumn(ProcessorAccount, ProcessorAccount.secret_key, true()),
    EncryptedColumn(ProcessorAccount, ProcessorAccount.webhook_secrets, true()),
    EncryptedColumn(PolicyConnection, PolicyConnection.api_key, PolicyConnection.api_key != ""),
    EncryptedColumn(PolicyConnection, PolicyConnection.webhook_secrets, PolicyConnection.webhook_secrets != ""),
    EncryptedColumn(StaffFactor, StaffFactor.secret, StaffFactor.kind == "totp"),
)
"""Every encrypted column there is; a test finds what is missing."""


def rotate(session: Scoped, box: SecretBox) -> int:
    """Encrypt an agency's secrets anew; says how many there were.

    Raises:
        CannotDecrypt: one opens with none of the keys.
    """
    return sum(_rotate_column(session, box, encrypted) for encrypted in ENCRYPTED)


def _rotate_column(session: Scoped, box: SecretBox, encrypted: EncryptedColumn) -> int:
    model, column = encrypted.column.class_, encrypted.column
    wanted = select(model.id, column).where(encrypted.rows).with_for_update()
    rows = session.execute(wanted, {"rotated_agency_id": session.agency_id}).all()
    for row_id, sealed in rows:
        session.execute(
            update(model)
            .where(model.id == row_id)
            .values({column: box.rotate(sealed)})
            .execution_options(synchronize_session=False)
        )
    return len(rows)


def rotate_all(engine: Engine, box: SecretBox) -> Iterator[tuple[str, int]]:
    """Rotate agency by agency; yields the slug and how many secrets it has."""
    with reading_global(engine) as unscoped:
        agencies = unscoped.scalars(select(Agency).order_by(Agency.slug)).all()
    for agency in agencies:
        with writing(engine, agency.id) as session:
            count = rotate(session, box)
            record(session, operator(), "keys.rotated", "agency", agency.id, clock.now(), count=count)
        yield agency.slug, count


@click.command("rotate-keys")
def rotate_keys_command() -> None:
    """Encrypt all stored secrets with the first of PORTAL_ENCRYPTION_KEYS; the others can be removed afterwards."""
    box = load_settings().box
    with deployment() as engine:
        try:
            for slug, count in rotate_all(engine, box):
                click.echo(f"{slug}: {count} secrets")
        except CannotDecrypt as error:
            raise click.ClickException(f"{error}. Put the key that is missing back and run this again.") from error
    click.echo(
        "All secrets are encrypted with the newest key. The older ones can be taken out of PORTAL_ENCRYPTION_KEYS."
    )
