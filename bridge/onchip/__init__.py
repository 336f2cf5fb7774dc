"""A network in a chip of cores: whole-number neurons, axons, destination tables, and the chip as a model."""

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .convert import SCALES, convert
    from .model import OnChipModel
    from .program import OnChipProgram
    from .rates import RateComparison, compare_rates, rate_rows
    from .report import ConversionReport

_MODULES = {
    "SCALES": ".convert",
    "ConversionReport": ".report",
    "OnChipModel": ".model",
    "OnChipProgram": ".program",
    "RateComparison": ".rates",
    "compare_rates": ".rates",
    "convert": ".convert",
    "rate_rows": ".rates",
}

__all__ = [
    "SCALES",
    "ConversionReport",
    "OnChipModel",
    "OnChipProgram",
    "RateComparison",
    "compare_rates",
    "convert",
    "rate_rows",
]


__getattr__ = lazy_names(__name__, _MODULES)
