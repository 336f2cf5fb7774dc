"""Weights of so many bits: what the weights of a projection become, and by how much they are wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from synaptile.swsim.cosim import ProjectionWeights

from ..errors import MappingError

__all__ = ["ProjectionRounding", "RoundedWeights", "levels", "round_weights"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ProjectionRounding:
    """The weights of a projection, in their own unit.

    Attributes
    ----------
    label, connections
        Of the projection.
    largest_weight
        The largest magnitude.
    largest_error, rms_error
        Over its connections.
    lost
        Connections with a weight that became 0.
    rounded
        False of plastic synapses, whose weights are those of software.
    """

    label: str
    connections: int
    largest_weight: float
    largest_error: float
    rms_error: float
    lost: int
    rounded: bool = True


def levels(bits: int, *, signed: bool) -> int:
    """Return the largest whole number of so many bits; a sign takes one of them."""
    return (1 << (bits - 1)) - 1 if signed else (1 << bits) - 1


def round_weights(weight: Floats, post: npt.NDArray[np.int32], bits: int, scale: str, label: str) -> Floats:
    """Return the weights of a projection as whole multiples of a number, with which the largest uses all its bits.

    The number is one for all, or with the scale ``"neuron"`` one for the synapses of each postsynaptic neuron. Where
    they are of one sign, as those of an excitatory or inhibitory population are, all bits are for the magnitude.

    Parameters
    ----------
    weight, post
        Shape (connections,).
    bits, scale
        `ChipConfig.weight_bits` and ``weight_scale``.
    label
        Of the projection, for messages.

    Raises
    ------
    MappingError
        If one bit would have to hold weights of both signs.
    """
    if not len(weight):
        return weight.copy()
    group = post if scale == "neuron" else np.zeros(len(weight), np.int32)
    highest, lowest = np.zeros(int(group.max()) + 1), np.zeros(int(group.max()) + 1)
    np.maximum.at(highest, group, weight)
    np.maximum.at(lowest, group, -weight)
    signed = (highest > 0) & (lowest > 0)
    if bits == 1 and signed.any():
        where = f" onto neuron {int(np.argmax(signed))}" if scale == "neuron" else ""
        raise MappingError(
            f"weight_bits must be at least 2 for weights of both signs, not 1, and projection {label!r} has such"
            f"{where}; give each sign a projection of its own, or relax weights"
        )
    # A large magnitude is divided first, so that no step is 0 or infinite where the weights are not.
    most = np.where(signed, levels(bits, signed=True), levels(bits, signed=False))
    step = np.maximum(highest, lowest) / most
    of = step[group]
    with np.errstate(divide="ignore", invalid="ignore"):
        whole = np.rint(weight / of) + 0.0  # a zero without a sign
    rounded: Floats = np.where(of > 0, whole * of, weight)
    # The largest stays what it was, and not what a product makes of it.
    return np.where(np.abs(whole) == most[group], np.copysign(np.maximum(highest, lowest)[group], weight), rounded)


@dataclass(frozen=True)
class RoundedWeights:
    """The weights of a network on a chip.

    Attributes
    ----------
    bits, scale
        As the chip has them.
    projections
        What became of each.
    weights
        Those of each projection as the chip has them; None where they are those of software. Not in the
        report of a run.
    """

    bits: int
    scale: str
    projections: tuple[ProjectionRounding, ...]
    weights: tuple[Floats | None, ...] = ()

    @classmethod
    def of(cls, projections: Sequence[ProjectionWeights], bits: int, scale: str) -> RoundedWeights:
        """Round the weights of projections; raises `MappingError` as `round_weights`."""
        weights = [None if part.plastic else _realised(part, bits, scale) for part in projections]
        reports = [_report(part, rounded) for part, rounded in zip(projections, weights, strict=True)]
        return cls(bits, scale, tuple(reports), tuple(weights))

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> RoundedWeights:
        """Read what `to_dict` gave."""
        return cls(values["bits"], values["scale"], tuple(ProjectionRounding(**one) for one in values["projections"]))

    def errors(self, asked: Floats) -> Floats:
        """Realised less asked weight of each synapse of a trace of the network, shape (synapses,)."""
        error, start = np.zeros(len(asked)), 0
        for part, weight in zip(self.projections, self.weights, strict=True):
            stop = start + part.connections
            if weight is not None:
                error[start:stop] = weight - asked[start:stop]
            start = stop
        return error

    def to_dict(self) -> dict[str, Any]:
        """JSON types."""
        return {"bits": self.bits, "scale": self.scale, "projections": [asdict(part) for part in self.projections]}

    def rows(self) -> Iterator[tuple[str, str, str]]:
        """Rows of (what, value, unit)."""
        rounded = [part for part in self.projections if part.rounded]
        yield "Weights", str(self.bits), f"bits, a scale for each {self.scale}"
        shares = [(part.largest_error / part.largest_weight, part) for part in rounded if part.largest_weight]
        worst = max(shares, key=lambda share: share[0], default=None)
        if worst is not None:
            yield "Largest error of a weight", f"{100 * worst[0]:.3g}", f"% of the largest, in {worst[1].label}"
        lost = sum(part.lost for part in rounded)
        if lost:
            yield "Weights rounded to 0", f"{lost:,}", f"of {sum(part.connections for part in rounded):,}"
        plastic = [part.label for part in self.projections if not part.rounded]
        if plastic:
            yield "Weights not rounded", str(len(plastic)), f"plastic projections: {', '.join(plastic)}"


def _realised(part: ProjectionWeights, bits: int, scale: str) -> Floats:
    """Return the weights of a static projection; neurons that calculate in whole numbers keep theirs, if these fit."""
    if part.whole and len(part.weight):
        signed = bool(part.weight.min() < 0 < part.weight.max())
        if np.abs(part.weight).max() <= levels(bits, signed=signed):
            return part.weight.copy()
    rounded = round_weights(part.weight, part.post, bits, scale, part.label)
    if part.whole and not np.array_equal(rounded, part.weight):
        worst = part.weight[np.argmax(np.abs(rounded - part.weight))]
        raise MappingError(
            f"weights onto neurons that calculate in whole numbers must have at most {bits} bits"
            f"{', or be the same for each neuron' if bits == 1 else ''}, not {worst:g} in projection {part.label!r}; "
            f"choose other weights, or relax weights"
        )
    return rounded


def _report(part: ProjectionWeights, rounded: Floats | None) -> ProjectionRounding:
    largest = float(np.abs(part.weight).max(initial=0.0))
    if rounded is None or not len(rounded):
        return ProjectionRounding(part.label, len(part.weight), largest, 0.0, 0.0, 0, rounded is not None)
    error = np.abs(rounded - part.weight)
    most = float(error.max())
    # In units of the largest, so that no square is 0 or infinite.
    rms = most * math.sqrt(float(np.mean((error / most) ** 2))) if most else 0.0
    lost = int(np.count_nonzero((rounded == 0) & (part.weight != 0)))
    return ProjectionRounding(part.label, len(part.weight), largest, most, rms, lost)
