"""Ways on a torus: shortest, straight round each ring, and laid so that all links are loaded alike."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from synaptile.rtl import Port
from synaptile.rtl.routing import TORUS_ROUTINGS, Position
from synaptile.rtl.routing.deadlock import find_cycle
from synaptile.rtl.topology import LINKS, Torus

N, E, S, W = LINKS
Pair = tuple[Position, Position]
Link = tuple[Position, Port]

EVEN = [(2, 2), (1, 2), (2, 1), (4, 4), (6, 6), (8, 8), (10, 10), (4, 6), (6, 4), (2, 8), (8, 2), (6, 8), (12, 6)]
SIZES = [*EVEN, (1, 1), (1, 8), (6, 1), (3, 3), (3, 4), (6, 5), (7, 2)]


def places_of(size: Position) -> list[Position]:
    return [(row, col) for row in range(size[0]) for col in range(size[1])]


def way(name: str, size: Position, source: Position, to: Position) -> list[Link]:
    """The links that a packet crosses, each with the router that it leaves."""
    links: list[Link] = []
    here, came_in = source, Port.LOCAL
    while True:
        (out,) = TORUS_ROUTINGS[name].permitted(here, to, came_in, size)
        there = Torus(*size).neighbour(*here, out)
        if there is None:
            assert (here, out) == (to, Port.LOCAL)
            return links
        links.append((here, out))
        here, came_in = there, out.opposite


def pairs(size: Position) -> Iterator[Pair]:
    return ((source, to) for source in places_of(size) for to in places_of(size) if source != to)


def loads(name: str, size: Position, packets: Iterator[Pair]) -> Counter[Link]:
    """How many packets cross each link, those that none crosses included."""
    torus = Torus(*size)
    found = Counter(
        {(here, port): 0 for here in places_of(size) for port in LINKS if torus.neighbour(*here, port) is not None}
    )
    for source, to in packets:
        found.update(way(name, size, source, to))
    return found


def each_way(found: Counter[Link]) -> dict[Port, int]:
    return {port: sum(count for (_, out), count in found.items() if out is port) for port in LINKS}


@pytest.mark.parametrize("name", sorted(TORUS_ROUTINGS))
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_a_way_is_shortest_and_keeps_its_direction_round_a_ring(name: str, size: Position) -> None:
    torus = Torus(*size)
    for source, to in pairs(size):
        ways = [out for _, out in way(name, size, source, to)]
        tiles = [row * size[1] + col for row, col in (source, to)]
        assert len(ways) == torus.hops(*tiles)
        assert not {E, W} <= set(ways)
        assert not {N, S} <= set(ways)
        first = (E, W) if name == "xy" else (N, S)
        assert ways == sorted(ways, key=lambda out: out not in first)


@pytest.mark.parametrize("name", sorted(TORUS_ROUTINGS))
@pytest.mark.parametrize("size", EVEN, ids=str)
def test_uniform_traffic_loads_all_links_of_a_dimension_alike(name: str, size: Position) -> None:
    """Exactly where half of a ring is even; else but for the packets that stay in their row or column."""
    found = loads(name, size, pairs(size))
    each = each_way(found)
    assert each[E] == each[W]
    assert each[N] == each[S]
    for ports, length, others in (((E, W), size[1], size[0]), ((N, S), size[0], size[1])):
        if length == 1:
            continue
        counts = [count for (_, out), count in found.items() if out in ports]
        mean = sum(counts) / len(counts)
        assert mean == length * length * others / 8
        apart = 0 if length % 4 == 0 else 0.5 if others == 1 else 1
        assert max(counts) - mean <= apart
        assert mean - min(counts) <= apart


def half_round(size: Position) -> Callable[[Position], Position]:
    return lambda here: ((here[0] + size[0] // 2) % size[0], (here[1] + size[1] // 2) % size[1])


def bits(size: Position, change: Callable[[str], str]) -> Callable[[Position], Position]:
    """A permutation of the bits of a tile's number."""
    length = (size[0] * size[1] - 1).bit_length()
    return lambda here: divmod(int(change(format(here[0] * size[1] + here[1], f"0{length}b")), 2), size[1])


PATTERNS: dict[str, tuple[Position, Callable[[Position], Position]]] = {
    "half round both rings": ((8, 8), half_round((8, 8))),
    "half round both rings of six": ((6, 6), half_round((6, 6))),
    "half round the row": ((4, 6), lambda here: (here[0], (here[1] + 3) % 6)),
    "half round the column": ((6, 4), lambda here: ((here[0] + 3) % 6, here[1])),
    "transpose": ((8, 8), lambda here: (here[1], here[0])),
    "transpose of six": ((6, 6), lambda here: (here[1], here[0])),
    "transpose of ten": ((10, 10), lambda here: (here[1], here[0])),
    "complement": ((8, 8), lambda here: (7 - here[0], 7 - here[1])),
    "complement of six": ((6, 6), lambda here: (5 - here[0], 5 - here[1])),
    "bit reversal": ((8, 8), bits((8, 8), lambda text: text[::-1])),
    "shuffle": ((8, 8), bits((8, 8), lambda text: text[1:] + text[0])),
    "shuffle of 2 x 8": ((2, 8), bits((2, 8), lambda text: text[1:] + text[0])),
}


@pytest.mark.parametrize("name", sorted(TORUS_ROUTINGS))
@pytest.mark.parametrize("pattern", PATTERNS)
def test_so_does_a_pattern_each_way_round(name: str, pattern: str) -> None:
    size, to = PATTERNS[pattern]
    found = each_way(loads(name, size, ((here, to(here)) for here in places_of(size))))
    assert found[E] == found[W]
    assert found[N] == found[S]
    assert sum(found.values())


@pytest.mark.parametrize("name", sorted(TORUS_ROUTINGS))
@pytest.mark.parametrize("size", [*EVEN, (9, 10), (16, 2)], ids=str)
def test_rings_with_ties_are_free_of_cycles(name: str, size: Position) -> None:
    assert find_cycle(TORUS_ROUTINGS[name], *size) is None
