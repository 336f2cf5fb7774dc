from collections.abc import Callable

import pytest

from synaptile.rtl import Port
from synaptile.rtl.deadlock import dependencies, find_cycle
from synaptile.rtl.routing import ROUTINGS, XY, Position, Routing
from synaptile.rtl.topology import neighbour

Relation = Callable[[Position, Position], frozenset[Port]]


def routing(relation: Relation) -> Routing:
    return Routing("made for the test", relation, XY.gates)


def productive(here: Position, to: Position) -> frozenset[Port]:
    """Every output that leads nearer: minimal, fully adaptive, and known to deadlock without virtual channels."""
    ports = set()
    if to[1] != here[1]:
        ports.add(Port.EAST if to[1] > here[1] else Port.WEST)
    if to[0] != here[0]:
        ports.add(Port.SOUTH if to[0] > here[0] else Port.NORTH)
    return frozenset(ports or {Port.LOCAL})


def ring(here: Position, to: Position) -> frozenset[Port]:
    """Clockwise around a 2 × 2 mesh, whatever the distance."""
    if here == to:
        return frozenset({Port.LOCAL})
    clockwise = {(0, 0): Port.EAST, (0, 1): Port.SOUTH, (1, 1): Port.WEST, (1, 0): Port.NORTH}
    return frozenset({clockwise[here]})


@pytest.mark.parametrize("name", sorted(ROUTINGS))
@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 6), (6, 1), (2, 2), (3, 5), (8, 8)])
def test_every_routing_is_free_of_cycles(name: str, rows: int, cols: int) -> None:
    assert find_cycle(ROUTINGS[name], rows, cols) is None


def check_cycle(relation: Relation, rows: int, cols: int) -> list[tuple[Position, Port]]:
    """The cycle found, after seeing that each channel leads to the next and waits for it."""
    cycle = find_cycle(routing(relation), rows, cols)
    assert cycle is not None
    assert len(set(cycle)) == len(cycle)
    graph = dependencies(routing(relation), rows, cols)
    for (here, port), following in zip(cycle, cycle[1:] + cycle[:1], strict=True):
        assert neighbour(*here, port, rows=rows, cols=cols) == following[0]
        assert following in graph[here, port]
    return cycle


def test_a_ring_is_caught_with_its_cycle() -> None:
    cycle = check_cycle(ring, 2, 2)
    assert set(cycle) == {((0, 0), Port.EAST), ((0, 1), Port.SOUTH), ((1, 1), Port.WEST), ((1, 0), Port.NORTH)}


@pytest.mark.parametrize(("rows", "cols"), [(2, 2), (3, 3), (4, 2)])
def test_fully_adaptive_routing_is_caught_with_a_cycle(rows: int, cols: int) -> None:
    assert len(check_cycle(productive, rows, cols)) >= 4


@pytest.mark.parametrize(("rows", "cols"), [(1, 5), (5, 1)])
def test_on_a_line_even_that_has_none(rows: int, cols: int) -> None:
    assert find_cycle(routing(productive), rows, cols) is None


def test_xy_never_turns_from_a_column_into_a_row() -> None:
    for (_, held), following in dependencies(XY, 4, 4).items():
        if held in (Port.NORTH, Port.SOUTH):
            assert {port for _, port in following} <= {held}


def test_the_graph_of_a_full_mesh_has_every_link() -> None:
    assert len(dependencies(XY, 3, 4)) == 2 * (3 * 3 + 4 * 2)


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        (lambda here, to: frozenset(), r"permits no output at \(\d, \d\) to \(\d, \d\)"),
        (lambda here, to: frozenset({Port.LOCAL}), r"delivers at \(\d, \d\) what is sent to \(\d, \d\)"),
        (lambda here, to: frozenset({Port.EAST}), r"leaves the mesh at \(\d, 1\) through EAST to \(\d, \d\)"),
    ],
)
def test_a_relation_that_loses_packets_is_refused(relation: Relation, message: str) -> None:
    with pytest.raises(ValueError, match=rf"^routing 'made for the test' {message}$"):
        find_cycle(routing(relation), 2, 2)
