"""Pictures of a run: spike raster, placement, load of the mesh, latency, rhythm.

Each function takes a `ChipRun` and gives a matplotlib ``Figure`` that belongs to no window and no global state; the
same run gives the same picture, byte for byte. Interrupted runs are marked in the title.
"""

from __future__ import annotations

from pathlib import Path

from synaptile.swsim.base.whole_file import write_bytes

from ..run import ChipRun
from .heatmap import heatmap
from .latency import latency
from .pictures import pictures_of
from .placement import placement
from .raster import raster
from .rhythm import rhythm
from .style import to_png

__all__ = ["draw_all", "heatmap", "latency", "placement", "raster", "rhythm", "to_png"]


def draw_all(run: ChipRun, folder: str | Path) -> list[Path]:
    """Draw every picture of a run into ``folder`` (made if need be), as PNG files named as the functions, each whole.

    Raises ``OSError`` if a file cannot be written.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return [write_bytes(folder / picture.file_name, to_png(picture.draw(run))) for picture in pictures_of(run)]
