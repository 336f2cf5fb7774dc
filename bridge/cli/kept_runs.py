"""The runs of a script that it has left behind with ``setup()`` or ``reset()``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synaptile.swsim import ExecutionPath
    from synaptile.swsim.trace import Trace

    from ..chip import Chip
    from ..run import ChipRun
    from .outcome import Recorders

__all__ = ["KeptRun", "KeptRuns", "described"]


def described(trace: Trace, mode: str, seed: int) -> dict[str, Any]:
    """Return what is told of a run that no chip took part in, as JSON types."""
    counts = {"neurons": trace.neurons, "synapses": trace.synapses, "spikes": trace.spikes, "steps": trace.steps}
    return {**counts, "mode": mode, "seed": seed, "partial": trace.partial, "meta": dict(trace.meta)}


_TABLES_FOLDER = "tables"


@dataclass
class KeptRun:
    """A run that is over.

    Attributes
    ----------
    values
        Its results as JSON types.
    folder
        Where its files are, None if none are written.
    trace, result
        Its trace, and what the chip did; None where they are needed no more.
    waves
        The files of its waveforms.
    paths
        Which way each population and projection was run.
    """

    values: Mapping[str, Any]
    folder: Path | None
    trace: Trace | None
    result: ChipRun | None
    waves: list[Path] = field(default_factory=list)
    paths: Sequence[ExecutionPath] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the results with the paths, as JSON types."""
        return {**self.values, "paths": [asdict(path) for path in self.paths]}


class KeptRuns:
    """Writes each run of a script to a folder of its own as soon as the script leaves it behind.

    Parameters
    ----------
    chip
        The chip that the script's networks run on.
    folder
        The run with number n, counted from 1, goes to ``run-n`` in there; None writes nothing.
    waves
        The chip's waveforms; they are written anew for each run.
    mode, seed
        For the results.
    tables
        The format in which tables are written beside them; None writes none.
    """

    def __init__(
        self, chip: Chip, folder: Path | None, waves: Recorders, *, mode: str, seed: int, tables: str | None = None
    ) -> None:
        self.runs: list[KeptRun] = []
        self._chip = chip
        self._folder = folder
        self._waves = waves
        self._mode = mode
        self._seed = seed
        self._tables = tables

    def keep(self, trace: Trace, hardware: object) -> None:
        """Write what has run so far; called by `synaptile.swsim` before it forgets it. Raises ``OSError``."""
        from synaptile.swsim import execution_paths

        if self.runs and self._mode != "replay":
            self.runs[-1].trace = self.runs[-1].result = None  # memory must not grow with their number
        place = None
        if self._folder is not None:
            place = self._folder / f"run-{len(self.runs) + 1}"
            place.mkdir(exist_ok=True)
            trace.save(place / "snn.sw.out")  # what has been computed is safe from here on
        kept = KeptRun(described(trace, self._mode, self._seed), place, trace, None, paths=execution_paths())
        self.runs.append(kept)
        result = self.result_of(hardware)
        if result is not None:
            self.add_result(kept, result)

    def result_of(self, hardware: object) -> ChipRun | None:
        """Return what the chip has done in the present run; None if it took no part in it, or none to its end."""
        if hardware is not self._chip:
            return None  # the script brought hardware of its own
        return self._chip.report() if self._chip.has_run else None

    def add_result(self, kept: KeptRun, result: ChipRun) -> None:
        """Write what the chip did in a run, and its waveforms. Raises ``OSError``."""
        kept.values, kept.result = result.to_dict(), result
        if kept.folder is None:
            return
        result.save(kept.folder, page=False)  # a script may have hundreds of runs
        if self._tables is not None:
            result.save_tables(kept.folder / _TABLES_FOLDER, self._tables)
        for path in self._waves.finish():
            kept.waves.append(path.replace(kept.folder / path.name))

    def take_last(self) -> KeptRun:
        """Take the last of the runs out of the list and its files out of its folder, for nothing has run after it."""
        last = self.runs.pop()
        if last.folder is not None and self._folder is not None:
            last.waves = [path.replace(self._folder / path.name) for path in last.waves]
            for name in ("snn.sw.out", "snn.hw.out", "snn.ref.out", "changes.csv", "metrics.json"):
                if (last.folder / name).exists():
                    (last.folder / name).replace(self._folder / name)
            _move_files(last.folder / _TABLES_FOLDER, self._folder / _TABLES_FOLDER)
            if not any(last.folder.iterdir()):
                last.folder.rmdir()
            last.folder = None
        return last

    def to_list(self) -> list[dict[str, Any]]:
        """Return the results of all, as JSON types, with the name of their folder."""
        return [{"folder": None if run.folder is None else run.folder.name, **run.to_dict()} for run in self.runs]


def _move_files(folder: Path, to: Path) -> None:
    """Move the files of a folder, if it is there, in place of those of an earlier run."""
    if not folder.is_dir():
        return
    to.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.replace(to / path.name)
    folder.rmdir()
