"""The report of a run: one self-contained page with its numbers, its pictures, and what it takes to repeat it."""

from .page import write_report

__all__ = ["write_report"]
