"""Lateness: packets that arrived in a later step than the one in which their spike was fired."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..engines.base import Deliveries, Ints
from .steps import steps_of

__all__ = ["LateArrivals", "late_arrivals"]


@dataclass(frozen=True)
class LateArrivals:
    """Packets that arrived after the end of the step in which their spike was fired.

    Attributes
    ----------
    count
        Number of such packets.
    fraction
        Their part of all delivered packets; None if there are none.
    max_steps
        The latest one's steps of delay; 0 if none was late.
    """

    count: int
    fraction: float | None
    max_steps: int


def late_arrivals(
    deliveries: Deliveries, cycles_per_step: int, starts: Ints | None = None, fired: Ints | None = None
) -> LateArrivals:
    """Count packets that arrived in a later step than that of their spike: each acts that many steps late.

    With ``starts``, the cycle in which each step begins, the steps are those (see `steps_of`). The step of a spike is
    that in which the packet was created, or is given as ``fired``, shape (deliveries,).
    """
    completed = steps_of(deliveries.completed, cycles_per_step, starts)
    steps = completed - (steps_of(deliveries.created, cycles_per_step, starts) if fired is None else fired)
    count = int(np.count_nonzero(steps))
    return LateArrivals(count, count / len(steps) if len(steps) else None, int(steps.max(initial=0)))
