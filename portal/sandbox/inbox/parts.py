"""A mail taken apart: headers, text, HTML, attachments."""

from base64 import b64encode
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage


@dataclass(frozen=True, slots=True)
class File:
    """An attached file."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """What a reader can look at.

    Args:
        headers: in their order, decoded.
        text, html: empty where the mail has no such part; pictures in the HTML (cid:) are built in.
        files: attachments, without the pictures that the HTML shows.
    """

    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    files: tuple[File, ...]

    def header(self, name: str) -> str:
        """A header's value, empty if it is missing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


def take_apart(raw: bytes) -> Parts:
    """Read a mail as it came over the wire."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    html, text = _body(mail, "html"), _body(mail, "plain")
    files = []
    for part in mail.walk():
        if part.is_multipart() or (part.get_content_disposition() or "") not in ("attachment", "inline"):
            continue
        data = part.get_payload(decode=True)
        assert isinstance(data, bytes)
        reference = f"cid:{str(part.get('Content-ID', '')).strip('<>')}"
        if reference != "cid:" and reference in html:
            html = html.replace(reference, f"data:{part.get_content_type()};base64,{b64encode(data).decode()}")
        else:
            files.append(File(part.get_filename() or "attachment", part.get_content_type(), data))
    return Parts(_headers(raw), text, html, tuple(files))


def _headers(raw: bytes) -> tuple[tuple[str, str], ...]:
    """Headers decoded the older way: the newer parser leaves gaps inside long names."""
    plain = message_from_bytes(raw, policy=policy.compat32)
    return tuple((name, "".join(_decoded(str(value)).splitlines())) for name, value in plain.items())


def _decoded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except LookupError:  # letters that Python does not know
        return value


def _body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body(preferencelist=(kind,))
    if part is None:
        return ""
    try:
        content = str(part.get_content())
    except LookupError:  # letters that Python does not know
        content = bytes(part.get_payload(decode=True) or b"").decode("ascii", "replace")
    return content.replace("\r\n", "\n")
