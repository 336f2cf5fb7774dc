"""One run of a network on a chip: everything that went in and came out, with what it takes to repeat it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from html import escape
from pathlib import Path
from typing import Any, Self

from synaptile.swsim.base.whole_file import write_text
from synaptile.swsim.trace import Trace

from . import plots, report
from .comparison.changes import Changes
from .comparison.reference import TRACE_NAME
from .config import ChipConfig
from .engines.base import Activity, Deliveries, Packets
from .json_text import write_json
from .limits.tile_clocks import ComputeReport
from .limits.weight_rounding import RoundedWeights
from .mapping import Mapping, MappingReport
from .metrics import Metrics
from .metrics.hardware_log import HardwareLog, save_hardware_log
from .metrics.on_chip import OnChipLog
from .onchip import ConversionReport, RateComparison, rate_rows
from .saved_run import LOG_NAME, REFERENCE_NAME, saved_run
from .tables import Table, run_tables, to_pandas, to_xarray, write_tables
from .text_table import html_table, text_table
from .versions import versions

__all__ = ["ChipRun"]


@dataclass(frozen=True, repr=False)
class ChipRun:
    """A finished (or interrupted) run.

    Attributes
    ----------
    config, trace, mapping, mapping_report
        The chip, the network's spikes and connections, and the tiles of its neurons.
    packets, deliveries, activity
        The packets sent, their arrivals, and the events that cost energy.
    metrics
        The figures computed from these.
    engine, seed
        The engine that ran the chip; the seed of the mapping.
    mode
        ``"replay"`` (the trace was given), ``"lock-step"`` (the network felt the delays) or ``"on-chip"`` (the neurons
        were those of the chip's cores).
    partial
        The run was interrupted.
    conversion, log
        On-chip: what became of the network in whole numbers, and what was seen of ticks, cores and the host's door. The
        packets and deliveries are then those with an event for an axon, and their ``neuron`` is the one that fired.
    rates
        On-chip, if the chip was given a trace of the network in software: firing rates beside those there.
    relaxed
        What the network does that the chip cannot, in lines: limits that the chip was told to relax.
    rounded
        In lock-step, the network's weights as the chip has them; None if they are those of software.
    compute
        What the work of the tiles took, where neurons are simulated in software; None if that is no time.
    changes, not_compared
        What is different from software, or from the trace that the chip was told to compare with; or why that is not
        known. Both are None if it was not asked for.
    """

    config: ChipConfig
    trace: Trace
    mapping: Mapping
    mapping_report: MappingReport
    packets: Packets
    deliveries: Deliveries
    activity: Activity
    metrics: Metrics
    engine: str
    mode: str
    seed: int
    partial: bool
    conversion: ConversionReport | None = None
    log: OnChipLog | None = None
    rates: tuple[RateComparison, ...] = ()
    relaxed: tuple[str, ...] = ()
    rounded: RoundedWeights | None = None
    compute: ComputeReport | None = None
    changes: Changes | None = None
    not_compared: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Metrics and everything that it takes to repeat the run, as JSON types."""
        return {
            "metrics": self.metrics.to_dict(),
            "mode": self.mode,
            "engine": self.engine,
            "seed": self.seed,
            "partial": self.partial,
            "network": {
                "neurons": self.trace.neurons,
                "synapses": self.trace.synapses,
                "steps": self.trace.steps,
                "dt_ms": self.trace.dt,
                "meta": dict(self.trace.meta),
            },
            "mapping": self.mapping_report.to_dict(),
            **({} if self.conversion is None else {"conversion": self.conversion.to_dict()}),
            **({"rates": [asdict(one) for one in self.rates]} if self.rates else {}),
            "relaxed": list(self.relaxed),
            **({} if self.compute is None else {"compute": self.compute.to_dict()}),
            **({} if self.rounded is None else {"weights": self.rounded.to_dict()}),
            **({} if self.changes is None else {"changes": self.changes.to_dict()}),
            **({} if self.not_compared is None else {"not_compared": self.not_compared}),
            "config": self.config.to_dict(annotated=True),
            "versions": versions(),
        }

    def rows(self) -> list[tuple[str, str, str]]:
        """The table: (what, value, unit)."""
        return self.metrics.rows() + self.conversion_rows()

    def conversion_rows(self) -> list[tuple[str, str, str]]:
        """What became of the network on the chip: weights, limits that it breaks, rates: (label, value, unit)."""
        rows = [
            *([] if self.compute is None else self.compute.rows()),
            *([] if self.rounded is None else self.rounded.rows()),
            *([] if self.conversion is None else self.conversion.rows()),
            *rate_rows(self.rates),
            *(("limit relaxed", text, "") for text in self.relaxed),
        ]
        return [(what[:1].upper() + what[1:], value, unit) for what, value, unit in rows]

    def save(self, folder: str | Path, *, page: bool = True, title: str | None = None) -> list[Path]:
        """Write ``metrics.json``, the trace (``snn.sw.out``), the hardware's log (``snn.hw.out``) and ``report.html``.

        Trace and log are all that `load` needs. The page is self-contained: it needs neither other files nor a network.

        If it was compared, also the trace that it was compared with (``snn.ref.out``) and what has changed in each
        population (``changes.csv``).

        Parameters
        ----------
        folder
            Made if need be.
        page
            Whether to write the page, which takes longer than all the rest.
        title
            Its heading; by default the chip, the mode and the engine.

        Returns
        -------
        list of Path
            The files written, the page last.

        Raises
        ------
        OSError
            If a file cannot be written.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        values = self.to_dict()
        log = HardwareLog(self.deliveries, self.packets, self.activity, values, self.mapping, self.log)
        written = [
            write_json(folder / "metrics.json", values),
            self.trace.save(folder / TRACE_NAME),
            save_hardware_log(folder / LOG_NAME, log),
        ]
        if self.changes is not None:
            written.append(self.changes.reference.save(folder / REFERENCE_NAME))
            written.append(write_text(folder / "changes.csv", self.changes.to_csv()))
        if page:
            heading = self._title if title is None else title
            written.append(report.write_report(self, folder, title=heading, links=list(written)))
        return written

    @property
    def plot(self) -> plots.RunPlots:
        """The figures of the page, each drawn into matplotlib Axes: ``run.plot.latency(ax)``."""
        return plots.RunPlots(self)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a run that `save` wrote: from its trace and its log, every metric is computed again.

        Raises
        ------
        FileNotFoundError
            If a file is not there.
        TraceError, HardwareLogError
            If one of them is damaged, of another version, of no run of a network, or of another run than the other.
        """
        return cls(**saved_run(folder))

    def tables(self) -> dict[str, Table]:
        """The run as tidy tables by name: deliveries, packets, spikes, synapses, neurons, populations, links, tiles.

        Also connections and pairs of populations, and pairs, links, routers and tiles over time. ``docs/files.md`` has
        their columns. They are computed by each call.
        """
        return run_tables(self)

    def save_tables(self, folder: str | Path, format: str = "csv") -> list[Path]:
        """Write `tables` into a folder, a file each, as ``"csv"`` or ``"parquet"``; return their paths.

        Raises `ConfigError` for another format, ``ModuleNotFoundError`` if pyarrow is needed and not installed (extra
        ``tables``), and ``OSError`` if a file cannot be written.
        """
        return write_tables(self.tables(), folder, format)

    def to_pandas(self) -> dict[str, Any]:
        """`tables` as pandas data frames by name; ``ModuleNotFoundError`` without pandas (extra ``tables``)."""
        return to_pandas(self.tables())

    def to_xarray(self) -> Any:
        """`tables` as one xarray dataset, variables named ``{table}_{column}``.

        Raises ``ModuleNotFoundError`` if xarray is not installed (extra ``tables``).
        """
        attributes = {name: getattr(self, name) for name in ("engine", "mode", "seed")}
        return to_xarray(self.tables(), {"chip": self.config.name, **attributes})

    def __str__(self) -> str:
        return self.table()

    def __repr__(self) -> str:
        return (
            f"<ChipRun {self._title}: {self.trace.neurons:,} neurons, {self.trace.spikes:,} spikes, "
            f"{len(self.packets):,} packets>"
        )

    def _repr_html_(self) -> str:
        """Return the table as notebooks show it."""
        html = html_table(self._title, self.rows())
        if self.changes is not None:
            html += (
                html_table(self.changes.title, self.changes.rows()) + f"<p>{escape(self.changes.first_difference)}</p>"
            )
        return html

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print the table where IPython has text only."""
        printer.text(repr(self) if cycle else str(self))

    @property
    def _title(self) -> str:
        return (
            f"{self.config.name}, {self.config.rows}×{self.config.cols} tiles, {self.mode}, "
            f"{self.engine} engine, seed {self.seed}" + (" (partial)" if self.partial else "")
        )

    def table(self, extra: Sequence[tuple[str, str, str]] = ()) -> str:
        """The metrics as text, after ``extra`` rows of (what, value, unit), and what the chip changed."""
        text = text_table(self._title, [*extra, *self.rows()])
        if self.changes is not None:
            return f"{text}\n\n{self.changes}"
        return text if self.not_compared is None else f"{text}\n\nNot compared: {self.not_compared}"
