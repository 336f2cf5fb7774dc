"""From a network to the chip and back: configuration, mapping, engines, metrics, waveforms, reports, command line.

Each name is imported when it is first used, so that the command line starts quickly.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chip import Chip
    from .config import ChipConfig
    from .errors import ConfigError, MappingError
    from .run import ChipRun
    from .waves.recorder import VcdRecorder

__all__ = ["Chip", "ChipConfig", "ChipRun", "ConfigError", "MappingError", "VcdRecorder"]

_MODULES = {
    "Chip": ".chip",
    "ChipConfig": ".config",
    "ChipRun": ".run",
    "ConfigError": ".errors",
    "MappingError": ".errors",
    "VcdRecorder": ".waves.recorder",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
