"""The inbox that the portal's mails arrive in, read over its JSON API."""

import json
import re
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

ARRIVES_WITHIN_SECONDS = 20.0
PAUSE_SECONDS = 0.1
QUIET_SECONDS = 1.5
CODE = re.compile(r"^\s+(\d{3} \d{3})$", re.MULTILINE)
ADDRESS = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Mail:
    """A mail as it arrived: its plain text, and its attachments by file name."""

    subject: str
    text: str
    files: dict[str, bytes]

    @property
    def link(self) -> str:
        """The address behind its button: the first in its text."""
        found = ADDRESS.search(self.text)
        assert found, self.text
        return found.group()

    @property
    def code(self) -> str:
        """The six digits of a sign-in mail, with the space between them that people see."""
        found = CODE.search(self.text)
        assert found, self.text
        return found.group(1)


class Inbox:
    """Reads the inbox.

    Args:
        url: where it listens.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def count(self, to: str) -> int:
        """How many mails an address has."""
        return len(self._listed(to))

    def wait_for(self, to: str, subject: str, within: float = ARRIVES_WITHIN_SECONDS) -> Mail:
        """The newest mail to an address whose subject holds these words; waits until it is there, so many seconds."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            for entry in self._listed(to):
                if subject in entry["subject"]:
                    return self._open(entry["id"])
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"no mail to {to} with {subject!r}, only {[m['subject'] for m in self._listed(to)]}")

    def wait_for_another(self, to: str, than: int, leading_to: str = "") -> Mail:
        """The newest mail, once an address has more of them than before; of those whose link leads somewhere."""
        deadline = time.monotonic() + ARRIVES_WITHIN_SECONDS
        while time.monotonic() < deadline:
            listed = self._listed(to)
            for entry in listed[: len(listed) - than]:
                mail = self._open(entry["id"])
                if not leading_to or leading_to in mail.text:
                    return mail
            time.sleep(PAUSE_SECONDS)
        raise AssertionError(f"no further mail to {to}")

    def stays_at(self, to: str, subjects: list[str]) -> bool:
        """Whether an address has these mails and no other, also a moment later."""
        time.sleep(QUIET_SECONDS)
        return sorted(entry["subject"] for entry in self._listed(to)) == sorted(subjects)

    def _listed(self, to: str) -> list[dict[str, Any]]:
        return list(self._json(f"/api/messages?to={urllib.parse.quote(to)}")["messages"])

    def _open(self, number: int) -> Mail:
        mail = self._json(f"/api/messages/{number}")
        files = {each["filename"]: self._bytes(each["url"]) for each in mail["attachments"]}
        return Mail(mail["subject"], mail["text"], files)

    def _json(self, path: str) -> Any:
        return json.loads(self._bytes(path))

    def _bytes(self, path: str) -> bytes:
        with urllib.request.urlopen(self._url + path, timeout=10) as answer:
            return bytes(answer.read())
