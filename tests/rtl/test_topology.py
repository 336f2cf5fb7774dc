import pytest

from synaptile.rtl import Port
from synaptile.rtl.topology import LINKS, neighbour


def test_ports_are_numbered_as_documented() -> None:
    assert [(port.value, port.name) for port in Port] == [
        (0, "LOCAL"),
        (1, "NORTH"),
        (2, "EAST"),
        (3, "SOUTH"),
        (4, "WEST"),
    ]
    assert LINKS == (Port.NORTH, Port.EAST, Port.SOUTH, Port.WEST)


@pytest.mark.parametrize(
    ("port", "there"), [(Port.NORTH, (0, 1)), (Port.EAST, (1, 2)), (Port.SOUTH, (2, 1)), (Port.WEST, (1, 0))]
)
def test_neighbours_of_the_middle(port: Port, there: tuple[int, int]) -> None:
    assert neighbour(1, 1, port, rows=3, cols=3) == there


def test_every_link_leads_back_and_edges_lead_nowhere() -> None:
    rows, cols = 3, 5
    links = 0
    for row in range(rows):
        for col in range(cols):
            assert neighbour(row, col, Port.LOCAL, rows=rows, cols=cols) is None
            for port in LINKS:
                there = neighbour(row, col, port, rows=rows, cols=cols)
                if there is not None:
                    links += 1
                    assert neighbour(*there, port.opposite, rows=rows, cols=cols) == (row, col)
    assert links == 2 * (rows * (cols - 1) + cols * (rows - 1))


@pytest.mark.parametrize(("rows", "cols"), [(3, 5), (2, 2), (1, 4), (1, 1)])
def test_on_a_torus_every_link_leads_back_and_there_are_no_edges(rows: int, cols: int) -> None:
    links = 0
    for row in range(rows):
        for col in range(cols):
            for port in LINKS:
                there = neighbour(row, col, port, rows=rows, cols=cols, torus=True)
                if there is not None:
                    links += 1
                    assert neighbour(*there, port.opposite, rows=rows, cols=cols, torus=True) == (row, col)
    assert links == 2 * rows * cols * ((rows > 1) + (cols > 1))


def test_the_local_port_has_no_opposite() -> None:
    with pytest.raises(KeyError):
        _ = Port.LOCAL.opposite
