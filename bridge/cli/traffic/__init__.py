"""``synaptile traffic``: the network on chip alone, under synthetic traffic."""

from .command import add_arguments, run

__all__ = ["add_arguments", "run"]
