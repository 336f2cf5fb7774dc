"""The error of traces, and the rules of their fields."""

from __future__ import annotations

from typing import ClassVar

from ..base.archive_fields import ArchiveError, Fields

__all__ = ["FIELDS", "TraceError"]


class TraceError(ArchiveError):
    """A trace is inconsistent, or a file is not a (whole) trace; see `ArchiveError` for its attributes."""

    KIND: ClassVar = "synaptile trace"


FIELDS = Fields(TraceError)
"""The rules of the fields, as errors of a trace."""
