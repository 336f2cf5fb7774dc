"""Rules between parameters that several models have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..base.parameter_rules import Rule, require

__all__ = ["below"]


def below(name: str, bound: str) -> Rule:
    """Return the rule that a parameter must be below another one."""

    def check(parameters: Mapping[str, Any]) -> None:
        require(name, parameters[name], parameters[name] < parameters[bound], f"below {bound}")

    return check
