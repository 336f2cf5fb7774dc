"""C++ of a chip: the code that CXXRTL makes of a node, joined to the harness by the names of ports and registers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from amaranth.back import rtlil  # type: ignore[attr-defined]
from amaranth.hdl import ClockDomain, ClockSignal, Module, Signal, Value
from amaranth.lib import wiring

from synaptile.rtl.packet import leaves
from synaptile.rtl.ports import port_name, ports_of
from synaptile.rtl.topology import LINKS

from .cut import Cut, cut
from .functions import advance_cpp, body_of, configure_cpp, inspect_cpp, offered_cpp, probe_cpp, settle_cpp
from .netlist import Netlist, flatten, read_netlist
from .ports import (
    CLOCK,
    CONSTANT,
    ENTRY,
    STREAMS_IN,
    STREAMS_OUT,
    Links,
    Node,
    counters_of,
    port_of,
    probe_name,
)

__all__ = ["SLICES", "WORDS", "chip_cpp", "circuit_rtlil", "initial_value", "node_rtlil"]

WORDS = ("words.h", "word_operations.h", "word_memory.h")
"""The files, in their order, of the values that a single node computes with."""

SLICES = ("slices.h", "slice_operations.h", "slice_memory.h")
"""Those of the values of many nodes at a time."""

_CHIP = ("chip.h", "packets.h", "evaluation.h", "observation.h", "harness.cc", "exchange.h")
_CORES = ("cores.h", "core_ticks.h", "cores.cc")


def node_rtlil(node: Node, probes: Sequence[Value] = ()) -> str:
    """RTLIL of a node without reset: simulations begin with the registers' initial values.

    Each of ``probes``, signals anywhere inside the node, becomes an output port `probe_name`.
    """
    return circuit_rtlil(node, "node", probes)


def circuit_rtlil(circuit: wiring.Component, name: str, probes: Sequence[Value] = ()) -> str:
    """RTLIL of any circuit likewise, as a module of a name."""
    m = Module()
    m.domains.sync = ClockDomain("sync", reset_less=True)
    m.submodules[name] = circuit
    ports: dict[str, tuple[Value, None]] = {CLOCK: (ClockSignal(), None)}
    ports |= {port_name(path): (value, None) for path, _flow, value in ports_of(circuit)}
    for number, probe in enumerate(probes):
        shown = Signal(len(probe))
        m.d.comb += shown.eq(probe)
        ports[probe_name(number)] = (shown, None)
    return rtlil.convert(m, name=name, ports=ports, emit_src=False)


def chip_cpp(node: Node, text: str, part: Callable[[str], str], probes: Sequence[Value] = (), *, core: str = "") -> str:
    """C++ of a chip, from a node, the node's RTLIL and the files of this package, which ``part`` gives by name.

    The node's logic is there twice: in namespace ``node`` for a node at a time, and in ``sliced`` for 64, unless that
    would be too slow or the logic has operations that ``slice_operations.h`` lacks.

    With ``core``, C++ of a core (`core_cpp`), the chip has one at each tile's door, and nodes are evaluated one by one.

    Raises
    ------
    NetlistError
        If an output of the node depends on an input within the cycle, or Yosys fails.
    """
    netlist = read_netlist(flatten(text, "node"), clock=CLOCK)
    counters = {port_name(path) for path in counters_of(node)}
    outputs = {port_name(path) for path, flow, _ in ports_of(node) if flow is wiring.Out} - counters
    shown = [probe_name(number) for number in range(len(probes))]
    parts = cut(netlist, settle=outputs, inspect=counters, probe=shown, constant={CONSTANT})
    links = Links(node)
    lines = [
        _HEADERS,
        "namespace {  // so that the compiler sees that nobody else calls it, and inlines all of it",
        "namespace node {",
        *map(part, WORDS),
        *_constants(node),
        f"constexpr bool cores = {str(bool(core)).lower()};  // there is one at each tile's door",
        *_structs(node, netlist, parts),
        *advance_cpp(links, netlist, parts),
        *settle_cpp(links, netlist, parts),
        *offered_cpp(node),
        *configure_cpp(links),
        *inspect_cpp(node, netlist, parts),
        *probe_cpp(links, netlist, parts, [len(probe) for probe in probes]),
        "}",
        "}",
        part("nodes.h"),
        "namespace {",
        # Nodes with probes are evaluated one by one.
        *(_UNGROUPED if probes or core else _grouped(node, netlist, parts, part)),
        "}",
        part("team.h"),
        *map(part, _CHIP),
        *((core, *map(part, _CORES)) if core else ()),
    ]
    return "\n".join(lines)


_HEADERS = """\
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#ifdef __AVX__
#include <immintrin.h>
#endif

#include <cxxrtl/cxxrtl.h>

"""


def initial_value(width: int, init: int = 0) -> str:
    """C++ of a value."""
    chunks = [f"{init >> 32 * i & 0xFFFFFFFF:#x}u" for i in range((width + 31) // 32)]
    return f"value<{width}>{{{', '.join(chunks) if init else ''}}}"


def _constants(node: Node) -> Iterator[str]:
    widths = {port_name(path): len(value) for path, _flow, value in ports_of(node)}
    params, layouts = node.params, node.layouts
    counters = counters_of(node)
    counter_width = widths[port_name(counters[0])] if counters else 1
    yield from (
        "struct Field { size_t low, width; };",
        f"constexpr size_t links = {len(LINKS)};",
        f"constexpr uint32_t flits = {params.flits_per_packet};",
        f"constexpr bool torus = {str(params.interconnect.has_rings).lower()};",
        f"constexpr int side = {params.side};  // tiles in a row, and in a column, of what stands at each place",
        f"constexpr size_t members = {params.tiles_per_node};",
        f"constexpr size_t arrival_width = {widths[port_of(STREAMS_OUT, 'arrival')]};",
        f"constexpr bool can_drop = {str(params.can_drop).lower()};  // packets, and then sets `error`",
        f"constexpr size_t counters = {len(counters)};",
        f"constexpr uint64_t counter_mask = {(1 << counter_width) - 1:#x}u;",
        # A counter counts at most one event a cycle, so that none can wrap around within this many cycles. (That of
        # packets dropped may count more, but after the first of them the chip stands still.)
        f"constexpr int64_t counter_period = int64_t(1) << {min(counter_width - 1, 40)};",
        "#ifdef ALWAYS_LOOK  // a check of what nodes promise with `busy`: the log must not depend on it",
        "constexpr bool always_look = true;",
        "#else",
        "constexpr bool always_look = false;",
        "#endif",
        f"constexpr uint32_t everything = (uint32_t(1) << {len(LINKS)}) - 1;",
    )
    for axis, name in enumerate(("row", "col")):
        yield f"constexpr int step_{name}[] = {{{', '.join(str(port.step[axis]) for port in LINKS)}}};"
    yield f"constexpr size_t opposite[] = {{{', '.join(str(LINKS.index(port.opposite)) for port in LINKS)}}};"
    for prefix, layout in (("here", layouts.place), ("spike", layouts.spike), ("arrival", layouts.arrival)):
        fields = {path[-1]: (low, width) for path, low, width in leaves(layout)}
        for field in _FIELDS[prefix]:
            low, width = fields.get(field, (0, 0))
            yield f"constexpr Field {prefix}_{field}{{{low}, {width}}};"


def _structs(node: Node, netlist: Netlist, parts: Cut) -> Iterator[str]:
    widths = {port_name(path): len(value) for path, _flow, value in ports_of(node)}
    links = Links(node)
    for name, members in (("Forward", links.forward), ("Backward", links.backward)):
        yield f"struct {name} {{"
        yield from (f"    value<{width}> m{number};" for number, (_tail, width) in enumerate(members))
        yield "};"
    yield "struct State {"
    yield from (f"    value<{r.width}> q{r.number} = {initial_value(r.width, r.init)};" for r in netlist.registers)
    for number, memory in enumerate(netlist.memories.values()):
        words = ", ".join(initial_value(memory.width, word) for word in memory.init)
        yield f"    value<{memory.width}> m{number}[{memory.depth}] = {{{words}}};"
    yield "    // What follows from the registers and is read at the next clock edge."
    yield from (f"    value<{width}> k{number};" for number, width in enumerate(parts.kept))
    yield "};"
    for name, streams in (("Inputs", STREAMS_IN), ("Outputs", STREAMS_OUT)):
        yield f"struct {name} {{"
        yield from (f"    value<{widths[port_of(streams, member)]}> {member}[members];" for member in streams)
        if name == "Inputs":
            yield f"    value<{max(widths.get(CONSTANT, 0), 1)}> here;"
            yield from (f"    value<{widths[ENTRY[member]]}> {member};" for member in links.entry)
        else:
            yield "    value<1> busy, error;"
        yield "    Forward forward[links];"
        yield "    Backward backward[links];"
        yield "};"


_FIELDS = {
    "here": ("row", "col", "last_row", "last_col"),
    "spike": ("row", "col", "member", "key", "neuron", "stamp", "tag"),
    "arrival": ("first", "last", "neuron", "index", "stamp", "tag"),
}


_MAX_GROUPED_MEMORY_BITS = 8192
"""Bits of memory in a node up to which nodes are evaluated in groups, which read all of them at every clock edge."""

_UNGROUPED = (
    "// Nodes that can only be evaluated one by one.",
    "constexpr Grouping grouping{0, nullptr};",
)


def _grouped(node: Node, netlist: Netlist, parts: Cut, part: Callable[[str], str]) -> Iterator[str]:
    """Logic for many nodes at a time, or `_UNGROUPED` if there can be none."""
    links = Links(node)
    slices = "\n".join(map(part, SLICES))
    fit = sum(memory.width * memory.depth for memory in netlist.memories.values()) <= _MAX_GROUPED_MEMORY_BITS
    # CXXRTL calls functions that are named after the cells of the netlist.
    code = "\n".join([*body_of(parts, "advance"), *body_of(parts, "settle")])
    if not fit or "?" in code or set(_CALLED.findall(code)) - set(re.findall(r"\w+", slices)):
        yield from _UNGROUPED
        return
    members = [f"q{register.number}" for register in netlist.registers]
    for number, memory in enumerate(netlist.memories.values()):
        members += [f"m{number}[{word}]" for word in range(memory.depth)]
    yield "// X(member) for every register and every word of memory."
    yield f"#define MEMBERS_OF_STATE(X) {' '.join(f'X({member})' for member in members)}"
    yield "namespace sliced {"
    yield slices
    yield "using node::links;"
    yield "using node::members;"
    yield from _structs(node, netlist, parts)
    yield from advance_cpp(links, netlist, parts)
    yield from settle_cpp(links, netlist, parts)
    yield part("groups.h")
    yield "}"
    # More logic takes longer in either way; more words in a memory, in groups only.
    deepest = max([memory.depth for memory in netlist.memories.values()], default=0)
    yield f"constexpr Grouping grouping{{{6 + deepest // 2}, sliced::make_groups}};"


_CALLED = re.compile(r"\b([a-z_]+)<[\d,]+>\(")
