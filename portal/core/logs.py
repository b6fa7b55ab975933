"""Logs: one JSON object a line, of which only named fields leave the process.

What is not in `FIELDS` is dropped, and a value that could be an address or what somebody has written is withheld.
Of an error its kind and its place in the code are said, never its message: messages quote what people have entered.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TextIO

import structlog

FIELDS = frozenset(
    {
        "agency", "agency_id", "at", "blocked", "digest", "directive", "dropped", "error", "event", "item", "job",
        "level", "logger", "method", "ms", "payment_id", "request_id", "route", "said", "seal", "setup_id", "status",
        "template", "to_id", "trace", "where",
    }
)  # fmt: skip
"""What may be logged. None of it is about a person; a test reads every call."""

WITHHELD = "withheld"
FRAMES = 12
_PLAIN = re.compile(r"[\w .,:%/+()\[\]<>-]{0,200}", re.ASCII)
Entry = MutableMapping[str, Any]


def configure_logs(stream: TextIO = sys.stderr) -> None:
    """From now on this process logs JSON lines; what libraries log too.

    Args:
        stream: where to.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            place_of_error,
            only_fields,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    root = logging.getLogger()
    root.handlers = [_Libraries()]
    root.setLevel(logging.WARNING)
    logging.getLogger("dbos").addHandler(logging.NullHandler())  # else it adds a console of its own
    logging.captureWarnings(True)


@contextmanager
def only_warnings() -> Iterator[None]:
    """Log nothing below a warning meanwhile: for a command that tells a person what it does."""
    before = structlog.get_config()["wrapper_class"]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        yield
    finally:
        structlog.configure(wrapper_class=before)


def place_of_error(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Put an error's kind and the lines it came through in the place of its text."""
    error = entry.pop("exc_info", None)
    if error is True:
        error = sys.exc_info()[1]
    elif isinstance(error, tuple):
        error = error[1]
    if isinstance(error, BaseException):
        entry["error"] = type(error).__name__
        frames = traceback.extract_tb(error.__traceback__)[-FRAMES:]
        entry["trace"] = [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return entry


def only_fields(_logger: Any, _method: str, entry: Entry) -> Entry:
    """Drop what is not in `FIELDS`, naming it; withhold values that are not plain."""
    kept: Entry = {name: _plain(value) for name, value in entry.items() if name in FIELDS}
    if dropped := sorted(entry.keys() - FIELDS):
        kept["dropped"] = dropped
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, bool | int | float | None):
        return value
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value if isinstance(value, str) and _PLAIN.fullmatch(value) else WITHHELD


def _short(filename: str) -> str:
    """The end of a path: enough to find the file."""
    return "/".join(filename.split("/")[-3:])


class _Libraries(logging.Handler):
    """What libraries log by `logging`: the text as written in their code, without what they fill in."""

    def emit(self, record: logging.LogRecord) -> None:
        said = str(record.msg) if record.args else None
        structlog.get_logger("portal.libraries").log(
            max(record.levelno, logging.INFO),
            "library",
            logger=record.name,
            where=f"{_short(record.pathname)}:{record.lineno}",
            **({"said": said} if said else {}),
            **({"exc_info": record.exc_info} if record.exc_info else {}),
        )
