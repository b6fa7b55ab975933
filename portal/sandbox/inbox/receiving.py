"""Takes mails in over SMTP. Some addresses are refused, so that senders can be tried.

bounce@… (and bounce+anything@…) is refused for good, later@… for now.
"""

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from portal.sandbox.inbox.parts import take_apart
from portal.sandbox.inbox.store import MailStore

REFUSALS = {"bounce": "550 5.1.1 No such mailbox here", "later": "451 4.2.0 Mailbox busy, try again later"}
LARGEST_BYTES = 40_000_000


class Receiver:
    """Answers SMTP commands; what is accepted is stored before the sender is told so."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Accept or refuse a recipient."""
        name = address.partition("@")[0].partition("+")[0].lower()
        if name in REFUSALS:
            return REFUSALS[name]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Store a mail."""
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        parts = take_apart(raw)
        self._store.add(
            sender=parts.header("From") or envelope.mail_from or "",
            recipients=[address for address in envelope.rcpt_tos if address],
            subject=parts.header("Subject"),
            message_id=parts.header("Message-ID"),
            raw=raw,
        )
        return "250 Stored"


def receive(store: MailStore, host: str, port: int) -> Controller:
    """Listen in the background.

    Raises:
        OSError: the port is in use.
    """
    controller = Controller(
        Receiver(store), hostname=host, port=port, data_size_limit=LARGEST_BYTES, enable_SMTPUTF8=True
    )
    controller.start()
    return controller
