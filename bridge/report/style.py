"""The look of every picture: one palette, one set of fonts, and the same bytes for the same run."""

from __future__ import annotations

import functools
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ParamSpec

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from ..run import ChipRun

__all__ = [
    "GRID",
    "INK",
    "LINK_MAP",
    "MUTED",
    "ROUTER_MAP",
    "Draw",
    "Swatch",
    "counted",
    "plain",
    "say_empty",
    "styled",
    "swatch",
    "to_png",
    "with_state",
]

_P = ParamSpec("_P")

Draw = Callable[["ChipRun"], Figure]
"""A function that draws one picture of a run."""

INK, MUTED, GRID = "#1f2933", "#5b6673", "#d5dae0"

# Okabe and Ito, "Color universal design" (2008), without black (text) and yellow (too faint on paper), one grey added.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A8F98")
_HATCHES = ("", "////", "....", "xxxx", "----", "oo")

ROUTER_MAP: Colormap = LinearSegmentedColormap.from_list("routers", ["#f1f5f9", "#9cc3de", "#2f7fb5", "#083a66"])
"""White to blue: what happens in a router."""
LINK_MAP: Colormap = LinearSegmentedColormap.from_list("links", ["#f2c288", "#e07b39", "#b2331f", "#5c0a12"])
"""Orange to dark red: what happens on a link; distinct from `ROUTER_MAP` with any colour vision."""

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


def with_state(run: ChipRun, title: str) -> str:
    """The title of a picture, with a mark if the run was interrupted."""
    return f"{title} — PARTIAL RUN" if run.partial else title


def say_empty(axes: Axes, text: str) -> None:
    """Say in the middle of empty axes why they are empty."""
    axes.set(xticks=[], yticks=[])
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=MUTED, fontsize=11)


@dataclass(frozen=True)
class Swatch:
    """The look of a population; hatches distinguish those of one colour."""

    colour: str
    hatch: str


def swatch(number: int) -> Swatch:
    """The look of population ``number``; the first seven have colours of their own."""
    return Swatch(_COLOURS[number % len(_COLOURS)], _HATCHES[number // len(_COLOURS) % len(_HATCHES)])


def counted(count: int, noun: str) -> str:
    """A number of things, such as "1 spike" or "1,200 spikes"."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def plain(text: str, limit: int = 28) -> str:
    """A user's label on one line, cut if it would not fit, its dollar signs not taken for mathematics."""
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in " ".join(text.split()))
    return (text if len(text) <= limit else text[: limit - 1] + "…").replace("$", r"\$")
