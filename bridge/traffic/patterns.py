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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engines.base import Ints
from .pattern import Draw, Pattern, PatternParameter

__all__ = ["PATTERNS", "TrafficPattern"]


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


def _uniform(rows: int, cols: int, where: np.random.Generator, hot: np.random.Generator) -> Draw:
    tiles = rows * cols
    return lambda source: (source + 1 + where.integers(0, tiles - 1, len(source))) % tiles


def _hotspot(
    rows: int,
    cols: int,
    where: np.random.Generator,
    hot: np.random.Generator,
    *,
    hotspots: Sequence[tuple[int, int]],
    share: float,
) -> Draw:
    anywhere = _uniform(rows, cols, where, hot)
    spots = np.array([row * cols + col for row, col in hotspots])

    def heated(source: Ints) -> Ints:
        destination = anywhere(source)
        # Two numbers for every packet, whether they are used or not.
        chance, which = hot.random((len(source), 2)).T
        spot = spots[(which * len(spots)).astype(np.int64)]
        return np.where((chance < share) & (spot != source), spot, destination)

    return heated


def _tile(text: str) -> tuple[int, int]:
    parts = text.split(",")
    if len(parts) != 2 or not all(part.isdecimal() and len(part) < 10 for part in parts):
        raise ValueError(f"must be ROW,COLUMN, not {text!r}")
    return int(parts[0]), int(parts[1])


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"must be a number, not {text!r}") from None


def _some_tiles(tiles: Sequence[tuple[int, int]]) -> None:
    if not len(tiles):
        raise ValueError("hotspots must name at least one tile, not none")


def _tiles_on(tiles: Sequence[tuple[int, int]], rows: int, cols: int) -> None:
    for row, col in tiles:
        if not (0 <= row < rows and 0 <= col < cols):
            raise ValueError(f"hotspots must lie on the {rows}x{cols} mesh, not {row},{col}")


def _part(share: float) -> None:
    if not 0 <= share <= 1:
        raise ValueError(f"share must lie in 0..1, not {share}")


# What a hot tile would send to itself goes anywhere else, and the share comes besides what reaches it as one of many.
_HOTSPOT_PARAMETERS = (
    PatternParameter(
        "hotspots",
        option="--hotspot",
        metavar="R,C",
        help="hot tiles of the pattern hotspot, each as likely as the next (default: the middle)",
        parse=_tile,
        several=True,
        # Of an even number of tiles, that to the south-east of the middle.
        default=lambda rows, cols: [(rows // 2, cols // 2)],
        check=_some_tiles,
        check_on=_tiles_on,
    ),
    PatternParameter(
        "share",
        option="--hotspot-share",
        metavar="PART",
        help="part of the packets sent there (default: 0.1)",
        parse=_number,
        default=lambda rows, cols: 0.1,
        check=_part,
    ),
)


PATTERNS = {
    pattern.name: pattern
    for pattern in (
        Pattern("uniform", "any other tile, each as likely as the next", random=_uniform),
        Pattern("transpose", "row and column exchanged; square meshes", _transpose),
        Pattern("bit-complement", "every bit of the address inverted: d_i = not s_i", _complement),
        Pattern("bit-reverse", "the bits in reverse order: d_i = s_(b-i-1)", _reverse),
        Pattern("shuffle", "the bits rotated by one: d_i = s_(i-1 mod b)", _shuffle),
        Pattern("tornado", "almost half way round in each dimension: d_x = s_x + ceil(k/2) - 1 mod k", _tornado),
        Pattern("neighbour", "one on in each dimension: d_x = s_x + 1 mod k", _neighbour),
        Pattern(
            "hotspot",
            "a part of the packets to chosen tiles, the others as uniform",
            random=_hotspot,
            parameters=_HOTSPOT_PARAMETERS,
        ),
    )
}
"""Patterns by name."""


@dataclass(frozen=True, init=False)
class TrafficPattern:
    """A pattern with its parameters.

    Parameters
    ----------
    name
        One of `PATTERNS`.
    parameters
        Values of the pattern's parameters by name; those that are left out, or ``None``, have their defaults. The
        pattern ``hotspot`` has ``hotspots``, the (row, col) of each hot tile, and ``share``, the part of the packets
        that is sent to them.

    Raises
    ------
    ValueError
        If a parameter is out of its range or means nothing with the pattern.
    """

    name: str
    given: Mapping[str, Any] = field(default_factory=dict)

    def __init__(self, *, name: str = "uniform", **parameters: Any) -> None:
        if name not in PATTERNS:
            raise ValueError(f"pattern must be one of {', '.join(PATTERNS)}, not {name!r}")
        given = {key: value for key, value in parameters.items() if value is not None}
        known = {parameter.name: parameter for parameter in PATTERNS[name].parameters}
        for key, value in given.items():
            if key not in known:
                raise ValueError(f"{key} must be left out with the pattern {name!r}, not {value}")
            known[key].check(value)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "given", given)

    def values(self, rows: int, cols: int) -> dict[str, Any]:
        """Return the values of the pattern's parameters on a mesh, by name."""
        parameters = PATTERNS[self.name].parameters
        return {item.name: self.given.get(item.name, item.default(rows, cols)) for item in parameters}

    def to_dict(self, rows: int, cols: int) -> dict[str, Any]:
        """Return name and parameters on a mesh, as JSON types."""

        def plain(value: Any) -> Any:
            return [plain(item) for item in value] if isinstance(value, list | tuple) else value

        return {"name": self.name} | {key: plain(value) for key, value in self.values(rows, cols).items()}

    def check(self, rows: int, cols: int) -> None:
        """Raise ``ValueError`` if a mesh cannot have this pattern."""
        if rows * cols < 2:
            raise ValueError(f"mesh must have at least 2 nodes for traffic, not {rows}x{cols}")
        values = self.values(rows, cols)
        for item in PATTERNS[self.name].parameters:
            item.check_on(values[item.name], rows, cols)
        table = self._table(rows, cols)
        if table is not None and (table == np.arange(rows * cols)).all():
            raise ValueError(
                f"mesh must be one on which the pattern {self.name} sends something to another tile, not {rows}x{cols}"
            )

    def sampler(self, rows: int, cols: int, *, where: np.random.Generator, hot: np.random.Generator) -> Draw:
        """Return a function that gives a destination for each of some sources, that itself where nothing is to be sent.

        ``where`` draws destinations, ``hot`` which packets go to a hot spot; how many sources are given at once does
        not matter. Raises as `check`.
        """
        self.check(rows, cols)
        table = self._table(rows, cols)
        if table is not None:
            return lambda source: table[source]
        random = PATTERNS[self.name].random
        assert random is not None
        return random(rows, cols, where, hot, **self.values(rows, cols))

    def _table(self, rows: int, cols: int) -> Ints | None:
        permutation = PATTERNS[self.name].permutation
        return None if permutation is None else permutation(rows, cols)
