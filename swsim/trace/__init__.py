"""The spike trace: what a simulation hands to the hardware, and the file that holds it."""

from .errors import TraceError
from .populations import PopulationSlice
from .trace import Trace

__all__ = ["PopulationSlice", "Trace", "TraceError"]
