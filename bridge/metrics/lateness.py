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


def late_arrivals(deliveries: Deliveries, cycles_per_step: int, starts: Ints | None = None) -> LateArrivals:
    """Count packets with ⌊completed / C⌋ > ⌊created / C⌋: each acts that many steps later than in software.

    With ``starts``, the cycle in which each step begins, the steps are those (see `steps_of`).
    """
    created, completed = (steps_of(x, cycles_per_step, starts) for x in (deliveries.created, deliveries.completed))
    steps = completed - created
    count = int(np.count_nonzero(steps))
    return LateArrivals(count, count / len(steps) if len(steps) else None, int(steps.max(initial=0)))
