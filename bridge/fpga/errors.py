"""What can go wrong on the way to a bitstream."""

from __future__ import annotations

__all__ = ["ClockNotMet", "DoesNotFit", "ToolError", "ToolUnavailable", "UnknownBoard"]


class ToolUnavailable(RuntimeError):  # noqa: N818 - what is missing is not wrong
    """A tool is not installed."""


class ToolError(RuntimeError):
    """A tool failed; ``log`` is all that it said."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.log = log


class UnknownBoard(ValueError):  # noqa: N818
    """There is no such board; the message names those that there are."""


class DoesNotFit(ValueError):  # noqa: N818
    """The design needs more than the FPGA has; the message says of what, by how much, and what to reduce to what."""


class ClockNotMet(ValueError):  # noqa: N818
    """The design is slower than was asked; the message has the slowest path and what can be done."""
