# amaranth: UnusedElaboratable=no
"""The memory of the weights in an iCE40's single-port RAMs, under Icarus with Yosys' model of them."""

import random
import re
import subprocess
from pathlib import Path

import pytest
from amaranth.back import rtlil
from amaranth.hdl import signed
from amaranth.vendor import SiliconBluePlatform
from support.effort import examples
from support.gate_models import gate_models
from support.verilog_bench import require

from synaptile.rtl.core import CoreParams, NeurosynapticCore
from synaptile.rtl.core.block_ram import CLEARING_CYCLES, WeightRam
from synaptile.rtl.export.verilog import verilog_of

BENCH = """
module bench;
  reg clk = 0, rst = 1;
  reg [{bits}:0] step;
  wire [{read}:0] found;
  integer file, got;
  ram ram(.clk(clk), .rst(rst), .read_addr(step[{a}:0]), .write_addr(step[{w}:{a1}]), .write_en(step[{e}:{w1}]),
    {writes}, {reads});
  initial begin
    step = 0;
    file = $fopen("steps.txt", "r");
    repeat ({clearing}) begin #1 clk = 1; #1 clk = 0; end
    while (!$feof(file)) begin
      got = $fscanf(file, "%b %b\\n", rst, step);
      #1 clk = 1;
      #1 clk = 0;
      $display("%b", found);
    end
    $finish;
  end
endmodule
"""


class UltraPlus(SiliconBluePlatform):
    device, package, resources, connectors = "iCE40UP5K", "SG48", (), ()


def verilog(ram: WeightRam, platform: object) -> str:
    return verilog_of(rtlil.convert(ram, name="ram", platform=platform, emit_src=False))


def run(ram: WeightRam, width: int, lanes: int, depth: int, steps: list[str], folder: Path, clearing: int) -> list[str]:
    """The words that are read in each step, by Icarus."""
    text = verilog(ram, UltraPlus())
    assert "SB_SPRAM256KA" in text
    address = (depth - 1).bit_length()
    base = 2 * address + lanes
    bench = BENCH.format(
        bits=base + lanes * width - 1, read=lanes * width - 1, clearing=clearing,
        a=address - 1, a1=address, w=2 * address - 1, w1=2 * address, e=base - 1,
        writes=", ".join(
            f".write__{lane}(step[{base + (lane + 1) * width - 1}:{base + lane * width}])" for lane in range(lanes)
        ),
        reads=", ".join(f".read__{lane}(found[{(lane + 1) * width - 1}:{lane * width}])" for lane in range(lanes)),
    )  # fmt: skip
    (folder / "ram.v").write_text(text)
    (folder / "bench.v").write_text(bench)
    (folder / "steps.txt").write_text("\n".join(steps) + "\n")
    files = ["bench.v", "ram.v", gate_models("ice40", text, folder).name]
    subprocess.run(["iverilog", "-g2012", "-s", "bench", "-o", "bench.vvp", *files], cwd=folder, check=True)
    done = subprocess.run(["vvp", "-n", "bench.vvp"], cwd=folder, check=True, capture_output=True, text=True)
    return re.findall(r"^[01xz]+$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    ("width", "lanes", "depth"),
    # A value in a nibble, several words side by side; two banks; values of 8, 3 and 5 bits; several columns.
    examples([(4, 1, 8192), (8, 4, 20000)], [(4, 4, 16384), (4, 1, 70000), (3, 2, 4096), (5, 2, 2000), (4, 16, 1024)]),
)
def test_it_is_a_memory_that_is_empty_at_first(width: int, lanes: int, depth: int, tmp_path: Path) -> None:
    require("icarus")
    chance = random.Random(width * lanes)
    places = [chance.randrange(depth) for _ in range(12)] + [0, depth - 1]
    contents: dict[int, list[int]] = {}
    steps, expected = [], []
    for number in range(600):
        read, write = chance.choice(places), chance.choice(places)
        enables = chance.choice([0, 0, chance.getrandbits(lanes)])
        values = [chance.getrandbits(width) for _ in range(lanes)]
        address = (depth - 1).bit_length()
        data = "".join(f"{value:0{width}b}" for value in reversed(values))
        # Another reset, later on, leaves it as it is.
        steps.append(f"{int(300 <= number < 310)} {data}{enables:0{lanes}b}{write:0{address}b}{read:0{address}b}")
        word = contents.setdefault(write, [0] * lanes)
        if enables:
            expected.append(None)  # what is read in a cycle in which anything is written means nothing
            contents[write] = [values[i] if enables >> i & 1 else word[i] for i in range(lanes)]
        else:
            expected.append("".join(f"{value:0{width}b}" for value in reversed(contents.get(read, [0] * lanes))))
    ram = WeightRam(signed(width), depth=depth, values=lanes)
    found = run(ram, width, lanes, depth, steps, tmp_path, CLEARING_CYCLES)
    assert len(found) == len(expected) == 600
    wrong = [i for i, (word, wanted) in enumerate(zip(found, expected, strict=True)) if wanted not in (None, word)]
    assert wrong == []
    assert len({*found}) > 10


def test_without_a_long_reset_it_holds_what_it_holds(tmp_path: Path) -> None:
    require("icarus")
    steps = ["0 " + "0" * (4 + 1) + f"{0:013b}" + f"{place:013b}" for place in (0, 8191)]
    found = run(WeightRam(4, depth=8192), 4, 1, 8192, steps, tmp_path, CLEARING_CYCLES // 16)
    assert found == ["0000", "xxxx"]


def test_small_ones_and_those_of_other_fpgas_are_block_ram() -> None:
    class Hx8k(UltraPlus):
        device = "iCE40HX8K"

    assert "SB_SPRAM256KA" not in verilog(WeightRam(4, depth=4096), UltraPlus())
    assert "SB_SPRAM256KA" in verilog(WeightRam(4, depth=4097), UltraPlus())
    assert "SB_SPRAM256KA" not in verilog(WeightRam(4, depth=8192), Hx8k())
    assert "SB_SPRAM256KA" not in verilog(WeightRam(4, depth=8192), None)


def test_a_core_of_256_axons_and_neurons_takes_one_of_them() -> None:
    for lanes in (1, 4):
        core = NeurosynapticCore(CoreParams(axons=256, neurons=256, weight_bits=4, lanes=lanes), 4)
        assert rtlil.convert(core, name="core", platform=UltraPlus()).count("cell \\SB_SPRAM256KA ") == 1
