"""Rules that parameters keep, with errors that name parameter, rule and value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

__all__ = ["Rule", "at_least_zero", "finite", "fraction", "positive", "require", "require_method"]

Rule = Callable[[Mapping[str, Any]], None]
"""Raises ``ValueError`` naming parameter, rule and value if parameters break it."""


def require(name: str, values: Any, valid: Any, rule: str) -> None:
    """Raise ``ValueError`` with the first of ``values`` for which ``valid`` is false; both are numbers or arrays."""
    if not np.all(valid):
        bad = np.extract(~np.asarray(valid), values)[0]
        raise ValueError(f"{name} must be {rule}, not {bad:g}")


def require_method(what: str, method: Any, methods: Sequence[str]) -> None:
    """Raise ``ValueError`` if ``method`` is none of ``methods``."""
    if not isinstance(method, str) or method not in methods:
        names = " or ".join(filter(None, [", ".join(map(repr, methods[:-1])), *map(repr, methods[-1:])]))
        raise ValueError(f"{what} must be {names}, not {method!r}")


def finite(*names: str) -> Rule:
    """Return the rule that those parameters are finite numbers."""

    def check(parameters: Mapping[str, Any]) -> None:
        for name in names:
            require(name, parameters[name], np.isfinite(parameters[name]), "finite")

    return check


def positive(*names: str) -> Rule:
    """Return the rule that those parameters are positive and finite."""

    def check(parameters: Mapping[str, Any]) -> None:
        for name in names:
            values = parameters[name]
            require(name, values, np.isfinite(values) & (values > 0), "positive and finite")

    return check


def at_least_zero(*names: str) -> Rule:
    """Return the rule that those parameters are at least 0 and not NaN."""

    def check(parameters: Mapping[str, Any]) -> None:
        for name in names:
            require(name, parameters[name], parameters[name] >= 0, "at least 0")

    return check


def fraction(*names: str) -> Rule:
    """Return the rule that those parameters lie between 0 and 1, both included."""

    def check(parameters: Mapping[str, Any]) -> None:
        for name in names:
            values = parameters[name]
            require(name, values, (values >= 0) & (values <= 1), "in 0..1")

    return check
