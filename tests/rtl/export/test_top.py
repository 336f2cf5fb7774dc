"""The top that is written as text is, connection by connection, what Amaranth makes of the mesh."""

import re
from collections.abc import Iterator

import pytest
from amaranth.back import rtlil
from amaranth.hdl import ClockSignal, Instance, ResetSignal, Value
from amaranth.lib import wiring
from support.netlists import Connections, connections
from support.verilog_ports import ports_of as verilog_ports

from synaptile.rtl import Cluster, Mesh, NetworkParams, Tile, node_of
from synaptile.rtl.export import component_rtlil
from synaptile.rtl.export.names import verilog_name
from synaptile.rtl.export.top import Top
from synaptile.rtl.ports import ports_of

TABLE = {"routing": "table", "table_entries": 5}
CHIPS = {
    "1x1": NetworkParams(rows=1, cols=1),
    "2x3": NetworkParams(rows=2, cols=3, counter_bits=3),
    "5x4, channels": NetworkParams(rows=5, cols=4, virtual_channels=2),
    "1x3, one flit": NetworkParams(rows=1, cols=3, flits_per_packet=1, neurons=1, stamp_bits=0),
    "3x1, stages": NetworkParams(rows=3, cols=1, link_stages=1),
    "neighbours": NetworkParams(rows=3, cols=3, routing="odd-even", selection="neighbours-on-path"),
    "neighbours, channels": NetworkParams(
        rows=2, cols=3, routing="dyad", selection="neighbours-on-path", virtual_channels=2, counter_bits=2
    ),
    "torus": NetworkParams(rows=3, cols=4, topology="torus", virtual_channels=2),
    "torus of rings of one and two": NetworkParams(rows=1, cols=2, topology="torus", virtual_channels=3),
    "tree": NetworkParams(rows=6, cols=4, topology="tree", counter_bits=3),
    "one cluster": NetworkParams(rows=2, cols=2, topology="tree", flits_per_packet=1),
    "table": NetworkParams(rows=3, cols=3, counter_bits=3, **TABLE),
    "multicast torus": NetworkParams(rows=2, cols=4, topology="torus", virtual_channels=2, multicast=True, **TABLE),
    "multicast tree": NetworkParams(rows=4, cols=6, topology="tree", multicast=True, counter_bits=2, **TABLE),
}


class NodeInstance(wiring.Component):
    """A node as an instance of another module."""

    def __init__(self, signature: wiring.Signature) -> None:
        super().__init__(signature)

    def elaborate(self, platform: object) -> Instance:
        ports: dict[str, Value] = {"i_clk": ClockSignal(), "i_rst": ResetSignal()}
        for path, flow, value in ports_of(self):
            ports[f"{'i' if flow is wiring.In else 'o'}_{verilog_name(path)}"] = value
        return Instance("chip_node", **ports)


def black_box(node: Tile | Cluster) -> str:
    """The node's module without what is in it."""
    ports = [("input", 1, "clk"), ("input", 1, "rst")]
    for path, flow, value in ports_of(node):
        ports.append(("input" if flow is wiring.In else "output", len(value), verilog_name(path)))
    lines = [f"  {way} [{width - 1}:0] {name};" for way, width, name in ports]
    return "\n".join(
        ["(* blackbox *)", f"module chip_node({', '.join(name for *_, name in ports)});", *lines, "endmodule"]
    )


def chip_ports(mesh: Mesh) -> Iterator[tuple[str, Value]]:
    """The ports of the mesh, and its nodes' counters, by the names that the exported chip has for them."""
    for path, _flow, value in ports_of(mesh):
        yield verilog_name(path), value
    for number, node in enumerate(mesh.nodes):
        for path, flow, value in ports_of(node):
            if path[0] == "flits_in":
                tile = mesh.params.interconnect.tile_at(number, int(path[1]))
                yield f"flits_in_{tile}", value
            elif flow is wiring.Out and str(path[0]).endswith(("flits_out", "packets_out", "dropped")):
                yield verilog_name((path[0], number, *path[1:])), value


def by_amaranth(params: NetworkParams, node: Tile | Cluster) -> Connections:
    mesh = Mesh(params, make_node=lambda: NodeInstance(node.signature))
    ports = {name: (value, None) for name, value in chip_ports(mesh)}
    text = rtlil.convert(mesh, name="chip", ports=ports, emit_src=False)
    commands = "read_verilog node.v; read_rtlil chip.il; hierarchy -top chip; flatten"
    return connections({"node.v": black_box(node), "chip.il": text}, "chip", commands)


def by_text(node: Tile | Cluster, text: str) -> Connections:
    commands = "read_verilog node.v; read_verilog chip.v; hierarchy -check -top chip"
    return connections({"node.v": black_box(node), "chip.v": text}, "chip", commands)


def node_and_text(params: NetworkParams) -> tuple[Tile | Cluster, str]:
    node = node_of(params)
    component_rtlil(node, "node")  # Amaranth warns of circuits that are never used
    return node, "\n".join(Top(node, name="chip", node_module="chip_node").verilog()) + "\n"


@pytest.mark.parametrize("name", CHIPS)
def test_every_connection_is_that_of_the_mesh(name: str) -> None:
    params = CHIPS[name]
    node, text = node_and_text(params)
    expected = by_amaranth(params, node)
    found = by_text(node, text)
    assert len(expected) > params.nodes * 10
    assert found == expected


@pytest.mark.parametrize(
    ("pattern", "instead"),
    [
        (r"\.link_in_0_valid\(tile_0_0_link_out_2_valid\)", ".link_in_0_valid(tile_0_1_link_out_2_valid)"),
        (r" & ~rst;", ";"),
        (r"\.here\(3'h5\)", ".here(3'h4)"),
        (r"\.link_out_0_ready\(1'h1\)", ".link_out_0_ready(1'h0)"),
        (r"\.busy\(busy\[1\]\)", ".busy(busy[0])"),
    ],
)
def test_a_wrong_connection_is_found(pattern: str, instead: str) -> None:
    params = CHIPS["2x3"]
    node, text = node_and_text(params)
    wrong, count = re.subn(pattern, instead, text, count=1)
    assert count == 1
    assert by_text(node, wrong) != by_amaranth(params, node)


def test_its_ports_are_those_that_it_lists() -> None:
    for params in CHIPS.values():
        node = node_of(params)
        component_rtlil(node, "node")
        top = Top(node, name="chip", node_module="chip_node")
        listed = {port.name: ("in" if port.flow is wiring.In else "out", port.width) for port in top.ports()}
        assert verilog_ports("\n".join(top.verilog()), "chip") == {"clk": ("in", 1), "rst": ("in", 1)} | listed
        for port in top.ports():
            assert re.fullmatch(re.sub(r"(?<=_)[TCP](?=_|$)", r"\\d+", port.kind), port.name)


def test_a_chip_of_any_size_is_written() -> None:
    """As many tiles as a preset has, with more input bits than Amaranth lets a module have."""
    node = node_of(NetworkParams(rows=64, cols=64, flits_per_packet=1))
    component_rtlil(node, "node")
    top = Top(node, name="chip", node_module="chip_node")
    assert sum(port.width for port in top.ports() if port.flow is wiring.In) > 1 << 16
    instances = [line for line in top.verilog() if line.startswith("  chip_node ")]
    assert len(instances) == 64 * 64
    assert instances[-1] == "  chip_node tile_63_63 ("
