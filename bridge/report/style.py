"""The look of the report's pictures: one set of fonts and sizes, and the same bytes for the same run."""

from __future__ import annotations

import functools
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec

import matplotlib.style
from matplotlib.figure import Figure

from ..plots.run_data import PlottedRun
from ..plots.style import GRID, INK, MUTED

__all__ = ["Draw", "styled", "to_png"]

_P = ParamSpec("_P")

Draw = Callable[[PlottedRun], Figure]
"""A function that draws one picture of a run."""

_STYLE: dict[str, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # comes with matplotlib: the same letters on every machine
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titlelocation": "left",
    "axes.titlepad": 8.0,
    "axes.labelsize": 9.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.framealpha": 1.0,
    "legend.facecolor": "white",
    "legend.edgecolor": "none",
    "legend.fontsize": 8.5,
    "figure.titlesize": 12.0,
    "figure.titleweight": "bold",
    "hatch.linewidth": 0.6,
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
}


@contextmanager
def _style() -> Iterator[None]:
    # "default" first: a user's own matplotlibrc must not change the pictures.
    with matplotlib.style.context(["default", _STYLE]):
        yield


def styled(draw: Callable[_P, Figure]) -> Callable[_P, Figure]:
    """Make a drawing function use this style whatever matplotlib's settings are."""

    @functools.wraps(draw)
    def styled_draw(*args: _P.args, **kwargs: _P.kwargs) -> Figure:
        with _style():
            return draw(*args, **kwargs)

    return styled_draw


def to_png(figure: Figure, dpi: int = 150) -> bytes:
    """A figure as PNG; without date or software in it, so that the same run gives the same bytes."""
    buffer = io.BytesIO()
    with _style(), warnings.catch_warnings():
        # A name in letters that the font does not have has boxes in the picture; the page has it right.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return buffer.getvalue()
