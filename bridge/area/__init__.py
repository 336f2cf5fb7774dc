"""What the circuits of a chip take after synthesis."""

from .synthesis import BlockArea, ChipArea, chip_area

__all__ = ["BlockArea", "ChipArea", "chip_area"]
