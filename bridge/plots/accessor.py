"""The figures of one run as methods: ``run.plot.latency(ax)``."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from .latencies import latency, latency_by_hops
from .mesh_load import heatmap
from .rhythm import isi_distortion, latency_over_time
from .run_data import PlottedRun
from .spike_changes import changed_spikes
from .spikes import firing_rates, raster
from .tiles import placement

__all__ = ["RunPlots"]


class RunPlots:
    """Draws figures of a run: each method is the function of that name in `synaptile.bridge.plots`, of this run.

    Parameters
    ----------
    run
        The run.
    """

    def __init__(self, run: PlottedRun) -> None:
        self._run = run

    def raster(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw every spike of the network at its time."""
        return raster(self._run, ax, **options)

    def firing_rates(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw how often each neuron fired."""
        return firing_rates(self._run, ax, **options)

    def placement(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw every tile, filled with its neurons."""
        return placement(self._run, ax, **options)

    def heatmap(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the load of routers and links."""
        return heatmap(self._run, ax, **options)

    def latency(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw a histogram of the latencies."""
        return latency(self._run, ax, **options)

    def latency_by_hops(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw what the mean latency is spent on."""
        return latency_by_hops(self._run, ax, **options)

    def latency_over_time(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw the worst and the mean latency of each step."""
        return latency_over_time(self._run, ax, **options)

    def isi_distortion(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw how much inter-spike intervals changed on the way."""
        return isi_distortion(self._run, ax, **options)

    def changed_spikes(self, ax: Axes | None = None, **options: Any) -> Axes:
        """Draw what the chip changed. Raises ``ValueError`` if the run was not compared."""
        return changed_spikes(self._run, ax, **options)
