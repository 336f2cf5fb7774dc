"""What became of a network in whole numbers: errors of weights and time constants, and what was put together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.rtl.core.params import CoreParams
from synaptile.swsim.onchip import OnChipNetwork

from .cells import Form
from .quantisation import Weights
from .variables import ONE

__all__ = ["ConversionReport", "PopulationReport", "ProjectionReport", "conversion_report"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ProjectionReport:
    """The weights of a projection, in their own unit.

    Attributes
    ----------
    label, connections
        Of the projection.
    largest_weight, largest_error, rms_error
        Over its connections. Where several share an entry of a crossbar, the error is that of their sum.
    lost
        Connections with a weight that became 0.
    """

    label: str
    connections: int
    largest_weight: float
    largest_error: float
    rms_error: float
    lost: int


@dataclass(frozen=True)
class PopulationReport:
    """The neurons of a population.

    Attributes
    ----------
    label, celltype, neurons
        Of the population.
    least_scale, greatest_scale
        Units of the chip per unit of its potential.
    time_constants
        By parameter: (asked, realised) in ms of the neuron for which they differ most; infinite for no decay.
    threshold_error, bias_error
        The largest, in units of the potential (of the bias: per step).
    may_saturate
        Neurons whose currents or potential would go beyond the cores' numbers if all inputs fired in every step.
    """

    label: str
    celltype: str
    neurons: int
    least_scale: float
    greatest_scale: float
    time_constants: dict[str, tuple[float, float]]
    threshold_error: float
    bias_error: float
    may_saturate: int


@dataclass(frozen=True)
class ConversionReport:
    """What a network is on a chip.

    Attributes
    ----------
    neuron
        The neuron model in gates.
    weight_bits, state_bits, weight_shift
        Of the cores.
    cells, tiles, tiles_used
        Neurons on the chip, its tiles, and those with neurons.
    synapses, entries
        Connections, and entries of the crossbars that hold them.
    most_axons, axons, most_targets, targets
        Of the fullest tile, and of a core.
    projections, populations
        Their reports.
    """

    neuron: str
    weight_bits: int
    state_bits: int
    weight_shift: int
    cells: int
    tiles: int
    tiles_used: int
    synapses: int
    entries: int
    most_axons: int
    axons: int
    most_targets: int
    targets: int
    projections: tuple[ProjectionReport, ...]
    populations: tuple[PopulationReport, ...]

    @property
    def merged(self) -> int:
        """Connections that share the entry of another of the same neurons and delay, in which weights are added."""
        return self.synapses - self.entries

    @property
    def exact(self) -> bool:
        """Whether nothing was rounded."""
        return not any(p.largest_error for p in self.projections) and not any(
            p.threshold_error or p.bias_error or any(a != b for a, b in p.time_constants.values())
            for p in self.populations
        )

    def to_dict(self) -> dict[str, Any]:
        """JSON types; an infinite time constant is None."""
        out = asdict(self) | {"merged": self.merged, "exact": self.exact}
        for population in out["populations"]:
            population["time_constants"] = {
                name: {"asked": asked, "realised": realised if math.isfinite(realised) else None}
                for name, (asked, realised) in population["time_constants"].items()
            }
        out["projections"], out["populations"] = list(out["projections"]), list(out["populations"])
        return out

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> ConversionReport:
        """Return the report of which `to_dict` gave these values.

        Raises ``KeyError`` or ``TypeError`` if values are missing or of another kind.
        """
        populations = []
        for one in values["populations"]:
            pairs = {name: (tau["asked"], tau["realised"]) for name, tau in one["time_constants"].items()}
            taus = {name: (asked, math.inf if tau is None else tau) for name, (asked, tau) in pairs.items()}
            populations.append(PopulationReport(**{**one, "time_constants": taus}))
        own = {name: value for name, value in values.items() if name not in ("merged", "exact")}
        projections = tuple(ProjectionReport(**one) for one in values["projections"])
        return cls(**{**own, "projections": projections, "populations": tuple(populations)})

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Rows of (what, value, unit), as `bridge.text_table` takes them."""
        yield "neurons on-chip", f"{self.cells:,}", f"{self.neuron}, on {self.tiles_used} of {self.tiles} tiles"
        yield "weights", str(self.weight_bits), f"bits, shifted up by {self.weight_shift}"
        yield "state", str(self.state_bits), "bits"
        yield "synapses", f"{self.entries:,}", f"for {self.synapses:,} connections"
        yield "axons of the fullest tile", f"{self.most_axons:,}", f"of {self.axons:,}"
        yield "targets of the fullest tile", f"{self.most_targets:,}", f"of {self.targets:,}"
        if self.exact:
            yield "rounding errors", "none", ""
            return
        for projection in self.projections:
            if projection.connections:
                lost = f", {projection.lost:,} of {projection.connections:,} became 0" if projection.lost else ""
                yield (
                    f"weight error of {projection.label}",
                    _share(projection.rms_error, projection.largest_weight),
                    f"of the largest weight (rms; at most "
                    f"{_share(projection.largest_error, projection.largest_weight)}){lost}",
                )
        for population in self.populations:
            for name, (asked, realised) in population.time_constants.items():
                yield f"{name} of {population.label}", f"{realised:.4g}", f"ms for {asked:.4g} ms"
            if population.may_saturate:
                yield (
                    f"{population.label} that might saturate",
                    f"{population.may_saturate:,}",
                    f"of {population.neurons:,}, if all their inputs fired in every step",
                )


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.2g} %" if whole else "0 %"


def conversion_report(
    network: OnChipNetwork,
    core: CoreParams,
    form: Form,
    scale: Floats,
    variables: dict[str, Ints],
    weights: Weights,
    whole: Ints,
    entry: Ints,
    gain: Floats,
    current: Ints,
    **sizes: int,
) -> ConversionReport:
    """Put together what is known after a conversion.

    Parameters
    ----------
    network, core
        The network, and the cores.
    form, scale, variables
        What the cells compute, their scales and their variables in whole numbers.
    weights, whole
        The entries of the crossbars before and after rounding.
    entry, gain
        Of each synapse: its entry, and what a unit of its weight raises the potential by.
    current
        The receptor whose current a neuron with a single one has, shape (cells,).
    sizes
        The other fields of `ConversionReport`.
    """
    unit = scale[weights.cell] / (1 << core.weight_shift)
    error = np.abs(whole / unit - weights.value)
    own_error = error[entry] / gain
    lost = (whole[entry] == 0) & (network.weight != 0)
    projections = []
    for number, projection in enumerate(network.projections):
        mine = network.projection == number
        connections = int(np.count_nonzero(mine))
        projections.append(
            ProjectionReport(
                projection.label,
                connections,
                float(np.abs(network.weight[mine]).max(initial=0)),
                float(own_error[mine].max(initial=0)),
                float(np.sqrt(np.mean(own_error[mine] ** 2))) if connections else 0.0,
                int(np.count_nonzero(lost[mine])),
            )
        )
    full = _full_input(core, form, variables, weights.cell, whole, network.receptor, entry)
    populations, start = [], 0
    for population in network.populations:
        where = population.where
        if where.is_source or not where.size:
            continue
        own = slice(start, start + where.size)
        start += where.size
        exact = bool(form.exact[own].all())
        rounding = {
            name: 0.0 if exact else float(np.abs(variables[name][own] / scale[own] - asked[own]).max())
            for name, asked in (("threshold", form.threshold), ("bias", form.bias))
        }
        populations.append(
            PopulationReport(
                where.label,
                where.celltype,
                where.size,
                float(scale[own].min()),
                float(scale[own].max()),
                {} if exact else _time_constants(network.dt, core, form, variables, current, own),
                rounding["threshold"],
                rounding["bias"],
                int(np.count_nonzero(full[own] >= 1 << (core.state_bits - 1))),
            )
        )
    return ConversionReport(
        neuron=core.neuron,
        weight_bits=core.weight_bits,
        state_bits=core.state_bits,
        weight_shift=core.weight_shift,
        synapses=len(network.pre),
        entries=len(whole),
        axons=core.axons,
        targets=core.targets,
        projections=tuple(projections),
        populations=tuple(populations),
        **sizes,
    )


def _time_constants(
    dt: float, core: CoreParams, form: Form, variables: dict[str, Ints], current: Ints, own: slice
) -> dict[str, tuple[float, float]]:
    """By parameter: (asked, realised) in ms of the neuron with the largest relative error."""
    pairs = {
        "delta-lif": [("tau_m", form.keep, "leak")],
        "current-lif": [
            ("tau_m", form.keep, "keep_v"),
            ("tau_syn", form.keep_current[current, np.arange(len(current))], "keep_u"),
        ],
        "current-lif-2": [
            ("tau_m", form.keep, "keep_v"),
            ("tau_syn_E", form.keep_current[0], "keep_u_exc"),
            ("tau_syn_I", form.keep_current[1], "keep_u_inh"),
        ],
    }
    found = {}
    for name, asked, variable in pairs[core.neuron]:
        realised = variables[variable][own] / ONE
        realised = 1.0 - realised if variable == "leak" else realised
        with np.errstate(divide="ignore"):
            tau, tau_realised = dt / np.abs(np.log(asked[own])), dt / np.abs(np.log(realised))
        if not asked[own].any():  # currents that last a tick only
            continue
        with np.errstate(invalid="ignore"):
            worst = int(np.argmax(np.nan_to_num(np.abs(tau_realised / tau - 1), nan=0.0, posinf=np.inf)))
        found[name] = float(tau[worst]), float(tau_realised[worst])
    return found


def _full_input(
    core: CoreParams,
    form: Form,
    variables: dict[str, Ints],
    cell: Ints,
    whole: Ints,
    receptor: npt.NDArray[np.int8],
    entry: Ints,
) -> Floats:
    """The largest current or potential, up or down, if all inputs of one sign fired in every tick; shape (cells,).

    Of TrueNorth's neurons, what a single tick adds.
    """
    cells = len(form.offset)
    if core.neuron == "truenorth":
        kind = np.zeros(len(whole), np.int64)
        kind[entry] = receptor
        taken = np.stack([variables[f"weight_{number}"] for number in range(4)])[kind, cell] * whole
        sums = [np.bincount(cell, np.maximum(sign * taken, 0), cells) for sign in (1, -1)]
        return np.max(sums, axis=0)
    shifted = (whole << core.weight_shift).astype(float)
    signs = [np.bincount(cell, np.maximum(sign * shifted, 0), cells) for sign in (1, -1)]
    keep = np.max(
        [variables[name] / ONE for name in variables if name.startswith("keep_u")] or [np.zeros(cells)], axis=0
    )
    lasting = np.maximum(1 - keep, 1 / ONE)
    down = signs[1] / lasting - np.minimum(variables["bias"], 0)
    leak = variables["leak"] / ONE if "leak" in variables else 1 - variables["keep_v"] / ONE
    with np.errstate(divide="ignore", invalid="ignore"):
        lowest = np.where(down > 0, down / leak, 0.0)
    return np.maximum(np.max(signs, axis=0) / lasting, lowest)
