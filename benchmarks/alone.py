"""What a benchmark needs that can be run by itself: fresh databases of both kinds, and quiet logs."""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.postgresql import make_database, postgresql
from portal.cli.demo_settings import Ports, demo_settings
from portal.core.logs import configure_logs
from portal.settings import Settings

PORTS = Ports(web=8390, stripe=8391, inbox=8392, smtp=8395, bindhq=8393)


def each_database(name: str) -> Iterator[tuple[str, Settings]]:
    """The kinds of databases that the command line names, or both: what each is called, and settings with an empty one.

    Args:
        name: of the databases.
    """
    with Path(os.devnull).open("w") as nowhere, tempfile.TemporaryDirectory() as folder, postgresql() as server:
        configure_logs(nowhere)
        settings = demo_settings(Path(folder), PORTS)
        urls = {"SQLite": f"sqlite:///{folder}/{name}.db", "PostgreSQL": make_database(server, f"bench_{name}")}
        for kind, url in urls.items():
            if kind in (sys.argv[1:] or urls):
                yield kind, settings.model_copy(update={"database_url": url})
