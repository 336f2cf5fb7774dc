"""Rules between parameters that several models have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..base.parameter_rules import Rule, require

__all__ = ["MAX_BITS", "below", "of_bits", "whole"]

MAX_BITS = 32
"""The most bits of a potential in whole numbers: sums of potentials and weights are exact in double precision."""


def below(name: str, bound: str) -> Rule:
    """Return the rule that a parameter must be below another one."""

    def check(parameters: Mapping[str, Any]) -> None:
        require(name, parameters[name], parameters[name] < parameters[bound], f"below {bound}")

    return check


def whole(name: str, lowest: float, highest: float) -> Rule:
    """Return the rule that a parameter must be a whole number in a range, ends included."""

    def check(parameters: Mapping[str, Any]) -> None:
        values = parameters[name]
        valid = (values >= lowest) & (values <= highest) & (values == np.floor(values))
        require(name, values, valid, f"a whole number in {lowest:.0f}..{highest:.0f}")

    return check


def of_bits(*names: str, signed: bool = True) -> Rule:
    """Return the rule that parameters must be whole numbers of ``bits`` bits, in two's complement; or not negative."""

    def check(parameters: Mapping[str, Any]) -> None:
        half = 2.0 ** (np.asarray(parameters["bits"]) - 1)
        for name in names:
            values = parameters[name]
            valid = (values >= (-half if signed else 0)) & (values < half) & (values == np.floor(values))
            require(name, values, valid, "a whole number of that many bits" + ("" if signed else ", not negative"))

    return check
