"""The energy of synthetic traffic is that of the chip's table, over what was delivered."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.fake_runs import imagined, random_trace

from synaptile.bridge.chip import network_params
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.engines import make_engine
from synaptile.bridge.engines.base import Activity
from synaptile.bridge.traffic.energy import TrafficEnergy, traffic_energy
from synaptile.bridge.traffic.load_sweep import Curve, measure_load, to_csv

TABLE = {"buffer_write": 2, "link": 3, "route": 4, "select": 1, "static_mw": 7}


def config(energy: object = TABLE, **values: object) -> ChipConfig:
    table = {"name": "mine", **energy} if isinstance(energy, dict) else energy
    return ChipConfig(mesh=(1, 2), clock_hz=1e6, energy=table, **values)


def moved(flits: int, packets: int, cycles: int = 100) -> Activity:
    """From the left tile to the right one."""
    sent, heads = np.zeros((2, 5), np.int64), np.zeros((2, 5), np.int64)
    sent[0, 2] = sent[1, 0] = flits
    heads[0, 2] = heads[1, 0] = packets
    return Activity(cycles, 1, 2, sent, heads, np.array([flits, 0]))


def priced(chip: ChipConfig, activity: Activity) -> TrafficEnergy:
    return traffic_energy(chip, network_params(chip), activity)


def test_by_hand() -> None:
    chip = config()
    found = priced(chip, moved(20, 10))
    # 20 flits written at both routers, 20 over the link, 10 packets routed and selected at both; 7 mW of 2 routers
    # for 100 µs.
    dynamic = 2 * 20 * 2 + 20 * 3 + 2 * 10 * 5
    leakage = 7 * 2 * 100e-6 * 1e9
    assert found.table == "mine"
    assert found.dynamic_per_flit_pj == dynamic / 20 == 12.0
    assert found.leakage_per_flit_pj == pytest.approx(leakage / 20)
    assert found.per_flit_pj == pytest.approx((dynamic + leakage) / 20)
    assert found.per_packet_pj == pytest.approx((dynamic + leakage) / 10)
    assert "buffer_read" in found.not_in_total
    assert found.not_in_total["tile_mw"] == "no number in the table"
    assert not {"neuron_update", "synaptic_event", "spike", "memory_read"} & set(found.not_in_total)


@pytest.mark.parametrize(
    ("energy", "activity"), [("unset", moved(20, 10)), (TABLE, moved(0, 0)), (TABLE, moved(0, 0, cycles=0))]
)
def test_no_numbers_or_nothing_delivered(energy: object, activity: Activity) -> None:
    found = priced(config(energy), activity)
    assert found.per_packet_pj is found.per_flit_pj is None
    assert found.dynamic_per_flit_pj is found.leakage_per_flit_pj is None
    assert bool(found.not_in_total) == (activity.cycles > 0)


@given(flits=st.integers(1, 5), length=st.integers(1, 4))
@settings(max_examples=examples(5, 25))
def test_a_packet_takes_what_its_flits_do(flits: int, length: int) -> None:
    found = priced(config(flits_per_packet=length), moved(flits * length, flits))
    assert found.per_flit_pj is not None
    assert found.per_packet_pj == found.per_flit_pj * length


def test_it_is_the_energy_of_a_run_whose_cores_cost_nothing() -> None:
    chip = ChipConfig(mesh="3x3", crossbar="64x4", energy="noxim")
    run = imagined(random_trace(), chip)
    found = priced(chip, run.activity)
    assert found.per_flit_pj == pytest.approx(run.metrics.energy.total_pj / run.activity.delivered_flits)
    assert set(run.metrics.energy.notes) == set(found.notes)


def test_the_routing_is_that_of_the_network() -> None:
    by_routing = {"by_routing": {"xy": 4, "odd-even": 49}}
    chip = config({**TABLE, "route": by_routing})
    params = network_params(chip)
    dear = traffic_energy(chip, params.replace(routing="odd-even"), moved(20, 10))
    assert priced(chip, moved(20, 10)).dynamic_per_flit_pj == 12.0
    assert dear.dynamic_per_flit_pj == 12.0 + 45 * 20 / 20


def test_a_point_of_a_sweep_has_it() -> None:
    chip = config()
    params, asked = network_params(chip), []

    def price(params: object, activity: Activity) -> TrafficEnergy:
        asked.append(activity)
        return traffic_energy(chip, params, activity)  # type: ignore[arg-type]

    options = {"load": 0.2, "cycles": 60, "warmup": 10, "seed": 1}
    point = measure_load(make_engine("amaranth", params), params, price=price, **options)  # type: ignore[arg-type]
    (activity,) = asked
    assert activity.cycles == point.cycles
    assert point.energy == priced(chip, activity)
    assert point.energy.per_flit_pj is not None
    plain = measure_load(make_engine("amaranth", params), params, **options)  # type: ignore[arg-type]
    assert plain.energy is None
    first, second = csv.DictReader(io.StringIO(to_csv([Curve("xy", "first", (point, plain))])))
    assert float(first["energy_per_flit_pj"]) == point.energy.per_flit_pj
    assert first["energy_table"] == "mine"
    assert first["energy_not_in_total"].split() == list(point.energy.not_in_total)
    assert second["energy_per_flit_pj"] == ""
    assert "energy" not in first
    (alone,) = csv.DictReader(io.StringIO(to_csv([Curve("xy", "first", (plain,))])))
    assert not [name for name in alone if name is not None and "energy" in name]
