"""Rules for weights and delays."""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import errors
from pyNN.standardmodels.base import excitatory_receptor_types, inhibitory_receptor_types

from . import simulator
from .groups import members

__all__ = ["check_weight", "delay_steps", "is_negative", "takes_whole_weights"]

_TOLERANCE = 1e-9
_SIGNED = (*excitatory_receptor_types, *inhibitory_receptor_types)


def check_weight(weight: Any, projection: Any) -> None:
    """Check the sign of weights, shape () or (n,): at most 0 where inhibition is a current, else at least 0.

    A current through a receptor that is called neither excitatory nor inhibitory may have any sign. Neurons that
    calculate in whole numbers take whole weights only, and those whose synapses are bits take 0 and 1.

    Raises ``pyNN.errors.ConnectionError`` naming the rule and the offending value.
    """
    weights = np.atleast_1d(np.asarray(weight, dtype=float))
    negative = is_negative(projection)
    kind = "conductance-based" if projection.post.conductance_based else "current-based"
    valid = np.isfinite(weights)
    if not valid.all() or projection.post.conductance_based or projection.receptor_type in _SIGNED:
        valid &= (weights <= 0) if negative else (weights >= 0)
    if not valid.all():
        raise errors.ConnectionError(
            f"weight must be finite and at {'most' if negative else 'least'} 0 for {kind} "
            f"{projection.receptor_type} synapses, not {weights[~valid][0]:g}"
        )
    if takes_whole_weights(projection.post) and (weights != np.floor(weights)).any():
        raise errors.ConnectionError(
            f"weight must be a whole number for neurons that calculate in such, "
            f"not {weights[weights != np.floor(weights)][0]:g}"
        )
    if _any(projection.post, "binary_weights") and not np.isin(weights, (0, 1)).all():
        raise errors.ConnectionError(
            f"weight must be 0 or 1 for neurons whose synapses are bits, not {weights[~np.isin(weights, (0, 1))][0]:g}"
        )


def takes_whole_weights(neurons: Any) -> bool:
    """Return True if some of the neurons calculate in whole numbers."""
    return _any(neurons, "whole_weights")


def _any(neurons: Any, what: str) -> bool:
    return any(getattr(member.celltype, what, False) for member in members(neurons))


def is_negative(projection: Any) -> bool:
    """Return True where weights are at most 0: where inhibition is a current."""
    return projection.receptor_type in inhibitory_receptor_types and not projection.post.conductance_based


def delay_steps(delay: Any) -> Any:
    """Return delays in ms, shape () or (n,), as the nearest numbers of steps.

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
