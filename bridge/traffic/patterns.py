"""Traffic patterns: to which tile a synthetic packet goes.

The definitions are those of Dally and Towles, "Principles and Practices of Interconnection Networks", 2004, table 3.1
(section 3.2), where s and d are the addresses of source and destination: b bits s_(b-1) ... s_0 for patterns of bits,
one digit for each dimension for patterns of digits. An address here is a tile's number, row by row; its digits are row
and column. The hot spot is that of Pfister and Norton, "Hot spot contention and combining in multistage interconnection
networks", IEEE Transactions on Computers C-34(10), 1985.

What a tile would send to itself is not sent: within a tile no packet is needed. So some tiles are silent under some
patterns, such as those on the diagonal under ``transpose``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engines.base import Ints

__all__ = ["DEFAULT_SHARE", "PATTERNS", "Pattern", "TrafficPattern"]

DEFAULT_SHARE = 0.1
"""Part of the packets that goes to the hot spots by default."""


@dataclass(frozen=True)
class Pattern:
    """A pattern.

    Attributes
    ----------
    name
        What it is called in commands.
    summary
        One line for the user.
    permutation
        ``permutation(rows, cols)`` gives each tile's one destination, shape (tiles,), and raises ``ValueError`` if the
        mesh cannot have it; ``None`` if destinations are drawn at random.
    """

    name: str
    summary: str
    permutation: Callable[[int, int], Ints] | None = None


def _address_bits(rows: int, cols: int, name: str) -> int:
    tiles = rows * cols
    if tiles & (tiles - 1):
        raise ValueError(
            f"mesh must have a power of two as its number of tiles for the pattern {name}, not {tiles} ({rows}x{cols})"
        )
    return tiles.bit_length() - 1


def _complement(rows: int, cols: int) -> Ints:
    bits = _address_bits(rows, cols, "bit-complement")
    return np.arange(rows * cols) ^ ((1 << bits) - 1)


def _reverse(rows: int, cols: int) -> Ints:
    bits = _address_bits(rows, cols, "bit-reverse")
    address = np.arange(rows * cols)
    return sum(((address >> i & 1) << (bits - 1 - i) for i in range(bits)), start=np.zeros_like(address))


def _shuffle(rows: int, cols: int) -> Ints:
    bits = _address_bits(rows, cols, "shuffle")
    address = np.arange(rows * cols)
    return (address << 1 | address >> max(0, bits - 1)) & ((1 << bits) - 1)


def _transpose(rows: int, cols: int) -> Ints:
    if rows != cols:
        raise ValueError(f"mesh must have as many rows as columns for the pattern transpose, not {rows}x{cols}")
    return np.arange(rows * cols).reshape(rows, cols).T.ravel()


def _shifted(rows: int, cols: int, by: Callable[[int], int]) -> Ints:
    """Every digit moved on, each by an amount that follows from its radix."""
    row, col = np.divmod(np.arange(rows * cols), cols)
    return (row + by(rows)) % rows * cols + (col + by(cols)) % cols


def _tornado(rows: int, cols: int) -> Ints:
    if max(rows, cols) < 3:
        raise ValueError(f"mesh must have a side of at least 3 tiles for the pattern tornado, not {rows}x{cols}")
    return _shifted(rows, cols, lambda radix: -(-radix // 2) - 1)


def _neighbour(rows: int, cols: int) -> Ints:
    return _shifted(rows, cols, lambda radix: 1)


PATTERNS = {
    pattern.name: pattern
    for pattern in (
        Pattern("uniform", "any other tile, each as likely as the next"),
        Pattern("transpose", "row and column exchanged; square meshes", _transpose),
        Pattern("bit-complement", "every bit of the address inverted: d_i = not s_i", _complement),
        Pattern("bit-reverse", "the bits in reverse order: d_i = s_(b-i-1)", _reverse),
        Pattern("shuffle", "the bits rotated by one: d_i = s_(i-1 mod b)", _shuffle),
        Pattern("tornado", "almost half way round in each dimension: d_x = s_x + ceil(k/2) - 1 mod k", _tornado),
        Pattern("neighbour", "one on in each dimension: d_x = s_x + 1 mod k", _neighbour),
        Pattern("hotspot", "a part of the packets to chosen tiles, the others as uniform"),
    )
}
"""Patterns by name."""


@dataclass(frozen=True, kw_only=True)
class TrafficPattern:
    """A pattern with its parameters.

    Parameters
    ----------
    name
        One of `PATTERNS`.
    hotspots
        For ``hotspot`` only: (row, col) of the hot tiles, each as likely as the next; by default the middle one (of an
        even number, that to the south-east).
    share
        For ``hotspot`` only: the part of the packets that is sent to the hot tiles, 0..1, besides what reaches them
        as one of many; `DEFAULT_SHARE` by default. What a hot tile would send to itself goes anywhere else.

    Raises
    ------
    ValueError
        If a parameter is out of its range or means nothing with the pattern.
    """

    name: str = "uniform"
    hotspots: Sequence[tuple[int, int]] | None = None
    share: float | None = None

    def __post_init__(self) -> None:
        if self.name not in PATTERNS:
            raise ValueError(f"pattern must be one of {', '.join(PATTERNS)}, not {self.name!r}")
        if self.name != "hotspot":
            for name, value in (("hotspots", self.hotspots), ("share", self.share)):
                if value is not None:
                    raise ValueError(f"{name} must be left out with the pattern {self.name!r}, not {value}")
        if self.hotspots is not None and not len(self.hotspots):
            raise ValueError("hotspots must name at least one tile, not none")
        if self.share is not None and not 0 <= self.share <= 1:
            raise ValueError(f"share must lie in 0..1, not {self.share}")

    def places(self, rows: int, cols: int) -> tuple[tuple[int, int], ...]:
        """The hot tiles on a mesh, (row, col) each; none with another pattern."""
        if self.name != "hotspot":
            return ()
        return tuple(self.hotspots) if self.hotspots is not None else ((rows // 2, cols // 2),)

    def to_dict(self, rows: int, cols: int) -> dict[str, Any]:
        """What was asked for on a mesh, as JSON types; hot spots only with ``hotspot``."""
        values: dict[str, Any] = {"name": self.name}
        if self.name == "hotspot":
            values["hotspots"] = [list(place) for place in self.places(rows, cols)]
            values["share"] = self.hot_share
        return values

    @property
    def hot_share(self) -> float:
        """The part of the packets that goes to the hot spots."""
        return DEFAULT_SHARE if self.share is None else self.share

    def check(self, rows: int, cols: int) -> None:
        """Raise ``ValueError`` if a mesh cannot have this pattern."""
        if rows * cols < 2:
            raise ValueError(f"mesh must have at least 2 nodes for traffic, not {rows}x{cols}")
        for row, col in self.places(rows, cols):
            if not (0 <= row < rows and 0 <= col < cols):
                raise ValueError(f"hotspots must lie on the {rows}x{cols} mesh, not {row},{col}")
        table = self._table(rows, cols)
        if table is not None and (table == np.arange(rows * cols)).all():
            raise ValueError(
                f"mesh must be one on which the pattern {self.name} sends something to another tile, not {rows}x{cols}"
            )

    def sampler(
        self, rows: int, cols: int, *, where: np.random.Generator, hot: np.random.Generator
    ) -> Callable[[Ints], Ints]:
        """A function that gives a destination for each of some sources, that itself where nothing is to be sent.

        ``where`` draws destinations, ``hot`` which packets go to a hot spot; how many sources are given at once does
        not matter. Raises as `check`.
        """
        self.check(rows, cols)
        tiles = rows * cols
        table = self._table(rows, cols)
        if table is not None:
            return lambda source: table[source]

        def anywhere(source: Ints) -> Ints:
            return (source + 1 + where.integers(0, tiles - 1, len(source))) % tiles

        if self.name == "uniform":
            return anywhere
        spots = np.array([row * cols + col for row, col in self.places(rows, cols)])

        def heated(source: Ints) -> Ints:
            destination = anywhere(source)
            # Two numbers for every packet, whether they are used or not.
            chance, which = hot.random((len(source), 2)).T
            spot = spots[(which * len(spots)).astype(np.int64)]
            return np.where((chance < self.hot_share) & (spot != source), spot, destination)

        return heated

    def _table(self, rows: int, cols: int) -> Ints | None:
        permutation = PATTERNS[self.name].permutation
        return None if permutation is None else permutation(rows, cols)
