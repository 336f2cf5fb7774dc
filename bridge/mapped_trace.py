"""Search for the mapping of a network that has run: ``synaptile map`` as a function, and its result."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping as Values
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synaptile.swsim.trace import Trace

from .chip import Chip
from .config import ChipConfig
from .mapping import GivenMapping, Mapping, Network, save_mapping
from .mapping.fan_in_split import FanInSplit, split_for_chip
from .mapping.search import MappingSearch, Trial, search_mapping, weighted
from .mapping.search.find import Progress
from .text_table import column_table
from .versions import versions

__all__ = ["MappedTrace", "map_trace"]

_NUMBERS = {
    "late-spikes": lambda metrics: float(metrics.late.count),
    "latency-mean": lambda metrics: _of_packets(metrics.latency.mean),
    "latency-p99": lambda metrics: _of_packets(metrics.latency.p99),
    "isi-distortion": lambda metrics: _of_packets(metrics.isi.change.mean),
    "disorder": lambda metrics: _of_packets(metrics.disorder.mean),
}


def _of_packets(value: float | None) -> float:
    """A figure of packets; 0 where there is none, for nothing can be better."""
    return 0.0 if value is None else float(value)


@dataclass(frozen=True)
class MappedTrace:
    """What a search for a mapping found.

    Attributes
    ----------
    trace
        The network as it is mapped: with its neurons divided, if some had too many inputs.
    config
        The chip.
    search
        All mappings that were tried, and the best of them.
    by, seed, time_limit
        What neurons counted in the search, its seed, and its time in seconds; None for no limit.
    split
        How neurons were divided; None if none were.
    """

    trace: Trace
    config: ChipConfig
    search: MappingSearch
    by: str
    seed: int
    time_limit: float | None
    split: FanInSplit | None = None
    _network: Network | None = field(default=None, repr=False)

    @property
    def best(self) -> Trial:
        """The best mapping that was tried, with what it costs."""
        return self.search.best

    @property
    def mapping(self) -> Mapping:
        """The best mapping."""
        found = self.best.mapping
        assert found is not None  # `best` failed otherwise
        return found

    @property
    def partial(self) -> bool:
        """Whether the search was interrupted."""
        return self.search.interrupted

    def given(self) -> GivenMapping:
        """The best mapping as `Chip` takes it."""
        return given_mapping(self.best)

    def save(self, path: str | Path) -> Path:
        """Write the best mapping as a file that ``--mapping`` and `Chip` take; return its path."""
        best = self.best
        assert best.mapping is not None
        assert best.report is not None
        network = self._network or Network.of_trace(self.trace)
        return save_mapping(path, network, self.config, best.mapping, best.report, self.to_dict(trials=False))

    def to_dict(self, *, trials: bool = True) -> dict[str, Any]:
        """JSON types: the best mapping's costs, what was asked for, and every trial."""
        return {
            "objective": dict(self.search.objective.weights),
            "by": self.by,
            "seed": self.seed,
            "time_limit_s": self.time_limit,
            "interrupted": self.search.interrupted,
            "rounds": self.search.rounds,
            "best": self.best.to_dict(),
            **({} if self.split is None else {"split": self.split.to_dict()}),
            **({"trials": [trial.to_dict() for trial in self.search.trials]} if trials else {}),
            "versions": versions(),
        }

    def table(self) -> str:
        """Every mapping that was tried, as text; the best has a star."""
        header, rows = self._columns()
        more = f"\n{self.search.rounds:,} more rounds from the best" if self.search.rounds else ""
        return column_table(self.title, header, rows) + more

    @property
    def title(self) -> str:
        """The network, the chip, and what is to be small."""
        weights = self.search.objective.weights
        goal = " + ".join(name if weight == 1 else f"{weight:g} × {name}" for name, weight in weights.items())
        return (
            f"{self.trace.neurons:,} neurons on {self.config.name}, {self.config.rows}x{self.config.cols} tiles, "
            f"for {goal}, seed {self.seed}"
        )

    def _columns(self) -> tuple[list[str], list[list[str]]]:
        names = list(dict.fromkeys(name for trial in self.search.trials for name in trial.values))
        header = ["", "partition", "placement", "tiles", "packets", *names, "value", "s", ""]
        best = self.best
        rows = []
        for trial in self.search.trials:
            values = [number_text(trial.values.get(name)) for name in names]
            if trial.mapping is None:
                tiles, packets, value = "–", "–", "–"
            else:
                tiles, packets, value = f"{trial.tiles:,}", f"{trial.packets:,}", f"{trial.value:.4g}"
            failure = "" if trial.failure is None else trial.failure.splitlines()[0][:60]
            mark = "*" if trial is best else ""
            rows.append(
                [
                    mark,
                    trial.partition,
                    trial.placement,
                    tiles,
                    packets,
                    *values,
                    value,
                    f"{trial.seconds:.2f}",
                    failure,
                ]
            )
        return header, rows

    def to_csv(self) -> str:
        """Every mapping that was tried, a line each, with a header."""
        names = list(dict.fromkeys(name for trial in self.search.trials for name in trial.to_dict()))
        text = io.StringIO()
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows(trial.to_dict() for trial in self.search.trials)
        return text.getvalue()

    def to_pandas(self) -> Any:
        """Every mapping that was tried, as a pandas data frame; ``ModuleNotFoundError`` without pandas."""
        import pandas

        return pandas.DataFrame([trial.to_dict() for trial in self.search.trials])

    def __str__(self) -> str:
        return self.table()


def number_text(value: float | None) -> str:
    if value is None or value != value:
        return "–"
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,.4g}"


def given_mapping(trial: Trial) -> GivenMapping:
    """Return a trial's mapping as `Chip` takes it."""
    assert trial.mapping is not None
    return _given(trial.mapping, (trial.partition, trial.placement))


def _given(mapping: Mapping, methods: tuple[str, str]) -> GivenMapping:
    return GivenMapping(Path("mapping"), mapping.tile.astype("int64"), mapping.slot.astype("int64"), methods)


def map_trace(
    trace: Trace,
    config: ChipConfig,
    *,
    partitions: Sequence[str] | None = None,
    placements: Sequence[str] | None = None,
    objective: str | Values[str, float] = "spike-hops",
    by: str = "spikes",
    rates: Values[str, float] | None = None,
    tiles: int | None = None,
    split: bool = True,
    seed: int = 0,
    time_limit: float | None = 10.0,
    engine: str = "auto",
    threads: int = 1,
    progress: Progress | None = None,
) -> MappedTrace:
    """Search for a mapping of the network of a trace, as `search_mapping` does it.

    Parameters
    ----------
    trace
        The network's spikes and connections.
    config
        The chip.
    partitions, placements, objective, tiles, seed, time_limit, progress
        As for `search_mapping`.
    by, rates
        What its neurons count in the search, as for `weighted`.
    split
        Whether neurons with more inputs than a crossbar has axons are divided.
    engine, threads
        What runs the chip for objectives that take a run.

    Raises
    ------
    MappingError
        If the network does not fit by any method tried; the message says what would.
    ValueError
        If a method, objective or population is unknown, or a value is out of its range.
    """
    divided = None
    if split:
        trace, divided = split_for_chip(trace, config)
    network = Network.of_trace(trace)

    def simulate(mapping: Mapping) -> dict[str, float]:
        chip = Chip(config, engine=engine, threads=threads, mapping=_given(mapping, ("tried", "tried")), split=False)
        run = chip.replay(trace)
        if run.partial and not trace.partial:
            raise KeyboardInterrupt  # which the replay has caught
        return {name: take(run.metrics) for name, take in _NUMBERS.items()}

    search = search_mapping(
        network,
        config,
        partitions=partitions,
        placements=placements,
        objective=objective,
        tiles=tiles,
        seed=seed,
        time_limit=time_limit,
        weights=weighted(network, by, rates),
        simulate=simulate,
        progress=progress,
    )
    return MappedTrace(trace, config, search, by, seed, time_limit, divided, network)
