"""Spikes and connections of other programs, from their files and objects, as traces."""

from .connections import Connections
from .edges import read_connections
from .files import FORMATS, read_spikes
from .neo_objects import spikes_of_neo
from .spikes import ForeignSpikes, trace_of

__all__ = [
    "FORMATS",
    "Connections",
    "ForeignSpikes",
    "read_connections",
    "read_spikes",
    "spikes_of_neo",
    "trace_of",
]
