"""The trade-offs of mappings of a network that has run: ``synaptile map --pareto`` as a function, and its result."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping as Values
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synaptile.swsim.trace import Trace

from .config import ChipConfig
from .mapped_trace import MappedTrace, number_text
from .mapping import Network
from .mapping.fan_in_split import FanInSplit, split_for_chip
from .mapping.placement.search import Progress
from .mapping.search import MappingSearch, Objective, Trial, weighted
from .mapping.search.front import search_front
from .text_table import column_table
from .versions import versions

__all__ = ["MappedFront", "map_front"]


@dataclass(frozen=True)
class MappedFront:
    """The front of several objectives: mappings none of which is better than another in all of them.

    Attributes
    ----------
    trace
        The network as it is mapped: with its neurons divided, if some had too many inputs.
    config
        The chip.
    objectives
        What should be small.
    points
        The mappings, ascending by the first objective. Their numbers count from 1.
    by, seed, time_limit
        What neurons counted in the search, its seed, and its time in seconds; None for no limit.
    cut, interrupted
        Whether it ended before it was done: another run may find other points; and whether by Ctrl-C.
    split
        How neurons were divided; None if none were.
    """

    trace: Trace
    config: ChipConfig
    objectives: tuple[str, ...]
    points: tuple[Trial, ...]
    by: str
    seed: int
    time_limit: float | None
    cut: bool = False
    interrupted: bool = False
    split: FanInSplit | None = None

    def point(self, number: int) -> MappedTrace:
        """Return one point, whose mapping can be drawn, given to a chip and saved.

        Raises ``ValueError`` if there is no point of that number.
        """
        if not 1 <= number <= len(self.points):
            raise ValueError(f"point must lie in 1..{len(self.points)}, the points of the front, not {number}")
        goal = Objective.of(dict.fromkeys(self.objectives, 1 / len(self.objectives)))
        search = MappingSearch(goal, [self.points[number - 1]])
        return MappedTrace(self.trace, self.config, search, self.by, self.seed, self.time_limit, self.split)

    def save(self, path: str | Path, number: int) -> Path:
        """Write a point's mapping as a file that ``--mapping`` and `Chip` take; return its path."""
        return self.point(number).save(path)

    def rows(self) -> list[dict[str, Any]]:
        """Each point as a flat row: its number, its partition, and what it costs."""
        return [
            {
                "point": number,
                "partition": trial.partition,
                "tiles": trial.tiles,
                "packets": trial.packets,
                **{name.replace("-", "_"): None if value != value else value for name, value in trial.values.items()},
            }
            for number, trial in enumerate(self.points, 1)
        ]

    def to_dict(self) -> dict[str, Any]:
        """JSON types: what was asked for, and every point."""
        return {
            "objectives": list(self.objectives),
            "by": self.by,
            "seed": self.seed,
            "time_limit_s": self.time_limit,
            "cut": self.cut,
            "interrupted": self.interrupted,
            **({} if self.split is None else {"split": self.split.to_dict()}),
            "front": self.rows(),
            "versions": versions(),
        }

    def to_csv(self) -> str:
        """Every point, a line each, with a header."""
        text, rows = io.StringIO(), self.rows()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue()

    def to_pandas(self) -> Any:
        """Every point, as a pandas data frame; ``ModuleNotFoundError`` without pandas."""
        import pandas

        return pandas.DataFrame(self.rows())

    @property
    def title(self) -> str:
        """The network, the chip, and what is to be small."""
        points = f"{len(self.points)} {'point' if len(self.points) == 1 else 'points'}"
        return (
            f"{self.trace.neurons:,} neurons on {self.config.name}, {self.config.rows}x{self.config.cols} tiles: "
            f"{points} on the front of {', '.join(self.objectives)}, seed {self.seed}"
        )

    def table(self) -> str:
        """The front as text."""
        names = list(self.points[0].values)
        header = ["point", "partition", "tiles", "packets", *names]
        rows = [
            [str(number), trial.partition, f"{trial.tiles:,}", f"{trial.packets:,}"]
            + [number_text(trial.values[name]) for name in names]
            for number, trial in enumerate(self.points, 1)
        ]
        return column_table(self.title, header, rows)

    def __str__(self) -> str:
        return self.table()


def map_front(
    trace: Trace,
    config: ChipConfig,
    objectives: Sequence[str] = ("spike-hops", "worst-link"),
    *,
    partitions: Sequence[str] | None = None,
    by: str = "spikes",
    rates: Values[str, float] | None = None,
    tiles: int | None = None,
    split: bool = True,
    seed: int = 0,
    time_limit: float | None = None,
    progress: Progress | None = None,
) -> MappedFront:
    """Search for the trade-offs of mappings of the network of a trace, as `search_front` does it.

    Parameters
    ----------
    trace, config
        The network's spikes and connections, and the chip.
    objectives, partitions, tiles, seed, time_limit, progress
        As for `search_front`.
    by, rates
        What its neurons count in the search, as for `weighted`.
    split
        Whether neurons with more inputs than a crossbar has axons are divided.

    Raises
    ------
    MappingError
        If the network does not fit by any partition tried; the message says what would.
    ValueError
        If a method, objective or population is unknown, or a value is out of its range.
    ModuleNotFoundError
        If pymoo is not installed; says how.
    """
    divided = None
    if split:
        trace, divided = split_for_chip(trace, config)
    network = Network.of_trace(trace)
    front = search_front(
        network,
        config,
        objectives,
        partitions=partitions,
        tiles=tiles,
        seed=seed,
        time_limit=time_limit,
        weights=weighted(network, by, rates),
        progress=progress,
    )
    return MappedFront(
        trace, config, tuple(objectives), front.points, by, seed, time_limit, front.cut, front.interrupted, divided
    )
