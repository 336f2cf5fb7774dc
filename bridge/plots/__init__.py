"""Every figure of the report as a function that draws into matplotlib Axes of the caller's, or into a new figure.

``plots.latency(run, ax)`` draws into ``ax`` in whatever style is set, and returns it; nothing here opens a window or
changes a setting of matplotlib. ``docs/report.md`` lists them all.
"""

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .accessor import RunPlots
    from .latencies import latency, latency_by_hops
    from .load_curves import accepted_load, load_latency
    from .mesh_load import heatmap
    from .rhythm import isi_distortion, latency_over_time
    from .run_bars import side_by_side
    from .spike_changes import changed_spikes
    from .spikes import firing_rates, raster
    from .tiles import placement
    from .vcd_waves import waveform

__all__ = [
    "RunPlots",
    "accepted_load",
    "changed_spikes",
    "firing_rates",
    "heatmap",
    "isi_distortion",
    "latency",
    "latency_by_hops",
    "latency_over_time",
    "load_latency",
    "placement",
    "raster",
    "side_by_side",
    "waveform",
]

_MODULES = {
    "RunPlots": ".accessor",
    "accepted_load": ".load_curves",
    "changed_spikes": ".spike_changes",
    "firing_rates": ".spikes",
    "heatmap": ".mesh_load",
    "isi_distortion": ".rhythm",
    "latency": ".latencies",
    "latency_by_hops": ".latencies",
    "latency_over_time": ".rhythm",
    "load_latency": ".load_curves",
    "placement": ".tiles",
    "raster": ".spikes",
    "side_by_side": ".run_bars",
    "waveform": ".vcd_waves",
}

# matplotlib is imported when the first of them is drawn.
__getattr__ = lazy_names(__name__, _MODULES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
