"""What a run is, read back from the files in its folder: every figure is computed from them again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from synaptile.swsim.trace import Trace

from .comparison.changes import Changes
from .comparison.reference import TRACE_NAME
from .config import ChipConfig
from .limits.tile_clocks import ComputeReport
from .limits.weight_rounding import RoundedWeights
from .mapping import MappedNetwork, Network
from .mapping import Mapping as TileMapping
from .mapping.restored import restored_report
from .metrics import Metrics, RunData, compute_metrics
from .metrics.hardware_log import HardwareLog, HardwareLogError, load_hardware_log
from .metrics.on_chip import OnChipMetrics, OnChipRunData
from .onchip import ConversionReport, RateComparison

__all__ = ["LOG_NAME", "REFERENCE_NAME", "saved_run"]

LOG_NAME = "snn.hw.out"
REFERENCE_NAME = "snn.ref.out"


def saved_run(folder: str | Path) -> dict[str, Any]:
    """Return the attributes of the `ChipRun` that was saved in a folder, its metrics computed from the files.

    ``snn.sw.out`` and ``snn.hw.out`` are read, and ``snn.ref.out`` if the run was compared.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    TraceError, HardwareLogError
        If one of them is damaged, of another version, of no run of a network, or of another run than the other.
    """
    folder = Path(folder)
    trace, log = Trace.load(folder / TRACE_NAME), load_hardware_log(folder / LOG_NAME)
    try:
        return _attributes(folder, trace, log)
    except HardwareLogError as error:
        raise error.located(folder / LOG_NAME) from None
    except (KeyError, TypeError) as error:
        raise HardwareLogError("header", "be that of a run", str(error), folder / LOG_NAME) from None


def _attributes(folder: Path, trace: Trace, log: HardwareLog) -> dict[str, Any]:
    header = log.header
    if log.mapping is None:
        raise HardwareLogError("the log", "be of a run of a network, with its mapping", "of synthetic traffic")
    _check_of_one_run(trace, log)
    config = ChipConfig(**header["config"])
    mapping = _on_chip_of(config, log)
    network = Network.of(trace.neurons, trace.pre, trace.post, populations=trace.populations)
    data = (log.deliveries, log.packets, log.activity, MappedNetwork(network, mapping), trace, config)
    metrics: Metrics
    done = header["metrics"]["energy"]["inferences"]
    compute, rounded = header.get("compute"), header.get("weights")
    if log.on_chip is None:
        # Where work takes time, packets may be created in a later step than that of their spike.
        fired = None if compute is None else log.deliveries.stamp
        metrics = compute_metrics(RunData(*data, fired=fired, inferences=done))
    else:
        # Ticks that end when all is done begin in cycles of their own.
        starts = None if config.tick == "fixed" else log.on_chip.starts
        metrics = OnChipMetrics.of(OnChipRunData(*data, starts=starts, inferences=done, log=log.on_chip))
    conversion, changes = header.get("conversion"), header.get("changes")
    found = None
    if changes is not None:
        found = Changes.restored(Trace.load(folder / REFERENCE_NAME), trace, changes)
    return {
        "config": config,
        "trace": trace,
        "mapping": mapping,
        "mapping_report": restored_report(mapping, header["mapping"]),
        "packets": log.packets,
        "deliveries": log.deliveries,
        "activity": log.activity,
        "metrics": metrics,
        **{name: header[name] for name in ("engine", "mode", "seed", "partial")},
        "conversion": None if conversion is None else ConversionReport.from_dict(conversion),
        "log": log.on_chip,
        "rates": tuple(RateComparison(**one) for one in header.get("rates", ())),
        "relaxed": tuple(header["relaxed"]),
        "rounded": None if rounded is None else RoundedWeights.from_dict(rounded),
        "compute": None if compute is None else ComputeReport(**compute),
        "changes": found,
        "not_compared": header.get("not_compared"),
    }


def _on_chip_of(config: ChipConfig, log: HardwareLog) -> TileMapping:
    """Return the mapping with the crossbar of its chip, which says where its numbers are from.

    Raises `HardwareLogError` if the chip has other tiles than the mapping.
    """
    assert log.mapping is not None
    for name, found, expected in (
        ("mesh", (log.mapping.rows, log.mapping.cols), config.mesh),
        *((f"crossbar.{side}", getattr(log.mapping.crossbar, side), getattr(config.crossbar, side)) for side in _SIDES),
    ):
        if found != expected:
            raise HardwareLogError(name, f"be the {found} of the mapping", expected)
    return replace(log.mapping, crossbar=config.crossbar)


_SIDES = ("axons", "neurons")


def _check_of_one_run(trace: Trace, log: HardwareLog) -> None:
    """Raise `HardwareLogError` if a trace is not of the run that the log is of."""
    said: Mapping[str, Any] = log.header["network"]
    found = {"neurons": trace.neurons, "synapses": trace.synapses, "steps": trace.steps, "dt_ms": trace.dt}
    found["spikes"] = trace.spikes
    expected = {**{name: said[name] for name in found if name != "spikes"}, "spikes": log.header["metrics"]["spikes"]}
    assert log.mapping is not None
    expected["neurons"] = log.mapping.neurons
    for name, value in found.items():
        if value != expected[name]:
            raise HardwareLogError(name, f"be the {value} of {TRACE_NAME}, which is of the same run", expected[name])
