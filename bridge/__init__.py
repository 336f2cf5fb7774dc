"""From a network to the chip and back: configuration, mapping, engines, metrics, waveforms, reports, command line.

Each name is imported when it is first used, so that the command line starts quickly.
"""

from typing import TYPE_CHECKING

from .lazy_names import lazy_names

if TYPE_CHECKING:
    from .chip import Chip
    from .comparison.side_by_side import compare
    from .comparison.traces import compare_traces
    from .config import ChipConfig
    from .errors import ConfigError, MappingError
    from .mapped_front import MappedFront, map_front
    from .mapped_trace import MappedTrace, map_trace
    from .run import ChipRun
    from .waves.recorder import VcdRecorder

__all__ = [
    "Chip",
    "ChipConfig",
    "ChipRun",
    "ConfigError",
    "MappedFront",
    "MappedTrace",
    "MappingError",
    "VcdRecorder",
    "compare",
    "compare_traces",
    "map_front",
    "map_trace",
]

_MODULES = {
    "Chip": ".chip",
    "ChipConfig": ".config",
    "ChipRun": ".run",
    "ConfigError": ".errors",
    "MappedFront": ".mapped_front",
    "MappedTrace": ".mapped_trace",
    "MappingError": ".errors",
    "VcdRecorder": ".waves.recorder",
    "compare": ".comparison.side_by_side",
    "compare_traces": ".comparison.traces",
    "map_front": ".mapped_front",
    "map_trace": ".mapped_trace",
}


__getattr__ = lazy_names(__name__, _MODULES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
