"""Engines that run a chip of neurosynaptic cores."""

from .base import COUNTERS, CoreEngine, Spikes, Tick, Ticks
from .factory import core_engine_names, make_core_engine, register_core_engine
from .image import CoreImage, HostEvents

__all__ = [
    "COUNTERS",
    "CoreEngine",
    "CoreImage",
    "HostEvents",
    "Spikes",
    "Tick",
    "Ticks",
    "core_engine_names",
    "make_core_engine",
    "register_core_engine",
]
