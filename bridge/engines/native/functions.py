"""The C++ functions of a node: CXXRTL's statements between the node's registers and its ports."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from amaranth.lib import wiring

from synaptile.rtl.ports import port_name, ports_of
from synaptile.rtl.topology import LINKS

from .cut import Cut, mangled
from .netlist import Netlist, NetlistError
from .ports import (
    CONSTANT,
    ENTRY,
    STREAMS_IN,
    STREAMS_OUT,
    Links,
    Node,
    counters_of,
    members_of,
    output_name,
    probe_name,
    probe_words,
)

__all__ = [
    "advance_cpp",
    "assigned_whole",
    "body_of",
    "configure_cpp",
    "declared",
    "inspect_cpp",
    "offered_cpp",
    "probe_cpp",
    "settle_cpp",
]


def body_of(parts: Cut, module: str) -> list[str]:
    """Statements of a module; they read and assign variables with the names of its ports."""
    start = parts.cpp.partition(f"bool p_{module}::eval(performer *performer) {{\n\tbool converged = true;\n")[2]
    body, end, _rest = start.partition("\treturn converged;\n}")
    if not end:
        raise NetlistError(f"CXXRTL's code of {module} is not of the form that is known")
    lines = [line for line in body.split("\n") if not line.startswith(("\t//", "\tCXXRTL_ASSERT"))]
    whole = assigned_whole(lines)
    return [_DECLARATION.sub(lambda found: declared(found[1], found[2], whole), line) for line in lines]


_DECLARATION = re.compile(r"^\t(value<\d+>) (\w+);$")


def assigned_whole(lines: Iterable[str]) -> set[str]:
    """Variables of which statements assign all bits; in the others, bits that none assigns are 0."""
    return {name for name, equals, _ in (line.strip().partition(" = ") for line in lines) if equals}


def declared(kind: str, name: str, whole: Collection[str]) -> str:
    """Declaration of a variable; it is set to 0, which takes time, only where that is needed."""
    return f"    {kind} {name}{'' if name in whole else '{}'};"


def _state(netlist: Netlist, parts: Cut, module: str) -> Iterator[str]:
    """References to the registers, memories and constant inputs by the names that a module has for them."""
    body = "\n".join(body_of(parts, module))
    yield from (f"    const auto &p_q{r.number} = s.q{r.number};" for r in netlist.registers)
    for number, memory in enumerate(netlist.memories.values()):
        name = f"memory_{mangled(memory.name)}"
        if f"{name}[" in body:
            yield f"    const memory<{memory.width}> {name}{{s.m{number}, {memory.depth}}};"
    if f"\\{CONSTANT}" in netlist.ports:
        yield f"    const auto &{mangled(CONSTANT)} = in.{CONSTANT};"


def _inputs(links: Links) -> Iterator[str]:
    """References to the node's inputs by the names that modules have for them."""
    members = [*members_of(STREAMS_IN, links.tiles), *((member, ENTRY[member]) for member in links.entry)]
    yield from (f"    const auto &{mangled(port)} = in.{member};" for member, port in members)
    yield from (f"    const auto &{mangled(port)} = in.{member};" for member, port in links.signals(outgoing=False))


def advance_cpp(links: Links, netlist: Netlist, parts: Cut) -> Iterator[str]:
    """Function ``advance``: one clock edge."""
    yield "// One clock edge: whether any register or memory has changed."
    yield "inline flags advance(State &s, const Inputs &in) {"
    yield from _state(netlist, parts, "advance")
    yield from (f"    const auto &p_k{number} = s.k{number};" for number in range(len(parts.kept)))
    yield from _inputs(links)
    body = body_of(parts, "advance")
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
            yield f"    changed |= write(s.m{number}, p_a{w.number}, p_w{w.number}, p_e{w.number});"
    yield "    return changed;"
    yield "}"


def settle_cpp(links: Links, netlist: Netlist, parts: Cut) -> Iterator[str]:
    """Function ``settle``: the outputs that follow from the registers."""
    outputs = {f"out.{member}": output_name(port) for member, port in members_of(STREAMS_OUT, links.tiles)}
    outputs |= {f"out.{port}": output_name(port) for port in ("busy", "error")}
    wires = {f"out.{member}": output_name(port) for member, port in links.signals(outgoing=True)}
    yield "// The outputs that follow from the registers: which links' wires have changed, one bit each."
    yield "inline uint32_t settle(State &s, const Inputs &in, Outputs &out) {"
    yield from _state(netlist, parts, "settle")
    yield from (f"    auto &p_k{number} = s.k{number};" for number in range(len(parts.kept)))
    yield from (f"    auto &{port} = {member};" for member, port in outputs.items())
    body = body_of(parts, "settle")
    whole = assigned_whole(body)
    yield from (declared(f"std::decay_t<decltype({member})>", port, whole) for member, port in wires.items())
    yield from body
    yield "    uint32_t wires = 0;"
    # A payload has no meaning unless it is valid: the neighbour need not be evaluated for it.
    carried = {f"out.forward[{link}].m{number}" for link in range(len(LINKS)) for number in links.carried}
    for link in range(len(LINKS)):
        valid = wires[f"out.forward[{link}].m{links.valid}"]
        yield f"    const uint32_t valid_{link} = any(difference({valid}, decltype({valid}){{}}));"
    for member, port in wires.items():
        link = int(member.partition("[")[2].partition("]")[0])
        if_valid = f" & valid_{link}" if member in carried else ""
        yield f"    wires |= (uint32_t(any(difference({member}, {port}))){if_valid}) << {link};"
        yield f"    {member} = {port};"
    yield "    return wires;"
    yield "}"


def offered_cpp(node: Node) -> Iterator[str]:
    """Function ``offered``: true if any stream or link offers the node something."""
    links = Links(node)
    members = {port: member for member, port in links.signals(outgoing=False)}
    members |= {port: member for member, port in members_of(STREAMS_IN, links.tiles)}
    members |= {ENTRY[member]: member for member in links.entry}
    # A credit counts in every cycle in which it is 1, even if it was 1 before.
    offers = ("valid", "credit")
    valid = [members[port_name(path)] for path, flow, _ in ports_of(node) if flow is wiring.In and path[-1] in offers]
    yield "// Whether any stream or link offers the node something."
    yield "inline bool offered(const Inputs &in) {"
    yield f"    return ({' | '.join(f'in.{member}.data[0]' for member in valid)}) != 0;"
    yield "}"


def configure_cpp(links: Links) -> Iterator[str]:
    """Function ``configure``: write an entry of a router's table."""
    yield "inline void configure(State &s, Inputs &in, bool hub, uint64_t key, uint64_t ports) {"
    for prefix, which in (("hub_", "hub"), ("", "!hub")):
        if f"{prefix}entry_valid" in links.entry:
            yield f"    if ({which}) {{"
            yield f"        in.{prefix}entry_valid.data[0] = 1;"
            yield f"        in.{prefix}entry_key.data[0] = key;"
            yield f"        in.{prefix}entry_ports.data[0] = ports;"
            yield "    }"
    yield "    advance(s, in);"
    yield from (f"    in.{member} = {{}};" for member in links.entry)
    yield "}"


def inspect_cpp(node: Node, netlist: Netlist, parts: Cut) -> Iterator[str]:
    """Function ``inspect``: the values of the counters."""
    paths = counters_of(node)
    widths = {path: len(value) for path, _flow, value in ports_of(node)}
    yield "// The counters, which are looked at now and then."
    yield "inline void inspect(const State &s, const Inputs &in, uint64_t *into) {"
    yield from _state(netlist, parts, "inspect")
    yield from (f"    value<{widths[path]}> {output_name(port_name(path))};" for path in paths)
    yield from body_of(parts, "inspect")
    yield from (f"    into[{number}] = {output_name(port_name(path))}.data[0];" for number, path in enumerate(paths))
    yield "}"


def probe_cpp(links: Links, netlist: Netlist, parts: Cut, widths: Sequence[int]) -> Iterator[str]:
    """Function ``probe``: the values of the probes in a cycle."""
    counts = probe_words(widths)
    yield "// What is to be seen of a node in a cycle, probe by probe."
    yield f"constexpr size_t probe_words = {sum(counts)};"
    if not counts:
        yield "inline void probe(const State &, const Inputs &, uint64_t *) {}"
        return
    yield "inline void probe(const State &s, const Inputs &in, uint64_t *into) {"
    yield from _state(netlist, parts, "probe")
    yield from _inputs(links)
    yield from (
        f"    value<{width}> {output_name(probe_name(number))};" for number, width in enumerate(widths) if width
    )
    yield from body_of(parts, "probe")
    words = [(number, word) for number, count in enumerate(counts) for word in range(count)]
    for index, (number, word) in enumerate(words):
        yield f"    into[{index}] = {output_name(probe_name(number))}.data[{word}];"
    yield "}"
