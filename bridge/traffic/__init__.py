"""Synthetic traffic: patterns, fan-out, measurement, and latency against load."""

from .measurement import Tally, TrafficResult, measure
from .generation import synthetic, uniform

__all__ = ["Tally", "TrafficResult", "measure", "synthetic", "uniform"]
