"""TrueNorth's neuron against the published equations."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.truenorth_equations import Equations, equations_of

from synaptile.swsim.neurons.truenorth import TrueNorth

PLAIN = {
    "bits": 32, "weight_0": 1, "weight_1": 1, "weight_2": -1, "weight_3": -1, "stochastic_weights": 0, "leak": 0,
    "leak_reversal": 0, "stochastic_leak": 0, "threshold": 1, "negative_threshold": 0, "mask": 0, "reset": 0,
    "reset_mode": 0, "saturate": 1, "seed": 1,
}  # fmt: skip


def published(model: TrueNorth) -> Equations:
    """The equations with the parameters and the random numbers of the first neuron of a model."""
    return equations_of({name: int(values[0]) for name, values in {**model.parameters, **model.hidden}.items()})


def counts(kinds: list[int]) -> np.ndarray:
    return np.bincount(kinds, minlength=4).astype(float)[:, None]


SMALL = st.integers(-255, 255) | st.integers(-3, 3)


@given(
    st.fixed_dictionaries(
        {f"weight_{g}": SMALL for g in range(4)}
        | {
            "stochastic_weights": st.integers(0, 15),
            "leak": SMALL,
            "leak_reversal": st.integers(0, 1),
            "stochastic_leak": st.integers(0, 1),
            "threshold": st.integers(0, 400) | st.integers(0, 5),
            "negative_threshold": st.integers(0, 400) | st.integers(0, 5),
            "mask": st.sampled_from([0, 1, 7, 255]) | st.integers(0, 2**18 - 1),
            "reset": st.integers(-300, 300),
            "reset_mode": st.integers(0, 2),
            "saturate": st.integers(0, 1),
            "seed": st.integers(0, 2**32),
        }
    ),
    st.lists(st.lists(st.integers(0, 3), max_size=6), min_size=40, max_size=40),
)
def test_as_published(parameters, script):
    model = TrueNorth(PLAIN | parameters)
    model.prepare(1.0)
    equations = published(model)
    for kinds in script:
        fired = bool(len(model.advance(counts(kinds), None)))
        assert (fired, model.state["v"][0]) == (equations.tick(sorted(kinds)), equations.V)


def trace(script, **parameters):
    """Potentials and spikes by step, arrivals given by their types."""
    model = TrueNorth(PLAIN | parameters)
    model.prepare(1.0)
    potentials, spikes = [], []
    for step, kinds in enumerate(script):
        if len(model.advance(counts(kinds), None)):
            spikes.append(step)
        potentials.append(int(model.state["v"][0]))
    return potentials, spikes


def test_six_reset_modes():
    """Reset to R, subtraction, none; and below the negative threshold the same, or saturation."""
    script = [[0], [], [2], [], [2]]
    common = {"weight_0": 9, "weight_2": -20, "threshold": 4, "negative_threshold": 6, "reset": 2}
    after = {
        (mode, saturate): trace(script, reset_mode=mode, saturate=saturate, **common)
        for mode in (0, 1, 2)
        for saturate in (0, 1)
    }
    assert after[0, 0] == ([2, 2, -2, -2, -2], [0])
    assert after[0, 1] == ([2, 2, -6, -6, -6], [0])
    assert after[1, 0] == ([5, 1, -13, -7, -21], [0, 1])
    assert after[1, 1] == ([5, 1, -6, -6, -6], [0, 1])
    assert after[2, 0] == ([9, 9, -11, -11, -31], [0, 1])
    assert after[2, 1] == ([9, 9, -6, -6, -6], [0, 1])


def test_a_leak_that_reverses_goes_to_zero_or_away_from_it():
    quiet = {"threshold": 1000, "negative_threshold": 1000, "weight_0": 7, "weight_2": -7, "leak_reversal": 1}
    assert trace([[], [0], [], [], []], leak=-3, **quiet)[0] == [0, 4, 1, -2, 1]  # beyond 0 it comes back
    assert trace([[], [2], [], []], leak=3, **quiet)[0] == [0, -10, -13, -16]
    assert trace([[], [0], [], []], leak=-3, **quiet | {"leak_reversal": 0})[0] == [-3, 1, -2, -5]


def test_it_saturates_after_synapses_and_after_the_leak():
    wide = {"bits": 8, "threshold": 127, "reset_mode": 2, "weight_0": 255, "weight_2": -255, "negative_threshold": 127,
            "saturate": 0}  # fmt: skip
    assert trace([[0, 0], [], [2]], leak=100, **wide)[0] == [127, 127, -28]
    assert trace([[2, 2], []], leak=-5, **wide)[0] == [-128, -128]
    assert trace([[2, 2]], reset=-128, **wide | {"reset_mode": 0})[0] == [127]


@pytest.mark.parametrize("weight", [0, 1, 63, 127, -64, 255])
def test_a_stochastic_synapse_passes_so_many_of_256(weight):
    model = TrueNorth(PLAIN | {"weight_1": weight, "stochastic_weights": 2, "threshold": 2**30, "saturate": 0,
                               "negative_threshold": 2**30})  # fmt: skip
    model.prepare(1.0)
    for _ in range(100):
        model.advance(counts([1] * 100), None)
    expected = np.sign(weight) * (abs(weight) + 1) / 256 * 10000
    assert abs(model.state["v"][0] - expected) <= 4 * 50  # four standard deviations of the widest


def test_stochastic_leak_and_threshold():
    leaking = TrueNorth(PLAIN | {"leak": 31, "stochastic_leak": 1})  # an eighth of all ticks
    leaking.prepare(1.0)
    assert abs(sum(len(leaking.advance(counts([]), None)) for _ in range(8000)) - 1000) < 120
    # A threshold of 10 and 0 to 7 more: with a potential of 12 always, three of eight.
    unsure = TrueNorth(PLAIN | {"threshold": 10, "mask": 7, "reset_mode": 2})
    unsure.prepare(1.0)
    unsure.state["v"][:] = 12
    assert abs(sum(len(unsure.advance(counts([]), None)) for _ in range(8000)) - 3000) < 180


def test_seeds_begin_anew_and_are_each_neurons_own():
    parameters = {name: np.full(3, value) for name, value in PLAIN.items()}
    model = TrueNorth(
        parameters | {"leak": np.full(3, 127), "stochastic_leak": np.ones(3), "seed": np.array([5, 6, 5])}
    )
    model.prepare(1.0)

    def spikes():
        return [model.advance(np.zeros((4, 3)), None).tolist() for _ in range(60)]

    first = spikes()
    assert [(0 in step, 1 in step) for step in first].count((True, False)) > 5
    assert all((0 in step) == (2 in step) for step in first)
    assert spikes() != first
    model.restart()
    model.state["v"][:] = 0
    assert spikes() == first
    model.restart()
    model.set_parameters(np.array([1]), {"seed": np.array([5.0])})
    model.prepare(1.0)
    assert all(step in ([], [0, 1, 2]) for step in spikes())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weight_2": -256}, "weight_2 must be a whole number in -255..255, not -256"),
        ({"leak": 0.5}, "leak must be a whole number in -255..255, not 0.5"),
        ({"stochastic_weights": 16}, "stochastic_weights must be a whole number in 0..15, not 16"),
        ({"threshold": -1}, "threshold must be a whole number of that many bits, not negative, not -1"),
        ({"bits": 8, "negative_threshold": 128}, "negative_threshold must be a whole number of that many bits, not "
                                                 "negative, not 128"),
        ({"mask": 2**18}, "mask must be a whole number in 0..262143, not 262144"),
        ({"reset_mode": 3}, "reset_mode must be a whole number in 0..2, not 3"),
        ({"seed": -1}, "seed must be a whole number in 0..9007199254740992, not -1"),
    ],
)  # fmt: skip
def test_refused(change, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        TrueNorth(PLAIN | change)


def test_electrodes_have_no_place():
    model = TrueNorth(PLAIN)
    model.prepare(1.0)
    with pytest.raises(RuntimeError, match=r"takes no current from electrodes; use its leak$"):
        model.advance(np.zeros((4, 1)), np.ones(1))
