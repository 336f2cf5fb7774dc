"""The Axes that a figure is drawn into, its title and its legend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["axes_for", "styled", "title_of"]


def axes_for(ax: Axes | None) -> Axes:
    """Return the Axes given, or those of a new figure that belongs to no window.

    Raises ``TypeError`` if it is something else, such as the array of several that ``plt.subplots`` returns.
    """
    if ax is None:
        return Figure(layout="constrained").subplots()
    if not isinstance(ax, Axes):
        raise TypeError(f"ax must be one matplotlib Axes, not {type(ax).__name__}")
    return ax


def title_of(title: str | None, own: str, *, partial: bool) -> str:
    """Return the title that was asked for, else the picture's own, with a mark if the run was interrupted."""
    if title is not None:
        return title
    return f"{own} — PARTIAL RUN" if partial else own


def styled(own: Mapping[str, Any], style: Mapping[str, Any]) -> dict[str, Any]:
    """Return properties of an artist: the picture's own, but for those that the caller gives."""
    return {**own, **style}
