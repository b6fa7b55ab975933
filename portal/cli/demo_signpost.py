"""What `make demo` prints once everything is up: where to go, and whom to be."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Signpost:
    """Lines under a heading; each line is cells that are put into columns."""

    heading: str
    lines: Sequence[Sequence[str]]


def render(posts: Sequence[Signpost]) -> str:
    """The signposts as text, in columns as wide as their widest cell.

    >>> print(render([Signpost("Portals", [("Harbor", "http://localhost:8000/harbor/")])]))
    Portals
      Harbor  http://localhost:8000/harbor/
    """
    blocks = []
    for post in posts:
        columns = max((len(line) for line in post.lines), default=0)
        widths = [max(len(line[i]) for line in post.lines if i < len(line)) for i in range(columns)]
        lines = ["  ".join(cell.ljust(widths[i]) for i, cell in enumerate(line)).rstrip() for line in post.lines]
        blocks.append("\n".join([post.heading, *(f"  {line}" for line in lines)]))
    return "\n\n".join(blocks)
