"""Figures of trains are their definitions, computed plainly."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.two_runs import NEURONS, STEPS, Spikes, spikes, steps_of, trace_of

from synaptile.bridge.comparison.alignment import align
from synaptile.bridge.comparison.trains import isi_variation, train_correlation, van_rossum


@given(spikes)
def test_variation_of_intervals(ours: Spikes) -> None:
    expected = []
    for neuron in range(NEURONS):
        intervals = np.diff(steps_of(ours, neuron))
        usable = len(intervals) >= 2 and intervals.any()
        expected.append(np.std(intervals) / np.mean(intervals) if usable else np.nan)
    np.testing.assert_allclose(isi_variation(trace_of(ours)), expected)


@given(spikes, spikes, st.integers(1, 70))
def test_correlation_of_counts(ours: Spikes, theirs: Spikes, width: int) -> None:
    found = train_correlation(trace_of(ours), trace_of(theirs), bin_steps=width)
    bins = -(-STEPS // width)
    for neuron in range(NEURONS):
        one, other = (np.bincount([s // width for s in steps_of(t, neuron)], minlength=bins) for t in (ours, theirs))
        if np.ptp(one) and np.ptp(other):
            np.testing.assert_allclose(found[neuron], np.corrcoef(one, other)[0, 1], atol=1e-12)
        else:
            assert np.isnan(found[neuron])


@given(spikes, spikes, st.sampled_from([2.0, 5.0, 30.0]))
def test_distance_of_van_rossum(ours: Spikes, theirs: Spikes, tau: float) -> None:
    found = van_rossum(align(trace_of(ours), trace_of(theirs), window=7), NEURONS, tau_steps=tau)
    fine = np.arange(0, STEPS + 20 * tau, 0.01)
    for neuron in range(NEURONS):
        difference = np.zeros_like(fine)
        for sign, train in ((1, ours), (-1, theirs)):
            for step in steps_of(train, neuron):
                after = fine >= step
                difference[after] += sign * np.exp((step - fine[after]) / tau)
        np.testing.assert_allclose(found[neuron], np.sqrt((difference**2).sum() * 0.01 / tau), rtol=0.02, atol=0.02)
