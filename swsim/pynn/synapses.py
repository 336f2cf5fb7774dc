"""Standard synapse types, and the rules for weights and delays."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import errors
from pyNN.standardmodels import build_translations, synapses
from pyNN.standardmodels.base import excitatory_receptor_types, inhibitory_receptor_types

from . import simulator

__all__ = ["StaticSynapse", "check_weight", "delay_steps"]

_TOLERANCE = 1e-9
_SIGNED = (*excitatory_receptor_types, *inhibitory_receptor_types)


def check_weight(weight: Any, projection: Any) -> None:
    """Check the sign of weights, shape () or (n,): at most 0 where inhibition is a current, else at least 0.

    A current through a receptor whose name says nothing of its kind may have any sign.

    Raises ``pyNN.errors.ConnectionError`` naming the rule and the offending value.
    """
    weights = np.atleast_1d(np.asarray(weight, dtype=float))
    negative = projection.receptor_type in inhibitory_receptor_types and not projection.post.conductance_based
    kind = "conductance-based" if projection.post.conductance_based else "current-based"
    valid = np.isfinite(weights)
    if not valid.all() or projection.post.conductance_based or projection.receptor_type in _SIGNED:
        valid &= (weights <= 0) if negative else (weights >= 0)
    if not valid.all():
        raise errors.ConnectionError(
            f"weight must be finite and at {'most' if negative else 'least'} 0 for {kind} "
            f"{projection.receptor_type} synapses, not {weights[~valid][0]:g}"
        )


def delay_steps(delay: Any) -> Any:
    """Delays in ms, shape () or (n,), to the nearest number of steps.

    Raises ``pyNN.errors.ConnectionError`` if one is below a time step, or outside the ``min_delay`` and ``max_delay``
    that ``setup()`` was given.
    """
    state = simulator.state
    delays = np.asarray(delay, dtype=float)
    lowest, what = state.dt, "the time step"
    if not isinstance(state.configured_min_delay, str):
        lowest, what = state.configured_min_delay, "min_delay"
    valid = delays >= lowest - _TOLERANCE
    if not valid.all():
        raise errors.ConnectionError(
            f"delay must be at least {what} of {lowest:g} ms, not {np.extract(~valid, delays)[0]:g}"
        )
    highest = state.configured_max_delay
    if not isinstance(highest, str):
        valid = delays <= highest + _TOLERANCE
        if not valid.all():
            raise errors.ConnectionError(
                f"delay must be at most max_delay of {highest:g} ms, not {np.extract(~valid, delays)[0]:g}"
            )
    steps = state.grid.steps(delays)
    if steps.size and steps.max() > np.iinfo(np.int32).max:
        raise errors.ConnectionError(f"delay must be at most 2**31 steps, not {delays.max():g} ms")
    return steps.astype(np.int32)


class StaticSynapse(synapses.StaticSynapse):
    """Connection of fixed weight and delay. Without a delay it takes ``min_delay``, or one step if that is 'auto'."""

    translations = build_translations(("weight", "weight"), ("delay", "delay"))
    parameter_checks = {"weight": check_weight}

    def _get_minimum_delay(self) -> float:
        delay = simulator.state.configured_min_delay
        return simulator.state.dt if isinstance(delay, str) else delay
