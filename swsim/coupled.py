"""The leaky membrane and the conductances that open it, as one system of differential equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .adaptive import Rows
from .neurons import Floats
from .stepping import Step

__all__ = ["Part", "integrate_together"]


@dataclass(frozen=True)
class Part:
    """A variable ``z' = -rate z + feed x`` that opens the membrane or drives it, x being the part after it.

    Parameters
    ----------
    values
        z at the beginning of a step, shape (n,); a window on the model's own, which is read only.
    rate, feed
        Per ms, shape (n,); ``feed`` is None for no x.
    conductance
        The conductance in uS per unit of z, or None if it opens nothing.
    reversal
        Its reversal potential in mV, shape (n,).
    current
        The current into the cell in nA per unit of z, for one that opens nothing.
    """

    values: Floats
    rate: Floats
    feed: Floats | None = None
    conductance: float | None = None
    reversal: Floats | None = None
    current: float = 0.0


def integrate_together(
    step: Step, v: Floats, parts: Sequence[Part], leak: Floats, cm: Floats, drive: Floats, dt: float
) -> None:
    """Take the potential over a step, with the parts as they go on within it.

    Parameters
    ----------
    step
        The method.
    v
        The potentials in mV, shape (n,); changed in place.
    parts
        What opens the membrane and drives it; left as it was, as its own course is known exactly.
    leak, cm
        The conductance of the leak in uS and the capacity in nF, shape (n,).
    drive
        The constant current in nA that would flow at 0 mV, shape (n,).
    dt
        The step in ms.
    """

    def slope(y: Floats, rows: Rows) -> Floats:
        change = np.empty_like(y)
        v = y[0]
        rise = drive[rows] - leak[rows] * v
        for place, part in enumerate(parts, 1):
            z = y[place]
            change[place] = -part.rate[rows] * z
            if part.feed is not None:
                change[place] += part.feed[rows] * y[place + 1]
            if part.conductance is not None:
                assert part.reversal is not None
                rise += part.conductance * z * (part.reversal[rows] - v)
            elif part.current:
                rise += part.current * z
        change[0] = rise / cm[rows]
        return change

    state = np.stack([v, *(part.values for part in parts)])
    step(slope, state, dt)
    v[:] = state[0]
