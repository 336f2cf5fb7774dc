"""The neuron of IBM's TrueNorth."""

from typing import ClassVar

from amaranth.hdl import Module, Mux, Signal, Value, signed
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .arithmetic import saturated
from .lfsr import TAPS_32, advanced
from .neuron import Neuron, Variable
from .params import TYPE_WEIGHT_BITS, CoreParams

__all__ = ["AXON_TYPES", "DRAW_BITS", "TrueNorth", "chance", "lookup_signature"]

AXON_TYPES = 4
"""Types of axons; a neuron has a weight for each."""

DRAW_BITS = 16
"""Width of the register from which a neuron's stochastic synapses of one type draw."""

_WEIGHT = signed(TYPE_WEIGHT_BITS)
_LEAK_DRAW, _THRESHOLD_DRAW = 8, 18  # bits that are drawn in a tick for leak and threshold


def lookup_signature(params: CoreParams) -> wiring.Signature:
    """What the synapses ask of the neurons while rows are added.

    Members
    -------
    kind, group : Out
        A type of axons, and a group of neurons.
    weights, stochastic, draws : array(lanes) of In
        In the next cycle: their weights of that type, whether these are probabilities, and the registers of theirs from
        which it is drawn.
    update : Out(lanes)
        The registers of ``update_kind`` and ``update_group`` that become ``drawn``.
    """
    lanes = params.lanes
    return wiring.Signature(
        {
            "kind": Out(range(AXON_TYPES)),
            "group": Out(params.group_bits),
            "weights": In(_WEIGHT).array(lanes),
            "stochastic": In(1).array(lanes),
            "draws": In(DRAW_BITS).array(lanes),
            "update": Out(lanes),
            "update_kind": Out(range(AXON_TYPES)),
            "update_group": Out(params.group_bits),
            "drawn": Out(DRAW_BITS).array(lanes),
        }
    )


def chance(weight: Value, draw: Value) -> Value:
    """Return 1 or -1, by the sign of a weight, where its size is at least the number that was drawn, else 0."""
    negative = weight < 0
    hit = Mux(negative, -weight, weight) >= draw
    return Mux(hit & (weight != 0), Mux(negative, -1, 1), 0)


class TrueNorth(Neuron):
    """The equations of Cassidy et al. 2013 (IJCNN, "Cognitive computing building block")::

        v = v + sum over the axons of: the weight of its type, or F(weight) where that is stochastic
        v = v + sign * (leak, or F(leak) if `stochastic_leak`)     sign: 1, or with `leak_reversal` that of v
        eta = a random number & mask
        if v >= threshold + eta:    spike, and v = reset | v - (threshold + eta) | v
        else with `saturate`:       v = max(v, -negative_threshold)
        else if v < -(negative_threshold + eta):    v = -reset | v + (negative_threshold + eta) | v

    with one of the three for a ``reset_mode`` of 0, 1, 2. F(x) is 1 or -1, by the sign of x, if abs(x) is at least a
    random byte, else 0. The sign of a v of 0 is 0. The sum over the axons is exact; v saturates when it has been added,
    and again with the leak, and so does -reset.

    Random numbers are each neuron's own, so that they depend on nothing but it, wherever it is put. A synapse draws the
    low 8 bits of ``draw_`` and the type of its axon, a register of 16 bits (x^16 + x^14 + x^13 + x^11 + 1) that then
    goes 8 steps; registers of types that are not stochastic stay. Leak and threshold draw the lowest 8 bits of
    ``random``, of 32 bits (x^32 + x^30 + x^26 + x^25 + 1), and the 18 above; then it goes 26 steps, once in a tick, and
    only if a stochastic leak or a mask makes use of it. `synaptile.swsim.neurons.truenorth.TrueNorth` is the same in
    NumPy.
    """

    total_read: ClassVar = 0
    latency: ClassVar = 7

    @classmethod
    def variables_of(cls, params: CoreParams) -> dict[str, Variable]:
        """Return its variables by name."""
        number = signed(params.state_bits)
        size = params.state_bits - 1  # of a number that has no sign
        return {
            "v": Variable(number, read=0, write=7),
            "random": Variable(_LEAK_DRAW + _THRESHOLD_DRAW + 6, read=0, write=2),
            **{f"draw_{kind}": Variable(DRAW_BITS, read=None) for kind in range(AXON_TYPES)},
            **{f"weight_{kind}": Variable(_WEIGHT, read=None) for kind in range(AXON_TYPES)},
            "stochastic_weights": Variable(AXON_TYPES, read=None),
            "leak": Variable(_WEIGHT, read=0),
            "leak_reversal": Variable(1, read=0),
            "stochastic_leak": Variable(1, read=0),
            "threshold": Variable(size, read=2),
            "negative_threshold": Variable(size, read=2),
            "mask": Variable(min(size, _THRESHOLD_DRAW), read=0),
            "reset": Variable(number, read=3),
            "reset_mode": Variable(2, read=4),
            "saturate": Variable(1, read=2),
        }

    def elaborate(self, platform: object) -> Module:
        m = Module()
        bits = self.params.state_bits
        v, total, leak = Signal(signed(bits)), Signal.like(self.total), Signal(_WEIGHT)
        reversal, random_leak, mask, random = (
            Signal(),
            Signal(),
            Signal.like(self.mask),
            Signal.like(self.random),
        )
        m.d.sync += [
            v.eq(self.v),
            total.eq(self.total),
            leak.eq(self.leak),
            reversal.eq(self.leak_reversal),
            random_leak.eq(self.stochastic_leak),
            mask.eq(self.mask),
            random.eq(self.random),
        ]
        m.d.comb += [
            self.random_next.eq(advanced(random, TAPS_32, _LEAK_DRAW + _THRESHOLD_DRAW)),
            self.random_write.eq(random_leak | mask.any()),
        ]

        # Cycle 2: synapses, and what leak and threshold draw.
        summed, step, turns, eta = Signal(signed(bits)), Signal(_WEIGHT), Signal(), Signal.like(mask)
        m.d.sync += [
            summed.eq(saturated(v + total, bits)),
            step.eq(Mux(random_leak, chance(leak, random[:_LEAK_DRAW]), leak)),
            turns.eq(reversal),
            eta.eq(random[_LEAK_DRAW:] & mask),
        ]
        # Cycle 3: the leak's sign. Cycle 4: the leak, and the thresholds.
        held, signed_step, eta_later = Signal(signed(bits)), Signal(signed(10)), Signal.like(mask)
        threshold, negative, saturate = Signal(bits - 1), Signal(bits - 1), Signal()
        leaked, high, low = Signal(signed(bits)), Signal(bits), Signal(bits)
        m.d.sync += [
            held.eq(summed),
            signed_step.eq(Mux(turns, Mux(summed < 0, -step, Mux(summed == 0, 0, step)), step)),
            eta_later.eq(eta),
            threshold.eq(self.threshold),
            negative.eq(self.negative_threshold),
            saturate.eq(self.saturate),
            leaked.eq(saturated(held + signed_step, bits)),
            high.eq(threshold + eta_later),
            low.eq(negative + Mux(saturate, 0, eta_later)),
        ]
        # Cycle 5: how far v is over one threshold and under the other, and what it may become.
        over, under, kept = Signal(signed(bits + 2)), Signal(signed(bits + 2)), Signal(signed(bits))
        floor, floors = Signal(signed(bits)), Signal()
        reset, up, down, mode = Signal(signed(bits)), Signal(signed(bits)), Signal(signed(bits)), Signal(2)
        saturates = Signal()
        m.d.sync += [
            saturates.eq(saturate),
            over.eq(leaked - high),
            under.eq(leaked + low),
            kept.eq(leaked),
            floor.eq(-low),
            floors.eq(saturates),
            reset.eq(self.reset),
            up.eq(reset),
            down.eq(saturated(-reset, bits)),
            mode.eq(self.reset_mode),
        ]
        # Cycle 6: which of them.
        crossed, sunk = ~over[-1], over[-1] & under[-1]
        m.d.sync += [self.fired.eq(crossed), self.v_next.eq(kept)]
        with m.If(sunk & floors):
            m.d.sync += self.v_next.eq(floor)
        with m.Elif((crossed | sunk) & (mode == 0)):
            m.d.sync += self.v_next.eq(Mux(crossed, up, down))
        with m.Elif((crossed | sunk) & (mode == 1)):
            m.d.sync += self.v_next.eq(Mux(crossed, over, under))
        m.d.comb += self.v_write.eq(1)
        return m
