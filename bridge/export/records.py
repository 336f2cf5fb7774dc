"""Rows of whole numbers as a file that Verilog's ``$readmemh`` reads, and as a person does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Records"]


@dataclass(frozen=True)
class Records:
    """Rows of numbers, each a word of a memory in a bench.

    In the file a row is a line, with an underscore between its numbers, in hexadecimal; in the word the first number
    is in the highest bits, and each takes whole digits.

    Attributes
    ----------
    title
        What the file says of itself in its first line.
    fields
        Name and width of each number, in bits.
    numbers
        The rows.
    """

    title: str
    fields: tuple[tuple[str, int], ...]
    numbers: Sequence[Sequence[int]]

    @property
    def width(self) -> int:
        """Width of a word."""
        return sum(4 * digits for digits in self._digits)

    @property
    def depth(self) -> int:
        """Words of the memory; one that means nothing if there are no rows, for a memory of none there is not."""
        return max(1, len(self.numbers))

    def bits(self, field: str) -> str:
        """Where a field is in a word, as Verilog writes it."""
        names = [name for name, _ in self.fields]
        place = names.index(field)
        low = sum(4 * digits for digits in self._digits[place + 1 :])
        return f"[{low + self.fields[place][1] - 1}:{low}]"

    def text(self) -> str:
        """The file."""
        lines = [f"// {self.title}", f"// {', '.join(name for name, _ in self.fields)}"]
        for row in self.numbers or [[0] * len(self.fields)]:
            for (name, width), value in zip(self.fields, row, strict=True):
                assert 0 <= value < 1 << width, f"{name} of {value} has more than {width} bits"
            lines.append("_".join(f"{value:0{n}x}" for n, value in zip(self._digits, row, strict=True)))
        return "\n".join(lines) + "\n"

    @property
    def _digits(self) -> list[int]:
        return [-(-width // 4) for _, width in self.fields]
