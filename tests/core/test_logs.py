"""Log lines: JSON, named fields only, nothing that somebody has written."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from portal.core.logs import FIELDS, WITHHELD, configure_logs


class Lines:
    """What was logged."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    def all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def last(self) -> dict[str, Any]:
        return self.all()[-1]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Logs as a deployment writes them, into memory."""
    before = structlog.get_config(), logging.getLogger().handlers, logging.getLogger().level
    found = Lines()
    configure_logs(found.stream)
    yield found
    structlog.configure(**before[0])
    logging.getLogger().handlers = before[1]
    logging.getLogger().setLevel(before[2])
    logging.captureWarnings(False)


def test_a_line_has_its_fields_and_names_what_was_dropped(lines: Lines) -> None:
    structlog.get_logger("portal.web").info(
        "request", route="insured.home", status=200, ms=1.5, email="ana@bakery.example"
    )
    line = lines.last()
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "request", "level": "info", "route": "insured.home", "status": 200, "ms": 1.5, "dropped": ["email"],
    }  # fmt: skip


@pytest.mark.parametrize(
    "value", ["ana@bakery.example", "two\nlines", "x" * 201, "é", {"a": 1}, b"bytes", "a=b", "a?b"]
)
def test_a_value_that_is_not_plain_is_withheld(lines: Lines, value: object) -> None:
    structlog.get_logger().info("request", route=value)
    assert lines.last()["route"] == WITHHELD


def test_of_an_error_its_kind_and_place_are_said(lines: Lines) -> None:
    def fail() -> None:
        raise ValueError("no policy CANARY-7 of ana@bakery.example")

    try:
        fail()
    except ValueError as error:
        structlog.get_logger().warning("item.failed", item=7, exc_info=error)
        structlog.get_logger().warning("item.failed", item=7, exc_info=True)
    for line in lines.all():
        assert line["error"] == "ValueError"
        assert line["trace"][-1].startswith("tests/core/test_logs.py:")
        assert line["trace"][-1].endswith(" fail")
    assert "CANARY" not in lines.stream.getvalue()


def test_libraries_say_what_stands_in_their_code_and_not_what_they_fill_in(lines: Lines) -> None:
    library = logging.getLogger("some.library")
    library.warning("sent %s to %s", "CANARY", "ana@bakery.example")
    assert lines.last()["said"] == "sent %s to %s"
    library.warning(f"sent {'CANARY'} at once")
    assert "said" not in lines.last()
    try:
        raise KeyError("CANARY")
    except KeyError:
        library.exception("Exception on /pay/CANARY [GET]")
    line = lines.last()
    assert (line["logger"], line["level"], line["error"]) == ("some.library", "error", "KeyError")
    assert line["where"].startswith("tests/core/test_logs.py:")
    library.info("not worth a line")
    assert len(lines.all()) == 3
    assert "CANARY" not in lines.stream.getvalue()


def test_no_field_is_about_a_person() -> None:
    assert not {"email", "name", "ip", "path", "url", "token", "body", "policy_number", "actor"} & FIELDS
