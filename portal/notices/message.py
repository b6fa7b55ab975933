"""An e-mail as a value, and what it is to deliver one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from portal.core.text import Text
from portal.documents.letterhead import Letterhead


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with an e-mail."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the e-mail, and the language they read.

    Args:
        address: e-mail address.
        name: empty if we do not know it.
        locale: en_US or es_US.
    """

    address: str
    name: str = ""
    locale: str = "en_US"


@dataclass(frozen=True, slots=True)
class OwnWords:
    """An agency's own words for a mail, with places like {name}; an empty part has the standard words, or none."""

    subject: str = ""
    opening: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One e-mail to one person. It comes from the agency by name; replies go to the agency.

    Args:
        recipient: who gets it.
        letterhead: the agency's.
        subject: one line.
        template: file name in templates/emails, without the endings .mjml.j2 and .txt.j2.
        context: what the two templates are given, besides `subject`, `letterhead` and `recipient`.
        attachments: files that go with it.
        kind: a key of `portal.notices.mail_kinds.KINDS` where an agency may have words of its own; else empty.
        facts: what stands in the places of such words, besides name, agency and phone.
        own: these words; `portal.notices.own_texts.in_own_words` brings them.
    """

    recipient: Recipient
    letterhead: Letterhead
    subject: Text
    template: str
    context: Mapping[str, object] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    kind: str = ""
    facts: Mapping[str, Text | str | date] = field(default_factory=dict)
    own: OwnWords = OwnWords()


@dataclass(frozen=True, slots=True)
class RenderedMail:
    """What a person sees of an e-mail: for delivery, and for staff who look it up."""

    subject: str
    html: str
    text: str


class AddressRefused(Exception):
    """The receiving side refuses this address for good (5xx): do not send to it again."""


class MailUndeliverable(Exception):
    """It could not be handed over just now: try again later."""


class BadHeader(ValueError):
    """A line break or control character where a mail header goes: nothing is sent."""


class MailRenderer(Protocol):
    """Makes of a message what a person sees."""

    def render(self, message: Message) -> RenderedMail:
        """Make subject, HTML part (its logo refers to cid:logo) and text part."""


class Mailer(MailRenderer, Protocol):
    """Renders and delivers e-mails."""

    def send(self, message: Message, *, dedupe_key: str) -> str:
        """Deliver a message; the same key makes the same Message-ID, so that a second copy is known as one.

        Returns:
            The Message-ID.

        Raises:
            AddressRefused: never send to this address again.
            MailUndeliverable: try again later.
            BadHeader: nothing is sent, now or later.
        """
