"""What is wrong in a file: where, what stands there, what to do."""

from dataclasses import dataclass

from portal.core.text import Text


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding about one cell, or about a row or the file where `column` is empty.

    Args:
        line: the line in the file, the header's is usually 1; 0 means the file as a whole.
        column: title of the column.
        value: what stands there.
        message: what is wrong and what to do.
        is_warning: the row comes in all the same.
        program: reference of the program concerned, if known.
    """

    line: int
    column: str
    value: str
    message: Text
    is_warning: bool = False
    program: str = ""
