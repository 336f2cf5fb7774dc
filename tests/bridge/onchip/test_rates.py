"""Firing rates in software beside those in whole numbers."""

import json
import math

import numpy as np
import pytest

from synaptile.bridge.onchip import compare_rates, rate_rows
from synaptile.swsim import PopulationSlice, Trace

POPULATIONS = [
    PopulationSlice("in", 0, 1, "SpikeSourceArray"),
    PopulationSlice("a", 1, 3, "IF_curr_exp"),
    PopulationSlice("b", 3, 4, "IF_curr_exp"),
]


def trace(
    counts: list[int], steps: int = 101, dt: float = 1.0, populations: list[PopulationSlice] = POPULATIONS
) -> Trace:
    """So many spikes of each neuron."""
    neuron = np.repeat(np.arange(len(counts)), counts)
    none = np.zeros(0, int)
    return Trace(
        dt=dt, steps=steps, neurons=len(counts), spike_neuron=neuron, spike_step=np.ones(len(neuron), int),
        pre=none, post=none, weight=none.astype(float), delay=none, populations=populations,
    )  # fmt: skip


def test_each_population_but_sources() -> None:
    a, b = compare_rates(trace([9, 2, 4, 5]), trace([9, 3, 3, 5]))
    assert (a.label, a.neurons, a.software_hz, a.whole_hz) == ("a", 2, 30.0, 30.0)
    assert a.rms_hz == pytest.approx(10.0)
    assert a.correlation is None  # all of one are the same
    assert (b.software_hz, b.whole_hz, b.rms_hz) == (50.0, 50.0, 0.0)
    (a, _) = compare_rates(trace([0, 2, 4, 5]), trace([0, 3, 8, 5]))
    assert a.correlation == pytest.approx(1.0)
    assert a.rms_hz == pytest.approx(math.sqrt((10**2 + 40**2) / 2))
    assert json.loads(json.dumps(a.to_dict()))["label"] == "a"


def test_a_rate_is_per_second_whatever_the_lengths() -> None:
    a, _ = compare_rates(trace([0, 2, 2, 5], steps=201, dt=0.5), trace([0, 4, 4, 5], steps=401, dt=0.5))
    assert (a.software_hz, a.whole_hz) == (20.0, 20.0)


def test_the_rows() -> None:
    rows = list(rate_rows(compare_rates(trace([0, 2, 4, 5]), trace([0, 3, 8, 5]))))
    assert rows[0] == ("rate of a", "55", "Hz, 30 in software (rms of the differences 29.2, correlation 1.000)")
    assert rows[1] == ("rate of b", "50", "Hz, 50 in software (rms of the differences 0)")


def test_traces_that_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="traces must be of the same populations, not in, a, b and in, a"):
        compare_rates(trace([0, 0, 0, 0]), trace([0, 0, 0], populations=POPULATIONS[:2]))
    with pytest.raises(ValueError, match="traces must be of at least one step after the first, not of 0"):
        compare_rates(trace([0, 0, 0, 0], steps=1), trace([0, 0, 0, 0]))
    with pytest.raises(ValueError, match="traces must be of the same populations, not none and in, a, b"):
        compare_rates(trace([0], populations=[]), trace([0, 0, 0, 0]))
