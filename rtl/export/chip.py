"""The chip as synthesizable Verilog, with the node written once and instantiated for every place."""

import re
from collections.abc import Iterator
from dataclasses import fields
from importlib import metadata

from amaranth.back import rtlil
from amaranth.hdl import ClockSignal, Instance, ResetSignal, Value
from amaranth.lib import wiring

from ..mesh import Mesh
from ..packet import PacketLayouts, leaves
from ..params import NetworkParams
from ..ports import port_name, ports_of
from ..routing import Routing
from ..tile import node_of
from ..topology import LINKS, Port
from ..yosys import YosysError, read_rtlil, run_yosys
from .names import check_name

__all__ = ["ExportError", "component_rtlil", "export_verilog"]


class ExportError(RuntimeError):
    """Yosys, which writes the Verilog, failed."""


def export_verilog(params: NetworkParams, *, routing: Routing | None = None, name: str = "synaptile_chip") -> str:
    """The whole chip as one Verilog-2005 text; the same parameters give the same bytes.

    The top module is ``name``, all others begin with ``name_``. Everything runs on ``clk`` with the synchronous,
    active-high reset ``rst``. Ports whose width is 0 are left out. With event counters, those of every tile become
    outputs of the top module. The comment at the head of the text lists the ports and how their payloads are packed.

    Parameters
    ----------
    params
        The network's parameters; ``tag_bits`` must be 0, for tags exist in simulation only.
    routing
        A routing relation for every router in place of the one that the parameters name.
    name
        Name of the top module: a Verilog identifier, and no keyword. Chips of different names can stand in one design,
        unless one name is the other followed by ``_tile`` or ``_cluster``.

    Raises
    ------
    ValueError
        If ``params.tag_bits`` is not 0, or ``name`` is not a simple Verilog identifier, or a keyword.
    ExportError
        If Yosys fails.
    """
    if params.tag_bits:
        raise ValueError(f"tag_bits must be 0 in an exported chip, not {params.tag_bits}")
    check_name(name)
    node_name = f"{name}_{params.interconnect.node_kind}"
    node = node_of(params, routing=routing)
    mesh = Mesh(params, routing=routing, make_node=lambda: _NodeInstance(node.signature, node_name))
    chip_text = rtlil.convert(mesh, name=name, ports=_inferred(_chip_ports(mesh)), emit_src=False)
    node_text = component_rtlil(node, node_name)
    return _header(mesh, name) + _verilog(_flat_names(chip_text, name), _flat_names(node_text, node_name))


def component_rtlil(component: wiring.Component, name: str) -> str:
    """A component as RTLIL, as the module ``name`` with all ports that have any width."""
    return rtlil.convert(component, name=name, ports=_inferred(_ports(component)), emit_src=False)


class _NodeInstance(wiring.Component):
    """A node as an instance of the separately converted module."""

    def __init__(self, signature: wiring.Signature, module: str) -> None:
        self._module = module
        super().__init__(signature)

    def elaborate(self, platform: object) -> Instance:
        ports: dict[str, Value] = {"i_clk": ClockSignal(), "i_rst": ResetSignal()}
        for port, (flow, value) in _ports(self).items():
            ports[f"{'i' if flow is wiring.In else 'o'}_{port}"] = value
        return Instance(self._module, **ports)


_Ports = dict[str, tuple[wiring.Flow, Value]]


def _ports(component: wiring.Component) -> _Ports:
    """The ports of a component that have any width, by name."""
    return {port_name(path): (flow, value) for path, flow, value in ports_of(component)}


def _inferred(ports: _Ports) -> dict[str, tuple[Value, None]]:
    """Ports in the form for `rtlil.convert`, which infers their directions from what is driven."""
    return {name: (value, None) for name, (_flow, value) in ports.items()}


def _chip_ports(mesh: Mesh) -> _Ports:
    """The mesh's ports and, if there are any, its nodes' counters, with the node's or tile's number in the name."""
    ports = _ports(mesh)
    for number, node in enumerate(mesh.nodes):
        for port, (flow, value) in _ports(node).items():
            counter, *index = port.split("__")
            if counter == "flits_in":
                tile = mesh.params.interconnect.tile_at(number, int(index[0]))
                ports[f"{counter}__{tile}"] = (flow, value)
            elif counter in _COUNTERS:
                ports["__".join((counter, str(number), *index))] = (flow, value)
    return ports


def _flat_names(text: str, top: str) -> str:
    """RTLIL with plain identifiers for the modules below ``top``, which Amaranth names ``top.a.b``."""
    return re.sub(rf"(?<=\\){re.escape(top)}(?:\.\w+)+", lambda match: match[0].replace(".", "_"), text)


def _verilog(*modules: str) -> str:
    """RTLIL to Verilog. Yosys removes what nothing reads and trims operators to the bits that are used."""
    drop = " ".join(
        f"-remove {name}" for name in ("generator", "top", "src", "amaranth.hierarchy", "amaranth.decoding")
    )
    script = [
        *map(read_rtlil, modules),
        "proc",
        "memory_collect",
        f"attrmap {drop}",
        f"attrmap -modattr {drop}",
        "wreduce",
        "opt_clean -purge",
        "write_verilog -norename -noattr",
    ]
    try:
        return run_yosys(script)
    except YosysError as error:
        raise ExportError(f"Yosys could not write the Verilog: {error}") from error


def _header(mesh: Mesh, name: str) -> str:
    """The comment at the head: parameters, ports, packing."""
    params, layouts = mesh.params, PacketLayouts(mesh.params)
    lines = [
        f"{name}: a {params.topology} of {params.rows} x {params.cols} tiles",
        f"Written by synaptile {metadata.version('synaptile')}.",
        "",
        "Parameters",
        *(f"  {name} = {value}" for name, value in _settings(mesh).items()),
        "",
        "Ports",
        "  clk, rst: clock (rising edge) and synchronous reset (active high).",
        "  T is a tile's number, row * cols + col; row 0 is the northernmost, column 0 the westernmost.",
        *_of_a_tree(params),
        f"  P is a port of a router: {', '.join(f'{port.value} {port.name}' for port in Port)}.",
        "  Streams: an item passes at a rising edge at which valid and ready are 1. valid does not wait for ready,",
        "  and the payload stays until it has passed.",
        *_port_table(mesh),
        "",
        "Payloads (spike: into a tile; arrival: out of a tile, flit by flit; flit: between tiles)",
    ]
    for kind in ("spike", "arrival", "flit"):
        layout = getattr(layouts, kind)
        lines.append(f"  {kind}, {layout.size} bits")
        lines += [f"    {_bits(low, width):>9}  {'.'.join(path)}" for path, low, width in leaves(layout) if width]
    if params.flits_per_packet == 1:
        lines.append("  A packet of one flit carries no stamp: that of a spike is ignored.")
    lines.append("  Fields of width 0 are left out.")
    return "".join(f"// {line}".rstrip() + "\n" for line in lines)


def _settings(mesh: Mesh) -> dict[str, object]:
    """The parameters that have a meaning in this chip."""
    params = mesh.params
    settings = {field.name: getattr(params, field.name) for field in fields(params)} | {"routing": mesh.routing.name}
    if params.selection != "random":
        del settings["selection_seed"]
    if mesh.routing.sees_congestion:
        settings["dyad_threshold"] = params.congestion_threshold
    else:
        del settings["dyad_threshold"]
    return settings


def _port_table(mesh: Mesh) -> Iterator[str]:
    """One line for every kind of port; T and P stand for the numbers."""
    kinds: dict[str, tuple[str, int]] = {}
    texts = _STREAMS | _COUNTERS
    has_hubs = mesh.params.interconnect.has_hubs
    if has_hubs:
        texts = {name: _IN_A_TREE.get(name, text) for name, text in texts.items()}
    for port, (flow, value) in _chip_ports(mesh).items():
        name = port.split("__")[0]
        number = "C" if name in _IN_A_TREE and has_hubs else "T"
        kind = re.sub(r"__\d+$", "__P", re.sub(r"__\d+", f"__{number}", port, count=1))
        kinds[kind] = ("in" if flow is wiring.In else "out", len(value))
    for kind, (way, width) in kinds.items():
        yield f"  {way:3} {_bits(0, width):>8}  {kind:24} {texts.get(kind.split('__')[0], '')}"


_STREAMS = {
    "spikes": "spikes to be sent by tile T",
    "arrivals": "flits that have arrived at tile T",
    "configure": "writes an entry of the table of tile T, with valid",
    "hub_configure": "writes an entry of the table of cluster C's hub, with valid",
    "busy": "bit T: tile T holds a flit or part of a packet",
    "error": "bit T: tile T dropped a packet at the last edge",
}
_COUNTERS = {
    "flits_in": "flits that entered the router of tile T from the tile itself",
    "flits_out": "flits that left the router of tile T through port P",
    "packets_out": "packets that left the router of tile T through port P",
    "dropped": "packets that tile T dropped",
    "hub_flits_out": "flits that left the hub of cluster C through port P",
    "hub_packets_out": "packets that left the hub of cluster C through port P",
}
_IN_A_TREE = {
    "configure": "writes an entry of the table of cluster C's router, with valid",
    "hub_configure": _STREAMS["hub_configure"],
    "busy": "bit C: cluster C holds a flit or part of a packet",
    "error": "bit C: cluster C dropped a packet at the last edge",
    "flits_out": "flits that left the router of cluster C through port P",
    "packets_out": "packets that left the router of cluster C through port P",
    "dropped": "packets that cluster C dropped",
    "hub_flits_out": _COUNTERS["hub_flits_out"],
    "hub_packets_out": _COUNTERS["hub_packets_out"],
}


def _of_a_tree(params: NetworkParams) -> Iterator[str]:
    """Lines on the numbers of a tree's clusters, and on the destinations of a hub's ports."""
    if not params.interconnect.has_hubs:
        return
    yield f"  C is a cluster's number: {params.side} x {params.side} tiles, {params.mesh_cols} clusters in a row."
    yield "  Row and column of a packet's destination are those of its cluster, member is the tile's number there."
    yield "  LOCAL of a cluster's router leads to its hub, and LOCAL of the hub to the router."
    members = ", ".join(f"{port.name} to {divmod(i, params.side)}" for i, port in enumerate(LINKS))
    yield f"  The hub's other ports lead to the cluster's tiles, by row and column there: {members}."


def _bits(low: int, width: int) -> str:
    return f"[{low + width - 1}:{low}]"
