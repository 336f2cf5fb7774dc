"""The neurosynaptic core of a tile: axon events, synapses, neurons."""

from .neurosynaptic_core import NeurosynapticCore as NeurosynapticCore
from .params import CoreParams as CoreParams

__all__ = ["CoreParams", "NeurosynapticCore"]
