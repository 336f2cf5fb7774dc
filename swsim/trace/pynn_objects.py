"""The trace of a run in any PyNN simulator, from its populations and projections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from .errors import FIELDS
from .populations import PopulationSlice
from .time_steps import in_order, steps_of_times

__all__ = ["fields_of_pynn", "spikes_of_trains"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def fields_of_pynn(
    populations: Sequence[Any],
    projections: Sequence[Any],
    *,
    dt: float | None,
    duration: float | None,
    tolerance: float,
    meta: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the fields of a `Trace`; see `Trace.from_pynn`."""
    if not populations:
        raise FIELDS.refuse("populations", "be one PyNN population or more", populations)
    for population in populations:
        if hasattr(population, "parent") or hasattr(population, "populations") or not hasattr(population, "celltype"):
            raise FIELDS.refuse("populations", "be whole PyNN populations, no views or assemblies", population)
    simulator = populations[0]._simulator
    dt = float(simulator.state.dt if dt is None else dt)
    duration = float(simulator.state.t if duration is None else duration)
    steps = 1 + int(steps_of_times("duration", [duration], dt, tolerance=tolerance)[0])
    slices, ids, neuron, step = [], [], [], []
    start = 0
    for population in populations:
        label, size = str(population.label), int(population.size)
        celltype = population.celltype
        name = celltype if isinstance(celltype, str) else type(celltype).__name__
        slices.append(PopulationSlice(label, start, start + size, name))
        who, when = _recorded(population, label, size)
        what = f"spikes of population {label!r}"
        neuron.append(who + start)
        step.append(steps_of_times(what, when, dt, tolerance=tolerance))
        if len(step[-1]) and step[-1].max() >= steps:
            rule = f"not be after the {duration:g} ms that were simulated"
            raise FIELDS.refuse(what, rule, f"at {when.max():g} ms", plain=True)
        ids.append(_ids(population))
        start += size
    spikes = in_order(np.concatenate(neuron), np.concatenate(step))
    return {
        "dt": dt,
        "steps": steps,
        "neurons": start,
        "spike_neuron": spikes[0],
        "spike_step": spikes[1],
        **_synapses(projections, np.concatenate(ids), dt, tolerance),
        "populations": slices,
        "meta": {"simulator": str(simulator.name), **meta},
    }


def spikes_of_trains(trains: Any) -> tuple[Ints, Floats]:
    """Return (index of the train, time in ms) of all spikes of a list of Neo spike trains, shape (spikes,) each."""
    index = [np.full(len(train), number, np.int64) for number, train in enumerate(trains)]
    times = [_milliseconds(train) for train in trains]
    return np.concatenate([*index, np.zeros(0, np.int64)]), np.concatenate([*times, np.zeros(0)])


def _recorded(population: Any, label: str, size: int) -> tuple[Ints, Floats]:
    """Return (index in the population, time in ms) of its spikes since the last reset."""
    segments = population.get_data("spikes", gather=True, clear=False).segments
    trains: Any = segments[-1].spiketrains if segments else []
    if len(trains) != size:
        raise FIELDS.refuse(
            f"spikes of population {label!r}",
            "be recorded in all of its neurons before the run, with population.record('spikes')",
            f"in {len(trains)} of {size}",
            plain=True,
        )
    if getattr(trains, "_items", ()) is None:  # one array for all, of which no objects need be made
        channels, times = trains.multiplexed
        return _indices(population, label, np.asarray(channels, np.int64)), _milliseconds(times)
    index, when = spikes_of_trains(trains)
    return np.array([int(train.annotations["source_index"]) for train in trains], np.int64)[index], when


def _milliseconds(times: Any) -> Floats:
    return np.asarray(times.rescale("ms").magnitude if hasattr(times, "rescale") else times, np.float64)


def _indices(population: Any, label: str, channels: npt.NDArray[Any]) -> Ints:
    """Return the index in a population of each cell id."""
    ids = _ids(population)
    place = np.argsort(ids, kind="stable")
    at = np.minimum(np.searchsorted(ids[place], channels), len(ids) - 1)
    found = place[at]
    if not np.array_equal(ids[found], channels):
        raise FIELDS.refuse(f"spikes of population {label!r}", "be of its own cells", "of others", plain=True)
    return found.astype(np.int64)


def _ids(cells: Any) -> Ints:
    return np.array([int(cell) for cell in cells.all_cells], np.int64)


def _synapses(projections: Sequence[Any], ids: Ints, dt: float, tolerance: float) -> dict[str, Any]:
    """Return the connections, their neurons numbered as the populations' cells of these ids are."""
    number = {int(cell): index for index, cell in enumerate(ids)}
    rows: dict[str, list[npt.NDArray[Any]]] = {"pre": [], "post": [], "weight": [], "delay": []}
    for projection in projections:
        label = str(projection.label)
        listed = projection.get(["weight", "delay"], format="list", gather="all", with_address=True)
        table = np.array([tuple(row) for row in listed], np.float64).reshape(-1, 4)
        for column, side in enumerate(("pre", "post")):
            cells = [int(cell) for cell in getattr(projection, side).all_cells]
            unknown = next((cell for cell in cells if cell not in number), None)
            if unknown is not None:
                rule = "be among the populations given"
                raise FIELDS.refuse(f"{side} of projection {label!r}", rule, str(getattr(projection, side).label))
            rows[side].append(np.array([number[cell] for cell in cells], np.int64)[table[:, column].astype(np.int64)])
        rows["weight"].append(table[:, 2])
        what = f"delays of projection {label!r}"
        rows["delay"].append(steps_of_times(what, table[:, 3], dt, tolerance=tolerance))
    kinds = {"weight": np.float64}
    return {name: np.concatenate([*some, np.zeros(0, kinds.get(name, np.int64))]) for name, some in rows.items()}
