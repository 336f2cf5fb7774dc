"""A circuit's registers and memories in islands: those of one change for the same reasons.

An island whose sources (registers of other islands and its own, inputs, memories) are as they were at the clock edge
before need not be evaluated: its registers keep their values, and its memories' words are written as they are already.
Most of a core rests most of the time: the neurons while synapses are added up, the synapses while neurons are updated.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .netlist import Cell, Connection, Netlist, Register, WritePort, wires_of

__all__ = ["Island", "islands_of", "sources_of"]

_MAX_ISLANDS = 48
_WORTH_SPLITTING = 16
"""Cells and connections in an island from which on it is worth while to tell its parts apart."""
_DEPTH = 3
"""Levels of modules that are told apart from the start: the circuit, the core in it, the parts of that."""


@dataclass(frozen=True)
class Island:
    """Registers and write ports that are evaluated together.

    Attributes
    ----------
    registers, writes
        Those.
    islands, inputs, memories
        What they follow from: numbers of islands, names of inputs, names of memories.
    logic
        What leads from there to them.
    """

    registers: tuple[Register, ...]
    writes: tuple[WritePort, ...]
    islands: frozenset[int]
    inputs: frozenset[str]
    memories: frozenset[str]
    logic: tuple[Cell | Connection, ...]


_Sink = tuple[str, int]
"""A register, ``("register", its number)``, or all write ports of a memory, ``("memory", its number)``."""
_Source = tuple[str, int] | tuple[str, str]
"""A sink, or ``("input", its name)``."""


class _Cones:
    """What each wire follows from."""

    def __init__(self, netlist: Netlist) -> None:
        self._netlist = netlist
        self._drivers: dict[str, list[Cell | Connection]] = {}
        for item in netlist.logic:
            target = item.ports[item.output] if isinstance(item, Cell) else item.target
            for wire in wires_of(target):
                self._drivers.setdefault(wire, []).append(item)
        self._registers: dict[str, list[int]] = {}
        for register in netlist.registers:
            for wire in wires_of(register.value):
                self._registers.setdefault(wire, []).append(register.number)
        self._memories = {name: number for number, name in enumerate(netlist.memories)}

    def cone(self, expressions: Collection[str]) -> tuple[set[_Source], set[int]]:
        """The sources of some expressions, and the identities of the logic that leads there."""
        sources: set[_Source] = set()
        logic: set[int] = set()
        todo = set[str]().union(*map(wires_of, expressions))
        seen = set(todo)
        while todo:
            wire = todo.pop()
            if self._netlist.ports.get(wire) == "input":
                sources.add(("input", wire[1:]))
            sources |= {("register", number) for number in self._registers.get(wire, ())}
            for item in self._drivers.get(wire, ()):
                logic.add(id(item))
                if isinstance(item, Cell):
                    reads = set[str]().union(*(wires_of(t) for port, t in item.ports.items() if port != item.output))
                    if "MEMID" in item.texts:
                        sources.add(("memory", self._memories[item.memory]))
                else:
                    reads = wires_of(item.value)
                todo |= reads - seen
                seen |= reads
        return sources, logic


def sources_of(netlist: Netlist, outputs: Collection[str]) -> set[int]:
    """The numbers of the registers that some outputs follow from."""
    sources, _ = _Cones(netlist).cone([f"\\{output}" for output in outputs])
    return {int(number) for kind, number in sources if kind == "register"}


def islands_of(netlist: Netlist, constant: Collection[str]) -> list[Island]:
    """Sort the registers and write ports of a circuit into islands.

    At first those of a module, as far as its name has it, are one; then they are told apart by the islands that they
    follow from, until those of each follow from the same. Inputs that are ``constant`` change nothing.
    """
    cones = _Cones(netlist)
    expressions: dict[_Sink, list[str]] = {("register", r.number): [r.following] for r in netlist.registers}
    names: dict[_Sink, str] = {("register", r.number): r.value for r in netlist.registers}
    for number, memory in enumerate(netlist.memories.values()):
        if memory.writes:
            expressions["memory", number] = [t for w in memory.writes for t in (w.address, w.data, w.enable)]
            names["memory", number] = memory.name + "."
    found = {sink: cones.cone(texts) for sink, texts in expressions.items()}
    sources = {
        sink: {source for source in of if source not in [("input", name) for name in constant]}
        for sink, (of, _) in found.items()
    }
    part = _refined(
        {sink: _module(name) for sink, name in names.items()},
        sources,
        {sink: logic for sink, (_, logic) in found.items()},
    )
    order = {label: number for number, label in enumerate(dict.fromkeys(part.values()))}
    memories = list(netlist.memories)
    islands = []
    for label in order:
        sinks = [sink for sink, own in part.items() if own == label]
        of = set[_Source]().union(*(sources[sink] for sink in sinks))
        logic = set[int]().union(*(found[sink][1] for sink in sinks))
        islands.append(
            Island(
                registers=tuple(netlist.registers[number] for kind, number in sinks if kind == "register"),
                writes=tuple(
                    write
                    for kind, number in sinks
                    if kind == "memory"
                    for write in netlist.memories[memories[number]].writes
                ),
                islands=frozenset(order[part[source]] for source in of if source[0] == "register"),  # type: ignore[index]
                inputs=frozenset(str(name) for kind, name in of if kind == "input"),
                memories=frozenset(memories[int(number)] for kind, number in of if kind == "memory"),
                logic=tuple(item for item in netlist.logic if id(item) in logic),
            )
        )
    return islands


def _module(name: str) -> str:
    """The module that a register or memory is in: its name without the last part, and without numbers."""
    plain = re.sub(r"\$\d+|\d+", "", name.strip("{} ").split(" ")[0])
    return ".".join(plain.split(".")[:-1][:_DEPTH])


def _refined(
    part: Mapping[_Sink, str], sources: Mapping[_Sink, set[_Source]], logic: Mapping[_Sink, set[int]]
) -> dict[_Sink, int]:
    """Tell sinks apart by what they follow from, those with the most logic first, as long as it pays."""
    labels = {label: number for number, label in enumerate(dict.fromkeys(part.values()))}
    now = {sink: labels[label] for sink, label in part.items()}
    count = len(labels)
    while True:
        members: dict[int, list[_Sink]] = {}
        for sink, label in now.items():
            members.setdefault(label, []).append(sink)
        splits = []
        for sinks in members.values():
            ways: dict[frozenset[Any], list[_Sink]] = {}
            parts: dict[Any, int] = dict(now)
            for sink in sinks:
                ways.setdefault(frozenset(parts.get(source, source) for source in sources[sink]), []).append(sink)
            size = len(set[int]().union(*(logic[sink] for sink in sinks)))
            if len(ways) > 1 and size >= _WORTH_SPLITTING:
                splits.append((size, list(ways.values())))
        splits.sort(key=lambda split: -split[0])
        splits = [split for split in splits[:1] if count + len(split[1]) - 1 <= _MAX_ISLANDS]
        if not splits:
            return now
        for _, ways_apart in splits:
            for sinks in ways_apart[1:]:
                now |= dict.fromkeys(sinks, count)
                count += 1
