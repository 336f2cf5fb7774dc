"""Weight dependences: the size of a change of a weight, given the weight."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..base.arrays import Floats
from ..base.elementary import exp, log
from ..base.parameter_rules import Rule, at_least_zero, finite, require

__all__ = ["WEIGHT_DEPENDENCES", "Change", "WeightDependence"]

Change = Callable[[Floats, Mapping[str, Floats]], Floats]


class WeightDependence:
    """The change of a weight by a unit of potentiation, or depression: functions of weight and parameters.

    ``rules`` are those of the parameters. In all of them ``w_min`` and ``w_max`` bound the weight.
    """

    def __init__(
        self, up: Change, down: Change, parameters: tuple[str, ...] = (), rules: tuple[Rule, ...] = ()
    ) -> None:
        self.up = up
        self.down = down
        self.parameters = ("w_min", "w_max", *parameters)
        self.rules = (finite("w_min", "w_max"), _bounds, *rules)


def _bounds(parameters: Mapping[str, Any]) -> None:
    low, high = parameters["w_min"], parameters["w_max"]
    require("w_max", high, high >= low, "at least w_min")


def _span(w: Floats, p: Mapping[str, Floats]) -> Floats:
    return p["w_max"] - p["w_min"]


def _above(w: Floats, p: Mapping[str, Floats]) -> Floats:
    return np.maximum(p["w_max"] - w, 0.0)


def _below(w: Floats, p: Mapping[str, Floats]) -> Floats:
    return np.maximum(w - p["w_min"], 0.0)


def _raised(share: Floats, exponent: Floats) -> Floats:
    """Return a power, exact for 0 and 1, with the same bits on all processors and in compiled code."""
    with np.errstate(invalid="ignore"):  # 0 times infinity, where the exponent is 0
        found = exp(exponent * log(share))
    return np.where(exponent == 0, 1.0, np.where(exponent == 1, share, found))


def _power(distance: Change, exponent: str) -> Change:
    """A power of the distance from the bound, in units of the span."""

    def change(w: Floats, p: Mapping[str, Floats]) -> Floats:
        span = _span(w, p)
        share = np.divide(distance(w, p), span, out=np.zeros_like(w), where=span > 0)
        result: Floats = span * _raised(np.minimum(share, 1.0), p[exponent])
        return result

    return change


WEIGHT_DEPENDENCES = {
    "additive": WeightDependence(_span, _span),
    "multiplicative": WeightDependence(_above, _below),
    "mixed": WeightDependence(_span, _below),
    "gutig": WeightDependence(
        _power(_above, "mu_plus"),
        _power(_below, "mu_minus"),
        ("mu_plus", "mu_minus"),
        (at_least_zero("mu_plus", "mu_minus"),),
    ),
}
"""By name; the distances from the bounds are those of Guetig et al. (2003), J. Neurosci. 23:3697, equation 2."""
