"""Write .env from an example: what the portal itself has to make up (keys, passwords) is made, the rest is to fill in.

An .env that is there is left alone. Needs nothing but Python, since it runs before anything is installed.
"""

import argparse
import base64
import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
MADE: dict[str, Callable[[], str]] = {
    "PORTAL_SECRET_KEY": lambda: secrets.token_urlsafe(48),
    "PORTAL_ENCRYPTION_KEYS": lambda: base64.urlsafe_b64encode(os.urandom(32)).decode(),
    "PORTAL_METRICS_TOKEN": lambda: secrets.token_urlsafe(32),
    "PORTAL_OWNER_PASSWORD": lambda: secrets.token_hex(24),
    "PORTAL_APP_PASSWORD": lambda: secrets.token_hex(24),
}
"""Passwords are put into addresses of databases: letters and digits alone."""


def filled(example: str) -> str:
    """An example with what is made up filled in.

    >>> filled("PORTAL_MODE=production\\nPORTAL_SMTP_USER=\\n")
    'PORTAL_MODE=production\\nPORTAL_SMTP_USER=\\n'
    """
    lines = []
    for line in example.splitlines():
        name, _, value = line.partition("=")
        lines.append(f"{name}={MADE[name]()}" if name in MADE and not value else line)
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the file, readable by its owner alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("example", type=Path)
    parser.add_argument("--to", type=Path, default=PROJECT / ".env")
    given = parser.parse_args()
    if given.to.exists():
        sys.exit(f"{given.to} is there already, and is left as it is.")
    given.to.touch(mode=0o600)
    given.to.write_text(filled(given.example.read_text("utf-8")), "utf-8")
    print(f"{given.to} is made, with keys and passwords of its own. Fill in the rest: addresses, hosts, mail.")


if __name__ == "__main__":
    main()
