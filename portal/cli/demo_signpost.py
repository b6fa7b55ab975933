"""What `make demo` prints once everything is up: where to go, and whom to be."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest


@dataclass(frozen=True, slots=True)
class Signpost:
    """Lines under a heading; each line is cells that are put into columns, perhaps with a note below it."""

    heading: str
    lines: Sequence[Sequence[str]]
    notes: Sequence[str] = ()


def render(posts: Sequence[Signpost]) -> str:
    """The signposts as text, in columns as wide as their widest cell.

    >>> print(render([Signpost("Portals", [("http://localhost:8000/harbor/", "Harbor")], ["a wholesaler"])]))
    Portals
      http://localhost:8000/harbor/  Harbor
        a wholesaler
    """
    blocks = []
    for post in posts:
        columns = max((len(line) for line in post.lines), default=0)
        widths = [max(len(line[i]) for line in post.lines if i < len(line)) for i in range(columns)]
        block = [post.heading]
        for line, note in zip_longest(post.lines, post.notes, fillvalue=""):
            block.append("  " + "  ".join(cell.ljust(widths[i]) for i, cell in enumerate(line)).rstrip())
            if note:
                block.append(f"    {note}")
        blocks.append("\n".join(block))
    return "\n\n".join(blocks)
