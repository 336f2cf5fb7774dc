"""A node's logic, cut so that each piece of it is evaluated once per clock edge.

CXXRTL simulates a synchronous circuit in two passes over all of its logic: one to find the next values of the
registers, one to settle the outputs that follow from them. The outputs of a node depend on registers only. So the
logic falls into two parts: what depends on registers only (``settle``: evaluated when they have changed) and what
depends on inputs, too (``advance``: gives the registers' next values). What the second part reads of the first is
kept with the registers, as if it were one of them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from synaptile.rtl.yosys import read_rtlil

from .islands import Island
from .netlist import Cell, Netlist, NetlistError, Register, WritePort, replace_wires, wires_of, yosys

__all__ = ["Cut", "constant_name", "cut", "cut_islands", "mangled"]


@dataclass(frozen=True)
class Cut:
    """The C++ of the modules, and the values that are kept between them.

    Module ``advance`` has input ports ``q<n>`` (registers), ``k<n>`` (kept values) and the node's inputs, and output
    ports ``d<n>`` (the registers' next values) and ``a``, ``w``, ``e<n>`` (address, data and bit-enable of the
    memories' write ports). Modules ``settle`` and ``inspect`` have the ``q<n>`` and constant inputs, and the node's
    outputs; ``settle`` the ``k<n>``, too. Module ``probe`` has the ``q<n>``, the node's inputs, and the probes.
    """

    cpp: str
    kept: list[int]
    """Width of each ``k<n>``."""


def cut(
    netlist: Netlist,
    *,
    settle: Collection[str],
    inspect: Collection[str],
    probe: Collection[str],
    constant: Collection[str],
) -> Cut:
    """Cut a netlist into C++ modules.

    Parameters
    ----------
    netlist
        The node.
    settle, inspect, probe
        Names of the outputs that these modules have. Those of ``probe`` may depend on inputs; without any, there is no
        such module.
    constant
        Inputs that never change.

    Raises
    ------
    NetlistError
        If an output depends on an input within the cycle, or logic feeds back.
    """
    late = _late(netlist, constant)
    _check_outputs({*settle, *inspect}, late)
    kept = _frontier(netlist, late, _shallow(netlist, constant))
    names = {wire: f"\\k{number}" for number, wire in enumerate(kept)}
    texts = [
        _Writer(netlist, "advance", names).advance(),
        _Writer(netlist, "settle", {}).outputs(settle, kept=names),
        _Writer(netlist, "inspect", {}).outputs(inspect, kept={}),
    ]
    if probe:
        texts.append(_Writer(netlist, "probe", {}).outputs(probe, kept={}))
    return Cut(_cxxrtl(texts), [netlist.widths[wire] for wire in kept])


def cut_islands(
    netlist: Netlist, islands: Sequence[Island], *, settle: Collection[str], constant: Collection[str]
) -> Cut:
    """Cut a netlist into a module ``island<n>`` for each of its islands, and ``settle`` for the outputs.

    The former have the same ports as ``advance``, as far as they belong to their registers and write ports, and one for
    each constant between which and something else there is a choice (`constant_name`). Nothing is kept.

    Raises `NetlistError` as `cut` does.
    """
    _check_outputs(settle, _late(netlist, constant))
    texts = []
    for number, island in enumerate(islands):
        part = replace(netlist, logic=list(island.logic), widths=_used(netlist, island))
        texts.append(_Writer(part, f"island{number}", {}, hide=True).following(island.registers, island.writes))
    texts.append(_Writer(netlist, "settle", {}).outputs(settle, kept={}))
    return Cut(_cxxrtl(texts), [])


def _used(netlist: Netlist, island: Island) -> dict[str, int]:
    """The wires that an island needs, with their widths."""
    texts = [register.value for register in netlist.registers] + [register.following for register in island.registers]
    for write in island.writes:
        texts += [write.address, write.data, write.enable]
    for item in island.logic:
        texts += item.ports.values() if isinstance(item, Cell) else (item.target, item.value)
    used = set(netlist.ports).union(*map(wires_of, texts))
    return {wire: width for wire, width in netlist.widths.items() if wire in used}


def _check_outputs(outputs: Iterable[str], late: Collection[str]) -> None:
    """Raise `NetlistError` if an output depends on an input within the cycle."""
    for output in sorted(outputs):
        if f"\\{output}" in late:
            raise NetlistError(f"the circuit's outputs must depend on registers only, but {output} depends on an input")


def _cxxrtl(texts: Iterable[str]) -> str:
    """The C++ that CXXRTL makes of modules."""
    cpp = yosys([*map(read_rtlil, texts), "opt_merge", "opt_clean -purge", "write_cxxrtl -nohierarchy -noflatten -g0"])
    if re.search(r"^\t(?:/\*\w+\*/ )?wire<", cpp, re.MULTILINE):
        raise NetlistError("the circuit's logic feeds back, so that one pass does not settle it")
    return cpp


def mangled(name: str) -> str:
    """Name of a port, or of anything by its name in RTLIL, as CXXRTL spells it."""
    prefix, name = ("i_", name[1:]) if name.startswith("$") else ("p_", name.removeprefix("\\"))
    return prefix + "".join("__" if c == "_" else c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in name)


def _arcs(netlist: Netlist) -> list[tuple[set[str], set[str], bool]]:
    """Wires read and wires driven by every cell and connection, and true if it is a cell."""
    arcs = []
    for item in netlist.logic:
        if isinstance(item, Cell):
            reads = set[str]().union(*(wires_of(text) for port, text in item.ports.items() if port != item.output))
            arcs.append((reads, wires_of(item.ports[item.output]), True))
        else:
            arcs.append((wires_of(item.value), wires_of(item.target), False))
    return arcs


def _late(netlist: Netlist, constant: Collection[str]) -> set[str]:
    """Wires that depend on changing inputs."""
    readers: dict[str, set[str]] = {}
    for reads, drives, _ in _arcs(netlist):
        for wire in reads:
            readers.setdefault(wire, set()).update(drives)
    todo = [wire for wire, way in netlist.ports.items() if way == "input" and wire[1:] not in constant]
    late = set(todo)
    while todo:
        fresh = readers.get(todo.pop(), set()) - late
        late |= fresh
        todo += fresh
    return late


def _shallow(netlist: Netlist, constant: Collection[str]) -> set[str]:
    """Wires that are registers, constants, or outputs of a single cell that reads only these."""
    drivers: dict[str, list[tuple[set[str], bool]]] = {}
    for reads, drives, is_cell in _arcs(netlist):
        for wire in drives:
            drivers.setdefault(wire, []).append((reads, is_cell))
    registers = {f"\\{name}" for name in constant}.union(*(wires_of(r.value) for r in netlist.registers))

    def behind(known: set[str], through: set[str]) -> set[str]:
        """Wires that follow from ``known`` by connections, and from ``through`` by cells."""
        known = set(known)
        while fresh := {
            wire
            for wire, ways in drivers.items()
            if wire not in known and all(reads <= (through if is_cell else known) for reads, is_cell in ways)
        }:
            known |= fresh
        return known

    renamed = behind(registers, set())
    return behind(renamed, renamed)


def _frontier(netlist: Netlist, late: set[str], shallow: set[str]) -> list[str]:
    """Wires that depend on registers only, are read by the rest, and cost too much to be evaluated twice."""
    read: set[str] = set()
    for reads, drives, _ in _arcs(netlist):
        if drives & late:
            read |= reads
    for register in netlist.registers:
        read |= wires_of(register.following)
    for memory in netlist.memories.values():
        for write in memory.writes:
            read |= wires_of(write.address) | wires_of(write.data) | wires_of(write.enable)
    return sorted(read - late - shallow)


_CONSTANT = re.compile(r"(?<![\w$.:\\\[])(\d+)'([01xz-]+)")


def constant_name(width: int, value: int) -> str:
    """Name of the port of a module of `cut_islands` that is to have a constant value."""
    return f"const{width}x{value:x}"


def _is_zero(expression: str) -> bool:
    return re.fullmatch(r"\d+'0+", expression) is not None


class _Writer:
    """Writes the RTLIL of one module, in which some wires are read from ports instead."""

    def __init__(self, netlist: Netlist, name: str, replaced: dict[str, str], *, hide: bool = False) -> None:
        self._netlist = netlist
        self._hide = hide
        self._hidden: set[str] = set()
        self._replaced = replaced
        self._ports = self._masks = 0
        self._lines = ["attribute \\top 1", f"module \\{name}"]
        for wire, width in netlist.widths.items():
            if netlist.ports.get(wire) != "input":
                self._lines.append(f"wire width {width} {wire}")
            else:
                self._port("input", width, wire)
        for wire, port in replaced.items():
            self._port("input", netlist.widths[wire], port)
        for memory in netlist.memories.values():
            self._lines.append(f"memory width {memory.width} size {memory.depth} {memory.name}")
        for register in netlist.registers:
            self._port("input", register.width, f"\\q{register.number}")
            self._lines.append(f"connect {register.value} \\q{register.number}")
        for item in netlist.logic:
            if isinstance(item, Cell) and item.kind in ("$mux", "$pmux"):
                self._multiplexer(item)
            elif isinstance(item, Cell):
                self._lines += item.lines(replaced)
            else:
                self._lines.append(f"connect {item.target} {replace_wires(item.value, replaced)}")

    def _port(self, way: str, width: int, name: str) -> None:
        self._ports += 1
        self._lines.append(f"wire width {width} {way} {self._ports} {name}")

    def _output(self, width: int, name: str, value: str) -> None:
        if width:
            self._port("output", width, name)
            self._lines.append(f"connect {name} {replace_wires(value, self._replaced)}")

    def _multiplexer(self, cell: Cell) -> None:
        """Write a multiplexer as masks: processors mispredict the branches that C++ would have in its place."""
        width, choices = cell.parameters["WIDTH"], cell.parameters.get("S_WIDTH", 1)
        a, b, select = (replace_wires(cell.ports[port], self._replaced) for port in "ABS")
        if self._hide and width > 1:
            a, b = (text if _is_zero(text) and choices == 1 else self._without_constants(text) for text in (a, b))
        if choices == 1:
            self._choice(width, a, b, select, cell.ports["Y"])
            return
        # Of several inputs, the one with the lowest bit of `select` wins, so it comes last.
        chosen = f"$choice{self._masks}"
        for part, wide, value in ((f"{chosen}b", width * choices, b), (f"{chosen}s", choices, select)):
            self._lines += [f"wire width {wide} {part}", f"connect {part} {value}"]
        for number in reversed(range(choices)):
            following = cell.ports["Y"] if number == 0 else f"{chosen}y{number}"
            if number:
                self._lines.append(f"wire width {width} {following}")
            value = f"{chosen}b [{(number + 1) * width - 1}:{number * width}]"
            self._choice(width, a, value, f"{chosen}s [{number}]", following)
            a = following

    def _without_constants(self, expression: str) -> str:
        """Read constants from ports: Yosys takes operations that have one to pieces, bit by bit, which takes longer."""

        def hidden(found: re.Match[str]) -> str:
            bits = re.sub("[^01]", "0", found[2])
            # Leading zeros may be left out.
            width = int(found[1])
            name = f"\\{constant_name(width, int(bits, 2))}"
            if name not in self._hidden:
                self._hidden.add(name)
                self._port("input", width, name)
            return name

        return _CONSTANT.sub(hidden, expression)

    def _choice(self, width: int, a: str, b: str, select: str, result: str) -> None:
        """Write cells for ``result``: ``a``, or ``b`` if ``select`` is 1."""
        masked = f"$mask{self._masks}"
        self._masks += 1
        mask = "{ " + " ".join([select] * width) + " }"
        self._lines += [f"wire width {width} {masked}{part}" for part in "xyz"]
        steps: list[tuple[str, str, str | None, str]]
        if _is_zero(a):
            steps = [("and", b, mask, result)]
        elif _is_zero(b):
            steps = [("not", mask, None, f"{masked}x"), ("and", a, f"{masked}x", result)]
        else:
            steps = [
                ("xor", a, b, f"{masked}x"),
                ("and", f"{masked}x", mask, f"{masked}y"),
                ("xor", a, f"{masked}y", result),
            ]
        for number, (kind, left, right, output) in enumerate(steps):
            self._lines += [
                f"cell ${kind} {masked}_{number}",
                *(f"parameter \\{port}_SIGNED 0" for port in ("A", "B")[: 1 if right is None else 2]),
                *(f"parameter \\{port}_WIDTH {width}" for port in ("AY" if right is None else "ABY")),
                f"connect \\A {left}",
                *([] if right is None else [f"connect \\B {right}"]),
                f"connect \\Y {output}",
                "end",
            ]

    def _text(self) -> str:
        return "\n".join([*self._lines, "end", ""])

    def advance(self) -> str:
        """The module with the next values of registers and the signals of write ports as outputs."""
        writes = [write for memory in self._netlist.memories.values() for write in memory.writes]
        return self.following(self._netlist.registers, writes)

    def following(self, registers: Iterable[Register], writes: Iterable[WritePort]) -> str:
        """The same for some registers and write ports."""
        for register in registers:
            self._output(register.width, f"\\d{register.number}", register.following)
        for write in writes:
            self._output(write.address_width, f"\\a{write.number}", write.address)
            self._output(write.width, f"\\w{write.number}", write.data)
            self._output(write.enable_width, f"\\e{write.number}", write.enable)
        return self._text()

    def outputs(self, names: Collection[str], *, kept: dict[str, str]) -> str:
        """The module with some of the node's outputs, and wires to be kept, as outputs."""
        for name in sorted(names):
            self._output(self._netlist.widths[f"\\{name}"], f"\\o_{name}", f"\\{name}")
        for wire, port in kept.items():
            self._output(self._netlist.widths[wire], port, wire)
        return self._text()
