"""Colours of every picture, and the words in it: one palette, and labels that fit."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap

__all__ = [
    "GRID",
    "INK",
    "LINK_MAP",
    "MUTED",
    "ROUTER_MAP",
    "Swatch",
    "counted",
    "plain",
    "say_empty",
    "swatch",
]

INK, MUTED, GRID = "#1f2933", "#5b6673", "#d5dae0"

# Okabe and Ito, "Color universal design" (2008), without black (text) and yellow (too faint on paper), one grey added.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A8F98")
_HATCHES = ("", "////", "....", "xxxx", "----", "oo")

ROUTER_MAP: Colormap = LinearSegmentedColormap.from_list("routers", ["#f1f5f9", "#9cc3de", "#2f7fb5", "#083a66"])
"""White to blue: what happens in a router."""
LINK_MAP: Colormap = LinearSegmentedColormap.from_list("links", ["#f2c288", "#e07b39", "#b2331f", "#5c0a12"])
"""Orange to dark red: what happens on a link; distinct from `ROUTER_MAP` with any colour vision."""


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
