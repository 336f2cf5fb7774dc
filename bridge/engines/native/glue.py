"""C++ of a tile for the harness: what CXXRTL makes of it, and the names of its ports and registers tied together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from amaranth.back import rtlil  # type: ignore[attr-defined]
from amaranth.hdl import ClockDomain, ClockSignal, Module, Signal, Value
from amaranth.lib import data, wiring

from synaptile.rtl import Tile
from synaptile.rtl.tile import LINKS
from synaptile.rtl.topology import neighbour

from .cut import Cut, cut, mangled
from .netlist import Netlist, flatten, read_netlist

__all__ = ["counters_of", "probe_name", "probe_words", "tile_cpp", "tile_rtlil"]

_CLOCK = "clk"
_CONSTANT = "here"
_LOCAL = {"spikes", "arrivals", "busy", _CONSTANT}
_LINKS = {"link_in", "link_out"}


def _ports(tile: Tile) -> Iterator[tuple[tuple[str | int, ...], wiring.Flow, Value]]:
    """Path, direction and value of every port of a tile that has any width."""
    for path, member, value in tile.signature.flatten(tile):
        value = Value.cast(value)
        if len(value):
            yield path, member.flow, value


def _name(path: Iterable[str | int]) -> str:
    return "__".join(map(str, path))


def counters_of(tile: Tile) -> list[tuple[str | int, ...]]:
    """Paths of the outputs that are not wires of a tile but counts, in the order in which they are read out."""
    return [path for path, flow, _ in _ports(tile) if flow is wiring.Out and path[0] not in _LOCAL | _LINKS]


def tile_rtlil(tile: Tile, probes: Sequence[Value] = ()) -> str:
    """RTLIL of a tile without reset: simulations begin with the registers' initial values.

    Each of ``probes``, signals anywhere inside the tile, becomes an output port `probe_name`.
    """
    m = Module()
    m.domains.sync = ClockDomain("sync", reset_less=True)
    m.submodules.tile = tile
    ports: dict[str, tuple[Value, None]] = {_CLOCK: (ClockSignal(), None)}
    ports |= {_name(path): (value, None) for path, _flow, value in _ports(tile)}
    for number, probe in enumerate(probes):
        shown = Signal(len(probe))
        m.d.comb += shown.eq(probe)
        ports[probe_name(number)] = (shown, None)
    return rtlil.convert(m, name="tile", ports=ports, emit_src=False)


def probe_name(number: int) -> str:
    """The port that shows a probe."""
    return f"probe_{number}"


def tile_cpp(tile: Tile, text: str, words: str, probes: Sequence[Value] = ()) -> str:
    """C++ of a tile, from its RTLIL and the values to compute with, to be followed by the harness.

    Raises
    ------
    NetlistError
        If an output of the tile depends on an input within the cycle, or Yosys fails.
    """
    netlist = read_netlist(flatten(text, "tile"), clock=_CLOCK)
    counters = {_name(path) for path in counters_of(tile)}
    outputs = {_name(path) for path, flow, _ in _ports(tile) if flow is wiring.Out} - counters
    shown = [probe_name(number) for number in range(len(probes))]
    parts = cut(netlist, settle=outputs, inspect=counters, probe=shown, constant={_CONSTANT})
    lines = [
        *_declarations(tile, netlist, parts),
        *_functions(tile, netlist, parts),
        *_probe(tile, netlist, parts, [len(probe) for probe in probes]),
    ]
    return "\n".join(
        [
            _HEADERS,
            "namespace {  // so that the compiler sees that nobody else calls it, and inlines all of it",
            "namespace cxxrtl_design {",
            words,
            "}",
            parts.cpp,
            "namespace tile {",
            *("using cxxrtl_design::value;", "using cxxrtl_design::difference;", "using cxxrtl_design::merged;"),
            *lines,
            "}",
            "}",
            "",
        ]
    )


_HEADERS = """\
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <cxxrtl/cxxrtl.h>

"""


def _output(port: str) -> str:
    return mangled(f"o_{port}")


def _value(width: int, init: int = 0) -> str:
    chunks = [f"{init >> 32 * i & 0xFFFFFFFF:#x}u" for i in range((width + 31) // 32)]
    return f"value<{width}>{{{', '.join(chunks) if init else ''}}}"


class _Links:
    """The members of a link in each direction, from the tile's point of view: (tail of the path, width)."""

    def __init__(self, tile: Tile) -> None:
        self.forward: list[tuple[tuple[str | int, ...], int]] = []
        self.backward: list[tuple[tuple[str | int, ...], int]] = []
        for path, flow, value in _ports(tile):
            if path[:2] == ("link_out", 0):
                (self.forward if flow is wiring.Out else self.backward).append((path[2:], len(value)))

    def signals(self, outgoing: bool) -> Iterator[tuple[str, str]]:
        """C++ member and port name of every wire of every link that the tile drives, or that it reads."""
        for i in range(len(LINKS)):
            for group, members, array in (
                ("forward", self.forward, "link_out" if outgoing else "link_in"),
                ("backward", self.backward, "link_in" if outgoing else "link_out"),
            ):
                for number, (tail, _width) in enumerate(members):
                    yield f"{group}[{i}].m{number}", _name((array, i, *tail))


_STREAMS = {
    "spike": "spikes__payload",
    "spike_valid": "spikes__valid",
    "spike_ready": "spikes__ready",
    "arrival": "arrivals__payload",
    "arrival_valid": "arrivals__valid",
    "arrival_ready": "arrivals__ready",
    "busy": "busy",
    "entry_valid": "configure__valid",
    "entry_key": "configure__key",
    "entry_ports": "configure__ports",
}
_ENTRY = ("entry_valid", "entry_key", "entry_ports")
_IN = ("spike", "spike_valid", "arrival_ready")
_OUT = ("spike_ready", "arrival_valid", "arrival", "busy")


def _declarations(tile: Tile, netlist: Netlist, parts: Cut) -> Iterator[str]:
    widths = {_name(path): len(value) for path, _flow, value in _ports(tile)}
    params, layouts, links = tile.params, tile.layouts, _Links(tile)
    counters = counters_of(tile)
    counter_width = widths[_name(counters[0])] if counters else 1
    yield from (
        "struct Field { size_t low, width; };",
        f"constexpr size_t links = {len(LINKS)};",
        f"constexpr uint32_t flits = {params.flits};",
        f"constexpr bool torus = {str(params.topology == 'torus').lower()};",
        f"constexpr size_t arrival_width = {widths[_STREAMS['arrival']]};",
        f"constexpr size_t counters = {len(counters)};",
        f"constexpr uint64_t counter_mask = {(1 << counter_width) - 1:#x}u;",
        # A counter counts at most one event a cycle, so that this often none can have come round.
        f"constexpr int64_t counter_period = int64_t(1) << {min(counter_width - 1, 40)};",
        "#ifdef ALWAYS_LOOK  // a check of what tiles promise with `busy`: the log must not depend on it",
        "constexpr bool always_look = true;",
        "#else",
        "constexpr bool always_look = false;",
        "#endif",
        f"constexpr uint32_t everything = (uint32_t(1) << {len(LINKS)}) - 1;",
    )
    centre = {port: neighbour(1, 1, port, rows=3, cols=3) for port in LINKS}
    for axis, name in enumerate(("row", "col")):
        steps = [there[axis] - 1 for there in centre.values() if there is not None]
        yield f"constexpr int step_{name}[] = {{{', '.join(map(str, steps))}}};"
    yield f"constexpr size_t opposite[] = {{{', '.join(str(LINKS.index(port.opposite)) for port in LINKS)}}};"
    for prefix, layout in (("here", layouts.place), ("spike", layouts.spike), ("arrival", layouts.arrival)):
        fields = dict(_fields(layout))
        for field in _FIELDS[prefix]:
            low, width = fields.get(field, (0, 0))
            yield f"constexpr Field {prefix}_{field}{{{low}, {width}}};"
    for name, members in (("Forward", links.forward), ("Backward", links.backward)):
        yield f"struct {name} {{"
        yield from (f"    value<{width}> m{number};" for number, (_tail, width) in enumerate(members))
        yield "};"
    yield "struct State {"
    yield from (f"    value<{r.width}> q{r.number} = {_value(r.width, r.init)};" for r in netlist.registers)
    for number, memory in enumerate(netlist.memories.values()):
        words = ", ".join(_value(memory.width, word) for word in memory.init)
        yield f"    value<{memory.width}> m{number}[{memory.depth}] = {{{words}}};"
    yield "    // What follows from the registers and is read at the next clock edge."
    yield from (f"    value<{width}> k{number};" for number, width in enumerate(parts.kept))
    yield "};"
    for name, streams in (("Inputs", _IN + _entry(tile)), ("Outputs", _OUT)):
        yield f"struct {name} {{"
        if name == "Inputs":
            yield f"    value<{max(widths.get(_CONSTANT, 0), 1)}> here;"
        yield from (f"    value<{widths[_STREAMS[stream]]}> {stream};" for stream in streams)
        yield "    Forward forward[links];"
        yield "    Backward backward[links];"
        yield "};"


_FIELDS = {
    "here": ("row", "col", "last_row", "last_col"),
    "spike": ("row", "col", "key", "neuron", "stamp", "tag"),
    "arrival": ("first", "last", "neuron", "index", "stamp", "tag"),
}


def _fields(layout: data.Layout, low: int = 0) -> Iterator[tuple[str, tuple[int, int]]]:
    """Every leaf of a layout: its own name, lowest bit and width."""
    for name, part in layout:
        if isinstance(part.shape, data.Layout):
            yield from _fields(part.shape, low + part.offset)
        else:
            yield str(name), (low + part.offset, part.width)


def _load(netlist: Netlist, parts: Cut, module: str) -> Iterator[str]:
    """Statements that give a module its registers, memories and constant inputs."""
    members = parts.cpp.partition(f"struct p_{module} :")[2].partition(f"// struct p_{module}")[0]
    yield f"    cxxrtl_design::p_{module} m{{cxxrtl_yosys::interior{{}}}};"
    yield from (f"    m.p_q{r.number} = s.q{r.number};" for r in netlist.registers)
    for number, memory in enumerate(netlist.memories.values()):
        name = f"memory_{mangled(memory.name.removeprefix(chr(92)))}"
        if f" {name} " in members:  # the module reads it
            yield f"    m.{name}.data = s.m{number};"
    if f"\\{_CONSTANT}" in netlist.ports:
        yield f"    m.{mangled(_CONSTANT)} = in.{_CONSTANT};"


def _entry(tile: Tile) -> tuple[str, ...]:
    """The inputs that write a table, if the tile has one."""
    return _ENTRY if tile.params.table_entries else ()


def _inputs(tile: Tile, links: _Links) -> Iterator[str]:
    """Statements that give a module the tile's inputs."""
    yield from (f"    m.{mangled(_STREAMS[member])} = in.{member};" for member in _IN + _entry(tile))
    yield from (f"    m.{mangled(port)} = in.{member};" for member, port in links.signals(outgoing=False))


def _functions(tile: Tile, netlist: Netlist, parts: Cut) -> Iterator[str]:
    links = _Links(tile)
    yield "// One clock edge: whether any register or memory has changed."
    yield "__attribute__((flatten)) inline bool advance(State &s, const Inputs &in) {"
    yield from _load(netlist, parts, "advance")
    yield from (f"    m.p_k{number} = s.k{number};" for number in range(len(parts.kept)))
    yield from _inputs(tile, links)
    yield "    m.eval();"
    yield "    uint64_t changed = 0;"
    for r in netlist.registers:
        yield f"    changed |= difference(s.q{r.number}, m.p_d{r.number});"
        yield f"    s.q{r.number} = m.p_d{r.number};"
    for number, memory in enumerate(netlist.memories.values()):
        for w in memory.writes:
            address = f"m.p_a{w.number}.data[0]" if w.address_width else "0"
            yield f"    if (bool(m.p_e{w.number}) && {address} < {memory.depth}) {{"
            yield f"        auto &word = s.m{number}[{address}];"
            yield f"        const auto written = merged(word, m.p_w{w.number}, m.p_e{w.number});"
            yield "        changed |= difference(word, written);"
            yield "        word = written;"
            yield "    }"
    yield "    return changed != 0;"
    yield "}"

    yield "// The outputs that follow from the registers: which links' wires have changed, one bit each."
    yield "__attribute__((flatten)) inline uint32_t settle(State &s, const Inputs &in, Outputs &out) {"
    yield from _load(netlist, parts, "settle")
    yield "    m.eval();"
    yield "    uint32_t wires = 0;"
    yield from (f"    s.k{number} = m.p_k{number};" for number in range(len(parts.kept)))
    yield from (f"    out.{member} = m.{_output(_STREAMS[member])};" for member in _OUT)
    for member, port in links.signals(outgoing=True):
        link = member.partition("[")[2].partition("]")[0]
        yield f"    wires |= uint32_t(difference(out.{member}, m.{_output(port)}) != 0) << {link};"
        yield f"    out.{member} = m.{_output(port)};"
    yield "    return wires;"
    yield "}"

    yield "// Whether any stream or link offers the tile something."
    yield "inline bool offered(const Inputs &in) {"
    members = {port: member for member, port in links.signals(outgoing=False)}
    members |= {_STREAMS[stream]: stream for stream in _IN + _entry(tile)}
    # A credit counts every cycle in which it stands, even if it stood there before.
    given = ("valid", "credit")
    valid = [members[_name(path)] for path, flow, _ in _ports(tile) if flow is wiring.In and path[-1] in given]
    yield f"    return ({' | '.join(f'in.{member}.data[0]' for member in valid)}) != 0;"
    yield "}"

    yield "// Write an entry of the router's table."
    yield "inline void configure(State &s, Inputs &in, uint64_t key, uint64_t ports) {"
    if tile.params.table_entries:
        yield "    in.entry_valid.data[0] = 1;"
        yield "    in.entry_key.data[0] = key;"
        yield "    in.entry_ports.data[0] = ports;"
        yield "    advance(s, in);"
        yield "    in.entry_valid = {};"
        yield "    in.entry_key = {};"
        yield "    in.entry_ports = {};"
    yield "}"

    yield "// The counters, which are looked at now and then."
    yield "__attribute__((flatten)) inline void inspect(const State &s, const Inputs &in, uint64_t *into) {"
    yield from _load(netlist, parts, "inspect")
    yield "    m.eval();"
    for number, path in enumerate(counters_of(tile)):
        yield f"    into[{number}] = m.{_output(_name(path))}.data[0];"
    yield "}"


def probe_words(widths: Iterable[int]) -> list[int]:
    """How many words of 64 bits each probe is shown in."""
    return [-(-width // 64) for width in widths]


def _probe(tile: Tile, netlist: Netlist, parts: Cut, widths: Sequence[int]) -> Iterator[str]:
    counts = probe_words(widths)
    yield "// What is to be seen of a tile in a cycle, probe by probe."
    yield f"constexpr size_t probe_words = {sum(counts)};"
    if not counts:
        yield "inline void probe(const State &, const Inputs &, uint64_t *) {}"
        return
    yield "inline void probe(const State &s, const Inputs &in, uint64_t *into) {"
    yield from _load(netlist, parts, "probe")
    yield from _inputs(tile, _Links(tile))
    yield "    m.eval();"
    at = 0
    for number, count in enumerate(counts):
        for word in range(count):
            yield f"    into[{at}] = m.{_output(probe_name(number))}.data[{word}];"
            at += 1
    yield "}"
