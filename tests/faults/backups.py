"""The product's own backup and restore, at a desk: the machine is lost, yesterday's backup takes its place."""

from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner
from pydantic import SecretStr

from portal.agencies.keys import read_keys, restored_from
from portal.cli.backup import backup_command, restore_command
from portal.cli.demo_settings import as_environment
from portal.core.audit import SYSTEM
from portal.payments.after_restore import read_again
from portal.settings import Settings
from tests.factories.desk import Desk
from tests.factories.people import BOX, FERNET


@dataclass(frozen=True)
class Backup:
    """One backup of a desk's database.

    Args:
        url: the database, for the portal's own role.
        owner_url: the same for the role that owns its tables.
        file: where the backup is kept.
    """

    desk: Desk
    url: str
    owner_url: str
    file: Path

    def take(self) -> None:
        """`flask backup`."""
        self._run(backup_command, str(self.file))

    def restore(self) -> None:
        """`flask restore`, web server and worker being stopped."""
        self.desk.till.engine.dispose()
        self._run(restore_command, str(self.file), "--yes")
        assert not is_open(self.desk)

    def read_again(self) -> None:
        """What `flask after-restore` does for an agency, at the desk's own time.

        Raises:
            GatewayError: the processor could not be asked.
        """
        with self.desk.till.reading() as session:
            at = restored_from(session)
        assert at is not None
        read_again(self.desk.till, at, SYSTEM)

    def _run(self, command: object, *arguments: str) -> None:
        settings = Settings(
            mode="demo",
            database_url=self.url,
            migration_database_url=self.owner_url if self.owner_url != self.url else "",
            secret_key=SecretStr("a secret key that only the tests know"),
            encryption_keys=SecretStr(FERNET),
            base_url="http://localhost",
            mail_from="payments@portal.example",
            stripe_sandbox_url=self.desk.sandbox.url,
        )
        ended = CliRunner().invoke(command, arguments, env=as_environment(settings))  # type: ignore[arg-type]
        assert ended.exit_code == 0, ended.output


def is_open(desk: Desk) -> bool:
    """Whether the agency takes payments."""
    with desk.till.reading() as session:
        return read_keys(session, BOX) is not None
