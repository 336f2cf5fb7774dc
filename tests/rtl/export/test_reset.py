"""What reset does, shown by Icarus on the exported chip, as an integrator would."""

import subprocess
from pathlib import Path

import pytest
from support.verilog_bench import require

from synaptile.rtl import NetworkParams
from synaptile.rtl.export import export_verilog

BENCH = """
`timescale 1ns/1ps
module bench;
  localparam N = {nodes}, W = {width};
  reg clk = 0, rst = 1, offer = 1, take = 1, write = 0;
  always #5 clk = ~clk;
  reg [W-1:0] spike = {spike};
  wire [N-1:0] ready, valid, busy, error;
  integer during = 0, arrived = 0, errors = 0, unknown = 0, i;
{chip}
  always @(posedge clk) begin
    if (rst && (ready != 0 || valid != 0)) during = during + 1;
    if (!rst && (valid & {{N{{take}}}}) != 0) arrived = arrived + 1;
    if (!rst && error != 0) errors = errors + 1;
    if (!rst && ^{{ready, valid, busy, error}} === 1'bx) unknown = unknown + 1;
  end
  initial begin
    // From power-up: spikes and entries of the table are offered in reset, and nobody takes them.
    write = 1;
    for (i = 0; i < 4; i = i + 1) @(posedge clk);
    #1 rst = 0; offer = 0; write = 0;
    for (i = 0; i < 20; i = i + 1) @(posedge clk);
    #1 $display("quiet: during %0d arrived %0d errors %0d busy %b ready %b", during, arrived, errors, busy, ready);
    // With an entry, spikes wait in the chip for somebody who takes them; one cycle of reset, and they are gone.
    take = 0; write = 1; @(posedge clk); #1 write = 0; offer = 1;
    for (i = 0; i < 20; i = i + 1) @(posedge clk);
    #1 $display("full: busy %0d valid %0d", busy != 0, valid != 0);
    rst = 1; @(posedge clk); #1 rst = 0; offer = 0; take = 1;
    for (i = 0; i < 20; i = i + 1) @(posedge clk);
    #1 $display("reset: during %0d arrived %0d errors %0d busy %b ready %b", during, arrived, errors, busy, ready);
    // Of what has been written into tables nothing is left: one spike of each tile is dropped, if there are tables.
    offer = 1; @(posedge clk); #1 offer = 0;
    for (i = 0; i < 20; i = i + 1) @(posedge clk);
    #1 $display("again: arrived %0d errors %0d busy %b unknown %0d", arrived > 0, errors > 0, busy, unknown);
    $finish;
  end
endmodule
"""

CHIPS = {
    "mesh": NetworkParams(rows=1, cols=2),
    "channels": NetworkParams(rows=1, cols=2, virtual_channels=2, flits_per_packet=1),
    "stages": NetworkParams(rows=1, cols=2, link_stages=1, topology="torus", virtual_channels=2),
    "table": NetworkParams(rows=1, cols=2, routing="table", table_entries=2),
    "multicast": NetworkParams(rows=1, cols=2, routing="table", table_entries=100, multicast=True),
    "tree": NetworkParams(rows=2, cols=2, topology="tree"),
}


def bench_of(params: NetworkParams, text: str) -> str:
    """The bench for a chip: all tiles offer the same spike, to tile 0 or of key 0, which leads to the own tile."""
    width = next(line for line in text.splitlines() if line.startswith("//   spike, ")).split()[2]
    ports = [".clk(clk)", ".rst(rst)"]
    for tile in range(params.tiles):
        ports += [f".spikes_{tile}_payload(spike)", f".spikes_{tile}_valid(offer)"]
        ports += [f".spikes_{tile}_ready(ready[{tile}])"]
        ports += [f".arrivals_{tile}_valid(valid[{tile}])", f".arrivals_{tile}_ready(take)"]
        if params.table_entries:
            ports += [f".configure_{tile}_valid(write)", f".configure_{tile}_key({params.key_bits}'d0)"]
            ports += [f".configure_{tile}_ports(5'b00001)"]
    ports += [".busy(busy)", ".error(error)"]
    chip = f"  synaptile_chip chip({', '.join(ports)});"
    if params.interconnect.has_hubs:
        # One cluster of four tiles: the vectors of nodes are one bit of those of tiles.
        chip = chip.replace(".busy(busy)", ".busy(busy[0])").replace(".error(error)", ".error(error[0])")
        chip += "\n  assign busy[3:1] = 0, error[3:1] = 0;"
    return BENCH.format(nodes=params.tiles, width=width, spike=0, chip=chip)


@pytest.mark.parametrize("name", CHIPS)
def test_nothing_passes_in_reset_and_nothing_survives_it(name: str, tmp_path: Path) -> None:
    require("icarus")
    params = CHIPS[name]
    text = export_verilog(params)
    (tmp_path / "chip.v").write_text(text)
    (tmp_path / "bench.v").write_text(bench_of(params, text))
    subprocess.run(["iverilog", "-g2001", "-o", "bench", "bench.v", "chip.v"], cwd=tmp_path, check=True)
    run = subprocess.run(["vvp", "bench"], cwd=tmp_path, capture_output=True, text=True, check=True)
    zero, one = "0" * params.tiles, "1" * params.tiles
    arrives, drops = (0, 1) if params.table_entries else (1, 0)
    assert [line for line in run.stdout.splitlines() if ":" in line] == [
        f"quiet: during 0 arrived 0 errors 0 busy {zero} ready {one}",
        "full: busy 1 valid 1",
        f"reset: during 0 arrived 0 errors 0 busy {zero} ready {one}",
        f"again: arrived {arrives} errors {drops} busy {zero} unknown 0",
    ]
