"""News of saved methods, for their owner."""

from dataclasses import dataclass
from typing import Literal

from portal.core.events import Event

News = Literal["added", "removed", "disabled", "deposits", "unverified"]


@dataclass(frozen=True, slots=True)
class MethodNews(Event):
    """Something has happened to a saved method that its owner should know, or did not do themselves.

    Args:
        once: the processor's name of the method; the row's own may stand for another card tomorrow.
    """

    method_id: int
    news: News
    once: str
