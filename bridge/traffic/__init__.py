"""Synthetic traffic: patterns, fan-out, measurement, and latency against load."""

from .generation import synthetic, uniform
from .measurement import Tally, TrafficResult, measure

__all__ = ["Tally", "TrafficResult", "measure", "synthetic", "uniform"]
