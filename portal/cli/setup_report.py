"""What `flask init` says as it goes: each part with its state, and in the end what is still to do."""

from dataclasses import dataclass, field

import click

WIDTH = 10


@dataclass
class SetupReport:
    """What was found and done.

    Args:
        to_do: what is still to do, in the words of whoever has to do it.
        is_broken: something that was given does not work.
    """

    to_do: list[str] = field(default_factory=list)
    is_broken: bool = False

    def done(self, part: str, words: str) -> None:
        """This part is in order."""
        self._line("ok", part, words)

    def lacking(self, part: str, words: str, to_do: str) -> None:
        """This part is still to come."""
        self._line("..", part, words)
        self.to_do.append(to_do)

    def broken(self, part: str, words: str, to_do: str) -> None:
        """This part was given, and does not work."""
        self._line("!!", part, words)
        self.to_do.append(to_do)
        self.is_broken = True

    def _line(self, mark: str, part: str, words: str) -> None:
        click.echo(f"[{mark}] {part:<{WIDTH}}{words}")

    def end(self) -> None:
        """Say what comes next."""
        if not self.to_do:
            click.echo("\nEverything is in place.")
            return
        click.echo("\nStill to do; run `flask init` again at any time, it changes nothing that is in order:")
        for number, words in enumerate(self.to_do, 1):
            click.echo(f"  {number}. {words}")
