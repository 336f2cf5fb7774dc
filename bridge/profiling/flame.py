"""The flame graph of a profile as a picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from .phases import IMPORTS, OTHER, PHASES, Frame, phase_of
from .stacks import Profile

__all__ = ["draw_flame_graph"]

_COLOURS = dict(
    zip(
        PHASES,
        ("#e6b84d", "#8fb573", "#4f9d69", "#b07cc6", "#4b86c6", "#d9775f", "#b9b9b9", "#8c8c8c", "#d8d8d8"),
        strict=True,
    )
)
_LEAST = 0.002
_LETTER = 0.0055
"""The share of the whole width below which a function is left out, and that of a letter."""

_LOWEST, _LEVEL = 3.0, 0.13
"""Height of the figure at least, and for each level, in inches."""


@dataclass
class _Node:
    """A function called by those above it, and how long it ran."""

    seconds: float = 0.0
    calls: dict[Frame, _Node] = field(default_factory=dict)


def draw_flame_graph(profile: Profile, ax: Axes | None = None) -> Axes:
    """Draw who called whom, outermost functions at the bottom, as wide as they took time, coloured by phase.

    The functions of the command line that all others stand on, Python's own of importing, and those that took less than
    0.2 % of the time, are left out; a module that is loaded has its name.

    Parameters
    ----------
    profile
        What was running.
    ax
        Where to draw; by default in a new figure.
    """
    root = _tree(profile)
    whole = root.seconds or 1.0
    height = max(_LOWEST, _LEVEL * _depth(root, whole))
    axes = Figure(figsize=(12, height), layout="constrained").subplots() if ax is None else ax
    depth = _draw(axes, root, (), 0.0, whole, profile.script)
    axes.set(xlim=(0, root.seconds or 1.0), ylim=(0, max(1, depth)), xlabel="s", yticks=[])
    found = profile.phases()
    handles = [Patch(color=_COLOURS[phase], label=f"{phase}, {found[phase]:.2f} s") for phase in PHASES if found[phase]]
    if handles:
        axes.legend(handles=handles, fontsize="small", loc="upper right")
    return axes


def _tree(profile: Profile) -> _Node:
    root = _Node()
    for stack, seconds in profile.stacks.items():
        node = root
        node.seconds += seconds
        for frame in _shown(stack, profile.script):
            node = node.calls.setdefault(frame, _Node())
            node.seconds += seconds
    return root


def _shown(stack: tuple[Frame, ...], script: str | None) -> list[Frame]:
    """Return the functions of a stack that are drawn."""
    begin = 0
    while begin < len(stack) - 1 and phase_of(stack[: begin + 1], script) == OTHER:
        begin += 1
    return [frame for frame in stack[begin:] if phase_of((frame,)) != IMPORTS]


def _depth(node: _Node, whole: float) -> int:
    """How many levels of functions are drawn."""
    return max((1 + _depth(call, whole) for call in node.calls.values() if call.seconds >= _LEAST * whole), default=0)


def _draw(axes: Axes, node: _Node, above: tuple[Frame, ...], left: float, whole: float, script: str | None) -> int:
    """Draw what a function calls, the longest first; return how many levels that took."""
    deepest = len(above)
    for frame, call in sorted(node.calls.items(), key=lambda item: -item[1].seconds):
        if call.seconds >= _LEAST * whole:
            stack = (*above, frame)
            colour = _COLOURS[phase_of(stack, script)]
            axes.add_patch(
                Rectangle((left, len(above)), call.seconds, 1, facecolor=colour, edgecolor="white", linewidth=0.5)
            )
            letters = int(call.seconds / whole / _LETTER)
            if letters > 2:
                name = Path(frame[1]).stem if frame[0] == "<module>" else frame[0]
                axes.text(
                    left,
                    len(above) + 0.5,
                    f" {name[:letters]}",
                    va="center",
                    fontsize=6,
                    clip_on=True,
                    parse_math=False,
                )
            deepest = max(deepest, _draw(axes, call, stack, left, whole, script))
        left += call.seconds
    return max(deepest, len(above))
