"""Leaky integrate-and-fire with a synaptic current."""

from typing import ClassVar

from amaranth.hdl import Module, Signal, signed

from .arithmetic import DECAY_BITS, saturated, towards_zero
from .neuron import Neuron, Variable, fire, firing_variables
from .params import CoreParams

__all__ = ["CurrentLIF"]


class CurrentLIF(Neuron):
    """The arithmetic of Loihi's published models (for example in lava-nc's fixed-point ``LIF``)::

        u = saturate(truncate(u * keep_u / 4096) + (sum of weights << weight_shift))
        v = saturate(truncate(v * keep_v / 4096) + u + bias)
        if v >= threshold:  spike, and v = reset, or v - threshold if `subtract`

    with truncation towards zero; ``keep`` is 4096 less the decay, 0 to 4096. For ``refractory`` ticks after a spike v
    stays, while u goes on. `synaptile.swsim.neurons.fixed_point.FixedPointCurrentLIF` is the same in NumPy.
    """

    total_read: ClassVar = 1
    latency: ClassVar = 6

    @classmethod
    def variables_of(cls, params: CoreParams) -> dict[str, Variable]:
        number = signed(params.state_bits)
        return {
            "u": Variable(number, read=0, write=4),
            "v": Variable(number, read=1, write=6),
            "keep_u": Variable(DECAY_BITS + 1, read=0),
            "keep_v": Variable(DECAY_BITS + 1, read=1),
            "bias": Variable(number, read=2),
            **firing_variables(params, 5),
        }

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits = self.params.state_bits
        # Registers behind the memories and behind the multipliers, which both take most of a cycle.
        u, keep_u, total = Signal(signed(bits)), Signal(DECAY_BITS + 1), Signal.like(self.total)
        v, keep_v, bias = Signal(signed(bits)), Signal(DECAY_BITS + 1), Signal(signed(bits))
        u_product, v_product = Signal(signed(bits + DECAY_BITS + 1)), Signal(signed(bits + DECAY_BITS + 1))
        u_next, v_next = Signal(signed(bits)), Signal(signed(bits))
        m.d.sync += [
            u.eq(self.u),
            keep_u.eq(self.keep_u),
            v.eq(self.v),
            keep_v.eq(self.keep_v),
            u_product.eq(u * keep_u),
            total.eq(self.total),
            u_next.eq(saturated(towards_zero(u_product) + total.shift_left(self.params.weight_shift), bits)),
            v_product.eq(v * keep_v),
            bias.eq(self.bias),
            v_next.eq(saturated(towards_zero(v_product) + u_next + bias, bits)),
        ]
        m.d.comb += [self.u_next.eq(u_next), self.u_write.eq(1)]
        fire(m, self, v_next)
        return m
