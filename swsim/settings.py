"""Defaults of ``setup()`` for parameters that a script does not give: the way in for programs that run a user's script.

Such a script calls ``setup()`` itself, so that its defaults must be the same in the whole process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .cosim import CoSimulator, NeuronHardware
from .trace import Trace

__all__ = ["Defaults", "Hardware", "Keep", "Progress", "defaults", "set_defaults"]

Progress = Callable[[int, int, int], None]
"""Called a few times per second during a run with the current step, the step to reach, and the spikes so far."""

Hardware = CoSimulator | NeuronHardware

Keep = Callable[[Trace, Hardware | None], None]
"""Called by ``setup()`` and ``reset()`` with the trace that they are about to forget, if anything has run, and the
hardware that it ran on."""


@dataclass
class Defaults:
    """Values that ``setup()`` takes for parameters that are not given to it."""

    hardware: Hardware | None = None
    seed: int | None = None
    progress: Progress | None = None
    keep: Keep | None = None
    reference_progress: Progress | None = None


defaults = Defaults()


def set_defaults(
    *,
    hardware: Hardware | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
    keep: Keep | None = None,
    reference_progress: Progress | None = None,
) -> None:
    """Replace all defaults; those left out become None again. Takes effect at the next ``setup()``.

    ``keep`` takes effect at once. ``reference_progress`` is called as ``progress`` is, while the network that a run on
    hardware is compared with is run in software: within the script, and when results are asked for.
    """
    defaults.hardware = hardware
    defaults.seed = seed
    defaults.progress = progress
    defaults.keep = keep
    defaults.reference_progress = reference_progress
