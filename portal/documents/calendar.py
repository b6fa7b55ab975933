"""Due dates as a calendar file (RFC 5545): a whole day each, with a reminder three days before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

LONGEST = 75
"""Octets in a line; longer ones are folded (RFC 5545, 3.1)."""


@dataclass(frozen=True, slots=True)
class DueDate:
    """One entry; `name` stays the same when the file comes again, so that a calendar changes and adds nothing."""

    name: str
    on: date
    summary: str
    url: str


def calendar_file(dates: Iterable[DueDate], at: datetime) -> bytes:
    """The file.

    Args:
        at: when it is made.
    """
    stamp = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//portal//due dates//EN", "CALSCALE:GREGORIAN"]
    for one in dates:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.name}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{one.on:%Y%m%d}",
            f"SUMMARY:{_escaped(one.summary)}",
            f"URL:{one.url}",
            "TRANSP:TRANSPARENT",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_escaped(one.summary)}",
            "TRIGGER:-P3D",
            "END:VALARM",
            "END:VEVENT",
        ]
    return "".join(f"{_folded(line)}\r\n" for line in [*lines, "END:VCALENDAR"]).encode()


def _escaped(words: str) -> str:
    """Text as RFC 5545, 3.3.11 writes it.

    >>> print(_escaped("Fire; theft, water"))
    Fire\\; theft\\, water
    """
    plain = " ".join(words.split())
    return plain.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> str:
    parts, rest = [], line
    while len(rest.encode()) > LONGEST:
        end = LONGEST
        while len(rest[:end].encode()) > LONGEST:
            end -= 1
        parts.append(rest[:end])
        rest = " " + rest[end:]
    return "\r\n".join([*parts, rest])
