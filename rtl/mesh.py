"""Tiles joined to a mesh."""

from collections.abc import Callable

from amaranth.hdl import Module
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .packet import PacketLayouts
from .params import NetworkParams
from .routing import Routing, routing_of
from .table import table_entry_signature
from .tile import LINKS, Tile
from .topology import neighbour

__all__ = ["Mesh"]


class Mesh(wiring.Component):
    """The chip: ``rows`` × ``cols`` tiles, numbered row by row, linked to a mesh or a torus.

    Parameters
    ----------
    params
        The network's parameters.
    routing
        A routing relation for every router in place of the one that the parameters name.
    make_tile
        Makes each tile; anything with a `Tile`'s ports will do, for example an instance of a separately compiled one.

    Members
    -------
    spikes : array(tiles) of In(stream(spike))
    arrivals : array(tiles) of Out(stream(arrival))
    configure : array(tiles) of In(table entry)
        With routing by table: writes the tables (`TableMemory`).
    busy : Out(tiles)
        One bit for each tile.
    """

    def __init__(
        self,
        params: NetworkParams,
        *,
        routing: Routing | None = None,
        make_tile: Callable[[], wiring.Component] | None = None,
    ) -> None:
        self.params = params
        self.routing = routing or routing_of(params.routing, params.topology)
        self.layouts = PacketLayouts(params)
        make_tile = make_tile or (lambda: Tile(params, routing=routing))
        self.tiles = [make_tile() for _ in range(params.tiles)]
        tables = params.table_entries > 0
        super().__init__(
            {
                "spikes": In(stream.Signature(self.layouts.spike)).array(params.tiles),
                "arrivals": Out(stream.Signature(self.layouts.arrival)).array(params.tiles),
                "busy": Out(params.tiles),
                **({"configure": In(table_entry_signature(params.key_bits)).array(params.tiles)} if tables else {}),
            }
        )

    def elaborate(self, platform: object) -> Module:  # noqa: D102
        m = Module()
        rows, cols = self.params.rows, self.params.cols
        torus = self.params.topology == "torus"
        for number, tile in enumerate(self.tiles):
            row, col = divmod(number, cols)
            m.submodules[f"tile_{row}_{col}"] = tile
            m.d.comb += [
                tile.here.row.eq(row),
                tile.here.col.eq(col),
                self.busy[number].eq(tile.busy),
            ]
            if torus:
                m.d.comb += [tile.here.last_row.eq(rows - 1), tile.here.last_col.eq(cols - 1)]
            wiring.connect(m, wiring.flipped(self.spikes[number]), tile.spikes)
            wiring.connect(m, tile.arrivals, wiring.flipped(self.arrivals[number]))
            if self.params.table_entries:
                wiring.connect(m, wiring.flipped(self.configure[number]), tile.configure)
            for i, port in enumerate(LINKS):
                there = neighbour(row, col, port, rows=rows, cols=cols, torus=torus)
                if there is None:
                    # An edge: nothing comes in, and nothing is ever routed out, so nothing is ever in the way there.
                    if self.params.virtual_channels == 1:
                        m.d.comb += tile.link_out[i].ready.eq(1)
                    continue
                behind = self.tiles[there[0] * cols + there[1]]
                wiring.connect(m, tile.link_out[i], behind.link_in[LINKS.index(port.opposite)])
        return m
