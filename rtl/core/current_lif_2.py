"""Leaky integrate-and-fire with two synaptic currents."""

from typing import ClassVar

from amaranth.hdl import Module, Signal, signed

from .arithmetic import DECAY_BITS, saturated, towards_zero
from .neuron import Neuron, Variable, fire, firing_variables
from .params import CoreParams

__all__ = ["CurrentLIF2"]


class CurrentLIF2(Neuron):
    """`CurrentLIF` with a current for excitation and one for inhibition, which decay differently::

        u_exc = saturate(truncate(u_exc * keep_u_exc / 4096) + (sum of positive weights << weight_shift))
        u_inh = saturate(truncate(u_inh * keep_u_inh / 4096) + (sum of negative weights << weight_shift))
        v = saturate(truncate(v * keep_v / 4096) + u_exc + u_inh + bias)
        if v >= threshold:  spike, and v = reset, or v - threshold if `subtract`

    Which current a weight adds to is decided by its sign, as a current-based excitatory synapse of PyNN has a weight of
    at least 0 and an inhibitory one of at most 0: so an axon may have both, and no memory says which is which.
    `synaptile.swsim.neurons.fixed_point.FixedPointTwoCurrentLIF` is the same in NumPy.
    """

    total_read: ClassVar = 1
    latency: ClassVar = 7

    @classmethod
    def variables_of(cls, params: CoreParams) -> dict[str, Variable]:
        """Return its variables by name."""
        number = signed(params.state_bits)
        return {
            "u_exc": Variable(number, read=0, write=4),
            "u_inh": Variable(number, read=0, write=4),
            "v": Variable(number, read=2, write=7),
            "keep_u_exc": Variable(DECAY_BITS + 1, read=0),
            "keep_u_inh": Variable(DECAY_BITS + 1, read=0),
            "keep_v": Variable(DECAY_BITS + 1, read=2),
            "bias": Variable(number, read=2),
            **firing_variables(params, 6),
        }

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits = self.params.state_bits
        # Registers behind the memories and behind the multipliers, as in `CurrentLIF`.
        currents = []
        for name, arriving in (("u_exc", self.total.excitatory), ("u_inh", self.total.inhibitory)):
            u, keep = Signal(signed(bits), name=name), Signal(DECAY_BITS + 1, name=f"keep_{name}")
            total = Signal(signed(self.params.sum_bits), name=f"total_{name}")
            product = Signal(signed(bits + DECAY_BITS + 1), name=f"{name}_product")
            after = Signal(signed(bits), name=f"{name}_after")
            m.d.sync += [
                u.eq(getattr(self, name)),
                keep.eq(getattr(self, f"keep_{name}")),
                product.eq(u * keep),
                total.eq(arriving),
                after.eq(saturated(towards_zero(product) + total.shift_left(self.params.weight_shift), bits)),
            ]
            m.d.comb += [getattr(self, f"{name}_next").eq(after), getattr(self, f"{name}_write").eq(1)]
            currents.append(after)
        v, keep_v, bias = Signal(signed(bits)), Signal(DECAY_BITS + 1), Signal(signed(bits))
        v_product, drive = Signal(signed(bits + DECAY_BITS + 1)), Signal(signed(bits + 2))
        v_next = Signal(signed(bits))
        m.d.sync += [
            v.eq(self.v),
            keep_v.eq(self.keep_v),
            bias.eq(self.bias),
            v_product.eq(v * keep_v),
            drive.eq(currents[0] + currents[1] + bias),
            v_next.eq(saturated(towards_zero(v_product) + drive, bits)),
        ]
        fire(m, self, v_next)
        return m
