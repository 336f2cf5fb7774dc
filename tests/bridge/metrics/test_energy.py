import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.config.energy_table import EVENTS, EnergyTable
from synaptile.bridge.engines.base import Activity
from synaptile.bridge.metrics.energy import energy_report


def activity(cycles: int = 1000) -> Activity:
    """Two packets of three flits on a 1x3 mesh: tile 0 to 2 and tile 1 to 0."""
    flits = np.zeros((3, 5), np.int64)
    flits[0, [0, 2]] = 3, 3  # LOCAL and EAST
    flits[1, [2, 4]] = 3, 3  # EAST and WEST
    flits[2, 0] = 3
    return Activity(cycles, 1, 3, flits, flits // 3, np.array([3, 3, 0]))


def report(table: EnergyTable, **values: int) -> dict[str, float]:
    return energy_report(
        table, activity(), values.pop("synapses", 0), values.pop("spikes", 0), 1e6, **values
    ).dynamic_pj


@pytest.mark.parametrize(
    ("term", "events"),
    [
        # 3 + 3 flits injected, 9 flits over links: 15 writes and as many reads.
        ("buffer_write", 15),
        ("buffer_read", 15),
        ("buffer_write_read", 15),
        ("crossbar_switch", 15),
        ("route_arbitrate", 5),
        ("link", 9),
        ("packet_hop", 3),
    ],
)
def test_router_events(term: str, events: int) -> None:
    assert report(EnergyTable(name="t", **{term: 2.0})) == {term: 2.0 * events}


def test_directions() -> None:
    flits = np.zeros((4, 5), np.int64)
    flits[:, 1:] = [[0, 1, 10, 0], [0, 0, 0, 100], [1000, 0, 0, 0], [0, 0, 0, 10000]]
    moved = Activity(1, 2, 2, flits, flits, np.zeros(4, np.int64))
    table = EnergyTable(name="t", link_ew=1, link_ns=1)
    assert energy_report(table, moved, 0, 0, 1e6).dynamic_pj == {"link_ew": 10101.0, "link_ns": 1010.0}


def test_network_events_and_static() -> None:
    table = EnergyTable(name="t", synaptic_event=2, neuron_update=3, spike=5, static_mw=7)
    found = energy_report(table, activity(cycles=1000), 11, 13, 1e6, neuron_updates=17)
    assert found.dynamic_pj == {"synaptic_event": 22.0, "neuron_update": 51.0, "spike": 65.0}
    # 7 mW x 3 routers x 1 ms = 21 µJ.
    assert found.static_pj == pytest.approx(21e6)
    assert found.total_pj == pytest.approx(21e6 + 138)
    assert found.total_dynamic_pj == 138
    assert found.missing == ("buffer_write", "buffer_read", "crossbar_switch", "route_arbitrate", "link")
    assert found.evidence == dict.fromkeys(("synaptic_event", "neuron_update", "spike", "static_mw"), "unstated")


def test_tree_of_hubs_and_routers() -> None:
    """One packet of two flits from tile 0 to tile 3 of a cluster, and one from tile 1 to the other cluster's tile 4.

    The first passes its hub, the second its hub, the routers of both clusters and the other hub.
    """
    flits, hub = np.zeros((2, 5), np.int64), np.zeros((2, 5), np.int64)
    hub[0, [4, 0]] = 2, 2  # to tile 3, and up
    flits[0, 2] = 2  # east
    flits[1, 0] = 2  # down
    hub[1, 1] = 2  # to a tile
    moved = Activity(1000, 2, 4, flits, flits // 2, np.array([2, 2, 0, 0, 0, 0, 0, 0]), "tree", hub, hub // 2)
    assert moved.routers == 4
    events = {
        "buffer_write": 10,  # 4 from tiles into the first hub, and 2 into each router and the other hub
        "buffer_read": 10,
        "crossbar_switch": 10,
        "route_arbitrate": 5,
        "packet_hop": 3,  # up, between the routers, down
    }
    table = EnergyTable(name="t", static_mw=7, **dict.fromkeys(events, 2.0))
    found = energy_report(table, moved, 0, 0, 1e6)
    assert {name: found.dynamic_pj[name] for name in events} == {name: 2.0 * count for name, count in events.items()}
    assert found.static_pj == pytest.approx(7 * 4 * 1e6)  # 7 mW x 4 routers and hubs x 1 ms


def test_all_in_figure_is_not_added_to() -> None:
    found = energy_report(EnergyTable.named("truenorth"), activity(), 10, 4, 1e6, neuron_updates=9)
    assert found.total_pj == found.total_dynamic_pj == 260.0
    assert found.static_pj is None
    assert found.missing == ()
    assert set(found.included) == set(EVENTS) - {"synaptic_event"}
    assert found.evidence == {"synaptic_event": "measured"}


def test_hops_of_loihi() -> None:
    found = energy_report(EnergyTable.named("loihi"), activity(), 10, 4, 1e6, neuron_updates=2)
    assert found.dynamic_pj == pytest.approx(
        {"link_ew": 27.0, "link_ns": 0.0, "synaptic_event": 236.0, "neuron_update": 162.0, "spike": 6.8}
    )
    assert found.missing == ("static_mw",)


def test_unset_is_reported_not_invented() -> None:
    found = energy_report(EnergyTable.named("unset"), activity(), 1, 1, 1e6, neuron_updates=1)
    assert found.total_pj is None
    assert found.total_dynamic_pj is None
    assert found.static_pj is None
    assert found.dynamic_pj == {}
    assert len(found.missing) == 9


def test_missing_lists_only_what_happened() -> None:
    still = Activity(5, 1, 1, np.zeros((1, 5), np.int64), np.zeros((1, 5), np.int64), np.zeros(1, np.int64))
    assert energy_report(EnergyTable.named("unset"), still, 0, 3, 1e6).missing == ("spike", "static_mw")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ((-1, 0, 1.0), "synaptic_events must not be negative, not -1"),
        ((0, -2, 1.0), "spikes must not be negative, not -2"),
        ((0, 0, 0.0), "clock_hz must be positive, not 0.0"),
    ],
)
def test_bad_counts(values: tuple[int, int, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        energy_report(EnergyTable.named("noxim"), activity(), *values)


prices = st.none() | st.floats(0, 1e3)


@given(st.fixed_dictionaries(dict.fromkeys(("crossbar_switch", "link", "spike", "static_mw"), prices)))
def test_total_is_the_sum_of_its_parts(numbers: dict[str, float | None]) -> None:
    table = EnergyTable(name="t", **numbers)
    found = energy_report(table, activity(), 5, 6, 1e6)
    parts = list(found.dynamic_pj.values()) + ([] if found.static_pj is None else [found.static_pj])
    assert found.total_pj == (pytest.approx(sum(parts)) if parts else None)
    assert set(found.evidence) == set(table.terms)
    assert not set(found.missing) & set(table.terms)
    assert found.to_dict()["missing"] == list(found.missing)
