import pytest

from synaptile.rtl import Port, RoutingTable
from synaptile.rtl.routing import Position
from synaptile.rtl.table import RoutingTableError

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


def test_the_loop_is_told() -> None:
    with pytest.raises(RoutingTableError) as caught:
        RoutingTable(1, 3, ways(k0={(0, 0): "E", (0, 1): "E", (0, 2): "W"}))
    assert caught.value.cycle == ["(0, 1) EAST", "(0, 2) WEST"]


def test_a_negative_key_is_refused() -> None:
    with pytest.raises(RoutingTableError, match=r"^key must not be negative, not -1$"):
        RoutingTable(1, 1, {-1: {(0, 0): frozenset({L})}})
