import itertools
from typing import Any

import pytest
from amaranth.hdl import Const, Module, Signal
from amaranth.sim import Simulator

from synaptile.rtl import NetworkParams, PacketLayouts, Port, RoutingTable
from synaptile.rtl.routing import TORUS_TABLE, Head, HeadSignals, Position
from synaptile.rtl.routing.table import RoutingTableError

L, N, E, S, W = Port
Ways = dict[int, dict[Position, frozenset[Port]]]


def ways(**keys: dict[Position, str]) -> Ways:
    """``k3={(0, 0): "LE"}``: key 3 is delivered at (0, 0), and goes on to the east."""
    letters = {"L": L, "N": N, "E": E, "S": S, "W": W}
    return {
        int(key[1:]): {here: frozenset(letters[letter] for letter in ports) for here, ports in entries.items()}
        for key, entries in keys.items()
    }


def test_a_packet_reaches_the_targets_of_its_key() -> None:
    table = RoutingTable(2, 2, ways(k0={(0, 0): "ES", (0, 1): "LS", (1, 1): "L", (1, 0): "L"}, k5={(1, 1): "L"}))
    assert table.targets(0, (0, 0)) == {(0, 1), (1, 1), (1, 0)}
    assert table.targets(5, (1, 1)) == {(1, 1)}
    assert table.entries() == [(0, 0, 0b01100), (1, 0, 0b01001), (2, 0, 1), (3, 0, 1), (3, 5, 1)]


def test_several_sources_may_share_a_key() -> None:
    table = RoutingTable(1, 3, ways(k0={(0, 0): "E", (0, 1): "L", (0, 2): "W"}))
    assert table.targets(0, (0, 0)) == table.targets(0, (0, 2)) == {(0, 1)}


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        (
            {"k7": {(0, 0): "E", (0, 1): "S", (1, 1): "W", (1, 0): "N"}},
            r"routing table must have no loop: key 7 runs "
            r"\(0, 0\) EAST -> \(0, 1\) SOUTH -> \(1, 1\) WEST -> \(1, 0\) NORTH -> \(0, 0\)",
        ),
        (
            {"k1": {(0, 0): "E", (0, 1): "W"}},
            r"routing table must have no loop: key 1 runs \(0, 0\) EAST -> \(0, 1\) WEST -> \(0, 0\)",
        ),
        (
            {"k2": {(0, 0): "ES", (0, 1): "S", (1, 0): "E", (1, 1): "L"}},
            r"routing table must lead to each router once: key 2 from \(0, 0\) comes to \(1, 1\) twice",
        ),
        ({"k0": {(0, 0): "N"}}, r"routing table must not leave the mesh: key 0 at \(0, 0\) through NORTH"),
        ({"k0": {(0, 0): "E"}}, r"routing table must have an output for key 0 at \(0, 1\), it has none"),
        ({"k0": {(0, 0): ""}}, r"routing table must have an output for key 0 at \(0, 0\), it has none"),
        (
            {
                "k0": {(0, 0): "E", (0, 1): "S", (1, 1): "L"},
                "k1": {(0, 1): "S", (1, 1): "W", (1, 0): "L"},
                "k2": {(1, 1): "W", (1, 0): "N", (0, 0): "L"},
                "k3": {(1, 0): "N", (0, 0): "E", (0, 1): "L"},
            },
            r"routing table must have no cycle of channels that wait for each other, or packets can deadlock; "
            r"it has \(0, 0\) EAST -> \(0, 1\) SOUTH -> \(1, 1\) WEST -> \(1, 0\) NORTH -> \(0, 0\) EAST",
        ),
    ],
)
def test_a_table_that_cannot_work_is_refused(entries: dict[str, dict[Position, str]], message: str) -> None:
    with pytest.raises(RoutingTableError, match=f"^{message}$"):
        RoutingTable(2, 2, ways(**entries))


def test_in_a_tree_packets_go_up_over_and_down() -> None:
    """From a tile of cluster (0, 0) to another one there, and to two of cluster (0, 1)."""
    table = RoutingTable(
        1, 2, ways(k0={(0, 0): "E", (0, 1): "L"}), hubs=ways(k0={(0, 0): "LS", (0, 1): "NW"}, k1={(0, 1): "E"})
    )
    assert table.topology == "tree"
    assert table.targets(0, (0, 0)) == {(1, 0), (0, 2), (1, 3)}
    assert table.targets(1, (0, 1)) == {(0, 3)}
    assert table.entries() == [(0, 0, 0b00100), (1, 0, 0b00001)]
    assert table.hub_entries() == [(0, 0, 0b01001), (1, 0, 0b10010), (1, 1, 0b00100)]


@pytest.mark.parametrize(
    ("routers", "hubs", "message"),
    [
        ({}, {(0, 0): "L"}, r"must have an output for key 3 at the router of \(0, 0\), it has none"),
        (
            {(0, 0): "E", (0, 1): "L"},
            {(0, 0): "L"},
            r"must have an output for key 3 at the hub of \(0, 1\), it has none",
        ),
        ({(0, 0): "L"}, {(0, 0): "L"}, r"must not lead back: key 3 at \(0, 0\) from the hub to the router"),
        ({}, {(0, 0): ""}, r"must have an output for key 3 at the hub of \(0, 0\), it has none"),
        ({}, {(1, 0): "N"}, r"must be of clusters in 1x2, not of \(1, 0\)"),
    ],
)
def test_hubs_and_routers_must_hand_on_what_they_get(
    routers: dict[Position, str], hubs: dict[Position, str], message: str
) -> None:
    with pytest.raises(RoutingTableError, match=f"^routing table {message}$"):
        RoutingTable(1, 2, ways(k3=routers), hubs=ways(k3=hubs))


def test_the_loop_is_told() -> None:
    with pytest.raises(RoutingTableError) as caught:
        RoutingTable(1, 3, ways(k0={(0, 0): "E", (0, 1): "E", (0, 2): "W"}))
    assert caught.value.cycle == ["(0, 1) EAST", "(0, 2) WEST"]


def test_a_negative_key_is_refused() -> None:
    with pytest.raises(RoutingTableError, match=r"^key must not be negative, not -1$"):
        RoutingTable(1, 1, {-1: {(0, 0): frozenset({L})}})


def test_on_a_torus_a_way_may_lead_round_the_edge() -> None:
    around = ways(k0={(0, 2): "E", (0, 3): "LE", (0, 0): "E", (0, 1): "L"})
    table = RoutingTable(1, 4, around, torus=True)
    assert table.targets(0, (0, 2)) == {(0, 3), (0, 1)}
    with pytest.raises(RoutingTableError, match=r"^routing table must not leave the mesh: key 0 at \(0, 3\)"):
        RoutingTable(1, 4, around)


def test_ways_all_round_a_ring_do_not_wait_for_each_other_thanks_to_the_classes() -> None:
    """Everyone two to the east: with one class, a circle."""
    around = {
        start: {(0, start): frozenset({E}), (0, (start + 1) % 5): frozenset({E}), (0, (start + 2) % 5): frozenset({L})}
        for start in range(5)
    }
    RoutingTable(1, 5, around, torus=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RoutingTable, "_class", lambda *args: 0)
        with pytest.raises(
            RoutingTableError, match=r"cycle of channels .* it has \(0, 0\) EAST class 0 -> \(0, 1\) EAST"
        ):
            RoutingTable(1, 5, around, torus=True)


def test_a_circle_between_rings_is_refused_on_a_torus() -> None:
    """Four turns, each by a packet of its own, over links none of which leads round an edge."""
    corner = ways(
        k0={(1, 1): "E", (1, 2): "S", (2, 2): "L"},
        k1={(1, 2): "S", (2, 2): "W", (2, 1): "L"},
        k2={(2, 2): "W", (2, 1): "N", (1, 1): "L"},
        k3={(2, 1): "N", (1, 1): "E", (1, 2): "L"},
    )
    with pytest.raises(RoutingTableError, match=r"it has \(1, 1\) EAST class 0 -> \(1, 2\) SOUTH class 0 -> "):
        RoutingTable(4, 4, corner, torus=True)


@pytest.mark.parametrize(("rows", "cols"), [(1, 4), (2, 3), (3, 5)])
def test_classes_in_gates_are_those_of_the_function(rows: int, cols: int) -> None:
    """Whatever the place, the input, its class and the output."""
    params = NetworkParams(rows=rows, cols=cols, topology="torus", virtual_channels=2, routing="table", table_entries=1)
    here: Any = Signal(PacketLayouts(params).place)
    m = Module()
    found = {}
    for came_in in Port:
        for number in (0, 1) if came_in is not L else (0,):
            head = HeadSignals(here, here, came_in, Const(0, 1), number)
            for output in (N, E, S, W):
                found[came_in, number, output] = Signal(name=f"class_{came_in.name}_{number}_{output.name}")
                m.d.comb += found[came_in, number, output].eq(TORUS_TABLE.class_gates(head, output))
    simulator = Simulator(m)

    async def bench(ctx: Any) -> None:
        for row, col in itertools.product(range(rows), range(cols)):
            ctx.set(here, {"row": row, "col": col, "last_row": rows - 1, "last_col": cols - 1})
            for (came_in, number, output), signal in found.items():
                head = Head((row, col), (row, col), came_in, size=(rows, cols), came_class=number)
                assert ctx.get(signal) == TORUS_TABLE.channel_class(head, output)

    simulator.add_testbench(bench)
    simulator.run()
