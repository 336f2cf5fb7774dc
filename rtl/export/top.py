"""The top module of an exported chip, written as Verilog: instances of one node, and the wires between them.

It is what Amaranth makes of `synaptile.rtl.mesh.Mesh` (a test compares the two, connection by connection), but for
chips of any size: to Amaranth all inputs of a module are bits of one cell, which may have 65,536.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from amaranth.lib import wiring

from ..ports import Path, ports_of
from ..tile import Cluster, Tile
from ..topology import LINKS
from .names import verilog_name

__all__ = ["Top", "TopPort"]


@dataclass(frozen=True)
class TopPort:
    """A port of the top module.

    Attributes
    ----------
    name
        Its name, such as ``spikes_3_payload``.
    flow
        In or out.
    width
        Its bits.
    kind
        The same name with letters for the numbers, such as ``spikes_T_payload``: T for a tile, C for a cluster of a
        tree, P for a router's port.
    group
        The array or vector that it belongs to, such as ``spikes``.
    """

    name: str
    flow: wiring.Flow
    width: int
    kind: str
    group: str


_VECTORS = ("busy", "error")
"""Outputs of a node that are a bit of one port of the top."""
_INSIDE = ("here", "link_in", "link_out")
"""Ports of a node that are not the top's."""
_OF_TILES = ("spikes", "arrivals", "flits_in")
"""Arrays with an element for each tile of a node."""
_ORDER = ("spikes", "arrivals", *_VECTORS, "configure", "hub_configure")
"""Names of ports in the order of the top; what is not among them is a counter, and comes after them."""


class Top:
    """The top module of a chip.

    Parameters
    ----------
    node
        The node that stands at every place of the chip.
    name
        The name of the module.
    node_module
        That of the node's module.
    """

    def __init__(self, node: Tile | Cluster, *, name: str, node_module: str) -> None:
        self.params = node.params
        self.name = name
        self._chip = node.params.interconnect
        self._place = node.layouts.place
        self._module = node_module
        self._ports: list[tuple[Path, wiring.Flow, int]] = [
            (path, flow, len(value)) for path, flow, value in ports_of(node)
        ]
        self._all = [(path, width) for path, _flow, width in self._ports]
        # Outputs with a wire of their own: to neighbours, and those by which nothing may pass in reset.
        self._driven = [
            (path, width)
            for path, flow, width in self._ports
            if flow is wiring.Out
            and (path[0] in ("link_in", "link_out") or (path[0] in _OF_TILES and path[-1] in ("valid", "ready")))
        ]

    def ports(self) -> list[TopPort]:
        """All ports but clock and reset, those of one kind together."""
        params, chip = self.params, self._chip
        names = list(dict.fromkeys(str(path[0]) for path, _flow, _width in self._ports))
        found: list[tuple[int, int, TopPort]] = []
        for path, flow, width in self._ports:
            first = str(path[0])
            rank = _ORDER.index(first) if first in _ORDER else len(_ORDER) + names.index(first)
            if first in _VECTORS:
                found.append((rank, 0, TopPort(first, flow, params.nodes, first, first)))
            elif first not in _INSIDE:
                of_tile = first in _OF_TILES
                letter = "C" if chip.has_hubs and not of_tile else "T"
                rest = path[2:] if of_tile else path[1:]
                kind = verilog_name((first, letter, *("P" if isinstance(part, int) else part for part in rest)))
                for number in range(params.nodes):
                    place = chip.tile_at(number, int(path[1])) if of_tile else number
                    port = TopPort(verilog_name((first, place, *rest)), flow, width, kind, first)
                    found.append((rank, place, port))
        return [port for _rank, _place, port in sorted(found, key=lambda entry: entry[:2])]

    def verilog(self) -> Iterator[str]:
        """The lines of the module."""
        ports = self.ports()
        names = ",\n    ".join(port.name for port in ports)
        yield f"module {self.name}(clk, rst,\n    {names});"
        yield "  input clk;"
        yield "  input rst;"
        for port in ports:
            yield f"  {'input' if port.flow is wiring.In else 'output'} {_range(port.width)}{port.name};"
        nodes = [divmod(number, self._chip.node_cols) for number in range(self.params.nodes)]
        # All wires before their first use, which would declare them as single bits.
        for row, col in nodes:
            for path, width in self._driven:
                yield f"  wire {_range(width)}{self._wire(row, col, path)};"
        for row, col in nodes:
            yield from self._instance(row, col)
        yield "endmodule"

    def _instance(self, row: int, col: int) -> Iterator[str]:
        """The instance of a node, and what of the top's ports follows from the wires that it drives."""
        connections = ["    .clk(clk)", "    .rst(rst)"]
        connections += [
            f"    .{verilog_name(path)}({self._connected(row, col, path, width)})" for path, width in self._all
        ]
        yield f"  {self._module} {self._node_name(row, col)} ("
        yield ",\n".join(connections)
        yield "  );"
        for path, _width in self._driven:
            if path[0] in _OF_TILES:
                yield f"  assign {self._outer(row, col, path)} = {self._wire(row, col, path)} & ~rst;"

    def _connected(self, row: int, col: int, path: Path, width: int) -> str:
        """What is connected to a port of a node."""
        first = path[0]
        if first == "here":
            return f"{width}'h{self._here(row, col):x}"
        if (path, width) in self._driven:
            return self._wire(row, col, path)
        if first in ("link_in", "link_out"):
            return self._driver(row, col, path, width)
        if first in _VECTORS:
            return f"{first}[{row * self._chip.node_cols + col}]" if self.params.nodes > 1 else str(first)
        outer = self._outer(row, col, path)
        edges = self._chip.edges(row, col) if path == ("configure", "ports") else ()
        return f"{outer} & {width}'h{(1 << width) - 1 - sum(1 << edge for edge in edges):x}" if edges else outer

    def _node_name(self, row: int, col: int) -> str:
        return f"{self._chip.node_kind}_{row}_{col}"

    def _wire(self, row: int, col: int, path: Path) -> str:
        """Name of the wire that a port of a node drives."""
        return f"{self._node_name(row, col)}_{verilog_name(path)}"

    def _outer(self, row: int, col: int, path: Path) -> str:
        """Name of the top's port that a port of a node is."""
        number = row * self._chip.node_cols + col
        if path[0] in _OF_TILES:
            return verilog_name((path[0], self._chip.tile_at(number, int(path[1])), *path[2:]))
        return verilog_name((path[0], number, *path[1:]))

    def _driver(self, row: int, col: int, path: Path, width: int) -> str:
        """What drives an input of a link: the neighbour there, or at an edge a constant."""
        name, index, *tail = path
        port = LINKS[int(index)]
        there = self._chip.neighbour(row, col, port)
        if there is None:
            # Nothing comes in, and nothing is ever in the way.
            return f"{width}'h{int(tail[-1] == 'ready'):x}"
        other = "link_in" if name == "link_out" else "link_out"
        return self._wire(*there, (other, LINKS.index(port.opposite), *tail))

    def _here(self, row: int, col: int) -> int:
        """The position of a node, as it is told."""
        chip = self._chip
        values = {"row": row, "col": col, "last_row": chip.node_rows - 1, "last_col": chip.node_cols - 1}
        return sum(values[str(name)] << field.offset for name, field in self._place)


def _range(width: int) -> str:
    return "" if width == 1 else f"[{width - 1}:0] "
