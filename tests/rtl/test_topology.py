import itertools

import pytest

from synaptile.rtl import Port
from synaptile.rtl.topology import LINKS, TOPOLOGIES, Mesh, Topology, Torus, Tree


def test_ports_are_numbered_as_documented() -> None:
    assert [(port.value, port.name) for port in Port] == [
        (0, "LOCAL"),
        (1, "NORTH"),
        (2, "EAST"),
        (3, "SOUTH"),
        (4, "WEST"),
    ]
    assert LINKS == (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST)


def test_the_local_port_has_no_opposite_and_no_step() -> None:
    for attribute in ("opposite", "step"):
        with pytest.raises(KeyError):
            getattr(Port.LOCAL, attribute)


def test_topologies_are_found_by_name_with_a_summary() -> None:
    assert {"mesh": Mesh, "torus": Torus, "tree": Tree} == TOPOLOGIES
    assert "rings" in TOPOLOGIES["torus"].summary
    assert {name: (t.grid, t.node_kind, t.side, t.has_rings, t.has_hubs) for name, t in TOPOLOGIES.items()} == {
        "mesh": ("mesh", "tile", 1, False, False),
        "torus": ("torus", "tile", 1, True, False),
        "tree": ("mesh", "cluster", 2, False, True),
    }


def test_topologies_of_one_kind_and_size_are_equal() -> None:
    assert Mesh(3, 4) == Mesh(3, 4)
    assert Mesh(3, 4) != Torus(3, 4)
    assert Mesh(3, 4) != Mesh(4, 3)


@pytest.mark.parametrize(
    ("port", "there"), [(Port.NORTH, (0, 1)), (Port.EAST, (1, 2)), (Port.SOUTH, (2, 1)), (Port.WEST, (1, 0))]
)
@pytest.mark.parametrize("chip", [Mesh(3, 3), Torus(3, 3), Tree(6, 6)], ids=str)
def test_neighbours_of_the_middle(chip: Topology, port: Port, there: tuple[int, int]) -> None:
    assert chip.neighbour(1, 1, port) == there == (1 + port.step[0], 1 + port.step[1])


def links(chip: Topology) -> int:
    """Number of links, each of which must lead back."""
    count = 0
    for row, col in itertools.product(range(chip.node_rows), range(chip.node_cols)):
        assert chip.neighbour(row, col, Port.LOCAL) is None
        for port in LINKS:
            there = chip.neighbour(row, col, port)
            if there is not None:
                count += 1
                assert chip.neighbour(*there, port.opposite) == (row, col)
    return count


@pytest.mark.parametrize("chip", [Mesh(3, 5), Tree(6, 10), Mesh(1, 1), Tree(2, 2)], ids=str)
def test_every_link_leads_back_and_edges_lead_nowhere(chip: Topology) -> None:
    rows, cols = chip.node_rows, chip.node_cols
    assert links(chip) == 2 * (rows * (cols - 1) + cols * (rows - 1))


@pytest.mark.parametrize(("rows", "cols"), [(3, 5), (2, 2), (1, 4), (1, 1)])
def test_on_a_torus_every_link_leads_back_and_there_are_no_edges(rows: int, cols: int) -> None:
    assert links(Torus(rows, cols)) == 2 * rows * cols * ((rows > 1) + (cols > 1))


@pytest.mark.parametrize("chip", [Tree(4, 6), Tree(2, 2), Mesh(3, 5), Torus(2, 3)], ids=str)
def test_every_number_in_a_node_is_that_of_one_tile(chip: Topology) -> None:
    found = [chip.locate(tile) for tile in range(chip.tiles)]
    assert sorted(found) == list(itertools.product(range(chip.nodes), range(chip.tiles_per_node)))
    assert [chip.tile_at(*node_and_member) for node_and_member in found] == list(range(chip.tiles))


def test_a_cluster_is_a_square_of_tiles() -> None:
    chip = Tree(4, 4)
    assert [chip.locate(tile) for tile in (0, 1, 4, 5)] == [(0, 0), (0, 1), (0, 2), (0, 3)]
    assert [chip.locate(tile) for tile in (2, 3, 6, 7)] == [(1, 0), (1, 1), (1, 2), (1, 3)]
    assert chip.locate(8) == (2, 0)


@pytest.mark.parametrize(
    ("chip", "source", "destination", "hops"),
    [
        (Mesh(4, 5), 0, 19, 7),
        (Mesh(4, 5), 19, 0, 7),
        (Torus(4, 5), 0, 19, 2),
        (Torus(4, 5), 0, 12, 4),
        (Torus(1, 5), 0, 3, 2),
        (Tree(4, 6), 0, 7, 0),
        (Tree(4, 6), 0, 23, 5),
        (Tree(4, 6), 9, 9, 0),
    ],
    ids=str,
)
def test_hops_between_two_tiles(chip: Topology, source: int, destination: int, hops: int) -> None:
    """Those between all tiles are held against shortest paths in tests/bridge/test_tile_grid.py."""
    assert chip.hops(source, destination) == hops
