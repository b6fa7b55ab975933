"""`flask` commands, one file per group."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the commands. They are imported here, so that code using one of them does not load all the others."""
    from portal.cli.database import upgrade_command
    from portal.cli.worker import worker_command

    for command in upgrade_command, worker_command:
        app.cli.add_command(command)
