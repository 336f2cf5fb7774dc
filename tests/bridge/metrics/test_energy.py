"""Energy by hand: events times numbers, to the last digit."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.config.energy_price import OperatingPoint
from synaptile.bridge.config.energy_table import EnergyTable
from synaptile.bridge.config.energy_terms import EVENTS, GROUPS, LEAKAGE, TOGETHER
from synaptile.bridge.engines.base import Activity
from synaptile.bridge.metrics.core_work import CoreWork
from synaptile.bridge.metrics.energy import Circuit, EnergyReport, RunTime, energy_report

POINT = OperatingPoint(buffer_depth=4, routing="xy", flit_bits=32)
CIRCUIT = Circuit(POINT, tiles=3)
TIME = RunTime(chip_s=1e-3, network_s=2.0, steps=10)


def activity() -> Activity:
    """Two packets of three flits on a 1x3 mesh: tile 0 to 2 and tile 1 to 0."""
    flits = np.zeros((3, 5), np.int64)
    flits[0, [0, 2]] = 3, 3  # LOCAL and EAST
    flits[1, [2, 4]] = 3, 3  # EAST and WEST
    flits[2, 0] = 3
    return Activity(1000, 1, 3, flits, flits // 3, np.array([3, 3, 0]))


def charge(
    table: EnergyTable | None = None,
    *,
    moved: Activity | None = None,
    work: CoreWork | None = None,
    circuit: Circuit = CIRCUIT,
    time: RunTime = TIME,
    unseen: str = "",
    **terms: Any,
) -> EnergyReport:
    table = table or EnergyTable(name="t", **terms)
    return energy_report(table, moved or activity(), work or CoreWork(), circuit, time, unseen=unseen)


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
    found = charge(**{term: 2.0})
    assert found.dynamic_pj == {term: 2.0 * events}
    assert found.events == {term: events}


def test_routing_and_selection_are_charged_per_packet_and_router() -> None:
    assert charge(route=2, select=3).dynamic_pj == {"route": 10.0, "select": 15.0}


def test_directions() -> None:
    flits = np.zeros((4, 5), np.int64)
    flits[:, 1:] = [[0, 1, 10, 0], [0, 0, 0, 100], [1000, 0, 0, 0], [0, 0, 0, 10000]]
    moved = Activity(1, 2, 2, flits, flits, np.zeros(4, np.int64))
    assert charge(moved=moved, link_ew=1, link_ns=1).dynamic_pj == {"link_ew": 10101.0, "link_ns": 1010.0}


WORK = CoreWork(synaptic_events=11, spikes=13, neuron_updates=17, active_updates=5, memory_reads=23, memory_writes=29)


def test_events_of_the_core_and_leakage() -> None:
    found = charge(work=WORK, synaptic_event=2, neuron_update=3, spike=5, memory_read=1, memory_write=7, static_mw=7)
    assert found.dynamic_pj == {
        "synaptic_event": 22.0,
        "neuron_update": 51.0,
        "spike": 65.0,
        "memory_read": 23.0,
        "memory_write": 203.0,
    }
    # 7 mW x 3 routers x 1 ms = 21 µJ, and for 2 s 42 mJ.
    assert found.leakage_pj == {"static_mw": 7 * 3 * 1e-3 * 1e9}
    assert found.leakage_at_real_time_pj == {"static_mw": 7 * 3 * 2 * 1e9}
    assert found.total_pj == 21e6 + 364
    assert found.total_dynamic_pj == 364
    assert found.power_w == found.total_pj * 1e-12 / 1e-3
    assert found.missing == ("buffer_write", "buffer_read", "crossbar_switch", "route_arbitrate", "link", "tile_mw")
    assert set(found.evidence.values()) == {"unstated"}


def test_active_and_idle_neurons() -> None:
    found = charge(work=WORK, neuron_active=81, neuron_idle=52)
    assert found.dynamic_pj == {"neuron_active": 5 * 81.0, "neuron_idle": 12 * 52.0}
    assert found.notes == ()
    unknown = charge(work=CoreWork(neuron_updates=17), neuron_active=81, neuron_idle=52)
    assert unknown.dynamic_pj == {"neuron_active": 17 * 81.0, "neuron_idle": 0.0}
    assert unknown.notes == ("which neurons are active is not known: all are charged as active",)
    assert charge(work=WORK, neuron_update=3).dynamic_pj == {"neuron_update": 51.0}


def test_every_queue_leaks() -> None:
    circuit = Circuit(POINT, tiles=3, virtual_channels=4)
    found = charge(circuit=circuit, queue_mw=2, switch_mw=3, route_mw=5, select_mw=7, tile_mw=11)
    # 3 routers of 5 ports of 4 virtual channels.
    assert found.events == {"queue_mw": 60, "switch_mw": 3, "route_mw": 3, "select_mw": 3, "tile_mw": 3}
    assert found.leakage_pj == {
        term: number * count * 1e-3 * 1e9
        for term, number, count in [
            ("queue_mw", 2, 60),
            ("switch_mw", 3, 3),
            ("route_mw", 5, 3),
            ("select_mw", 7, 3),
            ("tile_mw", 11, 3),
        ]
    }
    assert found.static_pj == sum(found.leakage_pj.values())
    assert not {"static_mw", "tile_mw"} & set(found.missing)


def test_noxim_knows_depths_channels_and_routing() -> None:
    noxim = EnergyTable.named("noxim")
    powers = {}
    for depth, write, read, queue in ((2, 0.612, 0.365, 1.35), (4, 0.762, 0.534, 2.27), (64, 4.95, 4.71, 17.4)):
        for channels in (1, 4):
            circuit = Circuit(OperatingPoint(depth, "odd-even", 32), tiles=3, virtual_channels=channels)
            found = charge(noxim, circuit=circuit)
            assert found.dynamic_pj["buffer_write"] == 15 * write
            assert found.dynamic_pj["buffer_read"] == 15 * read
            assert found.dynamic_pj["route"] == 5 * 0.066
            assert found.leakage_pj["queue_mw"] == queue * 15 * channels * 1e-3 * 1e9
            assert found.notes == ()
            powers[depth, channels] = found.static_pj
    assert len(set(powers.values())) == 6
    router = charge(noxim).static_pj
    assert router == pytest.approx(12.329 * 3 * 1e6)  # 5 queues, switch, routing and selection: the 12.3 mW


def test_a_depth_between_is_interpolated_and_told() -> None:
    found = charge(EnergyTable.named("noxim"), circuit=Circuit(OperatingPoint(6, "xy", 32), tiles=3))
    assert found.dynamic_pj["buffer_write"] == 15 * ((0.762 + 1.03) / 2)
    assert found.notes == (
        "writes into queues, reads from queues, leakage of queues: interpolated between queues of 4 and 8 flits",
    )


def test_a_depth_outside_is_in_no_sum_and_told() -> None:
    noxim = EnergyTable.named("noxim")
    known, found = charge(noxim), charge(noxim, circuit=Circuit(OperatingPoint(1, "xy", 32), tiles=3))
    gone = ("buffer_write", "buffer_read", "queue_mw")
    for term in gone:
        assert found.not_in_total[term] == "numbers are for queues of 2 to 64 flits, not of 1"
        assert term not in found.dynamic_pj | found.leakage_pj | found.events | found.numbers
    lost = sum((known.dynamic_pj | known.leakage_pj)[term] for term in gone)
    assert found.total_pj == pytest.approx(known.total_pj - lost)


def test_flits_of_another_width() -> None:
    wide = Circuit(OperatingPoint(4, "xy", 48), tiles=3)
    terms: dict[str, Any] = {"link": 2, "route_arbitrate": 3, "queue_mw": 2, "tile_mw": 1}
    plain = charge(circuit=wide, **terms)
    assert plain.dynamic_pj == {"link": 18.0, "route_arbitrate": 15.0}
    assert plain.notes == ("numbers of flits of 32 bits, charged as they are for 48",)
    scaled = charge(circuit=wide, flit_scaling="linear", **terms)
    assert scaled.dynamic_pj == {"link": 27.0, "route_arbitrate": 15.0}
    assert scaled.leakage_pj == {"queue_mw": 3.0 * 15 * 1e-3 * 1e9, "tile_mw": 1 * 3 * 1e-3 * 1e9}
    assert scaled.notes == ()
    assert charge(circuit=wide, flit_bits=48, **terms).notes == ()
    assert charge(circuit=wide, spike=1).notes == ()


def stated(value: float, deviation: float) -> dict[str, Any]:
    return {"value": value, "deviation": deviation, "source": "here", "evidence": "measured"}


def test_deviations_are_added_in_quadrature() -> None:
    found = charge(
        work=WORK, synaptic_event=stated(2, 0.3), spike=stated(5, 0.4), neuron_update=3, static_mw=stated(7, 0.5)
    )
    assert found.deviation_pj == {
        "synaptic_event": 0.3 * 11,
        "spike": 0.4 * 13,
        "static_mw": 0.5 * (3 * 1e-3 * 1e9),
    }
    assert found.deviation_of(found.dynamic_pj) == math.hypot(0.3 * 11, 0.4 * 13)
    assert found.to_dict()["total_deviation_pj"] == pytest.approx(1.5e6, rel=1e-9)
    assert charge(spike=5, work=WORK).to_dict()["total_deviation_pj"] is None
    wide = Circuit(OperatingPoint(4, "xy", 64), tiles=3)
    assert charge(circuit=wide, flit_scaling="linear", link=stated(1, 0.5)).deviation_pj == {"link": 9.0}


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
    found = charge(moved=moved, static_mw=7, **dict.fromkeys(events, 2.0))
    assert {name: found.dynamic_pj[name] for name in events} == {name: 2.0 * count for name, count in events.items()}
    assert found.static_pj == 7 * 4 * 1e-3 * 1e9  # 7 mW x 4 routers and hubs x 1 ms


def test_all_in_figure_is_not_added_to() -> None:
    work = CoreWork(synaptic_events=10, spikes=4, neuron_updates=9, active_updates=3, memory_reads=5, memory_writes=6)
    found = charge(EnergyTable.named("truenorth"), work=work)
    assert found.total_pj == found.total_dynamic_pj == 260.0
    assert found.static_pj is None
    assert found.missing == ()
    assert set(found.included) == set(EVENTS) - {"synaptic_event"}
    assert found.evidence == {"synaptic_event": "measured"}


def test_hops_of_loihi() -> None:
    work = CoreWork(synaptic_events=10, spikes=4, neuron_updates=9, active_updates=2)
    found = charge(EnergyTable.named("loihi"), work=work)
    assert found.dynamic_pj == {
        "link_ew": 9 * 3.0,
        "link_ns": 0.0,
        "synaptic_event": 10 * 23.6,
        "neuron_active": 2 * 81.0,
        "neuron_idle": 7 * 52.0,
        "spike": 4 * 1.7,
    }
    assert found.missing == ("static_mw", "tile_mw")


def test_unset_is_reported_not_invented() -> None:
    found = charge(EnergyTable.named("unset"), work=WORK)
    for value in (found.total_pj, found.total_dynamic_pj, found.static_pj, found.power_w, found.per(3)):
        assert value is None
    assert found.static_at_real_time_pj is None
    assert found.dynamic_pj == {}
    assert len(found.missing) == 10
    assert set(found.not_in_total.values()) == {"no number in the table"}


def test_missing_lists_only_what_happened() -> None:
    still = Activity(5, 1, 1, np.zeros((1, 5), np.int64), np.zeros((1, 5), np.int64), np.zeros(1, np.int64))
    unset, spiking = EnergyTable.named("unset"), CoreWork(spikes=3)
    assert charge(unset, moved=still, work=spiking).missing == ("spike", "static_mw", "tile_mw")
    assert charge(unset, moved=still, work=spiking, time=RunTime(0.0, 0.0)).missing == ("spike",)
    at_depth_1 = Circuit(OperatingPoint(1, "xy", 32), tiles=1)
    found = charge(EnergyTable.named("noxim"), moved=still, circuit=at_depth_1, time=RunTime(0.0, 0.0))
    assert found.missing == ()


def test_what_is_not_seen_is_in_no_sum() -> None:
    found = charge(
        work=WORK, link=1, spike=2, static_mw=3, memory_read=4, unseen="nobody looks", time=RunTime(None, 1.0, 10)
    )
    assert found.dynamic_pj == {"spike": 26.0, "memory_read": 92.0}
    assert found.not_in_total["link"] == "nobody looks"
    assert found.not_in_total["static_mw"] == "the engine has no cycles"
    assert found.not_in_total["buffer_write"] == "no number in the table"
    assert (found.power_w, found.static_pj, found.time.speedup) == (None, None, None)
    lock_step = charge(work=CoreWork(spikes=13), memory_read=4)
    assert lock_step.not_in_total["memory_read"] == "not counted on this chip"


def test_energy_per_event() -> None:
    found = charge(work=WORK, spike=5, time=RunTime(1e-3, 2.0, steps=10, inferences=4)).to_dict()
    assert found["total_pj"] == 65
    assert found["per_synaptic_event_pj"] == 65 / 11
    assert found["per_spike_pj"] == 5
    assert found["per_step_pj"] == 6.5
    assert found["per_inference_pj"] == 65 / 4
    nothing = charge(spike=5, time=RunTime(1e-3, 0.0)).to_dict()
    for key in ("per_synaptic_event_pj", "per_spike_pj", "per_step_pj", "per_inference_pj"):
        assert nothing[key] is None


def test_speedup() -> None:
    assert RunTime(1e-3, 2.0).speedup == 2000
    assert RunTime(4.0, 2.0).speedup == 0.5
    for time in (RunTime(0.0, 2.0), RunTime(None, 2.0), RunTime(1.0, 0.0)):
        assert time.speedup is None


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"synaptic_events": -1}, "synaptic_events must not be negative, not -1"),
        ({"spikes": -2}, "spikes must not be negative, not -2"),
        ({"memory_reads": -3}, "memory_reads must not be negative, not -3"),
        ({"neuron_updates": 3, "active_updates": 4}, "active_updates must be at most the 3 updates, not 4"),
    ],
)
def test_bad_counts(values: dict[str, int], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        CoreWork(**values)


def independent(terms: dict[str, float | None]) -> dict[str, float | None]:
    """Leave out what is a part of something that is given, and what stands alone of a pair."""
    for whole, parts in TOGETHER:
        if terms.get(whole) is not None:
            terms |= dict.fromkeys(parts)
    for one, other in (("link_ew", "link_ns"), ("route", "select"), ("neuron_active", "neuron_idle")):
        if terms[one] is None or terms[other] is None:
            terms |= {one: None, other: None}
    return terms


prices = st.none() | st.floats(0, 1e3)
tables = st.fixed_dictionaries(dict.fromkeys(EVENTS, prices)).map(independent)
counts = st.integers(0, 10**6)


@settings(max_examples=examples(50, 1000))
@given(tables, counts, counts, counts, st.integers(1, 64), st.integers(1, 4))
def test_total_is_the_sum_of_its_parts(
    numbers: dict[str, float | None], synaptic: int, spikes: int, updates: int, depth: int, channels: int
) -> None:
    table = EnergyTable(name="t", **numbers)
    circuit = Circuit(OperatingPoint(depth, "xy", 32), tiles=3, virtual_channels=channels)
    work = CoreWork(synaptic, spikes, updates, updates // 2, 7, 9)
    found = charge(table, circuit=circuit, work=work)
    assert found.dynamic_pj.keys() | found.leakage_pj.keys() == table.terms.keys()
    for term, pj in found.dynamic_pj.items():
        assert pj == numbers[term] * found.events[term]
    for term in found.leakage_pj:
        assert term in LEAKAGE
        assert found.leakage_at_real_time_pj[term] == pytest.approx(found.leakage_pj[term] * 2000)
    parts = [*found.dynamic_pj.values(), *found.leakage_pj.values()]
    assert found.total_pj == (pytest.approx(sum(parts)) if parts else None)
    assert not set(found.missing) & set(table.terms)
    assert found.to_dict()["missing"] == list(found.missing)


@given(st.sampled_from(["router", "links", "neuron", "leakage", "memory"]))
def test_what_a_number_includes_is_not_missing(group: str) -> None:
    found = charge(work=WORK, synaptic_event=1, includes={"synaptic_event": [group]})
    assert not set(GROUPS[group]) & set(found.missing)
