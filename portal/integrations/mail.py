"""E-mail over SMTP by Flask-Mail: rendered by mail_page.py, delivered here."""

import hashlib
import re
import smtplib
import ssl
from email import policy
from email.charset import QP, SHORTEST, add_charset

import flask_mail
import structlog
from flask import Flask

from portal.core.failpoints import failpoint
from portal.core.tenancy import assert_no_open_unit
from portal.integrations.mail_page import MailPages, small_logo
from portal.notices.message import AddressRefused, BadHeader, MailUndeliverable, Message, RenderedMail

log = structlog.get_logger(__name__)
TIMEOUT_SECONDS = 30
IMPLICIT_TLS_PORT = 465
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u0085\u2028\u2029]")
_OURS = re.compile(r"\b5\.(?:2\.[23]|[37]\.\d+)\b")  # mailbox full, message too large, system, policy: not the address
add_charset("utf-8", SHORTEST, QP, "utf-8")  # after Flask-Mail set none: HTML has lines longer than SMTP allows


class _Mail(flask_mail.Message):
    """Flask-Mail's message, written out without folding its encoded names anew.

    The policy Flask-Mail writes with would decode "Smith, LLC" and leave the comma bare: two senders.
    """

    def as_bytes(self) -> bytes:
        """The message as it goes over the wire."""
        return bytes(self._message().as_bytes(policy=policy.compat32.clone(linesep="\r\n", max_line_length=900)))


class SmtpMailer:
    """Delivers messages through one SMTP server; safe to share between threads.

    Args:
        host, port: of the server.
        user, password: empty where it asks for none.
        tls: encrypt, by STARTTLS or (port 465) from the start; certificates are checked.
        mail_from: the address everything comes from; the agency's name stands before it.
        pages: renders the messages.
    """

    def __init__(
        self, host: str, port: int, user: str, password: str, tls: bool, mail_from: str, pages: MailPages
    ) -> None:
        self._mail_from = mail_from
        self._pages = pages
        self._app = Flask(__name__, static_folder=None)
        self._app.config.update(
            MAIL_SERVER=host,
            MAIL_PORT=port,
            MAIL_USERNAME=user,
            MAIL_PASSWORD=password,
            MAIL_USE_TLS=tls and port != IMPLICIT_TLS_PORT,
            MAIL_USE_SSL=tls and port == IMPLICIT_TLS_PORT,
            MAIL_DEFAULT_SENDER=mail_from,
        )
        self._mail = flask_mail.Mail(self._app)

    def render(self, message: Message) -> RenderedMail:
        """Make subject, HTML part (its logo refers to cid:logo) and text part."""
        return self._pages.render(message)

    def send(self, message: Message, *, dedupe_key: str) -> str:
        """Deliver a message.

        Args:
            message: what, and to whom.
            dedupe_key: the same key makes the same Message-ID, so that a second copy is known as one.

        Returns:
            The Message-ID.

        Raises:
            AddressRefused: never send to this address again.
            MailUndeliverable: try again later.
            BadHeader: nothing is sent, now or later.
            UnitOpen: a transaction is open, which may not wait for a mail server.
        """
        assert_no_open_unit()
        with self._app.app_context():
            mail = self._build(message, dedupe_key)
            failpoint("before call")
            try:
                with _Connection(self._mail) as connection:
                    connection.send(mail)
            except smtplib.SMTPRecipientsRefused as error:
                code, reason = next(iter(error.recipients.values()))
                raise _refusal(code, reason) from error
            except (smtplib.SMTPDataError, smtplib.SMTPSenderRefused) as error:
                refused = isinstance(error, smtplib.SMTPDataError)
                raise _refusal(error.smtp_code if refused else 451, error.smtp_error) from error
            except (smtplib.SMTPException, OSError) as error:
                raise MailUndeliverable(type(error).__name__) from error
        failpoint("after call")
        log.info("mail.sent", template=message.template, digest=mail.msgId.strip("<").partition("@")[0])
        return mail.msgId

    def check(self) -> None:
        """Reach the server, encrypt and log in as `send` does, and send nothing.

        Raises:
            MailUndeliverable: that does not work; says what the server or the network answered.
        """
        assert_no_open_unit()
        try:
            with self._app.app_context(), _Connection(self._mail) as connection:
                assert connection.host is not None
                connection.host.noop()
        except (smtplib.SMTPException, OSError) as error:
            raise MailUndeliverable(str(error) or type(error).__name__) from error

    def _build(self, message: Message, dedupe_key: str) -> _Mail:
        rendered = self._pages.render(message)
        recipient, letterhead = message.recipient, message.letterhead
        for value in (
            rendered.subject,
            recipient.name,
            recipient.address,
            letterhead.agency_name,
            letterhead.email,
            *(part for file in message.attachments for part in (file.filename, file.content_type)),
        ):
            if _CONTROL.search(value):
                raise BadHeader("a mail header must be one line")
        if not recipient.address.rpartition("@")[0].isascii():
            raise AddressRefused("an address outside ASCII cannot be delivered to")
        mail = _Mail(
            rendered.subject,
            recipients=[(recipient.name, recipient.address)],
            body=rendered.text,
            html=rendered.html,
            reply_to=letterhead.email or None,
            extra_headers={"Auto-Submitted": "auto-generated"},
        )
        mail.sender = (letterhead.agency_name, self._mail_from)  # as a pair: names may hold commas
        digest = hashlib.sha256(dedupe_key.encode()).hexdigest()[:40]
        mail.msgId = f"<{digest}@{self._mail_from.rpartition('@')[2]}>"
        for file in message.attachments:
            mail.attach(file.filename, file.content_type, file.data)
        if letterhead.logo:
            mail.attach("logo.png", "image/png", small_logo(letterhead.logo).png, "inline", {"Content-ID": "<logo>"})
        return mail


class _Connection(flask_mail.Connection):
    """Flask-Mail's connection, with a time-out, checked certificates and a forgiving good-bye."""

    def configure_host(self) -> smtplib.SMTP:
        """Connect and log in."""
        host: smtplib.SMTP
        if self.mail.use_ssl:
            context = ssl.create_default_context()
            host = smtplib.SMTP_SSL(self.mail.server, self.mail.port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            host = smtplib.SMTP(self.mail.server, self.mail.port, timeout=TIMEOUT_SECONDS)
        if self.mail.use_tls:
            host.starttls(context=ssl.create_default_context())
        if self.mail.username:
            host.login(self.mail.username, self.mail.password)
        return host

    def __exit__(self, *_error: object) -> None:
        """Leave; once the message is taken, a server that hangs up early is no failure."""
        assert self.host is not None
        try:
            self.host.quit()
        except (smtplib.SMTPException, OSError):
            self.host.close()


def _refusal(code: int, reason: bytes | str) -> AddressRefused | MailUndeliverable:
    """Tell an address that is refused for good from everything that is not its fault.

    Source: RFC 5321 4.2.1 (5yz is permanent) and RFC 3463 (5.7 is policy, 5.3 the system, 5.2.2 a full mailbox).
    """
    said = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else reason
    kind = AddressRefused if code >= 500 and not _OURS.search(said) else MailUndeliverable
    return kind(f"{code} {said}")
