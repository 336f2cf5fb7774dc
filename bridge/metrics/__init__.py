"""Metrics of a run: every figure that is reported, and the hardware's log."""

from .run_data import RunData
from .summary import Metrics, compute_metrics

__all__ = ["Metrics", "RunData", "compute_metrics"]
