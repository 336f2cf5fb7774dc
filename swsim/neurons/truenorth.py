"""The neuron of IBM's TrueNorth, in whole numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ..base.arrays import Floats
from .model import NeuronModel
from .rules import MAX_BITS, of_bits, whole
from .shift_registers import advance_16, advance_32, seeded

__all__ = ["AXON_TYPES", "TrueNorth"]

AXON_TYPES = 4
"""Types of axons, each with a receptor."""

_WEIGHTS = tuple(f"weight_{kind}" for kind in range(AXON_TYPES))
_DRAWS = tuple(f"draw_{kind}" for kind in range(AXON_TYPES))


class TrueNorth(NeuronModel):
    """The equations of Cassidy et al. 2013 (IJCNN, "Cognitive computing building block"), V of ``bits`` bits.

    In every step, with n_g the spikes that arrive through synapses of type g::

        V = saturate(V + sum over g of n_g weight_g, or of n_g times F(weight_g) if bit g of `stochastic_weights` is 1)
        V = saturate(V + sign (leak, or F(leak) if `stochastic_leak` is 1))
        eta = random number & mask
        if V >= threshold + eta:          spike, and V = reset, V - (threshold + eta), or V
        else if `saturate` is 1:          V = max(V, -negative_threshold)
        else if V < -(negative_threshold + eta):  V = -reset (saturated), V + (negative_threshold + eta), or V

    for a `reset_mode` of 0, 1 or 2. F(x) is the sign of x if abs(x) is at least a random byte, else 0; each spike draws
    its own. The sign is 1, or with `leak_reversal` that of V, which is 0 at 0.

    Every neuron has five shift registers of its own, that begin as follows from its ``seed``, see `shift_registers`.
    Number 0, of 32 bits, gives in each step the byte for the leak and above it 18 bits for eta, then goes 26 steps; it
    stays where the leak is not stochastic and the mask is 0. Numbers 1 to 4, of 16 bits, give a byte to each spike
    through a stochastic synapse of a type, then go 8 steps. So random numbers do not depend on other neurons, on the
    order of spikes in a step, or on where a neuron is put. Neurons of equal seeds draw the same.

    V is held in floating point, which is exact here.
    """

    PARAMETERS: ClassVar = (
        "bits",
        *_WEIGHTS,
        "stochastic_weights",
        "leak",
        "leak_reversal",
        "stochastic_leak",
        "threshold",
        "negative_threshold",
        "mask",
        "reset",
        "reset_mode",
        "saturate",
        "seed",
    )
    STATE: ClassVar = ("v",)
    HIDDEN: ClassVar = ("random", *_DRAWS)
    RULES: ClassVar = (
        whole("bits", 2, MAX_BITS),
        *(whole(name, -255, 255) for name in (*_WEIGHTS, "leak")),
        whole("stochastic_weights", 0, 2**AXON_TYPES - 1),
        whole("leak_reversal", 0, 1),
        whole("stochastic_leak", 0, 1),
        of_bits("threshold", "negative_threshold", "mask", signed=False),
        whole("mask", 0, 2**18 - 1),
        of_bits("reset"),
        whole("reset_mode", 0, 2),
        whole("saturate", 0, 1),
        whole("seed", 0, 2**53),
    )

    def __init__(self, parameters: Mapping[str, npt.ArrayLike]) -> None:
        super().__init__(parameters)
        self._seed()

    @property
    def receptors(self) -> int:
        """One for each type of axons."""
        return AXON_TYPES

    @property
    def own_receptors(self) -> int:
        """The same."""
        return AXON_TYPES

    def restart(self) -> None:
        """Forget what happened; random numbers begin anew."""
        super().restart()
        self._seed()

    def set_parameters(self, index: npt.NDArray[np.int64] | slice, values: Mapping[str, npt.ArrayLike]) -> None:
        """Set parameters of some neurons; all or none. With a seed their random numbers begin anew at once."""
        super().set_parameters(index, values)
        if "seed" in values:
            self._seed(index)

    def _seed(self, index: npt.NDArray[np.int64] | slice = slice(None)) -> None:
        seeds = self.parameters["seed"][index]
        for number, name in enumerate(self.HIDDEN):
            self.hidden[name][index] = seeded(seeds, number, 16 if number else 32)

    def prepare(self, dt: float) -> None:
        """Compute what depends on parameters only; a step is a step, whatever its length."""
        p = self.parameters
        self._highest = 2.0 ** (p["bits"] - 1) - 1.0
        self._lowest = -(2.0 ** (p["bits"] - 1))
        chances = p["stochastic_weights"].astype(np.int64)
        self._chance = [(chances >> kind & 1).astype(bool) for kind in range(AXON_TYPES)]
        self._any_chance = [bool(chance.any()) for chance in self._chance]
        self._drawing = ((p["stochastic_leak"] > 0) | (p["mask"] > 0)).nonzero()[0]
        self._mask = p["mask"][self._drawing].astype(np.uint32)
        self._random_leak = p["stochastic_leak"][self._drawing] > 0
        self._reverses = p["leak_reversal"] > 0

    def advance(self, arriving: Floats, current: Floats | None) -> npt.NDArray[np.int64]:
        """Take the state from one grid point to the next, see `NeuronModel.advance`.

        Raises ``RuntimeError`` if there is a current: electrodes have no place in whole numbers.
        """
        if current is not None and current.any():
            raise RuntimeError("a TrueNorthNeuron takes no current from electrodes; use its leak")
        p, v = self.parameters, self.state["v"]
        v += self._arrived(arriving)
        np.clip(v, self._lowest, self._highest, out=v)
        leak, eta = self._drawn()
        v += np.where(self._reverses, np.sign(v) * leak, leak)
        np.clip(v, self._lowest, self._highest, out=v)

        high, low = p["threshold"] + eta, p["negative_threshold"] + eta
        fired = v >= high
        sunk = ~fired & (p["saturate"] == 0) & (v < -low)
        np.maximum(v, 0.0 - p["negative_threshold"], out=v, where=~fired & (p["saturate"] > 0))
        resets, subtracts = p["reset_mode"] == 0, p["reset_mode"] == 1
        np.copyto(v, p["reset"], where=fired & resets)
        np.copyto(v, np.minimum(0.0 - p["reset"], self._highest), where=sunk & resets)
        np.subtract(v, high, out=v, where=fired & subtracts)
        np.add(v, low, out=v, where=sunk & subtracts)
        return fired.nonzero()[0]

    def _arrived(self, arriving: Floats) -> Floats:
        """Return the sums of what arrives, shape (n,)."""
        total = np.zeros(self.size)
        for kind, (count, weights) in enumerate(zip(arriving, _WEIGHTS, strict=False)):
            weight, chance = self.parameters[weights], self._chance[kind]
            if not self._any_chance[kind]:
                total += count * weight
                continue
            total += np.where(chance, 0.0, count * weight)
            left, registers = count.copy(), self.hidden[_DRAWS[kind]]
            while len(drawing := (chance & (left > 0)).nonzero()[0]):
                state = registers[drawing].astype(np.uint32)
                total[drawing] += _hit(weight[drawing], state)
                registers[drawing] = advance_16(state)
                left[drawing] -= 1.0
        return total

    def _drawn(self) -> tuple[Floats, Floats]:
        """Return the leak without its sign, and eta, shape (n,) both."""
        leak, eta = self.parameters["leak"].copy(), np.zeros(self.size)
        if len(self._drawing):
            registers, which = self.hidden["random"], self._drawing
            state = registers[which].astype(np.uint32)
            eta[which] = state >> np.uint32(8) & self._mask
            leak[which] = np.where(self._random_leak, _hit(leak[which], state), leak[which])
            registers[which] = advance_32(state)
        return leak, eta


def _hit(value: Floats, state: npt.NDArray[np.uint32]) -> Floats:
    """Return the signs of values that are at least the lowest byte of a register, 0 for the others."""
    signs: Floats = np.where(np.abs(value) >= (state & np.uint32(255)), np.sign(value), 0.0)
    return signs
