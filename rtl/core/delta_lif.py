"""Leaky integrate-and-fire without a synaptic current."""

from typing import ClassVar

from amaranth.hdl import Module, Signal, signed

from .arithmetic import DECAY_BITS, saturated, towards_zero
from .neuron import Neuron, Variable, fire, firing_variables
from .params import CoreParams

__all__ = ["DeltaLIF"]


class DeltaLIF(Neuron):
    """The potential takes the weights at once::

        v = saturate(v - truncate(v * leak / 4096) + (sum of weights << weight_shift) + bias)
        if v >= threshold:  spike, and v = reset, or v - threshold if `subtract`

    with truncation towards zero. For ``refractory`` ticks after a spike v stays, and what arrives is lost. With a leak
    of 2 ** (12 - n) that is `synaptile.swsim.neurons.fixed_point.FixedPointLIF` with a ``leak_shift`` of n.
    """

    total_read: ClassVar = 0
    latency: ClassVar = 5

    @classmethod
    def variables_of(cls, params: CoreParams) -> dict[str, Variable]:
        number = signed(params.state_bits)
        return {
            "v": Variable(number, read=0, write=5),
            "leak": Variable(DECAY_BITS + 1, read=0),
            "bias": Variable(number, read=0),
            **firing_variables(params, 4),
        }

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits = self.params.state_bits
        wide = max(bits, self.params.sum_bits + self.params.weight_shift) + 1
        v, leak, bias, total = (
            Signal(signed(bits)),
            Signal(DECAY_BITS + 1),
            Signal(signed(bits)),
            Signal.like(self.total),
        )
        product, before = Signal(signed(bits + DECAY_BITS + 1)), Signal(signed(bits))
        arriving, v_next = Signal(signed(wide)), Signal(signed(bits))
        m.d.sync += [
            v.eq(self.v),
            leak.eq(self.leak),
            bias.eq(self.bias),
            total.eq(self.total),
            product.eq(v * leak),
            before.eq(v),
            arriving.eq(total.shift_left(self.params.weight_shift) + bias),
            v_next.eq(saturated(before - towards_zero(product) + arriving, bits)),
        ]
        fire(m, self, v_next)
        return m
