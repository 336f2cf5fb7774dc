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
    params = SMALL.replace(buffer_depth=3)
    identities = [re.search(r"^// Identity: ([0-9a-f]{16}), ", text, re.M) for text in (header, export_verilog(params))]
    assert len({found[1] for found in identities if found}) == 2
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
        for tile in range(2) if "_T" in kind else [0]:
            for number in range(5) if "_P" in kind else [0]:
                expected[kind.replace("_T", f"_{tile}").replace("_P", f"_{number}")] = port
    assert ports_of(text, "synaptile_chip") == expected
    counters = {kind.split("_T")[0] for kind in table} - {"spikes", "arrivals", "busy", "error"}
    assert counters == ({"flits_out", "packets_out", "flits_in"} if counter_bits else set())


def words_of(params: NetworkParams) -> str:
    """The header as one line of words."""
    lines = export_verilog(params).split("\n/*")[0].splitlines()
    return " ".join(" ".join(line.removeprefix("//") for line in lines).split())


TABLE = {"routing": "table", "table_entries": 5}


@pytest.mark.parametrize(
    ("params", "said", "unsaid"),
    [
        (
            NetworkParams(rows=4, cols=4, flits_per_packet=1),
            [
                "row * cols + col. Tile 0 is in the corner of row 0 and column 0; row 0 is the northernmost",
                "ready of spikes and valid of arrivals are 0",
                "queues and tables are empty, counters are 0",
                "Fields are unsigned, the first one in the lowest bits",
                "a packet of one flit, with first and last 1",
                "1 cycle after the cycle in which its spike was taken, and 1 more for each link",
                "A packet to the tile that sends it crosses the router there, and arrives like any other.",
                "none is dropped, and error is always 0",
                "error bit T: tile T dropped a packet at the last edge",
            ],
            ["configure", "hub", "is taken and dropped"],
        ),
        (
            NetworkParams(rows=3, cols=6, link_stages=2, counter_bits=4, flits_per_packet=3),
            [
                "A spike to a row beyond 2 or a column beyond 5 is taken and dropped: error tells of it",
                "a packet of 3 flits, which index numbers",
                "and 3 more for each link between routers on its way.",
                "dropped_T packets that tile T dropped",
            ],
            ["none is dropped"],
        ),
        (
            NetworkParams(rows=4, cols=4, topology="tree", counter_bits=4, **TABLE),
            [
                "A packet of a key for which the table has no entry where it comes by is dropped there",
                "Keys are 0 to 4.",
                "and 1 for each between a hub and its router.",
                "error bit C: cluster C dropped a packet at the last edge",
                "dropped_C packets that cluster C dropped",
            ],
            ["none is dropped", "beyond"],
        ),
    ],
    ids=["one flit", "stages", "tree with tables"],
)
def test_the_header_says_what_an_integrator_needs(params: NetworkParams, said: list[str], unsaid: list[str]) -> None:
    words = words_of(params)
    assert [text for text in said if text not in words] == []
    assert [text for text in unsaid if text in words] == []


@pytest.mark.parametrize(
    "params", [SMALL, NetworkParams(rows=4, cols=4, topology="tree", multicast=True, **TABLE)], ids=["mesh", "tree"]
)
def test_every_line_of_it_fits_a_screen_and_every_port_is_explained(params: NetworkParams) -> None:
    header = export_verilog(params).split("\n/*")[0]
    assert max(map(len, header.splitlines())) <= 120
    ports = re.findall(r"^//   (?:in|out) +\[\d+:0\]  \w+(.*)", header, re.MULTILINE)
    assert len(ports) > 5
    assert all(text.strip() for text in ports)
