"""What neurons compute, by cell type: the equations that a core's neuron models have, in real numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from synaptile.swsim.integration.exact import psc_propagator
from synaptile.swsim.onchip import OnChipPopulation

__all__ = ["CELLS", "MODELS", "CellKind", "Form", "fixed_point_problem", "nearest"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_LEAKY = ("delta-lif", "current-lif", "current-lif-2")

MODELS = (*_LEAKY, "truenorth")
"""Neuron models in gates that a network may be put onto, the smallest first."""

_DECAYS = 4096.0
_DECAY_BITS = 12


@dataclass(frozen=True)
class Form:
    """Neurons whose potential v, counted from ``offset``, does in every tick::

        u = keep_current u + gain x weights that arrive        (a current for each of two receptors)
        v = keep v + u + bias
        if v >= threshold:  spike, and v = reset, or v - threshold if `subtract`; for `refractory` ticks v stays

    Arrays have shape (n,), and those of currents (2, n): of the excitatory and of the inhibitory receptor. TrueNorth's
    neurons, which have four receptors, are whole numbers of another kind, see `truenorth`: here they only have what is
    asked of all cells, with a gain of 1.

    Attributes
    ----------
    offset, bias, threshold, reset
        In the unit of the potential.
    keep, keep_current
        Factors per tick.
    gain
        Unit of the potential per unit of weight.
    later
        Ticks by which an event acts later on the chip than its delay says, 0 or 1.
    subtract, refractory
        Whole numbers.
    v, u
        At the end of tick 0.
    exact
        Whether these are whole numbers, which must be taken as they are.
    """

    offset: Floats
    bias: Floats
    threshold: Floats
    reset: Floats
    keep: Floats
    keep_current: Floats
    gain: Floats
    later: Ints
    subtract: Ints
    refractory: Ints
    v: Floats
    u: Floats
    exact: npt.NDArray[np.bool_]

    @classmethod
    def joined(cls, forms: list[Form]) -> Form:
        """Put several one after the other."""
        return cls(*(np.concatenate([getattr(form, f.name) for form in forms], axis=-1) for f in fields(cls)))


@dataclass(frozen=True)
class CellKind:
    """A cell type that has a form in gates.

    Attributes
    ----------
    form
        Function of (population, dt in ms).
    models
        Function of (population, which receptors are used, shape (receptors, n)): the neuron models that compute it.
    readable
        By recordable variable: the chip's variable that shows it.
    weight_shift
        Function of the population: the bits by which it wants sums of weights to be shifted up, None for any.
    """

    form: Callable[[OnChipPopulation, float], Form]
    models: Callable[[OnChipPopulation, npt.NDArray[np.bool_]], tuple[str, ...]]
    readable: Mapping[str, str]
    weight_shift: Callable[[OnChipPopulation], int | None]


def _twice(values: Floats) -> Floats:
    return np.stack([values, values])


def _leaky(population: OnChipPopulation, dt: float) -> dict[str, Floats | Ints]:
    """The membrane of PyNN's leaky neurons, integrated exactly, see `synaptile.swsim.neurons.leaky_membrane`."""
    p, v = population.parameters, population.initial["v"]
    zero = np.zeros(population.where.size)
    return {
        "offset": p["v_rest"],
        "bias": -np.expm1(-dt / p["tau_m"]) * p["tau_m"] / p["cm"] * p["i_offset"],
        "threshold": p["v_thresh"] - p["v_rest"],
        "reset": p["v_reset"] - p["v_rest"],
        "keep": np.exp(-dt / p["tau_m"]),
        "subtract": zero.astype(np.int64),
        "refractory": np.rint(p["tau_refrac"] / dt).astype(np.int64),
        "v": v - p["v_rest"],
        "exact": zero.astype(bool),
    }


def _curr_exp(population: OnChipPopulation, dt: float) -> Form:
    """`IF_curr_exp`: a weight raises the current at its grid point, and the potential from the next one on.

    The chip's current raises the potential in its own tick. So its current of tick k is what that of grid point k - 1
    adds to the potential: weights are multiplied by the propagator from the current to the potential (Rotter and
    Diesmann 1999), and act one tick later.
    """
    p = population.parameters
    taus = np.stack([p["tau_syn_E"], p["tau_syn_I"]])
    gain = psc_propagator(dt, p["tau_m"], taus, p["cm"])
    keep = np.exp(-dt / taus)
    begin = np.stack([population.initial["isyn_exc"], population.initial["isyn_inh"]])
    with np.errstate(divide="ignore", invalid="ignore"):
        u = np.where(begin == 0, 0.0, gain * begin / keep)
    later = np.ones(population.where.size, np.int64)
    return Form(**_leaky(population, dt), keep_current=keep, gain=gain, later=later, u=u)  # type: ignore[arg-type]


def _curr_delta(population: OnChipPopulation, dt: float) -> Form:
    """`IF_curr_delta`: a weight (mV) raises the potential at its grid point; it is a current that lasts one tick."""
    zero = _twice(np.zeros(population.where.size))
    later = np.zeros(population.where.size, np.int64)
    return Form(
        **_leaky(population, dt),  # type: ignore[arg-type]
        keep_current=zero,
        gain=zero + 1.0,
        later=later,
        u=zero,
    )


def _whole(population: OnChipPopulation) -> dict[str, Floats | Ints]:
    p, size = population.parameters, population.where.size
    return {
        "offset": np.zeros(size),
        "bias": p["bias"],
        "threshold": p["v_thresh"],
        "reset": p["v_reset"],
        "subtract": p["subtract"].astype(np.int64),
        "refractory": p["refractory"].astype(np.int64),
        "later": np.zeros(size, np.int64),
        "v": population.initial["v"],
        "exact": np.ones(size, bool),
    }


def _fixed_point(population: OnChipPopulation, dt: float) -> Form:
    shift = population.parameters["leak_shift"]
    zero = _twice(np.zeros(population.where.size))
    return Form(
        **_whole(population),  # type: ignore[arg-type]
        keep=1.0 - np.where(shift > 0, 2.0**-shift, 0.0),
        keep_current=zero,
        gain=zero + 1.0,
        u=zero,
    )


def _fixed_point_current(population: OnChipPopulation, dt: float) -> Form:
    p = population.parameters
    return Form(
        **_whole(population),  # type: ignore[arg-type]
        keep=1.0 - p["v_decay"] / _DECAYS,
        keep_current=_twice(1.0 - p["u_decay"] / _DECAYS),
        gain=_twice(2.0 ** p["weight_shift"]),
        u=_twice(population.initial["u"]),  # both receptors' weights go into the one current
    )


def _fixed_point_two_current(population: OnChipPopulation, dt: float) -> Form:
    p = population.parameters
    return Form(
        **_whole(population),  # type: ignore[arg-type]
        keep=1.0 - p["v_decay"] / _DECAYS,
        keep_current=1.0 - np.stack([p["u_decay_exc"], p["u_decay_inh"]]) / _DECAYS,
        gain=_twice(2.0 ** p["weight_shift"]),
        u=np.stack([population.initial["u_exc"], population.initial["u_inh"]]),
    )


def _truenorth(population: OnChipPopulation, dt: float) -> Form:
    p, size = population.parameters, population.where.size
    zero, four = np.zeros(size), np.zeros((4, size))
    return Form(
        offset=zero,
        bias=zero,
        threshold=p["threshold"],
        reset=p["reset"],
        keep=zero + 1.0,
        keep_current=four,
        gain=four + 1.0,
        later=zero.astype(np.int64),
        subtract=zero.astype(np.int64),
        refractory=zero.astype(np.int64),
        v=population.initial["v"],
        u=four,
        exact=np.ones(size, bool),
    )


def _curr_exp_models(population: OnChipPopulation, used: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    p = population.parameters
    used = used[:2] | (np.stack([population.initial["isyn_exc"], population.initial["isyn_inh"]]) != 0)
    two = used.all(axis=0) & (p["tau_syn_E"] != p["tau_syn_I"])
    return ("current-lif-2",) if two.any() else ("current-lif", "current-lif-2")


def _fixed_point_models(population: OnChipPopulation, used: npt.NDArray[np.bool_]) -> tuple[str, ...]:
    # Truncated after the potential is multiplied instead of after its leak, it is another neuron, unless none leaks.
    return ("delta-lif", "current-lif") if not population.parameters["leak_shift"].any() else ("delta-lif",)


def _own_shift(population: OnChipPopulation) -> int:
    return int(population.parameters["weight_shift"].min(initial=12))


CELLS: Mapping[str, CellKind] = {
    "IF_curr_exp": CellKind(_curr_exp, _curr_exp_models, {"v": "v"}, lambda _: None),
    "IF_curr_delta": CellKind(_curr_delta, lambda *_: _LEAKY, {"v": "v"}, lambda _: None),
    "FixedPointLIF": CellKind(_fixed_point, _fixed_point_models, {"v": "v"}, lambda _: 0),
    "FixedPointCurrentLIF": CellKind(
        _fixed_point_current, lambda *_: ("current-lif",), {"v": "v", "u": "u"}, _own_shift
    ),
    "FixedPointTwoCurrentLIF": CellKind(
        _fixed_point_two_current,
        lambda *_: ("current-lif-2",),
        {"v": "v", "u_exc": "u_exc", "u_inh": "u_inh"},
        _own_shift,
    ),
    "TrueNorthNeuron": CellKind(_truenorth, lambda *_: ("truenorth",), {"v": "v"}, lambda _: 0),
}
"""The cell types that have a form in gates, by name."""

_NEAREST = {"Izhikevich": "FixedPointCurrentLIF", "Izhikevich9": "FixedPointCurrentLIF"}


def nearest(celltype: str) -> str:
    """Return the cell type with a form in gates that is nearest to one without."""
    return _NEAREST.get(celltype, "IF_curr_exp")


def fixed_point_problem(population: OnChipPopulation, state_bits: int) -> str | None:
    """Return what keeps whole-number neurons from being the same in gates, if anything does."""
    p = population.parameters
    if "bits" not in p:
        return None
    wrong = p["bits"][p["bits"] != state_bits]
    if len(wrong):
        return f"bits must be the {state_bits} state_bits of the cores, not {wrong[0]:g}"
    if "leak_shift" in p and (p["leak_shift"] > _DECAY_BITS).any():
        return f"leak_shift must be at most {_DECAY_BITS} on-chip, not {p['leak_shift'].max():g}"
    return None
