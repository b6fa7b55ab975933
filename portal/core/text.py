"""Texts as values: written in English where the business speaks, translated where a person reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """A message to translate, with the values that go into its %(name)s places."""

    message: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.values if self.values else self.message


def text(message: str, **values: object) -> Text:
    """Make a Text; Babel collects the message by this function's name."""
    return Text(message, values)
