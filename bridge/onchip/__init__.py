"""A network in a chip of cores: whole-number neurons, axons, destination tables, and the chip as a model."""

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .convert import SCALES, convert
    from .model import OnChipModel
    from .program import OnChipProgram
    from .report import ConversionReport

_MODULES = {
    "SCALES": ".convert",
    "ConversionReport": ".report",
    "OnChipModel": ".model",
    "OnChipProgram": ".program",
    "convert": ".convert",
}

__all__ = ["SCALES", "ConversionReport", "OnChipModel", "OnChipProgram", "convert"]


__getattr__ = lazy_names(__name__, _MODULES)
