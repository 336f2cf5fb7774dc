"""Distances of spike trains are those of Elephant, which has code of its own for them."""

import numpy as np
import pytest
import quantities as pq
from elephant.spike_train_dissimilarity import van_rossum_distance, victor_purpura_distance
from hypothesis import given, settings
from hypothesis import strategies as st
from neo import SpikeTrain
from support.effort import examples
from support.two_runs import NEURONS, STEPS, Spikes, spikes, steps_of, trace_of

from synaptile.bridge.comparison.alignment import align
from synaptile.bridge.comparison.trains import van_rossum


def trains(neuron: int, *runs: Spikes) -> list[SpikeTrain]:
    """The trains of a neuron, a step being a second."""
    return [SpikeTrain([float(step) for step in steps_of(run, neuron)], float(STEPS), units="s") for run in runs]


@given(spikes, spikes, st.sampled_from([1.0, 2.0, 7.0, 30.0]))
@settings(max_examples=examples(40, 400), deadline=None)
def test_victor_and_purpura(ours: Spikes, theirs: Spikes, window: float) -> None:
    found = align(trace_of(ours), trace_of(theirs), window=window).distances(NEURONS)
    for neuron in range(NEURONS):
        expected = victor_purpura_distance(trains(neuron, ours, theirs), cost_factor=2 / window * pq.Hz)[0, 1]
        np.testing.assert_allclose(found[neuron], expected, atol=1e-9)


# Of trains that are the same it sums what is 0 but for rounding, and says so.
@pytest.mark.filterwarnings("ignore:van_rossum_distance. very small negative values:RuntimeWarning")
@given(spikes, spikes, st.sampled_from([1.0, 5.0, 30.0]))
@settings(max_examples=examples(40, 400), deadline=None)
def test_van_rossum(ours: Spikes, theirs: Spikes, tau: float) -> None:
    found = van_rossum(align(trace_of(ours), trace_of(theirs), window=7), NEURONS, tau_steps=tau)
    for neuron in range(NEURONS):
        # Elephant's distance of two spikes that are far apart is 2, ours 1: the square of a spike alone is 1, and 1/2.
        expected = van_rossum_distance(trains(neuron, ours, theirs), time_constant=tau * pq.s)[0, 1]
        np.testing.assert_allclose(found[neuron], expected / np.sqrt(2), atol=1e-6)
