"""Which spikes of two runs are the same, which have moved, and which only one of them has."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from synaptile.swsim.trace import Trace

__all__ = ["Alignment", "align"]

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Alignment:
    """Spikes of a reference and of another run, paired neuron by neuron.

    Spikes are (neuron, step) in arrays of equal length. Those of one neuron and one step are the same; the rest is
    paired so that shifting spikes, and taking away and adding those without a partner, costs the least: 1 for a spike
    without a partner, 2 / window for a shift by one step. That sum is the distance of Victor and Purpura (1996).

    Attributes
    ----------
    same_neuron, same_step
        Shape (spikes that are in both,).
    moved_neuron, moved_from, moved_to
        Shape (pairs,): the step in the reference, and that in the other run, less than the window apart.
    lost_neuron, lost_step
        Shape (spikes only of the reference,).
    new_neuron, new_step
        Shape (spikes only of the other run,).
    window
        In steps.
    """

    same_neuron: Ints
    same_step: Ints
    moved_neuron: Ints
    moved_from: Ints
    moved_to: Ints
    lost_neuron: Ints
    lost_step: Ints
    new_neuron: Ints
    new_step: Ints
    window: float

    @property
    def shift(self) -> Ints:
        """By how many steps the moved spikes came later, shape (pairs,); less than 0 for those that came earlier."""
        return self.moved_to - self.moved_from

    def distances(self, neurons: int) -> npt.NDArray[np.float64]:
        """Distance of Victor and Purpura of each neuron's two trains, shape (neurons,)."""
        shifted = np.bincount(self.moved_neuron, np.abs(self.shift) * (2 / self.window), minlength=neurons)
        single = np.bincount(self.lost_neuron, minlength=neurons) + np.bincount(self.new_neuron, minlength=neurons)
        total: npt.NDArray[np.float64] = shifted + single
        return total

    def first_difference(self) -> tuple[int, int, str] | None:
        """Step, neuron and kind (``lost``, ``new``, ``moved``) of the first spike that is not the same.

        Of several in one step it is that of the lowest neuron; a spike that has moved counts where it comes first.
        """
        steps = np.concatenate([self.lost_step, self.new_step, np.minimum(self.moved_from, self.moved_to)])
        if not len(steps):
            return None
        neurons = np.concatenate([self.lost_neuron, self.new_neuron, self.moved_neuron])
        kinds = np.repeat(["lost", "new", "moved"], [len(self.lost_step), len(self.new_step), len(self.moved_from)])
        at = np.lexsort((neurons, steps))[0]
        return int(steps[at]), int(neurons[at]), str(kinds[at])


def align(reference: Trace, run: Trace, *, window: float) -> Alignment:
    """Pair the spikes of two traces of the same neurons.

    Parameters
    ----------
    window
        Steps: a spike is never said to have moved by so many or more.

    Raises
    ------
    ValueError
        If ``window`` is not above 0.
    """
    if not window > 0:
        raise ValueError(f"window must be greater than 0 steps, not {window:g}")
    first, second = _without_common(reference, run)
    pairs, lost, new = [], [], []
    for neuron, ours, theirs in _clusters(first, second, window):
        matched = _matched(ours, theirs, window)
        pairs += [(neuron, ours[i], theirs[j]) for i, j in matched]
        used, taken = {i for i, _ in matched}, {j for _, j in matched}
        lost += [(neuron, step) for i, step in enumerate(ours) if i not in used]
        new += [(neuron, step) for j, step in enumerate(theirs) if j not in taken]
    moved = np.array(pairs, np.int64).reshape(-1, 3)
    gone, added = (np.array(spikes, np.int64).reshape(-1, 2) for spikes in (lost, new))
    kept = ~first.rest
    who, start, end = moved.T
    return Alignment(
        same_neuron=first.neuron[kept],
        same_step=first.step[kept],
        moved_neuron=who,
        moved_from=start,
        moved_to=end,
        lost_neuron=gone[:, 0],
        lost_step=gone[:, 1],
        new_neuron=added[:, 0],
        new_step=added[:, 1],
        window=window,
    )


@dataclass(frozen=True)
class _Train:
    """Spikes sorted by neuron, then step; ``rest`` says which have none of the same step in the other run."""

    neuron: Ints
    step: Ints
    rest: npt.NDArray[np.bool_]


def _without_common(one: Trace, other: Trace) -> tuple[_Train, _Train]:
    sides = []
    for trace in (one, other):
        order = np.lexsort((trace.spike_step, trace.spike_neuron))
        sides.append((trace.spike_neuron[order].astype(np.int64), trace.spike_step[order].astype(np.int64)))
    # A number for each (neuron, step, how many-th of them), the same on both sides.
    steps = max(one.steps, other.steps, 1)
    keys = [neuron * steps + step for neuron, step in sides]
    places = [_counted(key) for key in keys]
    both = [np.rec.fromarrays([key, place]) for key, place in zip(keys, places, strict=True)]
    first, second = (_Train(*sides[i], ~np.isin(both[i], both[1 - i], assume_unique=True)) for i in (0, 1))
    return first, second


def _counted(keys: Ints) -> Ints:
    """How many equal ones stand before each of sorted numbers."""
    at = np.arange(len(keys))
    begin = np.maximum.accumulate(np.where(np.diff(keys, prepend=keys[:1] - 1) != 0, at, 0)) if len(keys) else at
    counted: Ints = at - begin
    return counted


def _clusters(first: _Train, second: _Train, window: float) -> list[tuple[int, list[int], list[int]]]:
    """Spikes to be paired with each other: between those of two clusters of a neuron lies the window at least."""
    neuron = np.concatenate([first.neuron[first.rest], second.neuron[second.rest]])
    step = np.concatenate([first.step[first.rest], second.step[second.rest]])
    side = np.repeat([0, 1], [int(first.rest.sum()), int(second.rest.sum())])
    order = np.lexsort((side, step, neuron))
    neuron, step, side = neuron[order], step[order], side[order]
    cuts = np.flatnonzero((np.diff(neuron) != 0) | (np.diff(step) >= window)) + 1
    found = []
    for low, high in zip([0, *cuts.tolist()], [*cuts.tolist(), len(neuron)], strict=True):
        if high > low:
            steps, ours = step[low:high], side[low:high] == 0
            found.append((int(neuron[low]), steps[ours].tolist(), steps[~ours].tolist()))
    return found


def _matched(ours: list[int], theirs: list[int], window: float) -> list[tuple[int, int]]:
    """Pairs of the cheapest alignment of two ascending trains; of equal ones, that with the fewest pairs."""
    if not ours or not theirs:
        return []
    rate = 2 / window
    if len(ours) == len(theirs) == 1:  # most often
        shift = rate * abs(ours[0] - theirs[0])
        return [(0, 0)] if shift < 2 and not math.isclose(shift, 2) else []
    costs = _Costs(ours, theirs, window)
    pairs = []
    i, j = len(ours), len(theirs)
    while i and j:
        cost = costs.of(i, j)
        if math.isclose(cost, costs.of(i - 1, j) + 1):
            i -= 1
        elif math.isclose(cost, costs.of(i, j - 1) + 1):
            j -= 1
        else:
            i, j = i - 1, j - 1
            pairs.append((i, j))
    return pairs[::-1]


class _Costs:
    """Costs of aligning the first i of our spikes with the first j of theirs, for all i and j that matter.

    Those of theirs that are a window or more before the last of ours match nothing from there on, and those that are a
    window or more after it have matched nothing yet: for each i only the j between are kept, few however long the
    trains are.
    """

    def __init__(self, ours: list[int], theirs: list[int], window: float) -> None:
        mine, others, rate = np.array(ours), np.array(theirs), 2 / window
        self._low = [0, *np.searchsorted(others, mine - window, side="right").tolist()]
        self._high = [0, *np.searchsorted(others, mine + window).tolist()]
        self._rows = [[0.0]]
        before = np.zeros(1)
        for i, step in enumerate(ours, 1):
            low, high, low_before, high_before = self._low[i], self._high[i], self._low[i - 1], self._high[i - 1]
            # What lies beyond the row before was added, 1 for each.
            added = before[-1] + np.arange(1, high - high_before + 1)
            above = np.concatenate([before, added])[low - low_before :]
            cost = above + 1
            np.minimum(cost[1:], above[:-1] + rate * np.abs(others[low:high] - step), out=cost[1:])
            columns = np.arange(len(cost))
            # Each may also be the one before it, and 1 for a spike that is added.
            before = np.minimum.accumulate(cost - columns) + columns
            self._rows.append(before.tolist())

    def of(self, i: int, j: int) -> float:
        """The cost, infinite where j is too small to matter."""
        low, high = self._low[i], self._high[i]
        if j < low:
            return math.inf
        return self._rows[i][min(j, high) - low] + max(0, j - high)
