"""The parameters of the on-chip network, validated once; every derived width is a property."""

from dataclasses import dataclass, fields, replace
from typing import Any

__all__ = ["NetworkParams"]


def _bits_for_count(count: int) -> int:
    """Bits to number ``count`` things; 0 for a single one."""
    return (count - 1).bit_length()


@dataclass(frozen=True, kw_only=True)
class NetworkParams:
    """A mesh of tiles and the packets that cross it.

    Parameters
    ----------
    rows, cols
        Size of the mesh, each 1..256.
    buffer_depth
        Flits held by each router input queue, 1..64. A queue of one flit halves a link's throughput, because its
        ``ready`` does not depend on whether it is being read.
    flits
        Flits per packet, 1..16. Body flits carry the time stamp, so a packet of one flit has none.
    neurons
        Number of distinct source neurons, 1 or more; fixes the width of the neuron field.
    stamp_bits
        Width of the time stamp (the SNN step in which the neuron fired, low bits), 0..32; 0 only with one flit.
    tag_bits
        Width of the tag that follows a packet in simulation; 0 in exported hardware.
    counter_bits
        Width of the event counters in each tile; 0 leaves them out.

    Raises
    ------
    TypeError
        If a parameter is not an integer.
    ValueError
        If a parameter is out of its range.
    """

    rows: int
    cols: int
    buffer_depth: int = 4
    flits: int = 2
    neurons: int = 1 << 16
    stamp_bits: int = 16
    tag_bits: int = 0
    counter_bits: int = 0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            low, high = _RANGES[field.name]
            if isinstance(value, bool) or not isinstance(value, int):
                raise TypeError(f"{field.name} must be an integer, not {value!r}")
            if not low <= value <= high:
                raise ValueError(f"{field.name} must lie in {low}..{high}, not {value}")
        if self.flits > 1 and not self.stamp_bits:
            raise ValueError(f"stamp_bits must not be 0 when packets have body flits, and flits is {self.flits}")

    @property
    def tiles(self) -> int:
        """Number of tiles."""
        return self.rows * self.cols

    @property
    def row_bits(self) -> int:
        """Width of a row number."""
        return _bits_for_count(self.rows)

    @property
    def col_bits(self) -> int:
        """Width of a column number."""
        return _bits_for_count(self.cols)

    @property
    def neuron_bits(self) -> int:
        """Width of a neuron number."""
        return _bits_for_count(self.neurons)

    @property
    def index_bits(self) -> int:
        """Width of a flit's number within its packet."""
        return _bits_for_count(self.flits)

    def with_(self, **changes: Any) -> "NetworkParams":
        """The same parameters with some replaced, validated again."""
        return replace(self, **changes)


_RANGES = {
    "rows": (1, 256),
    "cols": (1, 256),
    "buffer_depth": (1, 64),
    "flits": (1, 16),
    "neurons": (1, 1 << 32),
    "stamp_bits": (0, 32),
    "tag_bits": (0, 64),
    "counter_bits": (0, 64),
}
