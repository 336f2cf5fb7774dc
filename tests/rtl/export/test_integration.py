"""The design that docs/integration.md shows is compiled and run as it stands there, with the chip that it exports."""

import re
import shlex
import subprocess
from pathlib import Path

from support.verilog_bench import require

from synaptile.bridge.cli import main
from synaptile.rtl import NetworkParams
from synaptile.rtl.export import export_verilog

PAGE = Path(__file__).parents[3] / "docs" / "integration.md"

BENCH = """
module bench;
  reg clk = 0, rst = 1;
  always #5 clk = ~clk;
  wire arrived, failed;
  wire [8:0] neuron;
  integer cycle, taken, head;
  system dut(.clk(clk), .rst(rst), .arrived(arrived), .neuron(neuron), .failed(failed));
  always @(negedge clk) begin
    if (!rst && !dut.sent && dut.ready) taken = cycle;
    if (dut.valid && dut.flit[0]) head = cycle;
  end
  initial begin
    repeat (2) @(posedge clk);
    #1 rst = 0;
    for (cycle = 0; cycle < 12; cycle = cycle + 1) @(posedge clk) #1;
    $display("arrived %b neuron %0d failed %b busy %b", arrived, neuron, failed, dut.busy);
    $display("links %0d", head - taken - 1);
    $finish;
  end
endmodule
"""


def test_the_example_compiles_and_delivers_its_spike(tmp_path: Path, monkeypatch) -> None:
    require("icarus")
    text = PAGE.read_text()
    (command,) = re.findall(r"^```sh\nsynaptile (.*?)\n```$", text, re.MULTILINE)
    (design,) = re.findall(r"^```verilog\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    Path("out").mkdir()
    assert main(shlex.split(command)) == 0
    Path("system.v").write_text(design)
    Path("bench.v").write_text(BENCH)
    files = ["bench.v", "system.v", "out/noc.v"]
    compiled = subprocess.run(
        ["iverilog", "-g2001", "-Wall", "-Wno-timescale", "-o", "bench", *files], capture_output=True, text=True
    )
    assert (compiled.returncode, compiled.stdout + compiled.stderr) == (0, "")
    run = subprocess.run(["vvp", "bench"], capture_output=True, text=True, check=True)
    assert "arrived 1 neuron 7 failed 0 busy 0000\n" in run.stdout
    assert "links 2\n" in run.stdout


def test_the_ports_that_it_lists_are_those_of_a_chip_that_has_all() -> None:
    table = PAGE.read_text().split("## Ports")[1].split("## ")[0]
    kinds: set[str] = set()
    for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE):
        names = re.findall(r"`(\w+)`", cell)
        first = names[0].rpartition("_")[0]
        kinds |= {first + name if name.startswith("_") else name for name in names}
    params = NetworkParams(rows=1, cols=2, routing="table", table_entries=4, multicast=True, counter_bits=4)
    header = export_verilog(params).split("\n/*")[0]
    assert kinds == set(re.findall(r"^//   (?:in|out) +\[\d+:0\]  (\w+)", header, re.MULTILINE))
