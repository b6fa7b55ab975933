"""Starts the inbox: python -m portal.sandbox.inbox --smtp-port 1025 --http-port 8025 --db var/inbox.sqlite3"""

import argparse
import logging
import signal
import sys
from pathlib import Path
from types import FrameType

from werkzeug.serving import make_server

from portal.sandbox.inbox.pages import create_inbox
from portal.sandbox.inbox.receiving import receive
from portal.sandbox.inbox.store import MailStore

HOST = "127.0.0.1"


def main() -> None:
    """Listen for mails and readers until stopped by Ctrl-C or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m portal.sandbox.inbox", description=__doc__)
    parser.add_argument("--smtp-port", type=int, default=1025)
    parser.add_argument("--http-port", type=int, default=8025)
    parser.add_argument("--db", type=Path, required=True, help="SQLite file the mails are kept in")
    options = parser.parse_args()

    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    store = MailStore(options.db)
    try:
        controller = receive(store, HOST, options.smtp_port)
    except OSError as error:
        sys.exit(f"The inbox cannot take mails on port {options.smtp_port}: {error.strerror}. Choose another.")
    try:
        server = make_server(HOST, options.http_port, create_inbox(store), threaded=True)
    except (OSError, SystemExit):
        controller.stop()
        sys.exit(f"The inbox cannot show its page on port {options.http_port}: it is in use. Choose another.")

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    sys.stdout.write(f"Inbox: http://{HOST}:{options.http_port}/ (SMTP on port {options.smtp_port})\n")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass
    finally:
        server.server_close()
        controller.stop()


if __name__ == "__main__":
    main()
