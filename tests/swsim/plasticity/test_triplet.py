"""Nearest neighbours and triplets against sums over the spikes themselves."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.plasticity.triplet import NearestRule, TripletRule
from synaptile.swsim.plasticity.weight_dependence import WEIGHT_DEPENDENCES
from synaptile.swsim.synapses.edge_list import Synapses
from synaptile.swsim.synapses.ring_buffer import RingBuffer

DT = 0.5
PAIR = {"tau_plus": 15.0, "tau_minus": 30.0, "A_plus": 0.01, "A_minus": 0.012}
TRIPLET = {
    "tau_plus": 17.0, "tau_minus": 34.0, "tau_x": 100.0, "tau_y": 125.0, "A2_plus": 0.004, "A2_minus": 0.007,
    "A3_plus": 0.006, "A3_minus": 0.003,
}  # fmt: skip
BOUNDS = {"w_min": -100.0, "w_max": 101.0}
times = st.lists(st.integers(0, 120), max_size=9, unique=True).map(sorted)
# At the synapse, of a source, which may fire several times in a step.
source_times = st.lists(st.integers(1, 30) | st.integers(1, 121), max_size=12).map(sorted)


def final_weight(rule, parameters, pre, post, dependence="additive"):
    """The weight of one synapse with an axonal delay of one step, driven at the synapse at those steps."""
    one = np.zeros(1, np.int32)
    synapses = Synapses(one, one + 1, np.zeros(1, np.int8), np.ones(1), one + 1)
    values = {**parameters, **BOUNDS, "dendritic_delay_fraction": 0.0}
    arrays = {name: np.array([value]) for name, value in values.items()}
    rule.check(arrays)
    model = rule(synapses, arrays, DT, np.zeros(1, np.uint64), WEIGHT_DEPENDENCES[dependence])
    line = RingBuffer(2, 1)
    model.prepare(np.zeros(2, np.int32), line)
    for step in range(140):
        if step:
            model.begin(step, line)
            line.advance()
        sent = np.zeros(pre.count(step + 1), np.int32)
        model.arrive(step, line, sent, sent)
        model.fire(step, np.array([1] * (step in post), np.int32))
    return float(synapses.weight[0])


def before(spikes, time):
    return [s for s in spikes if s < time]


def trace(spikes, time, tau):
    return sum(np.exp(-(time - s) * DT / tau) for s in before(spikes, time))


@given(pre=source_times, post=times)
def test_nearest_neighbours_only(pre, post):
    change = 0.0
    for a in pre:
        for last in before(post, a)[-1:]:
            change -= 0.012 * np.exp(-(a - last) * DT / 30)
    for b in post:
        for last in before(pre, b)[-1:]:
            change += 0.01 * np.exp(-(b - last) * DT / 15)
    span = BOUNDS["w_max"] - BOUNDS["w_min"]
    assert final_weight(NearestRule, PAIR, pre, post) == pytest.approx(1.0 + span * change, abs=1e-9)


@given(pre=source_times, post=times)
def test_all_triplets(pre, post):
    p, change = TRIPLET, 0.0
    for number, a in enumerate(pre):
        # Those of the same step that come before it are there in full.
        slow = trace(pre, a, p["tau_x"]) + pre[:number].count(a)
        change -= trace(post, a, p["tau_minus"]) * (p["A2_minus"] + p["A3_minus"] * slow)
    for b in post:
        slow = trace(post, b, p["tau_y"])
        change += trace(pre, b, p["tau_plus"]) * (p["A2_plus"] + p["A3_plus"] * slow)
    span = BOUNDS["w_max"] - BOUNDS["w_min"]
    assert final_weight(TripletRule, p, pre, post) == pytest.approx(1.0 + span * change, abs=1e-9)


def test_one_triplet_by_hand():
    # Post, pre, post, 10 ms apart: the second postsynaptic spike sees one pair, and the first spike of its own side.
    found = final_weight(TripletRule, TRIPLET, [40], [20, 60], "multiplicative")
    down = -0.007 * np.exp(-10 / 34) * (1.0 + 100.0)
    middle = 1.0 + down
    up = np.exp(-10 / 17) * (0.004 + 0.006 * np.exp(-20 / 125)) * (101.0 - middle)
    assert found == pytest.approx(middle + up, rel=1e-12)


@pytest.mark.parametrize("name", ["tau_x", "tau_y", "tau_plus", "tau_minus"])
def test_time_constants_must_be_positive(name):
    with pytest.raises(ValueError, match=f"^{name} must be positive and finite, not 0$"):
        TripletRule.check({key: np.array([value]) for key, value in (TRIPLET | {name: 0.0}).items()})
