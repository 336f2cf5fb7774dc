"""The front: the trials of which no other is better in one objective and as good in all others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .objectives import Objective
from .trial import Trial

__all__ = ["dominated", "front"]


def dominated(values: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return which rows another row is as small as everywhere and smaller than somewhere, shape (rows,).

    Parameters
    ----------
    values
        Shape (rows, objectives): what is to be small.
    """
    out = np.zeros(len(values), bool)
    for number, row in enumerate(values):
        no_worse = (values <= row).all(axis=1)
        out[number] = bool((no_worse & (values < row).any(axis=1)).any())
    return out


def front(trials: Sequence[Trial], objectives: Sequence[Objective]) -> list[Trial]:
    """Return the feasible trials that none dominates, by the first objective's value; of equal ones the first."""
    able = [trial for trial in trials if trial.feasible and trial.same_as is None]
    if not able:
        return []
    values = np.array([[one.sign * trial.values[one.name] for one in objectives] for trial in able])
    best: dict[tuple[float, ...], Trial] = {}
    for trial, row, worse in zip(able, values.tolist(), dominated(values), strict=True):
        if not worse:
            best.setdefault(tuple(row), trial)
    return [best[row] for row in sorted(best)]
