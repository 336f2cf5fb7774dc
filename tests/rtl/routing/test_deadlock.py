import dataclasses
import gc
import warnings
from collections.abc import Callable

import pytest
from amaranth.hdl import UnusedElaboratable

from synaptile.rtl import Mesh, NetworkParams, Port, Router, Tile
from synaptile.rtl.routing import ROUTINGS, TORUS_ROUTINGS, XY, Head, Routing
from synaptile.rtl.routing.deadlock import DeadlockError, dependencies, find_cycle, require_freedom
from synaptile.rtl.routing.dependency_graph import Channel
from synaptile.rtl.topology import Mesh as MeshTopology

Relation = Callable[[Head], frozenset[Port]]


def routing(relation: Relation) -> Routing:
    return Routing("made for the test", relation, XY.gates)


def productive(head: Head) -> frozenset[Port]:
    """Every output that leads nearer: minimal, fully adaptive, and known to deadlock without virtual channels."""
    here, to = head.here, head.to
    ports = set()
    if to[1] != here[1]:
        ports.add(Port.EAST if to[1] > here[1] else Port.WEST)
    if to[0] != here[0]:
        ports.add(Port.SOUTH if to[0] > here[0] else Port.NORTH)
    return frozenset(ports or {Port.LOCAL})


def ring(head: Head) -> frozenset[Port]:
    """Clockwise around a 2 × 2 mesh, whatever the distance."""
    if head.here == head.to:
        return frozenset({Port.LOCAL})
    clockwise = {(0, 0): Port.EAST, (0, 1): Port.SOUTH, (1, 1): Port.WEST, (1, 0): Port.NORTH}
    return frozenset({clockwise[head.here]})


@pytest.mark.parametrize("name", sorted(ROUTINGS))
@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 6), (6, 1), (2, 2), (3, 5), (8, 8), (9, 10)])
def test_every_routing_is_free_of_cycles(name: str, rows: int, cols: int) -> None:
    assert find_cycle(ROUTINGS[name], rows, cols) is None


def check_cycle(relation: Relation, rows: int, cols: int) -> list[Channel]:
    """The cycle found, after seeing that each channel leads to the next and waits for it."""
    cycle = find_cycle(routing(relation), rows, cols)
    assert cycle is not None
    assert len(set(cycle)) == len(cycle)
    graph = dependencies(routing(relation), rows, cols)
    for channel, following in zip(cycle, cycle[1:] + cycle[:1], strict=True):
        here, port, _ = channel
        assert MeshTopology(rows, cols).neighbour(*here, port) == following[0]
        assert following in graph[channel]
    return cycle


def test_a_ring_is_caught_with_its_cycle() -> None:
    cycle = check_cycle(ring, 2, 2)
    assert set(cycle) == {
        ((0, 0), Port.EAST, 0),
        ((0, 1), Port.SOUTH, 0),
        ((1, 1), Port.WEST, 0),
        ((1, 0), Port.NORTH, 0),
    }


@pytest.mark.parametrize(("rows", "cols"), [(2, 2), (3, 3), (4, 2)])
def test_fully_adaptive_routing_is_caught_with_a_cycle(rows: int, cols: int) -> None:
    assert len(check_cycle(productive, rows, cols)) >= 4


@pytest.mark.parametrize(("rows", "cols"), [(1, 5), (5, 1)])
def test_on_a_line_even_that_has_none(rows: int, cols: int) -> None:
    assert find_cycle(routing(productive), rows, cols) is None


@pytest.mark.parametrize("name", sorted(TORUS_ROUTINGS))
@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 2), (1, 8), (3, 1), (3, 4), (8, 8)])
def test_a_torus_is_free_of_cycles_with_two_classes_and_not_with_one(name: str, rows: int, cols: int) -> None:
    routing = TORUS_ROUTINGS[name]
    assert find_cycle(routing, rows, cols) is None
    one = dataclasses.replace(routing, class_count=1, channel_class=lambda head, output: 0)
    cycle = find_cycle(one, rows, cols)
    # In a ring of three, nobody goes further than one hop.
    assert (cycle is not None) == (max(rows, cols) > 3)
    if cycle:
        assert len({port for _, port, _ in cycle}) == 1
        assert len(cycle) in (rows, cols)


def test_the_cycle_of_classes_is_shown() -> None:
    """Classes the wrong way round: what is to take the link round the edge is on the class of what has taken it."""
    routing = TORUS_ROUTINGS["xy"]
    wrong = dataclasses.replace(routing, name="wrong", channel_class=lambda head, output: 1)
    message = r"'wrong' has \(0, 0\) EAST class 1 -> \(0, 1\) EAST class 1 -> .* -> \(0, 0\) EAST class 1$"
    with pytest.raises(DeadlockError, match=message):
        require_freedom(wrong, 1, 5)


def test_xy_never_turns_from_a_column_into_a_row() -> None:
    for (_, held, _), following in dependencies(XY, 4, 4).items():
        if held in (Port.NORTH, Port.SOUTH):
            assert {port for _, port, _ in following} <= {held}


def test_the_graph_of_a_full_mesh_has_every_link() -> None:
    assert len(dependencies(XY, 3, 4)) == 2 * (3 * 3 + 4 * 2)


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        (lambda head: frozenset(), r"permits no output at \(\d, \d\) to \(\d, \d\)"),
        (lambda head: frozenset({Port.LOCAL}), r"delivers at \(\d, \d\) what is sent to \(\d, \d\)"),
        (lambda head: frozenset({Port.EAST}), r"leaves the mesh at \(\d, 1\) through EAST to \(\d, \d\)"),
    ],
)
def test_a_relation_that_loses_packets_is_refused(relation: Relation, message: str) -> None:
    with pytest.raises(ValueError, match=rf"^routing 'made for the test' {message}$"):
        find_cycle(routing(relation), 2, 2)


def plain_dyad(head: Head) -> frozenset[Port]:
    """XY without congestion, odd-even with it: each is free of cycles, both together are not."""
    return ROUTINGS["odd-even" if head.congested else "xy"].relation(head)


def test_xy_and_odd_even_must_not_be_mixed() -> None:
    mixed = Routing("mixed", plain_dyad, XY.gates, sees_congestion=True)
    cycle = find_cycle(mixed, 8, 8)
    assert cycle is not None
    turns = {(held, wanted) for (_, held, _), (_, wanted, _) in zip(cycle, cycle[1:] + cycle[:1], strict=True)}
    assert len({held for held, wanted in turns if held is not wanted}) == 4
    with pytest.raises(DeadlockError, match=r"^routing must have no cycle"):
        require_freedom(mixed, 8, 8)


@pytest.mark.parametrize("make", [Router, Tile, Mesh])
def test_what_can_deadlock_is_not_built_and_the_cycle_is_shown(make: type[Router | Tile | Mesh]) -> None:
    message = (
        r"^routing must have no cycle of channels that wait for each other, or packets can deadlock; "
        r"'made for the test' has \(0, 0\) EAST -> \(0, 1\) SOUTH -> \(1, 1\) WEST -> \(1, 0\) NORTH -> \(0, 0\) EAST$"
    )
    with warnings.catch_warnings():
        # What was begun is never used; that is the point.
        warnings.simplefilter("ignore", UnusedElaboratable)
        with pytest.raises(DeadlockError, match=message) as caught:
            make(NetworkParams(rows=2, cols=2), routing=routing(ring))
        cycle = caught.value.cycle
        del caught
        gc.collect()
    assert cycle == check_cycle(ring, 2, 2)


def test_a_large_mesh_is_represented_by_a_small_one() -> None:
    with pytest.raises(DeadlockError):
        require_freedom(routing(productive), 200, 256)
    require_freedom(routing(productive), 1, 256)
    require_freedom(ROUTINGS["odd-even"], 256, 256)
