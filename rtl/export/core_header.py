"""The comment at the head of an exported chip of cores."""

from collections.abc import Iterator
from dataclasses import fields
from importlib import metadata

from amaranth.lib import data, wiring

from ..core.config_word import ConfigTarget, ConfigWords
from ..core.counters import CoreCounter
from ..core.neurons import neuron_variables
from ..core.payload import Kind, Payloads
from ..core_mesh import CoreMesh
from ..core_tile import CoreTile, host_packet, identity_of
from ..packet import leaves
from ..ports import ports_of
from ..tile import Cluster, Tile
from .header import settings_of, wrapped
from .names import verilog_name

__all__ = ["core_header"]


def core_header(
    chip: CoreMesh, node: Tile | Cluster, tile: CoreTile, name: str, *, host_tile: int, host_key: int
) -> str:
    """The comment at the head of a chip of these nodes and tiles: parameters, identity, ports, packing."""
    network, core, payloads = tile.network, tile.params, tile.payloads
    identity = identity_of(core, network, host_tile, host_key)
    lines = [
        f"{name}: a {network.topology} of {network.rows} x {network.cols} tiles, each with a neurosynaptic core",
        f"Written by synaptile {metadata.version('synaptile')}.",
        f"Identity: {identity:#08x}, which a read of the word of target {ConfigTarget.IDENTITY.value} gives.",
        "",
        "Parameters of the network",
        *(f"  {parameter} = {value}" for parameter, value in settings_of(node).items()),
        "Parameters of the cores",
        *(f"  {field.name} = {getattr(core, field.name)}" for field in fields(core)),
        "The host",
        f"  host_tile = {host_tile}",
        *([f"  host_key = {host_key}"] if network.table_entries else []),
        "",
        "Ports",
        *wrapped(_RULES),
        *_port_table(chip),
        "",
        "Packets of the host",
        *wrapped(_packets(tile)),
        f"  host_in, {host_packet(core, network).size} bits",
        *_table(host_packet(core, network)),
        f"  A payload, {payloads.bits} bits: its lowest 2 bits are its kind, on which the others depend.",
        *_payload_tables(payloads),
        "",
        "Configuration words",
        *wrapped(_words(tile)),
        *_word_tables(payloads.words),
        "  Numbers of neuron variables, for row with target 1:",
        *wrapped([", ".join(f"{number} {name}" for number, name in enumerate(neuron_variables(core)))]),
        *(_counters() if core.counter_bits else ()),
    ]
    return "".join(f"// {line}".rstrip() + "\n" for line in lines)


_RULES = (
    "clk: clock (rising edge). rst: synchronous reset, active high; one cycle is enough. While rst is 1 nothing "
    "passes. Then no packet, event or tick of before is left; synapses, neurons and destination tables keep what they "
    "hold. busy is 1 from the second cycle after a reset until a core's memories of events and sums are empty.",
    "T is a tile's number, row * cols + col. Tile 0 is in the corner of row 0 and column 0; row 0 is the northernmost.",
    "Streams: an item passes at a rising edge at which valid and ready are 1. valid does not wait for ready, and the "
    "payload stays until it has passed. All outputs follow from registers and rst only.",
    "A host waits until busy is 0 before it begins a tick, which is a barrier, or it begins one every so many cycles, "
    "and overrun tells of cores that were not done.",
)

_PORTS = {
    "tick": "a tick begins, on all tiles",
    "busy": "a core is at work, or a packet is under way; 1 in the cycle after tick",
    "overrun": "bit T: a tick began while the core of tile T was not done with the one before",
    "refused": "bit T: tile T dropped a payload that nobody there can take",
    "error": "one bit for each router: it dropped a packet at the last edge",
    "host_in": "what the host sends, to any tile",
    "host_out": "payloads that are sent to the host",
    "configure": "with valid, writes an entry of the table of that router",
    "hub_configure": "with valid, writes an entry of the table of that hub",
}


def _port_table(chip: CoreMesh) -> Iterator[str]:
    for path, flow, value in ports_of(chip):
        kind = str(path[0])
        text = _PORTS[kind] if path[1:] in ((), ("payload",)) or kind.endswith("configure") else ""
        way = "in" if flow is wiring.In else "out"
        yield f"  {way:3} {_bits(0, len(value)):>8}  {verilog_name(path):24} {text}".rstrip()


def _packets(tile: CoreTile) -> Iterator[str]:
    yield (
        "Fields are unsigned, the first one in the lowest bits; signed numbers are in two's complement. [high:low] are "
        "bits, 0 the lowest."
    )
    if tile.network.table_entries:
        yield f"A packet's address is a key: 0 to {tile.network.table_entries - 1}. Routers know where it leads."
    else:
        yield "A packet's address is a tile's position."


def _words(tile: CoreTile) -> Iterator[str]:
    yield (
        "A word is written to, or read from, the core that it is sent to, while that core is at rest; in a tick it is "
        "refused. Its lowest 3 bits are its target."
    )
    if tile.params.readback:
        yield "All words can be read: the value is ignored, and comes in the reply. Targets 4 and 5 can only be read."
    else:
        yield "Only targets 4 and 5 can be read, and not written: the value is ignored, and comes in the reply."


def _payload_tables(payloads: Payloads) -> Iterator[str]:
    bodies = dict(payloads.layout["body"].shape)
    offset = payloads.layout["body"].offset
    for kind, body in (
        (Kind.EVENT, "event"),
        (Kind.REPORT, "report"),
        (Kind.WRITE, "word"),
        (Kind.READ, "word"),
    ):
        yield f"  payload {kind.name.lower()}, kind {kind.value}"
        yield from _table(bodies[body].shape, offset)


def _word_tables(words: ConfigWords) -> Iterator[str]:
    for target in words.targets:
        yield f"  word {target.name.lower()}, target {target.value}"
        masks = {"value": (0, 0, -1), "column": (0, -1, 0), "row": (-1, 0, 0)}
        for name, (row, column, value) in masks.items():
            mask = words.encode(target, row, column, value) ^ target.value
            if mask:
                low = (mask & -mask).bit_length() - 1
                yield f"    {_bits(low, mask.bit_length() - low):>9}  {name}"


def _counters() -> Iterator[str]:
    yield "  Numbers of counters, for column with target 4:"
    yield from wrapped([", ".join(f"{counter.value} {counter.name.lower()}" for counter in CoreCounter)])


def _table(layout: data.Layout, low: int = 0) -> Iterator[str]:
    for path, start, width in leaves(layout, low=low):
        if width:
            yield f"    {_bits(start, width):>9}  {'.'.join(path)}"


def _bits(low: int, width: int) -> str:
    return f"[{low + width - 1}:{low}]"
