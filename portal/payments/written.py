"""What an intent at the processor says of the invoices that it pays, so that it can be found again after a restore.

The processor keeps 500 characters of each value and up to 50 values: long lists stand in several.
"""

from collections.abc import Iterator, Mapping, Sequence

MOST_LETTERS = 500


def write_numbers(name: str, numbers: Sequence[int]) -> dict[str, str]:
    """A list of numbers as values: `name`, and what does not fit into it as `name_2`, `name_3` …

    >>> write_numbers("invoice_ids", [7, 8])
    {'invoice_ids': '7,8'}
    """
    found: list[str] = [""]
    for number in numbers:
        longer = f"{found[-1]},{number}" if found[-1] else str(number)
        if len(longer) <= MOST_LETTERS:
            found[-1] = longer
        else:
            found.append(str(number))
    return {_name(name, index): text for index, text in enumerate(found)}


def read_numbers(name: str, written: Mapping[str, str]) -> list[int]:
    """The numbers of `write_numbers`.

    >>> read_numbers("invoice_ids", write_numbers("invoice_ids", range(1_000, 1_300))) == [*range(1_000, 1_300)]
    True

    Raises:
        ValueError: no numbers.
    """
    return [int(number) for text in _texts(name, written) for number in text.split(",") if number]


def _texts(name: str, written: Mapping[str, str]) -> Iterator[str]:
    index = 0
    while (text := written.get(_name(name, index))) is not None:
        yield text
        index += 1


def _name(name: str, index: int) -> str:
    return f"{name}_{index + 1}" if index else name
