"""The neuron in whole numbers against Python's own."""

import csv
import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.swsim.neurons.fixed_point import FixedPointCurrentLIF, FixedPointLIF, FixedPointTwoCurrentLIF

PLAIN = {"bits": 8, "leak_shift": 2, "bias": 0, "v_thresh": 50, "v_reset": 0, "subtract": 0, "refractory": 0}


def integers(steps, arrivals, bits, leak_shift, bias, v_thresh, v_reset, subtract, refractory):
    """The same in integers, shifts and comparisons: potentials and spikes by step."""
    v, left, potentials, spikes = 0, 0, [], []
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1
    for step in range(steps):
        if left:
            left -= 1
        else:
            if leak_shift:
                v = v - (v >> leak_shift) if v >= 0 else v + (-v >> leak_shift)
            v = min(high, max(low, v + bias + arrivals[step]))
            if v >= v_thresh:
                spikes.append(step)
                v = min(high, v - v_thresh) if subtract else v_reset
                left = refractory
        potentials.append(v)
    return potentials, spikes


def simulated(steps, arrivals, model=FixedPointLIF, **parameters):
    model = model({name: float(value) for name, value in parameters.items()})
    model.prepare(1.0)
    potentials, spikes = [], []
    for step in range(steps):
        arriving = np.array([[max(arrivals[step], 0)], [min(arrivals[step], 0)]], float)
        if len(model.advance(arriving, None)):
            spikes.append(step)
        potentials.append(model.state["v"][0])
    return potentials, spikes


@given(
    st.integers(2, 32),
    st.integers(0, 31),
    st.sampled_from([0, 1]),
    st.integers(0, 4),
    st.data(),
)
def test_bit_for_bit(bits, leak_shift, subtract, refractory, data):
    half = 1 << (bits - 1)
    threshold = data.draw(st.integers(-half + 1, half - 1))
    parameters = {
        "bits": bits, "leak_shift": leak_shift, "bias": data.draw(st.integers(-half, half - 1) | st.integers(-1, 1)),
        "v_thresh": threshold, "v_reset": data.draw(st.integers(-half, threshold - 1)), "subtract": subtract,
        "refractory": refractory,
    }  # fmt: skip
    arrivals = data.draw(st.lists(st.integers(-half, half) | st.integers(-3, 3), min_size=30, max_size=30))
    assert simulated(30, arrivals, **parameters) == integers(30, arrivals, **parameters)


def test_a_regular_spiker():
    # 5 per step without leak reach 50 in ten steps; with subtraction nothing is lost and 51 leaves 1 over.
    regular = PLAIN | {"leak_shift": 0, "bias": 5}
    assert simulated(30, [0] * 30, **regular)[1] == [9, 19, 29]
    regular |= {"bias": 17, "subtract": 1}
    potentials, spikes = simulated(9, [0] * 9, **regular)
    assert spikes == [2, 5, 8]
    assert [potentials[s] for s in spikes] == [1, 2, 3]


def test_it_decays_alike_from_both_sides_and_stops_where_the_shift_gives_nothing():
    up, _ = simulated(20, [40] + [0] * 19, **PLAIN)
    down, _ = simulated(20, [-40] + [0] * 19, **PLAIN)
    assert up[:5] == [40, 30, 23, 18, 14]
    assert [-v for v in down] == up
    assert up[-1] == 3


def test_it_saturates_once():
    assert simulated(2, [-500, 0], **PLAIN)[0] == [-128, -96]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bits": 40}, "bits must be a whole number in 2..32, not 40"),
        ({"leak_shift": 1.5}, "leak_shift must be a whole number in 0..31, not 1.5"),
        ({"bias": 200}, "bias must be a whole number of that many bits, not 200"),
        ({"v_thresh": 128}, "v_thresh must be a whole number of that many bits, not 128"),
        ({"v_reset": 0.5}, "v_reset must be a whole number of that many bits, not 0.5"),
        ({"v_reset": 50}, "v_reset must be below v_thresh, not 50"),
        ({"subtract": 2}, "subtract must be a whole number in 0..1, not 2"),
        ({"refractory": -1}, "refractory must be a whole number in 0..2147483647, not -1"),
    ],
)
def test_refused(change, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        FixedPointLIF(PLAIN | change)


def test_electrodes_have_no_place():
    model = FixedPointLIF(PLAIN)
    model.prepare(1.0)
    model.advance(np.zeros((2, 1)), np.zeros(1))
    with pytest.raises(RuntimeError, match=r"takes no current from electrodes; use its bias$"):
        model.advance(np.zeros((2, 1)), np.ones(1))


CURRENT = {
    "bits": 24, "u_decay": 4096, "v_decay": 163, "weight_shift": 6, "bias": 0, "v_thresh": 1633, "v_reset": 0,
    "subtract": 0, "refractory": 0,
}  # fmt: skip


def current_in_integers(
    steps, arrivals, bits, u_decay, v_decay, weight_shift, bias, v_thresh, v_reset, subtract, refractory
):
    """The neuron with a current in integers: potentials and spikes by step."""
    u, v, left, potentials, spikes = 0, 0, 0, [], []
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    def decayed(value, decay):
        return value * (4096 - decay) >> 12 if value >= 0 else -(-value * (4096 - decay) >> 12)

    for step in range(steps):
        u = min(high, max(low, decayed(u, u_decay) + (arrivals[step] << weight_shift)))
        if left:
            left -= 1
        else:
            v = min(high, max(low, decayed(v, v_decay) + u + bias))
            if v >= v_thresh:
                spikes.append(step)
                v = min(high, v - v_thresh) if subtract else v_reset
                left = refractory
        potentials.append(v)
    return potentials, spikes


@given(
    st.integers(2, 32),
    st.sampled_from([0, 1, 2048, 4095, 4096]) | st.integers(0, 4096),
    st.sampled_from([0, 1, 2048, 4095, 4096]) | st.integers(0, 4096),
    st.integers(0, 12),
    st.sampled_from([0, 1]),
    st.integers(0, 4),
    st.data(),
)
def test_current_bit_for_bit(bits, u_decay, v_decay, weight_shift, subtract, refractory, data):
    half = 1 << (bits - 1)
    threshold = data.draw(st.integers(-half + 1, half - 1))
    parameters = {
        "bits": bits, "u_decay": u_decay, "v_decay": v_decay, "weight_shift": weight_shift,
        "bias": data.draw(st.integers(-half, half - 1) | st.integers(-1, 1)), "v_thresh": threshold,
        "v_reset": data.draw(st.integers(-half, threshold - 1)), "subtract": subtract, "refractory": refractory,
    }  # fmt: skip
    arrivals = data.draw(st.lists(st.integers(-half, half) | st.integers(-3, 3), min_size=30, max_size=30))
    assert simulated(30, arrivals, FixedPointCurrentLIF, **parameters) == current_in_integers(
        30, arrivals, **parameters
    )


def test_current_refused():
    for change, message in (
        ({"u_decay": 4097}, "u_decay must be a whole number in 0..4096, not 4097"),
        ({"v_decay": -1}, "v_decay must be a whole number in 0..4096, not -1"),
        ({"weight_shift": 13}, "weight_shift must be a whole number in 0..12, not 13"),
    ):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            FixedPointCurrentLIF(CURRENT | change)
    model = FixedPointCurrentLIF(CURRENT)
    model.prepare(1.0)
    with pytest.raises(RuntimeError, match=r"takes no current from electrodes; use its bias$"):
        model.advance(np.zeros((2, 1)), np.ones(1))


def two_currents_in_integers(
    steps, arrivals, bits, u_decay_exc, u_decay_inh, v_decay, weight_shift, bias, v_thresh, v_reset, subtract,
    refractory,
):  # fmt: skip
    """The neuron with two currents in integers: potentials, currents and spikes by step."""
    v, currents, left, states, spikes = 0, [0, 0], 0, [], []
    low, high = -(1 << (bits - 1)), (1 << (bits - 1)) - 1

    def decayed(value, decay):
        return value * (4096 - decay) >> 12 if value >= 0 else -(-value * (4096 - decay) >> 12)

    for step in range(steps):
        for i, decay in enumerate((u_decay_exc, u_decay_inh)):
            currents[i] = min(high, max(low, decayed(currents[i], decay) + (arrivals[step][i] << weight_shift)))
        if left:
            left -= 1
        else:
            v = min(high, max(low, decayed(v, v_decay) + sum(currents) + bias))
            if v >= v_thresh:
                spikes.append(step)
                v = min(high, v - v_thresh) if subtract else v_reset
                left = refractory
        states.append((v, *currents))
    return states, spikes


DECAYS = st.sampled_from([0, 1, 2048, 4095, 4096]) | st.integers(0, 4096)


@given(st.integers(2, 32), DECAYS, DECAYS, DECAYS, st.integers(0, 12), st.sampled_from([0, 1]), st.integers(0, 4),
       st.data())  # fmt: skip
def test_two_currents_bit_for_bit(
    bits, u_decay_exc, u_decay_inh, v_decay, weight_shift, subtract, refractory, data
):  # fmt: skip
    half = 1 << (bits - 1)
    threshold = data.draw(st.integers(-half + 1, half - 1))
    parameters = {
        "bits": bits, "u_decay_exc": u_decay_exc, "u_decay_inh": u_decay_inh, "v_decay": v_decay,
        "weight_shift": weight_shift, "bias": data.draw(st.integers(-half, half - 1) | st.integers(-1, 1)),
        "v_thresh": threshold, "v_reset": data.draw(st.integers(-half, threshold - 1)), "subtract": subtract,
        "refractory": refractory,
    }  # fmt: skip
    pair = st.tuples(st.integers(0, half) | st.integers(0, 3), st.integers(-half, 0) | st.integers(-3, 0))
    arrivals = data.draw(st.lists(pair, min_size=30, max_size=30))
    model = FixedPointTwoCurrentLIF(parameters)
    model.prepare(1.0)
    states, spikes = [], []
    for step, weights in enumerate(arrivals):
        if len(model.advance(np.array(weights, float)[:, None], None)):
            spikes.append(step)
        states.append(tuple(int(model.state[name][0]) for name in ("v", "u_exc", "u_inh")))
    assert (states, spikes) == two_currents_in_integers(30, arrivals, **parameters)


def test_with_equal_decays_two_currents_are_one_where_nothing_is_truncated():
    arrivals = [3, 0, 0, -2, 5, 0, -1, 0]
    one = {name: value for name, value in CURRENT.items() if name != "u_decay"} | {"v_decay": 0}
    for decay in (0, 4096):
        plain = simulated(8, arrivals, FixedPointCurrentLIF, u_decay=decay, **one)
        assert simulated(8, arrivals, FixedPointTwoCurrentLIF, u_decay_exc=decay, u_decay_inh=decay, **one) == plain


def test_two_currents_refused():
    two = {name: value for name, value in CURRENT.items() if name != "u_decay"} | {"u_decay_exc": 1, "u_decay_inh": 2}
    with pytest.raises(ValueError, match=r"^u_decay_inh must be a whole number in 0\.\.4096, not 4097$"):
        FixedPointTwoCurrentLIF(two | {"u_decay_inh": 4097})
    model = FixedPointTwoCurrentLIF(two)
    model.prepare(1.0)
    with pytest.raises(RuntimeError, match=r"takes no current from electrodes; use its bias$"):
        model.advance(np.zeros((2, 1)), np.ones(1))


def test_potentials_and_spikes_as_recorded_on_loihi():
    """A run of NIR's reference set (Pedersen et al. 2024, github.com/neuromorphs/NIR, paper/01_lif).

    A spike acts a step after it was sent, with a weight of 10. While a neuron fires, Loihi shows the length of its
    refractory period, 1 << 7, in place of the potential.
    """
    folder = os.environ.get("SYNAPTILE_REFERENCE_DATA")
    if not folder:
        pytest.skip("SYNAPTILE_REFERENCE_DATA does not say where NIR's reference data lie")
    with Path(folder, "nir", "01_lif", "lif_lava_loihi_fixed.csv").open() as file:
        sent, shown, fired = zip(*((int(s), int(v), float(f)) for s, v, f in csv.reader(file)), strict=True)
    potentials, spikes = simulated(1000, [0, *(10 * s for s in sent[:-1])], FixedPointCurrentLIF, **CURRENT)
    assert spikes == [step for step in range(1000) if fired[step]] == [461, 511, 711, 761]
    for step in spikes:
        potentials[step] = 1 << 7
    assert potentials == list(shown)
