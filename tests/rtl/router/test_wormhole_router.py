# amaranth: UnusedElaboratable=no
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.reference_models import Flit, RouterTwin, onward_ways
from support.strategies import network_params, patterns, policies
from support.stream_harness import Offer, Pattern, run_streams

from synaptile.rtl import NetworkParams, PacketLayouts, Port, Router
from synaptile.rtl.arbitration import starvation_timer
from synaptile.rtl.arbitration.starvation_timer import StarvationTimer
from synaptile.rtl.routing import ROUTINGS, XY, Head, Routing, is_adaptive, turns
from synaptile.rtl.topology import LINKS

ADAPTIVE = sorted(name for name, routing in ROUTINGS.items() if is_adaptive(routing))


def entering(port: Port) -> str:
    """The stream by which flits come in at a port."""
    return "local_in" if port is Port.LOCAL else f"link_in.{LINKS.index(port)}"


def leaving(port: Port) -> str:
    """The stream by which flits go out at a port."""
    return "local_out" if port is Port.LOCAL else f"link_out.{LINKS.index(port)}"


@pytest.fixture(autouse=True, scope="module")
def short_starvation() -> Iterator[None]:
    """Have the time expire soon, so that short cases, too, meet packets that have waited for long."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starvation_timer, "BITS", 3)
        yield


@dataclass(frozen=True)
class Case:
    params: NetworkParams
    here: tuple[int, int]
    flits: dict[Port, list[Flit]]
    offering: dict[str, Pattern]
    taking: dict[str, Pattern]

    @property
    def routing(self) -> Routing:
        return ROUTINGS[self.params.routing]


@st.composite
def cases(draw: st.DrawFn, routings: list[str], **fixed: Any) -> Case:
    """Packets at every input that the routing sends there, with stamps that look like any destination."""
    params = draw(network_params(neurons=1 << 10, stamp_bits=14, **draw(policies(routings)), **fixed))
    if params.routing == "dyad":
        params = params.replace(dyad_threshold=draw(st.integers(0, params.buffer_depth)))
    routing = ROUTINGS[params.routing]
    possible = turns(routing)
    here = draw(st.integers(0, params.rows - 1)), draw(st.integers(0, params.cols - 1))
    layout = PacketLayouts(params).flit
    flits: dict[Port, list[Flit]] = {}
    for port in Port:
        places = [
            (row, col)
            for row in range(params.rows)
            for col in range(params.cols)
            if all((port, out) in possible for out in routing.permitted(here, (row, col), port))
        ]
        flits[port] = []
        for number in range(draw(st.integers(0, 8))):
            row, col = draw(st.sampled_from(places))
            head = {"head": {"dst": {"row": row, "col": col}, "neuron": port << 7 | number}}
            words = [layout.const({"last": params.flits_per_packet == 1, "data": head})]
            for index in range(1, params.flits_per_packet):
                body = {"body": {"index": index, "stamp": draw(st.integers(0, (1 << params.stamp_bits) - 1))}}
                words.append(layout.const({"last": index == params.flits_per_packet - 1, "data": body}))
            calm, congested = (routing.relation(Head(here, (row, col), port, congested)) for congested in (False, True))
            beyond = onward_ways(routing, params, here, (row, col), port)
            last = len(words) - 1
            flits[port] += [
                Flit(word.as_value().value, i == last, calm, congested, beyond) for i, word in enumerate(words)
            ]
    return Case(
        params,
        here,
        flits,
        {entering(port): draw(patterns()) for port in Port},
        {leaving(port): draw(patterns()) for port in Port},
    )


anything = pytest.mark.parametrize("routings", [["xy"], ["yx"], ADAPTIVE], ids=["xy", "yx", "adaptive"])


def run(case: Case, waves: Path, **more: Any) -> dict[str, list[tuple[int, int]]]:
    offers: dict[str, list[Offer]] = {
        entering(port): [(0, flit.word) for flit in flits] for port, flits in case.flits.items()
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


@anything
@settings(max_examples=examples(20, 40), deadline=None)
@given(data=st.data())
def test_router_does_what_its_twin_does(waves: Path, routings: list[str], data: st.DataObject) -> None:
    case = data.draw(cases(routings))
    possible = turns(case.routing)
    sources = {output: [port for port in Port if (port, output) in possible] for output in Port}
    at: dict[Port, int] = {}
    twins: list[RouterTwin] = []

    def compare(cycle: int, now: Mapping[str, tuple[int, int, int]]) -> None:
        if cycle == 0:
            at.update(dict.fromkeys(Port, 0))
            twins[:] = [RouterTwin(case.params, sources, adaptive=is_adaptive(case.routing))]
        twin = twins[0]
        incoming, ready = {}, {}
        for port in Port:
            valid, takes, word = now[entering(port)]
            assert takes == twin.ready(port), f"ready of {port.name} in cycle {cycle}"
            if valid:
                incoming[port] = case.flits[port][at[port]]
                at[port] += takes
            valid, takes, word = now[leaving(port)]
            ready[port] = bool(takes)
            assert (word if valid else None) == twin.offered(port), f"{port.name} in cycle {cycle}"
        twin.clock(incoming, ready)

    run(case, waves, each_cycle=compare)
    assert len(twins) == 1


@anything
@settings(max_examples=examples(20, 40), deadline=None)
@given(data=st.data())
def test_packets_take_a_permitted_way_keep_order_and_never_mix(
    waves: Path, routings: list[str], data: st.DataObject
) -> None:
    case = data.draw(cases(routings))
    passed = run(case, waves, glitches=1)
    size = case.params.flits_per_packet
    sent = {port: [flits[i : i + size] for i in range(0, len(flits), size)] for port, flits in case.flits.items()}
    packets = {}
    for output in Port:
        words = [word for _, word in passed[leaving(output)]]
        packets[output] = [tuple(words[i : i + size]) for i in range(0, len(words), size)]
    assert sorted(packet for group in packets.values() for packet in group) == sorted(
        tuple(flit.word for flit in packet) for group in sent.values() for packet in group
    )
    for output, came in packets.items():
        for group in sent.values():
            mine = [tuple(flit.word for flit in packet) for packet in group]
            order = [mine.index(packet) for packet in came if packet in mine]
            assert order == sorted(order)
            assert all(output in group[number][0].calm | group[number][0].congested for number in order)


def heads(params: NetworkParams, count: int, row: int, col: int) -> list[Offer]:
    layout = PacketLayouts(params).flit
    to = {"row": row, "col": col}
    words = [layout.const({"last": 1, "data": {"head": {"dst": to, "neuron": n}}}) for n in range(count)]
    return [(0, word.as_value().value) for word in words]


def test_a_hop_takes_one_cycle(waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits_per_packet=1)
    passed = run_streams(
        lambda: Router(params),
        {"link_in.3": heads(params, 20, 1, 2)},
        expected=20,
        waves=waves,
        constants={"here": {"row": 1, "col": 1}},
    )
    assert (
        [cycle for cycle, _ in passed["link_out.1"]]
        == [cycle + 1 for cycle, _ in passed["link_in.3"]]
        == list(range(1, 21))
    )


def test_all_outputs_work_at_once(waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits_per_packet=1)
    ways = {
        Port.LOCAL: (0, 1),
        Port.NORTH: (2, 1),
        Port.EAST: (1, 0),
        Port.SOUTH: (1, 1),
        Port.WEST: (1, 2),
    }
    passed = run_streams(
        lambda: Router(params),
        {entering(port): heads(params, 20, *to) for port, to in ways.items()},
        expected=100,
        waves=waves,
        constants={"here": {"row": 1, "col": 1}},
    )
    for port in Port:
        assert [cycle for cycle, _ in passed[leaving(port)]] == list(range(1, 21))


def test_inputs_that_request_one_output_share_it_evenly(waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits_per_packet=1)
    passed = run_streams(
        lambda: Router(params),
        {entering(port): heads(params, 20, 1, 1) for port in Port},
        expected=100,
        waves=waves,
        constants={"here": {"row": 1, "col": 1}},
    )
    assert [cycle for cycle, _ in passed["local_out"]] == list(range(1, 101))
    for port in Port:
        accepted = [cycle for cycle, _ in passed[entering(port)]]
        # Once its queue is full, an input moves on exactly once in every five cycles.
        full = accepted[params.buffer_depth + 1 :]
        assert {b - a for a, b in itertools.pairwise(full)} == {5}


@pytest.mark.parametrize("arbitration", ["round-robin", "through-first"])
def test_the_tile_is_not_passed_by_for_ever(arbitration: str, waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits_per_packet=1, arbitration=arbitration)
    offers = heads(params, 60, 1, 2)
    mine = {word for _, word in offers[57:]}
    passed = run_streams(
        lambda: Router(params),
        {"link_in.3": offers[:57], "local_in": offers[57:]},
        expected=60,
        waves=waves,
        offering={"local_in": [False] * 11 + [True] * 99},
        constants={"here": {"row": 1, "col": 1}},
    )
    entered = [cycle for cycle, _ in passed["local_in"]]
    left = [cycle for cycle, word in passed["link_out.1"] if word in mine]
    assert entered == [11, 12, 13]
    # From the cycle after it has come: settled in one, granted in the next, unless it gives way before that.
    wait = 2 + (StarvationTimer().cycles if arbitration == "through-first" else 0)
    assert left == [11 + wait, 11 + 2 * wait, 11 + 3 * wait]
    assert [cycle for cycle, _ in passed["link_out.1"]] == list(range(1, 61))


@pytest.mark.parametrize("depth", [1, 2])
def test_a_blocked_output_does_not_hold_up_the_others(depth: int, waves: Path) -> None:
    params = NetworkParams(rows=3, cols=3, flits_per_packet=1, buffer_depth=depth)
    passed = run_streams(
        lambda: Router(params),
        {"link_in.3": heads(params, 6, 1, 2), "link_in.0": heads(params, 6, 2, 1)},
        expected=12,
        waves=waves,
        taking={"link_out.1": [False] * 40 + [True] * 40},
        constants={"here": {"row": 1, "col": 1}},
    )
    assert passed["link_out.2"][-1][0] < 40 <= passed["link_out.1"][0][0]


def to_the_south_east(params: NetworkParams, waves: Path, *, beside: int = 0, **more: Any) -> list[tuple[int, Port]]:
    """(cycle, output) of 24 packets of the tile that may go east or south, beside some from the west to the east."""
    passed = run_streams(
        lambda: Router(params),
        {"local_in": heads(params, 24, 3, 3), "link_in.3": heads(params, beside, 1, 3)},
        expected=24 + beside,
        waves=waves,
        constants={"here": {"row": 1, "col": 1}},
        **more,
    )
    layout = PacketLayouts(params).flit
    return sorted(
        (cycle, port)
        for port in (Port.EAST, Port.SOUTH)
        for cycle, word in passed[leaving(port)]
        if unpack_head(layout, word)["row"] == 3
    )


def unpack_head(layout: Any, word: int) -> dict[str, int]:
    """Where a head goes."""
    dst = layout.from_bits(word).data.head.dst
    return {"row": dst.row, "col": dst.col}


def south_east(**changes: Any) -> NetworkParams:
    return NetworkParams(**{"rows": 4, "cols": 4, "flits_per_packet": 1, "routing": "west-first"} | changes)


def test_a_head_goes_where_nothing_is_in_the_way(waves: Path) -> None:
    blocked = {"link_out.1": [False] * 60 + [True] * 60}
    later = {"local_in": [False] * 3 + [True] * 99}
    ways = to_the_south_east(south_east(), waves, beside=1, taking=blocked, offering=later)
    assert ways == [(cycle, Port.SOUTH) for cycle in range(4, 28)]


def test_first_takes_the_first_and_round_robin_alternates(waves: Path) -> None:
    assert {way for _, way in to_the_south_east(south_east(), waves)} == {Port.EAST}
    ways = to_the_south_east(south_east(selection="round-robin"), waves)
    assert [way for _, way in ways] == [Port.EAST, Port.SOUTH] * 12


def test_random_takes_both_and_depends_on_the_seed_alone(waves: Path) -> None:
    ways = [
        [way for _, way in to_the_south_east(south_east(selection="random", selection_seed=seed), waves)]
        for seed in (0xACE1, 0xACE1, 0x1D0B)
    ]
    assert ways[0] == ways[1] != ways[2]
    for way in ways:
        assert 6 <= way.count(Port.EAST) <= 18


def test_buffer_level_keeps_away_from_where_it_was_full(waves: Path) -> None:
    slow = {"link_out.1": [False, False, False, True]}
    level = to_the_south_east(south_east(selection="buffer-level"), waves, taking=slow)
    alternating = to_the_south_east(south_east(selection="round-robin"), waves, taking=slow)
    east = [sum(way is Port.EAST for _, way in ways) for ways in (level, alternating)]
    assert east[0] < east[1]


def test_the_threshold_of_dyad_decides_when_a_packet_may_turn(waves: Path) -> None:
    def ways(**changes: Any) -> list[tuple[int, Port]]:
        return to_the_south_east(south_east(selection="round-robin", **changes), waves, beside=24)

    south = [
        sum(way is Port.SOUTH for _, way in ways(routing="dyad", dyad_threshold=threshold)) for threshold in range(5)
    ]
    assert south == sorted(south, reverse=True)
    assert south[0] > south[3] > south[4] == 0
    assert ways(routing="dyad", dyad_threshold=0) == ways(routing="odd-even")


def test_a_selection_without_a_choice_is_refused() -> None:
    message = r"^selection must be first with routing 'xy', which never leaves a choice, not 'random'$"
    with pytest.raises(ValueError, match=message):
        Router(south_east(selection="random"), routing=XY)
