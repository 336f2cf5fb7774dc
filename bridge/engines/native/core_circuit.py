"""C++ of the cores of a chip: the code that CXXRTL makes of a `CoreTile`, for several of them at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from amaranth.hdl import Value
from amaranth.lib import wiring

from synaptile.rtl.core_tile import CoreTile
from synaptile.rtl.packet import PacketLayouts, leaves
from synaptile.rtl.ports import port_name, ports_of

from .cut import Cut, cut, mangled
from .functions import assigned_whole, body_of, declared
from .glue import circuit_rtlil, initial_value
from .netlist import Netlist, flatten, read_netlist
from .ports import CLOCK, CONSTANT, output_name

__all__ = ["CoreMemory", "core_cpp", "core_rtlil"]

_VECTORS = ("vectors.h", "vector_operations.h", "vector_memory.h")


@dataclass(frozen=True)
class CoreMemory:
    """A memory of a core: its number in C++, and the width and number of its words."""

    number: int
    width: int
    depth: int


def core_rtlil(tile: CoreTile) -> str:
    """RTLIL of a core's tile without reset."""
    return circuit_rtlil(tile, "core")


def _memories(netlist: Netlist) -> dict[str, CoreMemory]:
    found = {}
    for number, memory in enumerate(netlist.memories.values()):
        # Amaranth tells names that occur twice apart by a number behind them.
        path = re.sub(r"\$\d+", "", memory.name.removeprefix("\\core."))
        found[path] = CoreMemory(number, memory.width, memory.depth)
    return found


def core_cpp(tile: CoreTile, text: str, part: Callable[[str], str]) -> str:
    """C++ of a core, in namespace ``core``, from its tile, its RTLIL and the files of this package.

    Raises
    ------
    NetlistError
        If an output depends on an input within the cycle, or Yosys fails.
    """
    netlist = read_netlist(flatten(text, "core"), clock=CLOCK)
    ports = {port_name(path): (len(value), flow) for path, flow, value in ports_of(tile)}
    outputs = {name for name, (_, flow) in ports.items() if flow is wiring.Out}
    parts = cut(netlist, settle=outputs, inspect=set(), probe=(), constant={CONSTANT})
    lines = [
        "namespace {",
        "namespace core {",
        *map(part, _VECTORS),
        *_structs(tile, ports, netlist, parts),
        *_advance(ports, netlist, parts),
        *_settle(ports, netlist, parts),
        *_memory_access(netlist),
        "}",
        "}",
    ]
    return "\n".join(lines)


def _structs(tile: CoreTile, ports: dict[str, tuple[int, wiring.Flow]], netlist: Netlist, parts: Cut) -> Iterator[str]:
    yield f"constexpr size_t fired_lanes = {tile.params.lanes};  // neurons in a group of a core"
    layout = PacketLayouts(tile.network).position
    places = {path[-1]: (low, width) for path, low, width in leaves(layout)}
    for field in ("row", "col", "member"):
        low, width = places.get(field, (0, 0))
        yield f"constexpr node::Field here_{field}{{{low}, {width}}};"
    memories = list(netlist.memories.values())
    yield "// A line for each memory: its path, its number, the width and the number of its words."
    yield "constexpr const char memory_table[] ="
    for path, memory_of in _memories(netlist).items():
        yield f'    "{path} {memory_of.number} {memory_of.width} {memory_of.depth}\\n"'
    yield "    ;"
    yield "// The memories of one core."
    yield "struct Memories {"
    for number, memory in enumerate(memories):
        yield f"    bank<{memory.width}, {memory.depth}> m{number}{{}};"
    yield "    Memories() {"
    for number, memory in enumerate(memories):
        for at, word in enumerate(memory.init):
            for i in range(-(-memory.width // 64)) if word else ():
                chunk = word >> 64 * i & (1 << 64) - 1
                yield f"        m{number}.data[{at * -(-memory.width // 64) + i}] = {chunk:#x}u;"
    yield "    }"
    yield "};"
    yield "struct State {"
    yield from (f"    value<{r.width}> q{r.number} = {initial_value(r.width, r.init)};" for r in netlist.registers)
    for number, memory in enumerate(memories):
        yield f"    bank<{memory.width}, {memory.depth}> *m{number}[lanes];"
        yield f"    last_read<{memory.width}> r{number};"
    yield from (f"    value<{width}> k{number};" for number, width in enumerate(parts.kept))
    yield "    // A core's memories."
    yield "    void adopt(size_t lane, Memories &memories) {"
    yield from (f"        m{number}[lane] = &memories.m{number};" for number in range(len(memories)))
    yield "    }"
    yield "};"
    for struct, flow in (("Inputs", wiring.In), ("Outputs", wiring.Out)):
        yield f"struct {struct} {{"
        for path, member, value in tile.signature.flatten(tile):
            if member.flow is flow:
                # C++ has no values without bits.
                yield f"    value<{max(1, len(Value.cast(value)))}> {port_name(path)};"
        yield "};"


def _references(netlist: Netlist, body: list[str]) -> Iterator[str]:
    """References to registers and memories by the names that a module has for them."""
    text = "\n".join(body)
    yield from (f"    const auto &p_q{r.number} = s.q{r.number};" for r in netlist.registers)
    for number, memory in enumerate(netlist.memories.values()):
        name = f"memory_{mangled(memory.name)}"
        if f"{name}[" in text:
            yield f"    const memory<{memory.width}, {memory.depth}> {name}{{s.m{number}, s.r{number}}};"


def _inputs(ports: dict[str, tuple[int, wiring.Flow]]) -> Iterator[str]:
    yield from (
        f"    const auto &{mangled(port)} = in.{port};" for port, (_, flow) in ports.items() if flow is wiring.In
    )


def _advance(ports: dict[str, tuple[int, wiring.Flow]], netlist: Netlist, parts: Cut) -> Iterator[str]:
    body = body_of(parts, "advance")
    yield "// One clock edge: in which cores any register or memory has changed."
    yield "inline flags advance(State &s, const Inputs &in) {"
    yield from _references(netlist, body)
    yield from (f"    const auto &p_k{number} = s.k{number};" for number in range(len(parts.kept)))
    yield from _inputs(ports)
    whole = assigned_whole(body)
    yield from (declared(f"value<{r.width}>", f"p_d{r.number}", whole) for r in netlist.registers)
    for memory in netlist.memories.values():
        for w in memory.writes:
            yield declared(f"value<{max(w.address_width, 1)}>", f"p_a{w.number}", whole)
            yield declared(f"value<{w.width}>", f"p_w{w.number}", whole)
            yield declared(f"value<{w.enable_width}>", f"p_e{w.number}", whole)
    yield from body
    yield "    flags changed{};"
    for r in netlist.registers:
        yield f"    changed |= difference(s.q{r.number}, p_d{r.number});"
        yield f"    s.q{r.number} = p_d{r.number};"
    for number, memory in enumerate(netlist.memories.values()):
        for w in memory.writes:
            write = f"write(s.m{number}, s.r{number}, p_a{w.number}, p_w{w.number}, p_e{w.number})"
            yield f"    changed |= {write};"
    yield "    return changed;"
    yield "}"


def _settle(ports: dict[str, tuple[int, wiring.Flow]], netlist: Netlist, parts: Cut) -> Iterator[str]:
    body = body_of(parts, "settle")
    yield "// The outputs that follow from the registers."
    yield "inline void settle(State &s, const Inputs &in, Outputs &out) {"
    yield from _references(netlist, body)
    if CONSTANT in ports:
        yield f"    const auto &{mangled(CONSTANT)} = in.{CONSTANT};"
    yield from (f"    auto &p_k{number} = s.k{number};" for number in range(len(parts.kept)))
    yield from (
        f"    auto &{output_name(port)} = out.{port};" for port, (_, flow) in ports.items() if flow is wiring.Out
    )
    yield from body
    yield "}"


def _memory_access(netlist: Netlist) -> Iterator[str]:
    yield "// Have `use` called with a memory of the cores, given by its number, and what was last read of it."
    yield "template <class Use>"
    yield "inline void with_memory(State &s, size_t number, Use use) {"
    yield "    switch (number) {"
    for number in range(len(netlist.memories)):
        yield f"    case {number}: return use(s.m{number}, s.r{number});"
    yield "    }"
    yield "}"
