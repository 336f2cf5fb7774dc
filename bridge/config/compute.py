"""How long the work of a tile takes: the block ``compute`` of a chip whose neurons are simulated in software."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import BeforeValidator

from synaptile.rtl.parameter import documented

from ..errors import show
from .blocks import COMPUTE, MAX_NANOSECONDS
from .schema import Validated

__all__ = ["Compute"]


def _nanoseconds(value: object) -> object:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"must be a number of nanoseconds, not {show(value)}")
    if not 0 <= value <= MAX_NANOSECONDS:
        raise ValueError(f"must lie in 0..{MAX_NANOSECONDS:g} ns, not {show(value)}")
    return float(value)


_Nanoseconds = Annotated[float | None, BeforeValidator(_nanoseconds)]


class Compute(Validated, frozen=True):
    """How long the work of a tile takes in a step, in nanoseconds; what is None takes none."""

    may_be_unset: ClassVar[bool] = True

    neuron_update: _Nanoseconds = None
    synaptic_event: _Nanoseconds = None
    packet: _Nanoseconds = None
    barrier: _Nanoseconds = None


Compute.__doc__ = documented(Compute.__doc__, COMPUTE, "Attributes")
