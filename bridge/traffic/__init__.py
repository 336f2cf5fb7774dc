"""Synthetic traffic: patterns, fan-out, measurement, and latency against load."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .generation import synthetic, uniform
    from .measurement import Tally, TrafficResult, measure

__all__ = ["Tally", "TrafficResult", "measure", "synthetic", "uniform"]

_MODULES = {
    "Tally": ".measurement",
    "TrafficResult": ".measurement",
    "measure": ".measurement",
    "synthetic": ".generation",
    "uniform": ".generation",
}


def __getattr__(name: str) -> Any:
    # Not before it is needed: the command line asks for the names of the patterns only.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
    return value
