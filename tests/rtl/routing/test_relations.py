from collections.abc import Iterator

import pytest
from amaranth.hdl import Cat, Module, Signal
from amaranth.sim import Simulator

from synaptile.rtl import NetworkParams, PacketLayouts, Port
from synaptile.rtl.routing import (
    RELATIONS,
    ROUTINGS,
    TORUS_ROUTINGS,
    XY,
    YX,
    Head,
    HeadSignals,
    Position,
    Routing,
    is_adaptive,
    routing_of,
    routings_on,
    turns,
)
from synaptile.rtl.topology import LINKS, Mesh, Torus


def places_of(rows: int, cols: int) -> list[Position]:
    return [(row, col) for row in range(rows) for col in range(cols)]


@pytest.mark.parametrize("name", sorted(ROUTINGS))
@pytest.mark.parametrize(("rows", "cols"), [(8, 8), (1, 8), (8, 1), (3, 5), (1, 1)])
def test_relation_and_gates_agree_everywhere(name: str, rows: int, cols: int) -> None:
    """For every input, place, destination and congestion; a source matters only through the input."""
    compare_with_gates(ROUTINGS[name], rows, cols)


@pytest.mark.parametrize("name", sorted(TORUS_ROUTINGS))
@pytest.mark.parametrize(("rows", "cols"), [(8, 8), (1, 8), (7, 1), (3, 5), (1, 1), (2, 2), (6, 4), (4, 7)])
def test_they_agree_on_a_torus(name: str, rows: int, cols: int) -> None:
    compare_with_gates(TORUS_ROUTINGS[name], rows, cols)


def compare_with_gates(routing: Routing, rows: int, cols: int) -> None:
    torus = {"topology": "torus", "virtual_channels": 2} if routing.topology == "torus" else {}
    layouts = PacketLayouts(NetworkParams(rows=rows, cols=cols, **torus))
    position = layouts.position
    here, to, congested = Signal(layouts.place), Signal(position), Signal()
    size = {"last_row": rows - 1, "last_col": cols - 1} if torus else {}
    classes = Signal(len(LINKS))
    permitted = [Signal(len(Port), name=f"permitted_{port.name}") for port in Port]
    m = Module()
    for came_in in Port:
        routing.gates(m, HeadSignals(here, to, came_in, congested), permitted[came_in])
    head = HeadSignals(here, to, Port.LOCAL, congested)
    m.d.comb += [classes[i].eq(routing.class_gates(head, port)) for i, port in enumerate(LINKS)]
    places = places_of(rows, cols)
    compared = []

    async def bench(ctx) -> None:  # type: ignore[no-untyped-def]
        for flag in (0, 1):
            ctx.set(congested, flag)
            for a in places:
                ctx.set(here, {"row": a[0], "col": a[1], **size})
                for b in places:
                    ctx.set(to, {"row": b[0], "col": b[1]})
                    word = ctx.get(Cat(permitted))
                    for came_in in Port:
                        found = word >> len(Port) * came_in & (1 << len(Port)) - 1
                        ports = routing.relation(Head(a, b, came_in, bool(flag), (rows, cols)))
                        assert found == sum(1 << port for port in ports), (a, b, came_in, flag)
                    expected = [routing.channel_class(Head(a, b, size=(rows, cols)), port) for port in LINKS]
                    assert ctx.get(classes) == sum(number << i for i, number in enumerate(expected))
                    compared.append((a, b))

    simulator = Simulator(m)
    simulator.add_testbench(bench)
    simulator.run()
    assert len(compared) == 2 * (rows * cols) ** 2


@pytest.mark.parametrize("name", sorted(ROUTINGS))
def test_every_permitted_step_leads_nearer(name: str) -> None:
    rows, cols = 5, 4
    for here in places_of(rows, cols):
        for to in places_of(rows, cols):
            for came_in in Port:
                for congested in (False, True):
                    ports = ROUTINGS[name].relation(Head(here, to, came_in, congested))
                    assert ports
                    if here == to:
                        assert ports == {Port.LOCAL}
                        continue
                    for port in ports:
                        there = Mesh(rows, cols).neighbour(*here, port)
                        assert there is not None
                        assert _distance(there, to) == _distance(here, to) - 1


def _distance(a: Position, b: Position) -> int:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def test_dimension_order_goes_along_the_row_or_the_column_first() -> None:
    for a, b, xy, yx in (
        ((0, 0), (2, 2), Port.EAST, Port.SOUTH),
        ((2, 2), (0, 0), Port.WEST, Port.NORTH),
        ((0, 2), (2, 2), Port.SOUTH, Port.SOUTH),
        ((2, 0), (2, 2), Port.EAST, Port.EAST),
    ):
        assert XY.permitted(a, b) == {xy}
        assert YX.permitted(a, b) == {yx}


# The two turns, as (way before, way after), that each turn model takes away (Glass and Ni, ISCA 1992, figures 5-10).
N, E, S, W = Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST
FORBIDDEN = {
    "xy": {(N, E), (N, W), (S, E), (S, W)},
    "yx": {(E, N), (E, S), (W, N), (W, S)},
    "west-first": {(N, W), (S, W)},
    "north-last": {(N, E), (N, W)},
    "negative-first": {(N, W), (E, S)},
}


@pytest.mark.parametrize("name", sorted(FORBIDDEN))
def test_a_turn_model_takes_all_turns_but_the_forbidden_ones(name: str) -> None:
    through = [turn for turn in turns(ROUTINGS[name]) if Port.LOCAL not in turn]
    found = {(came_in.opposite, out) for came_in, out in through}
    straight = {(way, way) for way in (N, E, S, W)}
    around = {(a, b) for a in (N, S) for b in (E, W)} | {(a, b) for a in (E, W) for b in (N, S)}
    assert found == straight | around - FORBIDDEN[name]


def steps(name: str, rows: int, cols: int) -> Iterator[tuple[Position, Position, Port, Position]]:
    """(source, here, input, destination) of every head that the relation can lead anywhere."""
    for source in places_of(rows, cols):
        for to in places_of(rows, cols):
            todo, seen = [(source, Port.LOCAL)], set()
            while todo:
                here, came_in = todo.pop()
                if (here, came_in) in seen:
                    continue
                seen.add((here, came_in))
                yield source, here, came_in, to
                for out in ROUTINGS[name].permitted(here, to, came_in):
                    there = Mesh(rows, cols).neighbour(*here, out)
                    if there is not None:
                        todo.append((there, out.opposite))


def chiu(source: Position, here: Position, to: Position) -> set[Port]:
    """ROUTE of Chiu's figure 2, with x the column, and y growing southward instead of northward."""
    across, along = to[0] - here[0], to[1] - here[1]
    vertical = S if across > 0 else N
    if along == 0:
        return {Port.LOCAL} if across == 0 else {vertical}
    available = set()
    if along > 0:
        if across == 0:
            return {E}
        if here[1] % 2 == 1 or here[1] == source[1]:
            available.add(vertical)
        if to[1] % 2 == 1 or along != 1:
            available.add(E)
    else:
        available.add(W)
        if here[1] % 2 == 0 and across != 0:
            available.add(vertical)
    return available


def test_odd_even_is_chiu_s_for_every_source_place_and_destination() -> None:
    count = 0
    for source, here, came_in, to in steps("odd-even", 8, 8):
        assert ROUTINGS["odd-even"].permitted(here, to, came_in) == chiu(source, here, to), (source, here, to)
        count += 1
    assert count > 8**4


@pytest.mark.parametrize("name", ["odd-even", "dyad"])
def test_odd_even_takes_no_forbidden_turn(name: str) -> None:
    for _, here, came_in, to in steps(name, 6, 7):
        for out in ROUTINGS[name].permitted(here, to, came_in):
            if came_in is W and out in (N, S):
                assert here[1] % 2 == 1
            if came_in in (N, S) and out is W:
                assert here[1] % 2 == 0


def test_dyad_leaves_a_choice_only_under_congestion_and_never_more_than_odd_even() -> None:
    chosen = 0
    for _, here, came_in, to in steps("dyad", 6, 7):
        calm, congested = (ROUTINGS["dyad"].relation(Head(here, to, came_in, flag)) for flag in (False, True))
        assert len(calm) == 1
        assert calm <= congested == ROUTINGS["odd-even"].permitted(here, to, came_in)
        if len(congested) == 2:
            chosen += 1
            assert calm <= {E, W}
    assert chosen


def test_which_relations_leave_a_choice() -> None:
    """Which of them do is counted here on a mesh of 8 × 8; the dimension orders never can."""
    for name, routing in ROUTINGS.items():
        leaves = any(len(routing.permitted(here, to, came_in)) > 1 for _, here, came_in, to in steps(name, 8, 8))
        assert is_adaptive(routing) == leaves, name
    assert not is_adaptive(XY)
    assert not is_adaptive(YX)
    assert is_adaptive(ROUTINGS["odd-even"])
    assert {name for name, routing in ROUTINGS.items() if routing.sees_congestion} == {"dyad"}


@pytest.mark.parametrize("name", sorted(ROUTINGS))
@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 4), (4, 1), (2, 2), (3, 3), (7, 6)])
def test_the_router_of_the_sample_mesh_serves_every_mesh(name: str, rows: int, cols: int) -> None:
    assert turns(ROUTINGS[name], rows, cols) <= turns(ROUTINGS[name])
    for port in Port:
        assert {(port, Port.LOCAL), (Port.LOCAL, port)} <= turns(ROUTINGS[name])


@pytest.mark.parametrize("name", sorted(TORUS_ROUTINGS))
@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 2), (2, 1), (3, 3), (4, 5), (8, 8)])
def test_on_a_torus_every_step_leads_nearer_the_shorter_way(name: str, rows: int, cols: int) -> None:
    routing = routing_of(name, "torus")

    def distance(a: Position, b: Position) -> int:
        down, along = abs(a[0] - b[0]), abs(a[1] - b[1])
        return min(down, rows - down) + min(along, cols - along)

    for here in places_of(rows, cols):
        for to in places_of(rows, cols):
            (out,) = routing.permitted(here, to, size=(rows, cols))
            there = Torus(rows, cols).neighbour(*here, out)
            assert (out is Port.LOCAL) == (here == to)
            assert here == to or (there is not None and distance(there, to) == distance(here, to) - 1)
    assert turns(routing, rows, cols) <= turns(routing)


def test_a_relation_is_found_by_the_topology_that_it_is_for() -> None:
    assert routings_on("mesh") == routings_on("tree") == ROUTINGS
    assert routings_on("torus") == TORUS_ROUTINGS
    assert sorted([*ROUTINGS.values(), *TORUS_ROUTINGS.values()], key=id) == sorted(RELATIONS, key=id)
    assert (routing_of("xy", "tree"), routing_of("xy", "torus")) == (XY, TORUS_ROUTINGS["xy"])
    assert [routing_of("table", name).by_table for name in ("mesh", "torus", "tree")] == [True] * 3
    assert routing_of("table", "torus").class_count == 2
    with pytest.raises(KeyError):
        routing_of("odd-even", "torus")
