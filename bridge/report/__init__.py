"""The report of a run: one self-contained page with its numbers, its pictures, and what it takes to repeat it."""

from typing import TYPE_CHECKING

from ..lazy_names import lazy_names

if TYPE_CHECKING:
    from .page import write_report

__all__ = ["write_report"]

# A run can write its page, but what that takes is imported when it does.
__getattr__ = lazy_names(__name__, {"write_report": ".page"})
