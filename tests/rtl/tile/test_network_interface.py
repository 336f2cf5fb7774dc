from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.strategies import network_params, patterns
from support.stream_harness import run_streams, unpack

from synaptile.rtl import NetworkParams, PacketLayouts
from synaptile.rtl.tile.network_interface import Depacketizer, Packetizer

Fields = dict[str, Any]


def spikes_of(params: NetworkParams) -> st.SearchStrategy[Fields]:
    return st.fixed_dictionaries(
        {
            "dst": st.fixed_dictionaries(
                {"row": st.integers(0, params.rows - 1), "col": st.integers(0, params.cols - 1)}
            ),
            "neuron": st.integers(0, params.neurons - 1),
            "stamp": st.integers(0, (1 << params.stamp_bits) - 1),
            **({"tag": st.integers(0, (1 << params.tag_bits) - 1)} if params.tag_bits else {}),
        }
    )


def pack(layout: Any, fields: Fields) -> int:
    value: int = layout.const(fields).as_value().value
    return value


def flits_of(params: NetworkParams, spike: Fields) -> list[int]:
    """The packetizer's twin."""
    layout = PacketLayouts(params).flit
    tag = {"tag": spike["tag"]} if params.tag_bits else {}
    head = {"head": {"dst": spike["dst"], "neuron": spike["neuron"]}}
    words = [pack(layout, {"last": params.flits_per_packet == 1, "data": head, **tag})]
    for index in range(1, params.flits_per_packet):
        body = {"body": {"index": index, "stamp": spike["stamp"]}}
        words.append(pack(layout, {"last": index == params.flits_per_packet - 1, "data": body, **tag}))
    return words


def arrivals_of(params: NetworkParams, spike: Fields) -> list[Fields]:
    """The depacketizer's twin."""
    found = []
    for index in range(params.flits_per_packet):
        arrival = {
            "first": int(index == 0),
            "last": int(index == params.flits_per_packet - 1),
            "neuron": spike["neuron"],
        }
        if params.flits_per_packet > 1:
            arrival |= {"index": index, "stamp": spike["stamp"] if index else 0}
        if params.tag_bits:
            arrival["tag"] = spike["tag"]
        found.append(arrival)
    return found


@settings(max_examples=60, deadline=None)
@given(st.data(), patterns(), patterns())
def test_packetizer_does_what_its_twin_does(
    waves: Path, data: st.DataObject, offering: list[bool], taking: list[bool]
) -> None:
    params = data.draw(network_params(tag_bits=data.draw(st.sampled_from([0, 6]))))
    spikes = data.draw(st.lists(spikes_of(params), max_size=8))
    layout = PacketLayouts(params).spike
    expected = [flit for spike in spikes for flit in flits_of(params, spike)]
    passed = run_streams(
        lambda: Packetizer(params),
        {"spikes": [(0, pack(layout, spike)) for spike in spikes]},
        expected=len(expected),
        waves=waves,
        offering={"spikes": offering},
        taking={"flits": taking},
    )
    assert [flit for _, flit in passed["flits"]] == expected
    heads = [cycle for cycle, _ in passed["flits"]][:: params.flits_per_packet]
    assert [cycle for cycle, _ in passed["spikes"]] == heads


@settings(max_examples=60, deadline=None)
@given(st.data(), patterns(), patterns())
def test_depacketizer_does_what_its_twin_does(
    waves: Path, data: st.DataObject, offering: list[bool], taking: list[bool]
) -> None:
    params = data.draw(network_params(tag_bits=data.draw(st.sampled_from([0, 6]))))
    spikes = data.draw(st.lists(spikes_of(params), max_size=8))
    flits = [(0, flit) for spike in spikes for flit in flits_of(params, spike)]
    passed = run_streams(
        lambda: Depacketizer(params),
        {"flits": flits},
        expected=len(flits),
        waves=waves,
        offering={"flits": offering},
        taking={"arrivals": taking},
    )
    layout = PacketLayouts(params).arrival
    arrivals = [unpack(layout, arrival) for _, arrival in passed["arrivals"]]
    assert arrivals == [arrival for spike in spikes for arrival in arrivals_of(params, spike)]
    assert [cycle for cycle, _ in passed["arrivals"]] == [cycle for cycle, _ in passed["flits"]]


@pytest.mark.parametrize("flits", [1, 2, 4])
def test_packets_leave_without_a_gap(flits: int, waves: Path) -> None:
    params = NetworkParams(rows=2, cols=2, flits_per_packet=flits)
    passed = run_streams(
        lambda: Packetizer(params), {"spikes": [(0, word) for word in range(10)]}, expected=10 * flits, waves=waves
    )
    assert [cycle for cycle, _ in passed["flits"]] == list(range(10 * flits))
