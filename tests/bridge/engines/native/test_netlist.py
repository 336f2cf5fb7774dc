"""Flat netlists: state apart from logic, and everything that the compiled engine cannot evaluate refused."""

import pytest
from amaranth.back import rtlil
from amaranth.hdl import Cat, ClockDomain, ClockSignal, Const, Module, Signal
from amaranth.lib.memory import Memory

from synaptile.bridge.engines.native.netlist import (
    Cell,
    Connection,
    Netlist,
    NetlistError,
    flatten,
    read_netlist,
    read_rtlil,
    replace_wires,
    wires_of,
    yosys,
)


def circuit(*, reads: str = "comb", edge: str = "pos") -> Netlist:
    """A register that starts at 5, and a memory with a write port and a read port."""
    m = Module()
    m.domains.sync = ClockDomain("sync", reset_less=True, clk_edge=edge)
    m.submodules.memory = memory = Memory(shape=8, depth=4, init=[1, 2, 3])
    write, read = memory.write_port(), memory.read_port(domain=reads)
    enable, a, q, out = Signal(name="enable"), Signal(4, name="a"), Signal(4, name="q", init=5), Signal(8, name="out")
    m.d.comb += [write.addr.eq(q[:2]), write.data.eq(Cat(a, a)), write.en.eq(enable), read.addr.eq(a[:2])]
    m.d.comb += out.eq(read.data ^ q)
    with m.If(enable):
        m.d.sync += q.eq(q + a)
    ports = {
        name: (value, None) for name, value in {"clk": ClockSignal(), "enable": enable, "a": a, "out": out}.items()
    }
    return read_netlist(flatten(rtlil.convert(m, name="top", ports=ports), "top"), clock="clk")


def test_state_is_listed_apart_from_logic() -> None:
    netlist = circuit()
    assert netlist.ports == {"\\clk": "input", "\\enable": "input", "\\a": "input", "\\out": "output"}
    assert (netlist.widths["\\a"], netlist.widths["\\out"]) == (4, 8)
    (register,) = netlist.registers
    assert (register.width, register.init, register.value) == (4, 5, "\\q")
    (memory,) = netlist.memories.values()
    assert (memory.width, memory.depth, memory.init) == (8, 4, [1, 2, 3, 0])
    (write,) = memory.writes
    assert (write.address, write.data, write.enable, write.enable_width) == ("\\q [1:0]", "{ \\a \\a }", "\\enable", 1)
    kinds = {item.kind for item in netlist.logic if isinstance(item, Cell)}
    assert kinds == {"$xor", "$add", "$mux", "$memrd_v2"}
    # The register's next value is what a cell gives.
    assert register.following in [item.ports[item.output] for item in netlist.logic if isinstance(item, Cell)]


def test_an_operand_without_bits_is_0() -> None:
    m = Module()
    m.domains.sync = ClockDomain("sync", reset_less=True)
    a, q = Signal(3, name="a"), Signal(name="q")
    m.d.sync += q.eq(a < Const(0, 0))
    ports = {"clk": (ClockSignal(), None), "a": (a, None), "q": (q, None)}
    netlist = read_netlist(flatten(rtlil.convert(m, name="top", ports=ports), "top"), clock="clk")
    (cell,) = [item for item in netlist.logic if isinstance(item, Cell)]
    assert (cell.kind, cell.ports["B"], cell.parameters["B_WIDTH"]) == ("$lt", "1'0", 1)


def test_a_clocked_read_port_is_one_that_reads_at_once_and_a_register() -> None:
    netlist = circuit(reads="sync")
    (read,) = [item for item in netlist.logic if isinstance(item, Cell) and item.kind == "$memrd_v2"]
    assert read.parameters["CLK_ENABLE"] == 0
    assert sorted(register.width for register in netlist.registers) == [4, 8]
    (behind,) = [register for register in netlist.registers if register.width == 8]
    (mux,) = [item for item in netlist.logic if isinstance(item, Cell) and item.ports[item.output] == behind.following]
    assert (mux.kind, mux.ports["A"], mux.ports["B"]) == ("$mux", behind.value, read.ports["DATA"])


def test_the_falling_edge_of_the_clock_is_refused() -> None:
    with pytest.raises(NetlistError, match="a register must be clocked by the rising edge of clk"):
        circuit(edge="neg")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("process $1", "^RTLIL not understood: process \\$1$"),
        ("cell $dlatch $1\nconnect \\D \\a\nend", r"^\$1: a cell of kind \$dlatch is not supported$"),
        ("cell $dff $1\nparameter \\CLK_POLARITY 1\nconnect \\CLK \\other\nend", "rising edge of clk"),
    ],
)
def test_other_state_is_refused(line: str, message: str) -> None:
    with pytest.raises(NetlistError, match=message):
        read_netlist(f"module \\top\nwire input 1 \\a\n{line}\nend\n", clock="clk")


def test_connections_and_parts_of_initial_values_are_read() -> None:
    text = """
    module \\top
      attribute \\init 4'10x1
      wire width 4 \\q
      wire width 2 \\d
      connect \\d { 1'0 \\q [3] }
      cell $dff $1
        parameter \\CLK_POLARITY 1
        parameter \\WIDTH 2
        connect \\CLK \\clk
        connect \\D \\d
        connect \\Q \\q [3:2]
      end
    end
    """
    netlist = read_netlist(text, clock="clk")
    assert netlist.logic == [Connection("\\d", "{ 1'0 \\q [3] }")]
    assert [(register.init, register.value) for register in netlist.registers] == [(0b10, "\\q [3:2]")]


def test_wires_of_expressions() -> None:
    expression = "{ \\a [3:0] $1 1'0 \\b }"
    assert wires_of(expression) == {"\\a", "$1", "\\b"}
    assert replace_wires(expression, {"\\a": "\\k0", "$1": "\\k1"}) == "{ \\k0 [3:0] \\k1 1'0 \\b }"


def test_yosys_says_why_it_failed() -> None:
    with pytest.raises(NetlistError, match=r"^Yosys failed: ERROR: Parser error in line 1"):
        yosys([read_rtlil("this is no circuit")])
