import re

import pytest
from support.verilog_ports import ports_of

from synaptile.rtl import NetworkParams
from synaptile.rtl.export import export_verilog

SMALL = NetworkParams(rows=2, cols=3)


def test_the_header_names_parameters_and_version() -> None:
    header = export_verilog(SMALL).split("\n/*")[0]
    assert "// synaptile_chip: a mesh of 2 x 3 tiles\n" in header
    assert re.search(r"^// Written by synaptile \d+\.\d+", header, re.MULTILINE)
    for line in (
        "rows = 2",
        "cols = 3",
        "buffer_depth = 4",
        "flits_per_packet = 2",
        "counter_bits = 0",
        "routing = xy",
    ):
        assert f"//   {line}\n" in header


def test_the_header_s_bit_ranges_are_those_of_the_layouts() -> None:
    text = export_verilog(NetworkParams(rows=4, cols=8, neurons=1000, stamp_bits=12, flits_per_packet=3))
    header = text.split("\n/*")[0]
    tables = re.findall(r"^//   (\w+), (\d+) bits\n((?://     .*\n)+)", header, re.MULTILINE)
    found = {kind: (int(bits), re.findall(r"\[(\d+):(\d+)\]  (\S+)", rows)) for kind, bits, rows in tables}
    assert found == {
        "spike": (27, [("1", "0", "dst.row"), ("4", "2", "dst.col"), ("14", "5", "neuron"), ("26", "15", "stamp")]),
        "arrival": (
            26,
            [
                ("0", "0", "first"),
                ("1", "1", "last"),
                ("11", "2", "neuron"),
                ("13", "12", "index"),
                ("25", "14", "stamp"),
            ],
        ),
        "flit": (
            16,
            [
                ("0", "0", "last"),
                ("2", "1", "data.head.dst.row"),
                ("5", "3", "data.head.dst.col"),
                ("15", "6", "data.head.neuron"),
                ("2", "1", "data.body.index"),
                ("14", "3", "data.body.stamp"),
            ],
        ),
    }


@pytest.mark.parametrize("counter_bits", [0, 8])
def test_ports_are_those_of_the_header(counter_bits: int) -> None:
    text = export_verilog(NetworkParams(rows=1, cols=2, counter_bits=counter_bits))
    header = text.split("\n/*")[0]
    table = {
        name: (way, int(high) + 1)
        for way, high, name in re.findall(r"^//   (in|out) +\[(\d+):0\]  (\w+)", header, re.M)
    }
    expected = {"clk": ("in", 1), "rst": ("in", 1)}
    for kind, port in table.items():
        for tile in range(2) if "__T" in kind else [0]:
            for number in range(5) if "__P" in kind else [0]:
                expected[kind.replace("__T", f"__{tile}").replace("__P", f"__{number}")] = port
    assert ports_of(text, "synaptile_chip") == expected
    counters = {kind.split("__")[0] for kind in table} - {"spikes", "arrivals", "busy", "error"}
    assert counters == ({"flits_out", "packets_out", "flits_in"} if counter_bits else set())
