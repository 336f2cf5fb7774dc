"""The weight dependences of `plasticity.weight_dependence` in compiled form, in the same order of operations."""

from __future__ import annotations

from ...plasticity.weight_dependence import WEIGHT_DEPENDENCES
from ..jit import compile_part, exp_of, log_of

__all__ = ["bounded", "down", "up"]

_ADDITIVE, _MULTIPLICATIVE, _MIXED = (
    list(WEIGHT_DEPENDENCES).index(n) for n in ("additive", "multiplicative", "mixed")
)


@compile_part
def _powered(distance: float, span: float, exponent: float) -> float:
    share = min(distance / span, 1.0) if span > 0.0 else 0.0
    if exponent == 0.0:
        return span * 1.0
    return span * (share if exponent == 1.0 else exp_of(exponent * log_of(share)))


@compile_part
def up(dependence: int, w: float, low: float, high: float, mu: float) -> float:
    """Return the change by a unit of potentiation; ``dependence`` counts through `WEIGHT_DEPENDENCES`."""
    if dependence in (_ADDITIVE, _MIXED):
        return high - low
    distance = max(high - w, 0.0)
    return distance if dependence == _MULTIPLICATIVE else _powered(distance, high - low, mu)


@compile_part
def down(dependence: int, w: float, low: float, high: float, mu: float) -> float:
    """Return the change by a unit of depression."""
    if dependence == _ADDITIVE:
        return high - low
    distance = max(w - low, 0.0)
    return _powered(distance, high - low, mu) if dependence > _MIXED else distance


@compile_part
def bounded(w: float, low: float, high: float) -> float:
    """Return the nearest weight within the bounds."""
    return min(max(w, low), high)
