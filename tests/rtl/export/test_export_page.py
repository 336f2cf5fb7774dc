"""The design that docs/export.md shows is compiled and run as it stands there, with the chip that it exports."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from support.verilog_bench import require

from synaptile.bridge.cli import main
from synaptile.rtl import NetworkParams
from synaptile.rtl.export import export_verilog

PAGE = Path(__file__).parents[3] / "docs" / "export.md"

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
    command = re.findall(r"^```sh\nsynaptile (.*?)\n```$", text, re.MULTILINE)[0]
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


WAVES = {
    "noc": """
      noc dut(.clk(clk), .rst(rst), .busy(tiles), .spikes_0_payload(19'd3), .spikes_0_valid(spikes_0_valid),
        .spikes_0_ready(spikes_0_ready), .spikes_1_valid(1'b0), .spikes_2_valid(1'b0), .spikes_3_valid(1'b0),
        .arrivals_0_ready(1'b1), .arrivals_1_ready(1'b1), .arrivals_2_ready(1'b1), .arrivals_3_ready(1'b1),
        .arrivals_3_valid(arrivals_3_valid));
      wire [3:0] tiles;
      wire busy = |tiles;
    """,
    "cores": """
      cores dut(.clk(clk), .rst(rst), .tick(tick), .busy(busy), .host_in_payload({W{1'b0}}), .host_out_ready(1'b1),
        .host_in_valid(host_in_valid), .host_in_ready(host_in_ready), .refused(tiles));
      wire [1:0] tiles;
      wire refused = |tiles;
    """,
}
INPUTS = {"spikes_0_valid": (0, 0), "tick": (0, 0), "host_in_valid": (1, 1)}
"""From which cycle to which each is 1."""


def test_the_waveforms_that_it_shows_are_those_of_the_chips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    require("icarus")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```text\n(cycle.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    cores = "--mesh 1x2 --mode on-chip --crossbar 16x8 --weight-bits 4 --core-neuron delta-lif --name cores -o cores.v"
    assert main(["export", *cores.split()]) == 0
    assert main(["export", "--mesh", "2x2", "--name", "noc", "-o", "noc.v"]) == 0
    for (name, instance), shown in zip(WAVES.items(), blocks, strict=True):
        rows = [line.split() for line in shown.splitlines()]
        cycles, names = len(rows[0]) - 1, [row[0] for row in rows[1:]]
        drive = "".join(
            f"{signal} = cycle >= {low} && cycle <= {high}; "
            for signal, (low, high) in INPUTS.items()
            if signal in names
        )
        declared = "".join(
            f"{'reg' if one in INPUTS else 'wire'} {one};" for one in names if f"wire {one} =" not in instance
        )
        width = re.search(r"^//   host_in, (\d+) bits", Path(f"{name}.v").read_text(), re.MULTILINE)
        bench = f"""
        module bench;
          localparam W = {width[1] if width else 1};
          reg clk, rst; integer cycle;
          {declared}
          {instance}
          initial begin
            clk = 0; rst = 1; cycle = -1; {drive}
            #1 clk = 1; #1 clk = 0; rst = 0;
            for (cycle = -40; cycle < {cycles}; cycle = cycle + 1) begin
              {drive}
              #1 if (cycle >= 0) $display("%b", {{{", ".join(names)}}});
              clk = 1; #1 clk = 0;
            end
          end
        endmodule
        """
        Path("bench.v").write_text(bench)
        subprocess.run(["iverilog", "-s", "bench", "-o", "bench", "bench.v", f"{name}.v"], check=True)
        run = subprocess.run(["vvp", "bench"], capture_output=True, text=True, check=True)
        seen = ["".join(column) for column in zip(*run.stdout.split(), strict=True)]
        drawn = [
            f"{one:17}" + "".join("▁▁▁" if bit == "0" else "▔▔▔" for bit in bits)
            for one, bits in zip(names, seen, strict=True)
        ]
        head = "cycle".ljust(17) + "".join(f"{cycle:<3}" for cycle in range(cycles))
        assert shown.splitlines() == [head.rstrip(), *drawn]
