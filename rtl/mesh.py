"""Tiles joined to a mesh, a torus, or a tree with a mesh above."""

from collections.abc import Callable

from amaranth.hdl import Cat, Const, Module, ResetSignal
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .packet import PacketLayouts
from .params import NetworkParams
from .router.table_memory import table_entry_signature
from .routing import Routing, routing_of
from .tile import node_of
from .topology import LINKS, Port

__all__ = ["Mesh"]


class Mesh(wiring.Component):
    """The chip: ``rows`` × ``cols`` tiles, numbered row by row, linked to a mesh or a torus.

    At every place of the mesh there is a node: a tile or, in a tree, a cluster of tiles (`node_of`).

    In a cycle with reset no item passes: ``ready`` of all spikes and ``valid`` of all arrivals are 0. After one such
    cycle the chip is empty, and so are its tables; an entry that is written in it is not kept.

    Parameters
    ----------
    params
        The network's parameters.
    routing
        A routing relation for every router in place of the one that the parameters name.
    make_node
        Makes each node; anything with its ports will do, for example an instance of a separately compiled one.

    Members
    -------
    spikes : array(tiles) of In(stream(spike))
    arrivals : array(tiles) of Out(stream(arrival))
    configure, hub_configure : array(nodes) of In(table entry)
        With routing by table: write the tables (`TableMemory`), the second in a tree those of the hubs. Outputs that
        lead off the mesh are left out of an entry.
    busy : Out(nodes)
        One bit for each node.
    error : Out(nodes)
        One bit for each node: a packet was dropped there at the last clock edge (`Tile`).

    Attributes
    ----------
    nodes : list
        The nodes, row by row.
    """

    def __init__(
        self,
        params: NetworkParams,
        *,
        routing: Routing | None = None,
        make_node: Callable[[], wiring.Component] | None = None,
    ) -> None:
        self.params = params
        self.routing = routing or routing_of(params.routing, params.topology)
        self.layouts = PacketLayouts(params)
        make_node = make_node or (lambda: node_of(params, routing=routing))
        self.nodes = [make_node() for _ in range(params.nodes)]
        self._tables = ["configure", "hub_configure"] if params.interconnect.has_hubs else ["configure"]
        self._tables = self._tables if params.table_entries else []
        super().__init__(
            {
                "spikes": In(stream.Signature(self.layouts.spike)).array(params.tiles),
                "arrivals": Out(stream.Signature(self.layouts.arrival)).array(params.tiles),
                "busy": Out(params.nodes),
                "error": Out(params.nodes),
                **{name: In(table_entry_signature(params.key_bits)).array(params.nodes) for name in self._tables},
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        params = self.params
        chip = params.interconnect
        rows, cols = chip.node_rows, chip.node_cols
        running = ~ResetSignal("sync", allow_reset_less=True)
        for number, node in enumerate(self.nodes):
            row, col = divmod(number, cols)
            m.submodules[f"{chip.node_kind}_{row}_{col}"] = node
            m.d.comb += [
                node.here.row.eq(row),
                node.here.col.eq(col),
                self.busy[number].eq(node.busy),
                self.error[number].eq(node.error),
            ]
            if chip.has_rings:
                m.d.comb += [node.here.last_row.eq(rows - 1), node.here.last_col.eq(cols - 1)]
            for member, (spikes, arrivals) in enumerate(zip(node.spikes, node.arrivals, strict=True)):
                tile = chip.tile_at(number, member)
                sent, received = self.spikes[tile], self.arrivals[tile]
                m.d.comb += [
                    spikes.payload.eq(sent.payload),
                    spikes.valid.eq(sent.valid),
                    sent.ready.eq(spikes.ready & running),
                    received.payload.eq(arrivals.payload),
                    received.valid.eq(arrivals.valid & running),
                    arrivals.ready.eq(received.ready),
                ]
            for name in self._tables:
                self._configure(m, number, name)
            for i, port in enumerate(LINKS):
                there = chip.neighbour(row, col, port)
                if there is None:
                    # An edge: nothing comes in, and nothing is ever routed out, so nothing is ever in the way there.
                    if params.virtual_channels == 1:
                        m.d.comb += node.link_out[i].ready.eq(1)
                    continue
                behind = self.nodes[there[0] * cols + there[1]]
                wiring.connect(m, node.link_out[i], behind.link_in[LINKS.index(port.opposite)])
        return m

    def _configure(self, m: Module, number: int, name: str) -> None:
        """Connect what writes a table of a node."""
        chip, entry, written = self.params.interconnect, getattr(self, name)[number], getattr(self.nodes[number], name)
        off = chip.edges(*divmod(number, chip.node_cols)) if name == "configure" else ()
        m.d.comb += [
            written.valid.eq(entry.valid),
            written.key.eq(entry.key),
            written.ports.eq(Cat(Const(0, 1) if port in off else entry.ports[port] for port in Port)),
        ]
