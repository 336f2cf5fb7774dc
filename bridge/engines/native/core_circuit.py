"""C++ of the cores of a chip: the code that CXXRTL makes of a `CoreTile`, for several of them at a time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from amaranth.hdl import Value
from amaranth.lib import wiring

from synaptile.rtl.core_tile import CoreTile
from synaptile.rtl.packet import PacketLayouts, leaves
from synaptile.rtl.ports import port_name, ports_of

from .cut import Cut, constant_name, cut_islands, mangled
from .functions import assigned_whole, body_of
from .glue import circuit_rtlil, initial_value
from .islands import Island, islands_of, sources_of
from .netlist import Netlist, NetlistError, flatten, read_netlist
from .ports import CLOCK, CONSTANT, output_name

__all__ = ["VECTORS", "CoreMemory", "core_cpp", "core_rtlil"]

VECTORS = ("vectors.h", "vector_operations.h", "vector_memory.h")
"""The files, in their order, of the values that cores compute with."""


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
    islands = islands_of(netlist, {CONSTANT})
    parts = cut_islands(netlist, islands, settle=outputs, constant={CONSTANT})
    lines = [
        "namespace {",
        "namespace core {",
        *map(part, VECTORS),
        *_structs(tile, netlist),
        *_islands(ports, netlist, islands, parts),
        *_advance(ports, netlist, islands),
        *_settle(ports, netlist, islands, parts),
        *_memory_access(netlist),
        "}",
        "}",
    ]
    return "\n".join(lines)


def _structs(tile: CoreTile, netlist: Netlist) -> Iterator[str]:
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
    for struct, flow in (("Inputs", wiring.In), ("Outputs", wiring.Out)):
        yield f"struct {struct} {{"
        for path, member, value in tile.signature.flatten(tile):
            if member.flow is flow:
                # C++ has no values without bits.
                yield f"    value<{max(1, len(Value.cast(value)))}> {port_name(path)};"
        yield "};"
    yield "struct State {"
    for r in netlist.registers:
        yield f"    value<{r.width}> q{r.number} = {initial_value(r.width, r.init)}, d{r.number};"
    for number, memory in enumerate(memories):
        yield f"    bank<{memory.width}, {memory.depth}> *m{number}[lanes];"
        yield f"    last_read<{memory.width}> r{number};"
        for w in memory.writes:
            yield f"    value<{max(w.address_width, 1)}> a{w.number};"
            yield f"    value<{w.width}> w{w.number};"
            yield f"    value<{w.enable_width}> e{w.number};"
    yield "    Inputs last{};  // of the last clock edge"
    yield "    uint64_t moved = ~uint64_t(0);  // islands that it has changed, one bit each"
    yield "    // A core's memories."
    yield "    void adopt(size_t lane, Memories &memories) {"
    yield from (f"        m{number}[lane] = &memories.m{number};" for number in range(len(memories)))
    yield "    }"
    yield "};"


def _references(netlist: Netlist, body: Sequence[str]) -> Iterator[str]:
    """References to registers and memories by the names that a module has for them."""
    text = "\n".join(body)
    read = set(re.findall(r"\bp_q(\d+)\b", text))
    yield from (f"    const auto &p_q{r.number} = s.q{r.number};" for r in netlist.registers if str(r.number) in read)
    for number, memory in enumerate(netlist.memories.values()):
        name = f"memory_{mangled(memory.name)}"
        if f"{name}[" in text:
            yield f"    const memory<{memory.width}, {memory.depth}> {name}{{s.m{number}, s.r{number}}};"


def _inputs(ports: dict[str, tuple[int, wiring.Flow]], body: Sequence[str]) -> Iterator[str]:
    text = "\n".join(body)
    for port, (_, flow) in ports.items():
        if flow is wiring.In and mangled(port) in text:
            yield f"    const auto &{mangled(port)} = in.{port};"


def _constants(body: Sequence[str]) -> Iterator[str]:
    for width, digits in sorted(set(re.findall(r"\bp_const(\d+)x([0-9a-f]+)\b", "\n".join(body)))):
        value = int(digits, 16)
        name = mangled(constant_name(int(width), value))
        yield f"    const value<{width}> {name} = {initial_value(int(width), value)};"


def _islands(
    ports: dict[str, tuple[int, wiring.Flow]], netlist: Netlist, islands: Sequence[Island], parts: Cut
) -> Iterator[str]:
    memory_of = {w.number: number for number, memory in enumerate(netlist.memories.values()) for w in memory.writes}
    for number, island in enumerate(islands):
        body = body_of(parts, f"island{number}")
        names = [f"d{r.number}" for r in island.registers]
        for w in island.writes:
            names += [f"a{w.number}"] * bool(w.address_width) + [f"w{w.number}", f"e{w.number}"]
        whole = assigned_whole(body)
        yield f"inline void find{number}(State &s, const Inputs &in) {{"
        yield from _references(netlist, body)
        yield from _inputs(ports, body)
        yield from _constants(body)
        yield from (f"    auto &p_{name} = s.{name};" for name in names)
        yield from (f"    p_{name} = {{}};" for name in names if f"p_{name}" not in whole)
        yield from body
        yield "}"
        yield f"inline bool take{number}(State &s) {{"
        yield "    flags changed{};"
        for r in island.registers:
            yield f"    changed |= difference(s.q{r.number}, s.d{r.number});"
            yield f"    s.q{r.number} = s.d{r.number};"
        for w in island.writes:
            memory = memory_of[w.number]
            yield f"    changed |= write(s.m{memory}, s.r{memory}, s.a{w.number}, s.w{w.number}, s.e{w.number});"
        yield "    return any(changed);"
        yield "}"


def _advance(ports: dict[str, tuple[int, wiring.Flow]], netlist: Netlist, islands: Sequence[Island]) -> Iterator[str]:
    inputs = sorted({name for island in islands for name in island.inputs})
    bits = {name: len(islands) + number for number, name in enumerate(inputs)}
    if len(islands) + len(inputs) > 64:
        raise NetlistError(f"a core must have at most 64 islands and inputs, not {len(islands) + len(inputs)}")
    writers = {w.number: number for number, island in enumerate(islands) for w in island.writes}
    yield "// One clock edge: whether any register or memory has changed. Only islands are evaluated of whose sources"
    yield "// the last one has changed any. `fed` must be true if inputs may have changed since then."
    yield "inline bool advance(State &s, const Inputs &in, bool fed) {"
    yield "    uint64_t moved = s.moved;"
    yield "    if (fed) {"
    for name in inputs:
        yield f"        moved |= uint64_t(any(difference(s.last.{name}, in.{name}))) << {bits[name]};"
        yield f"        s.last.{name} = in.{name};"
    yield "    }"
    masks = []
    for island in islands:
        sources = {*island.islands, *(bits[name] for name in island.inputs)}
        for memory in island.memories:
            sources |= {writers[w.number] for w in netlist.memories[memory].writes}
        masks.append(sum(1 << source for source in sources))
    yield from (f"    if (moved & {mask:#x}u) find{number}(s, in);" for number, mask in enumerate(masks))
    yield "    uint64_t now = 0;"
    for number, mask in enumerate(masks):
        yield f"    if (moved & {mask:#x}u) now |= uint64_t(take{number}(s)) << {number};"
    yield "    s.moved = now;"
    yield "    return now != 0;"
    yield "}"


def _settle(
    ports: dict[str, tuple[int, wiring.Flow]], netlist: Netlist, islands: Sequence[Island], parts: Cut
) -> Iterator[str]:
    body = body_of(parts, "settle")
    yield "// The outputs that follow from the registers."
    yield "inline void settle(State &s, const Inputs &in, Outputs &out) {"
    yield from _references(netlist, body)
    yield from _inputs(ports, body)
    yield from (
        f"    auto &{output_name(port)} = out.{port};" for port, (_, flow) in ports.items() if flow is wiring.Out
    )
    yield from body
    yield "}"
    yield "// The islands that they follow from, one bit each."
    sources = sources_of(netlist, [name for name, (_, flow) in ports.items() if flow is wiring.Out])
    mask = sum(
        1 << number
        for number, island in enumerate(islands)
        if not sources.isdisjoint(register.number for register in island.registers)
    )
    yield f"constexpr uint64_t shown = {mask:#x}u;"


def _memory_access(netlist: Netlist) -> Iterator[str]:
    yield "// Have `use` called with a memory of the cores, given by its number, and what was last read of it."
    yield "template <class Use>"
    yield "inline void with_memory(State &s, size_t number, Use use) {"
    yield "    switch (number) {"
    for number in range(len(netlist.memories)):
        yield f"    case {number}: return use(s.m{number}, s.r{number});"
    yield "    }"
    yield "}"
