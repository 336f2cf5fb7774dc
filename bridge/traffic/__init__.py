"""Synthetic traffic: patterns, fan-out, measurement, and latency against load."""

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

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


# Not before it is needed: the command line asks for the names of the patterns only.
__getattr__ = lazy_names(__name__, _MODULES)
