"""From a network to the chip and back: configuration, mapping, engines, metrics, waveforms, reports, command line."""

from .chip import Chip
from .config import ChipConfig
from .errors import ConfigError, MappingError
from .run import ChipRun
from .waves.recorder import VcdRecorder

__all__ = ["Chip", "ChipConfig", "ChipRun", "ConfigError", "MappingError", "VcdRecorder"]
