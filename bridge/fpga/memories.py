"""Which memories of a design become block RAM, and which are made of lookup tables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["SHAPES", "MemoryPlan", "MemoryShape", "memories_of", "plan_memories"]

_MEMORY = re.compile(r"^  memory width (\d+) size (\d+) ", re.MULTILINE)

SHAPES = {
    "ecp5": ((36, 512), (18, 1024), (9, 2048), (4, 4096), (2, 8192), (1, 16384)),
    "ice40": ((16, 256), (8, 512), (4, 1024), (2, 2048)),
}
"""Shapes that one block RAM may have in each family, as bits of a word and words."""

_MOST_WORDS = 256
"""Memories of more words are never made of lookup tables."""


@dataclass(frozen=True, order=True)
class MemoryShape:
    """A memory of ``words`` words of ``bits`` bits."""

    words: int
    bits: int

    def block_rams(self, family: str) -> int:
        """Block RAMs that it takes in a family."""
        return min(-(-self.bits // bits) * -(-self.words // words) for bits, words in SHAPES[family])

    @property
    def lookup_tables(self) -> int:
        """Lookup tables of an ECP5 that it takes instead: six for every 16 words of 4 bits, and those that choose."""
        rows, columns = -(-self.words // 16), -(-self.bits // 4)
        return rows * columns * 6 + self.bits * (rows - 1)


@dataclass(frozen=True)
class MemoryPlan:
    """Some memories are made of lookup tables, the others become block RAM.

    Attributes
    ----------
    widest
        For each number of words of which there are memories made of lookup tables, in order: that number, and the
        bits of a word of the widest of them. Narrower ones of as many words are made of lookup tables, too.
    block_rams, lookup_tables
        What memories take, by estimate.
    """

    widest: tuple[tuple[int, int], ...]
    block_rams: int
    lookup_tables: int


def memories_of(rtlil: str) -> Iterator[MemoryShape]:
    """Yield the memories of a design in RTLIL, in which each instance of a circuit is written out."""
    for bits, words in _MEMORY.findall(rtlil):
        if int(bits) and int(words):
            yield MemoryShape(int(words), int(bits))


def plan_memories(
    memories: Mapping[MemoryShape, int] | Counter[MemoryShape], family: str, block_rams: int
) -> MemoryPlan:
    """Return the plan with the fewest lookup tables whose block RAMs are there; if none is, that with the fewest.

    The memories that take the fewest lookup tables are made of them first. On an iCE40 there are no such memories.

    Parameters
    ----------
    memories
        How many there are of each shape.
    family
        One of `SHAPES`.
    block_rams
        Block RAMs that the FPGA has.
    """
    taken = sum(shape.block_rams(family) * count for shape, count in memories.items())
    small = [shape for shape in memories if shape.words <= _MOST_WORDS] if family == "ecp5" else []
    widest: dict[int, int] = {}
    tables = 0
    for shape in sorted(small, key=lambda shape: (shape.lookup_tables, shape)):
        if taken <= block_rams:
            break
        widest[shape.words] = shape.bits
        taken -= shape.block_rams(family) * memories[shape]
        tables += shape.lookup_tables * memories[shape]
    return MemoryPlan(tuple(sorted(widest.items())), taken, tables)
