"""A flat netlist read from RTLIL, its state listed apart from its logic."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from synaptile.rtl.yosys import YosysError, read_rtlil, run_yosys

__all__ = [
    "Cell",
    "Connection",
    "Memory",
    "Netlist",
    "NetlistError",
    "Register",
    "WritePort",
    "flatten",
    "read_netlist",
    "replace_wires",
    "wires_of",
    "yosys",
]


class NetlistError(RuntimeError):
    """The node is not of the form that the compiled engine can evaluate, or Yosys failed."""


@dataclass(frozen=True)
class Register:
    """A register: the RTLIL expressions that it drives (``value``) and takes over (``following``)."""

    number: int
    width: int
    init: int
    value: str
    following: str


@dataclass(frozen=True)
class WritePort:
    """A write port of a memory: RTLIL expressions of address, data and enable."""

    number: int
    order: int
    address_width: int
    width: int
    address: str
    data: str
    enable: str
    enable_width: int
    """1 if one bit enables the whole word."""


@dataclass
class Memory:
    """A memory, its initial words, its write ports in the order in which they act."""

    name: str
    width: int
    depth: int
    init: list[int]
    writes: list[WritePort] = field(default_factory=list)


@dataclass(frozen=True)
class Cell:
    """A cell of combinational logic, as RTLIL."""

    kind: str
    name: str
    texts: dict[str, str]
    ports: dict[str, str]

    @property
    def parameters(self) -> dict[str, int]:
        """Parameters that are numbers."""
        return {name: _constant(text) for name, text in self.texts.items() if not text.startswith('"')}

    @property
    def output(self) -> str:
        """Name of the port that it drives."""
        return "DATA" if self.kind == "$memrd_v2" else "Y"

    @property
    def memory(self) -> str:
        """Name of the memory that it is a port of."""
        return self.texts["MEMID"].strip('"').replace("\\\\", "\\")

    def require_clock(self, clock: str) -> None:
        """Raise `NetlistError` unless it is clocked by the rising edge of ``clock``."""
        if self.ports["CLK"] != f"\\{clock}" or not self.parameters["CLK_POLARITY"]:
            raise NetlistError(f"{self.name}: a register must be clocked by the rising edge of {clock}")

    def lines(self, replaced: Mapping[str, str]) -> list[str]:
        """Its RTLIL, reading other wires in place of some."""
        ports = {
            name: text if name == self.output else replace_wires(text, replaced) for name, text in self.ports.items()
        }
        return [
            f"cell {self.kind} {self.name}",
            *(f"parameter \\{name} {text}" for name, text in self.texts.items()),
            *(f"connect \\{name} {text}" for name, text in ports.items()),
            "end",
        ]


@dataclass(frozen=True)
class Connection:
    """An assignment of one RTLIL expression to another."""

    target: str
    value: str


@dataclass(frozen=True)
class Netlist:
    """A module without registers and write ports, these listed apart."""

    widths: dict[str, int]
    """Width of every wire, ports included."""
    ports: dict[str, str]
    """``input`` or ``output`` for every port."""
    logic: list[Cell | Connection]
    registers: list[Register]
    memories: dict[str, Memory]


def yosys(script: Iterable[str]) -> str:
    """Run a script; return what it prints. Raises `NetlistError` with the end of what Yosys says if it fails."""
    try:
        return run_yosys(script)
    except YosysError as error:
        raise NetlistError(f"Yosys failed: {str(error)[-2000:]}") from None


def flatten(rtlil: str, top: str) -> str:
    """Flatten the RTLIL of a hierarchy to one module, its processes turned into cells, simplified."""
    return yosys(
        [
            read_rtlil(rtlil),
            f"hierarchy -top {top}",
            "proc",
            "flatten",
            # Enables and resets stay multiplexers: a plain register is then simply a wire's next value.
            "opt -nodffe -nosdff",
            "wreduce",
            "opt -nodffe -nosdff",
            "opt_clean -purge",
            "write_rtlil",
        ]
    )


_WIRE = re.compile(r"wire (?:width (\d+) )?(?:(input|output) \d+ )?(?:signed )?(\\\S+|\$\S+)$")
_MEMORY = re.compile(r"memory (?:width (\d+) )?size (\d+) (?:offset 0 )?(\S+)$")


def read_netlist(rtlil: str, *, clock: str) -> Netlist:
    """Read a flat module clocked by the rising edge of ``clock``, its registers and write ports apart from its logic.

    Raises
    ------
    NetlistError
        If the module has state of any other kind, a second clock, or cells that are not logic.
    """
    reader = _Reader(clock)
    init = ""
    lines = iter(line.strip() for line in rtlil.splitlines())
    for line in lines:
        if line.startswith("attribute \\init "):
            init = line.split(" ", 2)[2]
        elif line.startswith(("attribute ", "module ", "autoidx ", "#")) or line in ("", "end"):
            continue
        elif match := _WIRE.match(line):
            reader.wire(match[3], width=int(match[1] or 1), direction=match[2], init=init)
            init = ""
        elif match := _MEMORY.match(line):
            reader.memories[match[3]] = Memory(match[3], int(match[1] or 1), int(match[2]), [0] * int(match[2]))
        elif line.startswith("cell "):
            kind, name = line.split()[1:]
            reader.cell(Cell(kind, name, *_cell(lines)))
        elif line.startswith("connect "):
            reader.logic.append(Connection(*_connection(line)))
        else:
            raise NetlistError(f"RTLIL not understood: {line}")
    return Netlist(reader.widths, reader.ports, reader.logic, reader.registers, reader.memories)


class _Reader:
    """Collects the items of a module, each kind apart."""

    def __init__(self, clock: str) -> None:
        self._clock = clock
        self._inits: dict[str, str] = {}
        self._writes = 0
        self.widths: dict[str, int] = {}
        self.ports: dict[str, str] = {}
        self.logic: list[Cell | Connection] = []
        self.registers: list[Register] = []
        self.memories: dict[str, Memory] = {}

    def wire(self, name: str, *, width: int, direction: str | None, init: str) -> None:
        self.widths[name] = width
        if direction:
            self.ports[name] = direction
        if init:
            self._inits[name] = init

    def cell(self, cell: Cell) -> None:
        if cell.kind == "$dff":
            cell.require_clock(self._clock)
            value, following, width = cell.ports["Q"], cell.ports["D"], cell.parameters["WIDTH"]
            init = _initial(value, self.widths, self._inits)
            self.registers.append(Register(len(self.registers), width, init, value, following))
        elif cell.kind == "$memwr_v2":
            cell.require_clock(self._clock)
            self._write_port(cell)
        elif cell.kind in ("$meminit", "$meminit_v2"):
            _fill(self.memories[cell.memory], cell)
        elif cell.kind == "$memrd_v2":
            self._read_port(cell)
        elif "Y" in cell.ports:
            for operand in "AB" if "B" in cell.ports else ():
                if cell.parameters.get(f"{operand}_WIDTH") == 0:  # is 0; C++ has no values without bits
                    cell.texts[f"{operand}_WIDTH"], cell.ports[operand] = "1", "1'0"
            self.logic.append(cell)
        else:
            raise NetlistError(f"{cell.name}: a cell of kind {cell.kind} is not supported")

    def _read_port(self, cell: Cell) -> None:
        if cell.parameters["CLK_ENABLE"]:
            # A port that reads at the clock edge is one that reads at once, with a register behind it. What is written
            # at the same edge it does not see, unless it is transparent.
            cell.require_clock(self._clock)
            plain = {"TRANSPARENCY_MASK": cell.parameters["TRANSPARENCY_MASK"], "SRST": _constant(cell.ports["SRST"])}
            for parameter, value in plain.items():
                if value:
                    raise NetlistError(f"{cell.name}: a memory read port with {parameter} {value} is not supported")
            data, enable, width = cell.ports["DATA"], cell.ports["EN"], cell.parameters["WIDTH"]
            now, following = f"$now${cell.name}", f"$following${cell.name}"
            self.widths |= {now: width, following: width}
            ports = {"A": data, "B": now, "S": enable, "Y": following}
            self.logic.append(Cell("$mux", f"$enabled${cell.name}", {"WIDTH": str(width)}, ports))
            init = _constant(cell.texts["INIT_VALUE"])
            self.registers.append(Register(len(self.registers), width, init, data, following))
            cell.texts.update(CLK_ENABLE="0", INIT_VALUE=f"{width}'" + "x" * width)
            cell.ports.update(CLK="1'0", EN="1'1", DATA=now)
        if not cell.parameters["ABITS"]:  # a memory of one word; C++ has no values without bits
            cell.texts["ABITS"], cell.ports["ADDR"] = "1", "1'0"
        self.logic.append(cell)

    def _write_port(self, cell: Cell) -> None:
        parameters, width = cell.parameters, cell.parameters["WIDTH"]
        enable = _repeated(cell.ports["EN"], width)
        texts = (cell.ports["ADDR"], cell.ports["DATA"], enable or cell.ports["EN"], 1 if enable else width)
        writes = self.memories[cell.memory].writes
        number = parameters["PORTID"]
        writes.append(WritePort(self._writes, number, parameters["ABITS"], width, *texts))
        # A port can have priority over those before it; written one after the other, the last one wins.
        writes.sort(key=lambda write: write.order)
        self._writes += 1


def _repeated(expression: str, times: int) -> str | None:
    """The part of which an expression is so many copies; ``None`` if it is not."""
    parts = expression.strip("{ }").split()
    first = parts[: len(parts) // times]
    return " ".join(first) if first * times == parts else None


def _cell(lines: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Parameters and connections up to the end of a cell."""
    texts: dict[str, str] = {}
    ports: dict[str, str] = {}
    for line in lines:
        if line == "end":
            break
        kind, _, rest = line.partition(" ")
        name, _, text = rest.removeprefix("signed ").partition(" ")
        if kind == "parameter" and not rest.startswith("signed "):
            texts[name.removeprefix("\\")] = text
        elif kind == "connect":
            ports[name.removeprefix("\\")] = text
        elif kind != "attribute":
            raise NetlistError(f"RTLIL not understood: {line}")
    return texts, ports


def _constant(text: str) -> int:
    """Value of an RTLIL constant; undefined bits are 0, as they are in Amaranth."""
    if not re.fullmatch(r"\d+|\d+'s?[01xz-]*", text):
        raise NetlistError(f"not a constant: {text}")
    if "'" not in text:
        return int(text)
    return int(re.sub("[xz-]", "0", text.split("'")[1].removeprefix("s")) or "0", 2)


def _fill(memory: Memory, cell: Cell) -> None:
    width = cell.parameters["WIDTH"]
    address = _constant(cell.ports["ADDR"]) if "'" in cell.ports["ADDR"] else 0
    value = _constant(cell.ports["DATA"])
    for word in range(cell.parameters["WORDS"]):
        memory.init[address + word] = value >> word * width & (1 << width) - 1


_TOKEN = re.compile(r"[\\$][^\s]+")


def wires_of(expression: str) -> set[str]:
    """Names of the wires in an RTLIL expression."""
    return set(_TOKEN.findall(expression))


def replace_wires(expression: str, replaced: Mapping[str, str]) -> str:
    """Replace the names of some wires in an RTLIL expression."""
    return _TOKEN.sub(lambda match: replaced.get(match[0], match[0]), expression)


def _connection(line: str) -> tuple[str, str]:
    """Both sides of a line ``connect <target> <value>``."""
    parts = _SIDES.match(line)
    if parts is None:
        raise NetlistError(f"RTLIL not understood: {line}")
    return parts[1], parts[2]


_SIDES = re.compile(r"connect (\{.*?\}|\S+(?: \[[\d:]+\])*) (\{.*\}|\S+(?: \[[\d:]+\])*)$")
_PART = re.compile(r"(\\\S+|\$\S+)(?: \[(\d+)(?::(\d+))?\])?|(\d+'[01xz-]+)")


def _initial(signal: str, widths: dict[str, int], inits: dict[str, str]) -> int:
    """The initial value of a register whose output is ``signal``, an RTLIL expression."""
    value = width = 0
    parts = list(_PART.finditer(signal.strip("{} ")))
    for part in reversed(parts):  # the first one is the most significant
        name = part[1]
        high = int(part[2]) if part[2] else widths[name] - 1
        low = int(part[3]) if part[3] else (high if part[2] else 0)
        bits = _constant(inits[name]) if name in inits else 0
        value |= (bits >> low & (1 << high - low + 1) - 1) << width
        width += high - low + 1
    return value
