"""The pictures of a report: what draws each, and how to read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from synaptile.swsim.base.whole_file import write_bytes

from ..plots.run_data import PlottedRun
from .figures import changed_spikes, heatmap, latency, placement, raster, rhythm
from .style import Draw, to_png

__all__ = ["CHANGES", "PICTURES", "Picture", "draw_all", "pictures_of"]


@dataclass(frozen=True)
class Picture:
    """A picture: file name without ``.png``, heading, how to read it, and the function that draws it."""

    name: str
    heading: str
    caption: str
    draw: Draw

    @property
    def file_name(self) -> str:
        """Name of its PNG file."""
        return f"{self.name}.png"


PICTURES: tuple[Picture, ...] = (
    Picture(
        "raster",
        "Spikes",
        "Left: every spike at its time, one row per neuron, one colour per population. Right: how often each neuron "
        "fired, with the size and the mean rate of its population. A gap in the bars is a neuron that stayed silent.",
        raster,
    ),
    Picture(
        "placement",
        "Placement",
        "Every square is a tile, seen from above with north up, and filled like a glass: the coloured layers are the "
        "neurons of each population, the light part on top is free. Beside a tile's (row, column) stand its neurons "
        "and its capacity. Populations that talk much should share a tile or be neighbours.",
        placement,
    ),
    Picture(
        "heatmap",
        "Load of the mesh",
        "Squares are routers, the bluer the more flits crossed them. Arrows are links, one for each direction, flits "
        "keeping to the right; the wider and darker, the more flits per cycle, averaged over all cycles of the run, "
        "idle ones included. A link that is always busy carries 1 flit per cycle. Grey lines are links not used.",
        heatmap,
    ),
    Picture(
        "latency",
        "Latency",
        "Left: cycles from a packet's creation to the delivery of its head. The black outline is what the same packets "
        "would need in an empty network, hops + 1 cycles; everything right of it is waiting. Right: where the mean "
        "goes, by the number of hops: the way itself, the wait in the source's queue (spikes of one step leave a tile "
        "one after another), and the wait for other packets in the network. Short black lines: 99 % are within.",
        latency,
    ),
    Picture(
        "rhythm",
        "Rhythm and lateness",
        "Left: how much inter-spike intervals changed on the way, as the mean |ΔISI| of every flow (the packets of one "
        "neuron to one tile); 0 is a rhythm kept exactly. Right: the worst and the mean latency of the spikes fired in "
        "each step. Packets above the dashed line arrive in a later step than they would in software.",
        rhythm,
    ),
)
"""Every picture, in the order of the report."""


CHANGES = Picture(
    "changes",
    "Spikes that changed",
    "Both runs in one raster, one row per neuron: spikes that are the same, those that only the reference has (lost), "
    "those that only the chip has (new), and those that came at another time (moved), with a line from where they "
    "were.",
    changed_spikes,
)
"""The picture of what the chip changed."""


def pictures_of(run: PlottedRun) -> tuple[Picture, ...]:
    """Return the pictures of a run: `PICTURES`, and that of what the chip changed if it was compared."""
    return PICTURES if run.changes is None else (*PICTURES, CHANGES)


def draw_all(run: PlottedRun, folder: str | Path) -> list[Path]:
    """Draw every picture of a run into ``folder`` (made if need be), as PNG files named as the functions, each whole.

    Raises ``OSError`` if a file cannot be written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return [write_bytes(folder / picture.file_name, to_png(picture.draw(run))) for picture in pictures_of(run)]
