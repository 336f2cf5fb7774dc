"""What the chip did to the spikes: every figure that is reported, and the hardware's log."""

from .summary import Metrics, compute_metrics

__all__ = ["Metrics", "compute_metrics"]
