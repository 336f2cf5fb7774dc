"""What can go wrong between a host and its board; each message is one line that says what to do."""

from __future__ import annotations

__all__ = ["LinkError", "LinkLost", "NoBoard", "PortError", "WrongChip"]


class LinkError(RuntimeError):
    """The board cannot be used."""


class PortError(LinkError):
    """There is no such port, or it is busy, or may not be used."""


class NoBoard(LinkError):  # noqa: N818 - what is missing is not wrong
    """Nothing answers, or something that is no board of ours."""


class WrongChip(LinkError):  # noqa: N818
    """The board has another chip than the one that it should have."""


class LinkLost(LinkError):  # noqa: N818
    """The board was there, and is not any more."""
