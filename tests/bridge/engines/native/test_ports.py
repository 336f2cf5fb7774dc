"""The ports of a node, and the members in C++ that they are tied to."""

from dataclasses import replace

import pytest

from synaptile.bridge.engines.native.ports import (
    ENTRY,
    STREAMS_IN,
    STREAMS_OUT,
    Links,
    Node,
    counters_of,
    members_of,
    output_name,
    probe_words,
)
from synaptile.rtl import NetworkParams, node_of
from synaptile.rtl.export import component_rtlil
from synaptile.rtl.ports import port_name, ports_of

TILE = NetworkParams(rows=2, cols=2, counter_bits=4)
CLUSTER = NetworkParams(
    rows=4, cols=4, topology="tree", routing="table", table_entries=4, counter_bits=3, virtual_channels=2
)


@pytest.fixture(params=[TILE, CLUSTER], ids=["tile", "cluster"])
def node(request: pytest.FixtureRequest) -> Node:
    made = node_of(request.param)
    component_rtlil(made, "node")  # Amaranth warns of circuits that are never used
    return made


def test_every_port_but_the_clock_and_the_counters_has_a_member(node: Node) -> None:
    links = Links(node)
    streams = (dict(members_of(streams, links.tiles)) for streams in (STREAMS_IN, STREAMS_OUT))
    tied = [port for members in streams for port in members.values()]
    tied += [ENTRY[member] for member in links.entry]
    tied += [port for outgoing in (True, False) for _member, port in links.signals(outgoing)]
    tied += [port_name(path) for path in counters_of(node)]
    assert sorted([*tied, "busy", "error", "here"]) == sorted(port_name(path) for path, _flow, _value in ports_of(node))


def test_no_port_is_without_bits() -> None:
    single = node_of(replace(TILE, rows=1, cols=1, counter_bits=0))
    component_rtlil(single, "node")
    names = {port_name(path): len(value) for path, _flow, value in ports_of(single)}
    assert 0 not in names.values()
    assert "here" not in names
    assert counters_of(single) == []


def test_links_say_which_wires_are_payload_and_which_is_valid(node: Node) -> None:
    links = Links(node)
    names = [tail[-1] for tail, _width in links.forward]
    assert names[links.valid] == "valid"
    assert [names[number] for number in links.carried] == ["flit" if links.tiles > 1 else "payload"]
    assert [tail[-1] for tail, _width in links.backward] == ["credit" if links.tiles > 1 else "ready"]


def test_only_nodes_with_tables_have_entries(node: Node) -> None:
    assert Links(node).entry == (tuple(ENTRY) if node.params.table_entries else ())


def test_counters_are_those_of_every_port_and_tile(node: Node) -> None:
    names = [path[0] for path in counters_of(node)]
    hubs = {"hub_flits_out": 5, "hub_packets_out": 5} if node.params.topology == "tree" else {}
    expected = {"flits_out": 5, "packets_out": 5, "flits_in": node.params.tiles_per_node} | hubs
    expected |= {"dropped": 1} if node.params.table_entries else {}
    assert {name: names.count(name) for name in names} == expected


def test_names_are_those_of_cxxrtl() -> None:
    assert port_name(("link_out", 2, "payload")) == "link_out__2__payload"
    assert output_name("busy") == "p_o__busy"
    assert probe_words([0, 1, 64, 65, 130]) == [0, 1, 1, 2, 3]
