import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from harness import Offer, Pattern, run_streams
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import networks, patterns
from twins import RouterTwin

from synaptile.rtl import NetworkParams, PacketLayouts, Port, Router
from synaptile.rtl.routing import XY, turns

Flit = tuple[Port, bool, int]
"""The output that the flit's packet takes, whether it is the last, and the word."""


TURNS = turns(XY, 5, 5)


@dataclass(frozen=True)
class Case:
    params: NetworkParams
    here: tuple[int, int]
    flits: dict[Port, list[Flit]]
    offering: dict[str, Pattern]
    taking: dict[str, Pattern]


@st.composite
def cases(draw: st.DrawFn, **fixed: Any) -> Case:
    """Packets at every input that the routing sends there, with stamps that look like any destination."""
    params = draw(networks(neurons=1 << 10, stamp_bits=14, **fixed))
    here = draw(st.integers(0, params.rows - 1)), draw(st.integers(0, params.cols - 1))
    layout = PacketLayouts(params).flit
    flits: dict[Port, list[Flit]] = {}
    for port in Port:
        places = [
            ((row, col), out)
            for row in range(params.rows)
            for col in range(params.cols)
            for out in XY.relation(here, (row, col))
            if (port, out) in TURNS
        ]
        flits[port] = []
        for number in range(draw(st.integers(0, 8))):
            (row, col), out = draw(st.sampled_from(places))
            head = {"head": {"dst": {"row": row, "col": col}, "neuron": port << 7 | number}}
            words = [layout.const({"last": params.flits == 1, "data": head})]
            for index in range(1, params.flits):
                body = {"body": {"index": index, "stamp": draw(st.integers(0, (1 << params.stamp_bits) - 1))}}
                words.append(layout.const({"last": index == params.flits - 1, "data": body}))
            last = len(words) - 1
            flits[port] += [(out, i == last, word.as_value().value) for i, word in enumerate(words)]
    return Case(
        params,
        here,
        flits,
        {f"enq.{port.value}": draw(patterns()) for port in Port},
        {f"deq.{port.value}": draw(patterns()) for port in Port},
    )


def run(case: Case, waves: Path, **more: Any) -> dict[str, list[tuple[int, int]]]:
    offers: dict[str, list[Offer]] = {
        f"enq.{port.value}": [(0, word) for _, _, word in flits] for port, flits in case.flits.items()
    }
    return run_streams(
        lambda: Router(case.params),
        offers,
        expected=sum(map(len, case.flits.values())),
        waves=waves,
        offering=case.offering,
        taking=case.taking,
        constants={"here": {"row": case.here[0], "col": case.here[1]}},
        **more,
    )


@settings(max_examples=40, deadline=None)
@given(cases())
def test_router_does_what_its_twin_does(waves: Path, case: Case) -> None:
    sources = {output: [port for port in Port if (port, output) in TURNS] for output in Port}
    at: dict[Port, int] = {}
    twins: list[RouterTwin] = []

    def compare(cycle: int, now: Mapping[str, tuple[int, int, int]]) -> None:
        if cycle == 0:
            at.update(dict.fromkeys(Port, 0))
            twins[:] = [RouterTwin(case.params.buffer_depth, sources)]
        twin = twins[0]
        incoming, ready = {}, {}
        for port in Port:
            valid, takes, word = now[f"enq.{port.value}"]
            assert takes == twin.ready(port), f"ready of {port.name} in cycle {cycle}"
            if valid:
                incoming[port] = case.flits[port][at[port]]
                at[port] += takes
            valid, takes, word = now[f"deq.{port.value}"]
            ready[port] = bool(takes)
            assert (word if valid else None) == twin.offered(port), f"{port.name} in cycle {cycle}"
        twin.clock(incoming, ready)

    run(case, waves, each_cycle=compare)
    assert len(twins) == 1


@settings(max_examples=40, deadline=None)
@given(cases())
def test_packets_keep_order_and_never_mix(waves: Path, case: Case) -> None:
    passed = run(case, waves, glitches=1)
    for output in Port:
        words = [word for _, word in passed[f"deq.{output.value}"]]
        size = case.params.flits
        packets = [tuple(words[i : i + size]) for i in range(0, len(words), size)]
        sent = {
            port: [
                tuple(word for _, _, word in flits[i : i + size])
                for i in range(0, len(flits), size)
                if flits[i][0] is output
            ]
            for port, flits in case.flits.items()
        }
        assert sorted(packets) == sorted(packet for group in sent.values() for packet in group)
        for group in sent.values():
            assert [packet for packet in packets if packet in group] == group


def heads(params: NetworkParams, count: int, row: int, col: int) -> list[Offer]:
    layout = PacketLayouts(params).flit
    to = {"row": row, "col": col}
    words = [layout.const({"last": 1, "data": {"head": {"dst": to, "neuron": n}}}) for n in range(count)]
    return [(0, word.as_value().value) for word in words]


def test_a_hop_takes_one_cycle(waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits=1)
    passed = run_streams(
        lambda: Router(params),
        {"enq.4": heads(params, 20, 1, 2)},
        expected=20,
        waves=waves,
        constants={"here": {"row": 1, "col": 1}},
    )
    assert [cycle for cycle, _ in passed["deq.2"]] == [cycle + 1 for cycle, _ in passed["enq.4"]] == list(range(1, 21))


def test_all_outputs_work_at_once(waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits=1)
    ways = {
        Port.LOCAL: (0, 1),
        Port.NORTH: (2, 1),
        Port.EAST: (1, 0),
        Port.SOUTH: (1, 1),
        Port.WEST: (1, 2),
    }
    passed = run_streams(
        lambda: Router(params),
        {f"enq.{port.value}": heads(params, 20, *to) for port, to in ways.items()},
        expected=100,
        waves=waves,
        constants={"here": {"row": 1, "col": 1}},
    )
    for port in Port:
        assert [cycle for cycle, _ in passed[f"deq.{port.value}"]] == list(range(1, 21))


def test_inputs_that_want_one_output_share_it_evenly(waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits=1)
    inputs = [Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST, Port.LOCAL]
    passed = run_streams(
        lambda: Router(params),
        {f"enq.{port.value}": heads(params, 20, 1, 1) for port in inputs},
        expected=100,
        waves=waves,
        constants={"here": {"row": 1, "col": 1}},
    )
    assert [cycle for cycle, _ in passed["deq.0"]] == list(range(1, 101))
    for port in inputs:
        accepted = [cycle for cycle, _ in passed[f"enq.{port.value}"]]
        # Once its queue is full, an input moves on exactly once in every five cycles.
        full = accepted[params.buffer_depth + 1 :]
        assert {b - a for a, b in itertools.pairwise(full)} == {5}


@pytest.mark.parametrize("depth", [1, 2])
def test_a_blocked_output_does_not_hold_up_the_others(depth: int, waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits=1, buffer_depth=depth)
    passed = run_streams(
        lambda: Router(params),
        {"enq.4": heads(params, 6, 1, 2), "enq.1": heads(params, 6, 2, 1)},
        expected=12,
        waves=waves,
        taking={"deq.2": [False] * 40 + [True] * 40},
        constants={"here": {"row": 1, "col": 1}},
    )
    assert passed["deq.3"][-1][0] < 40 <= passed["deq.2"][0][0]
