import pytest
from amaranth.hdl import Module, Signal
from amaranth.sim import Simulator

from synaptile.rtl import NetworkParams, PacketLayouts, Port
from synaptile.rtl.routing import ROUTINGS, XY, turns
from synaptile.rtl.topology import neighbour


@pytest.mark.parametrize("name", sorted(ROUTINGS))
@pytest.mark.parametrize(("rows", "cols"), [(8, 8), (1, 8), (8, 1), (3, 5), (1, 1)])
def test_relation_and_gates_agree_everywhere(name: str, rows: int, cols: int) -> None:
    routing = ROUTINGS[name]
    position = PacketLayouts(NetworkParams(rows=rows, cols=cols)).position
    here, to = Signal(position), Signal(position)
    permitted = Signal(len(Port))
    m = Module()
    routing.gates(m, here, to, permitted)
    places = [(row, col) for row in range(rows) for col in range(cols)]
    compared = []

    async def bench(ctx) -> None:  # type: ignore[no-untyped-def]
        for a in places:
            ctx.set(here, {"row": a[0], "col": a[1]})
            for b in places:
                ctx.set(to, {"row": b[0], "col": b[1]})
                assert ctx.get(permitted) == sum(1 << port for port in routing.relation(a, b)), (a, b)
                compared.append((a, b))

    simulator = Simulator(m)
    simulator.add_testbench(bench)
    simulator.run()
    assert len(compared) == (rows * cols) ** 2


@pytest.mark.parametrize("name", sorted(ROUTINGS))
def test_every_permitted_step_of_a_minimal_route_leads_nearer(name: str) -> None:
    rows, cols = 5, 4
    places = [(row, col) for row in range(rows) for col in range(cols)]
    for here in places:
        for to in places:
            ports = ROUTINGS[name].relation(here, to)
            assert ports
            if here == to:
                assert ports == {Port.LOCAL}
                continue
            for port in ports:
                there = neighbour(*here, port, rows=rows, cols=cols)
                assert there is not None
                assert _distance(there, to) == _distance(here, to) - 1


def _distance(a: tuple[int, int], b: tuple[int, int]) -> int:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def test_xy_goes_along_the_row_first() -> None:
    assert XY.relation((0, 0), (2, 2)) == {Port.EAST}
    assert XY.relation((2, 2), (0, 0)) == {Port.WEST}
    assert XY.relation((0, 2), (2, 2)) == {Port.SOUTH}
    assert XY.relation((2, 0), (0, 0)) == {Port.NORTH}


def test_xy_takes_no_turn_from_a_column_into_a_row_and_never_back() -> None:
    found = turns(XY, 5, 5)
    for port in Port:
        assert (port, Port.LOCAL) in found
        assert (Port.LOCAL, port) in found
        if port is not Port.LOCAL:
            assert (port, port) not in found
            assert (port, port.opposite) in found
    for column in (Port.NORTH, Port.SOUTH):
        for row in (Port.EAST, Port.WEST):
            assert (row, column) in found
            assert (column, row) not in found


@pytest.mark.parametrize(("rows", "cols"), [(1, 1), (1, 4), (4, 1), (2, 2), (3, 3), (7, 6)])
def test_the_router_of_five_by_five_serves_every_mesh(rows: int, cols: int) -> None:
    assert turns(XY, rows, cols) <= turns(XY, 5, 5)
