"""Figures of spike trains: rates, irregularity, correlation, and the distance of van Rossum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import Trace

from .alignment import Alignment

__all__ = ["isi_variation", "train_correlation", "van_rossum"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def isi_variation(trace: Trace) -> Floats:
    """Coefficient of variation of each neuron's inter-spike intervals, shape (neurons,).

    It is their standard deviation divided by their mean; NaN for neurons with less than three spikes, or whose spikes
    all fall into one step.
    """
    order = np.lexsort((trace.spike_step, trace.spike_neuron))
    neuron, step = trace.spike_neuron[order].astype(np.int64), trace.spike_step[order]
    same = np.diff(neuron) == 0
    interval, owner = np.diff(step)[same].astype(np.float64), neuron[1:][same]
    count = np.bincount(owner, minlength=trace.neurons)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(owner, interval, trace.neurons) / count
        variance = np.bincount(owner, (interval - mean[owner]) ** 2, trace.neurons) / count
        found: Floats = np.where(count >= 2, np.sqrt(variance) / mean, np.nan)
    return found


def train_correlation(one: Trace, other: Trace, *, bin_steps: int) -> Floats:
    """Pearson's correlation of each neuron's spike counts in bins of so many steps, shape (neurons,).

    The last bin may be shorter. NaN where a train has the same count in every bin, as one without spikes.
    """
    bins = -(-max(one.steps, other.steps) // bin_steps)
    sums, squares, keyed = [], [], []
    for trace in (one, other):
        key = trace.spike_neuron.astype(np.int64) * max(bins, 1) + trace.spike_step // bin_steps
        places, counts = np.unique(key, return_counts=True)
        neuron = places // max(bins, 1)
        keyed.append((places, counts))
        sums.append(np.bincount(neuron, counts, one.neurons))
        squares.append(np.bincount(neuron, counts.astype(np.float64) ** 2, one.neurons))
    common, first, second = np.intersect1d(keyed[0][0], keyed[1][0], assume_unique=True, return_indices=True)
    products = np.bincount(common // max(bins, 1), keyed[0][1][first] * keyed[1][1][second], one.neurons)
    covariance = bins * products - sums[0] * sums[1]
    spread = [bins * square - total**2 for square, total in zip(squares, sums, strict=True)]
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Floats = covariance / np.sqrt(spread[0] * spread[1])
    return found


def van_rossum(alignment: Alignment, neurons: int, *, tau_steps: float) -> Floats:
    """Distance of van Rossum (2001) of each neuron's two trains, shape (neurons,).

    Trains are smoothed with exp(-t / tau), tau in steps, and the distance is the root of the integral of their squared
    difference over tau, so that a spike without a partner, alone, is at a distance of the root of 1/2. Spikes of the
    same step cancel, so that the sum over pairs of spikes goes over those that are not the same.
    """
    neuron = np.concatenate(
        [alignment.moved_neuron, alignment.moved_neuron, alignment.lost_neuron, alignment.new_neuron]
    )
    step = np.concatenate([alignment.moved_from, alignment.moved_to, alignment.lost_step, alignment.new_step])
    lengths = [len(alignment.moved_neuron), len(alignment.moved_neuron), len(alignment.lost_step)]
    sign = np.repeat([1.0, -1.0, 1.0, -1.0], [*lengths, len(alignment.new_step)])
    order = np.lexsort((step, neuron))
    squared = np.zeros(neurons)
    held, last = 0.0, (-1, 0)  # the smoothed difference right after the last spike
    for who, when, up in zip(neuron[order].tolist(), step[order].tolist(), sign[order].tolist(), strict=True):
        held = held * float(np.exp((last[1] - when) / tau_steps)) if who == last[0] else 0.0
        squared[who] += 0.5 + up * held
        held, last = held + up, (who, when)
    found: Floats = np.sqrt(np.maximum(squared, 0))
    return found
