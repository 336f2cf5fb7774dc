"""``synaptile demo``: handwritten digits on the chip."""

from .command import add_arguments, run

__all__ = ["add_arguments", "run"]
