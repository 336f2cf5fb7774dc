"""Layouts of a spike on its way in, of the flits of its packet, and of the flits as they arrive."""

from collections.abc import Iterator
from functools import cached_property

from amaranth.lib import data

from .params import NetworkParams

__all__ = ["PacketLayouts", "leaves"]


class PacketLayouts:
    """The typed layouts of a network's streams.

    =========== ======================================================================================
    ``spike``   what a tile sends: ``dst`` (row, col; with tables key), ``neuron``, ``stamp``, ``tag``
    ``flit``    what a link carries: ``last`` (end of packet), ``data`` (``head``: ``dst``, ``neuron``;
                ``body``: ``index`` 1, 2, ..., ``stamp``), ``tag``
    ``arrival`` what a tile receives, one per flit: ``first``, ``last``, ``neuron``, ``index``,
                ``stamp`` (valid from the second flit on), ``tag``
    =========== ======================================================================================

    Fields that the parameters make empty (a coordinate of a mesh one tile wide, the tag of an exported chip) have
    width 0 or, for the tag, are left out.
    """

    def __init__(self, params: NetworkParams) -> None:
        self.params = params

    @cached_property
    def position(self) -> data.StructLayout:
        """A tile's position: ``row`` and ``col`` of its node; in a tree also ``member``, its number in the cluster."""
        member = {"member": self.params.member_bits} if self.params.interconnect.has_hubs else {}
        return data.StructLayout({"row": self.params.row_bits, "col": self.params.col_bits, **member})

    def position_of(self, tile: int) -> int:
        """Return a tile's position as a whole number."""
        node, member = self.params.interconnect.locate(tile)
        row, col = divmod(node, self.params.mesh_cols)
        return row | col << self.params.row_bits | member << (self.params.row_bits + self.params.col_bits)

    def tile_of(self, position: int) -> int:
        """Return the tile at a position."""
        row_bits, col_bits = self.params.row_bits, self.params.col_bits
        row, col = position & ((1 << row_bits) - 1), position >> row_bits & ((1 << col_bits) - 1)
        return self.params.interconnect.tile_at(row * self.params.mesh_cols + col, position >> (row_bits + col_bits))

    @cached_property
    def place(self) -> data.StructLayout:
        """A router's position: ``row``, ``col``; on a torus also ``last_row``, ``last_col``, which give the size."""
        rows, cols = self.params.row_bits, self.params.col_bits
        size = {"last_row": rows, "last_col": cols} if self.params.interconnect.has_rings else {}
        return data.StructLayout({"row": rows, "col": cols, **size})

    @cached_property
    def address(self) -> data.StructLayout:
        """Destination of a packet: a tile's position or, if routers have tables, a ``key``."""
        return data.StructLayout({"key": self.params.key_bits}) if self.params.table_entries else self.position

    @property
    def _tag(self) -> dict[str, int]:
        return {"tag": self.params.tag_bits} if self.params.tag_bits else {}

    @cached_property
    def spike(self) -> data.StructLayout:
        """A spike to be sent to one tile."""
        return data.StructLayout(
            {
                "dst": self.address,
                "neuron": self.params.neuron_bits,
                "stamp": self.params.stamp_bits,
                **self._tag,
            }
        )

    @cached_property
    def head(self) -> data.StructLayout:
        """The first flit's data."""
        return data.StructLayout({"dst": self.address, "neuron": self.params.neuron_bits})

    @cached_property
    def body(self) -> data.StructLayout:
        """The data of every further flit."""
        return data.StructLayout({"index": self.params.index_bits, "stamp": self.params.stamp_bits})

    @cached_property
    def flit(self) -> data.StructLayout:
        """A flit."""
        kinds = {"head": self.head}
        if self.params.flits_per_packet > 1:
            kinds["body"] = self.body
        return data.StructLayout({"last": 1, "data": data.UnionLayout(kinds), **self._tag})

    @cached_property
    def arrival(self) -> data.StructLayout:
        """A received flit, labelled with the packet that it belongs to."""
        fields = {"first": 1, "last": 1, "neuron": self.params.neuron_bits}
        if self.params.flits_per_packet > 1:
            fields |= {"index": self.params.index_bits, "stamp": self.params.stamp_bits}
        return data.StructLayout({**fields, **self._tag})


def leaves(layout: data.Layout, path: tuple[str, ...] = (), low: int = 0) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Path, lowest bit and width of every field of a layout that has no fields itself."""
    for name, field in layout:
        inner = (*path, str(name))
        if isinstance(field.shape, data.Layout):
            yield from leaves(field.shape, inner, low + field.offset)
        else:
            yield inner, low + field.offset, field.width
