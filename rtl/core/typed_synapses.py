"""TrueNorth's crossbar: a bit for each synapse, a type for each axon, and a weight for each neuron and type."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, ShapeLike, Signal, Value
from amaranth.lib.wiring import Out

from .arithmetic import TAPS_16, advanced
from .block_ram import BlockRam
from .look import one_of
from .params import CoreParams
from .shapes import total_shape
from .synapses import Synapses
from .truenorth import AXON_TYPES, chance, lookup_signature

__all__ = ["TypedSynapses"]

_DRAW = 8  # bits, and steps until the next
_STAGES = 5  # cycles from reading a row's bits until the sums are written


class TypedSynapses(Synapses):
    """Adds up, for every neuron, its weights for the types of the axons that come and to which it has a synapse.

    A row takes as long as in `Synapses`, and the last one 3 cycles more. A weight that is stochastic counts 1 or -1, or
    nothing: see `TrueNorth`. In a word to be programmed a weight is 0 for no synapse, else 1 more than the type of the
    axon; the type is then that of the whole row.

    Members
    -------
    lookup : Out(lookup_signature)
        To the neurons, which have the weights.

    Attributes
    ----------
    weights
        The memory of the bits: as in `Synapses`.
    types
        That of the axons' types.
    """

    def __init__(self, params: CoreParams) -> None:
        super().__init__(params)
        self.types = BlockRam(range(AXON_TYPES), depth=params.axons)

    def _synapse(self) -> ShapeLike:
        return 1

    def _members(self) -> dict[str, Any]:
        return super()._members() | {"lookup": Out(lookup_signature(self.params))}

    def elaborate(self, platform: object) -> Module:
        m = Module()
        params, lookup = self.params, self.lookup
        m.submodules.weights = weights = self.weights
        m.submodules.types = types = self.types
        m.submodules.sums = sums = BlockRam(total_shape(params), depth=params.groups, values=params.lanes)
        row, valid, group = self._rows(m, _STAGES)

        kinds = [types.read[0]]  # from cycle 1 on
        for number in range(2, _STAGES):
            kind = Signal(range(AXON_TYPES), name=f"kind_{number}")
            m.d.sync += kind.eq(kinds[-1])
            kinds.append(kind)
        taken, taken_group = Signal(), Signal(params.group_bits)
        m.d.sync += [taken.eq(self.take), taken_group.eq(self.group)]
        m.d.comb += [
            weights.read_addr.eq(Cat(group[0], row)),
            types.read_addr.eq(row),
            lookup.kind.eq(kinds[1]),
            lookup.group.eq(group[2]),
            lookup.update_kind.eq(kinds[3]),
            lookup.update_group.eq(group[4]),
            sums.read_addr.eq(Mux(valid[3], group[3], self.group)),
            sums.write_en.eq((valid[_STAGES] | taken).replicate(params.lanes)),
            sums.write_addr.eq(Mux(valid[_STAGES], group[_STAGES], taken_group)),
        ]
        seen: list[Value] = []
        for lane in range(params.lanes):
            present = [weights.read[lane]]
            for number in range(2, 5):
                bit = Signal(name=f"present_{number}_{lane}")
                m.d.sync += bit.eq(present[-1])
                present.append(bit)
            seen.append(Mux(present[1] & (self.program.lane == lane), kinds[1] + 1, 0))
            weight = Signal.like(lookup.weights[lane], name=f"weight_{lane}")
            stochastic = Signal(name=f"stochastic_{lane}")
            draw = Signal.like(lookup.draws[lane], name=f"draw_{lane}")
            adds = Signal.like(weight, name=f"adds_{lane}")
            other = Signal.like(self.totals[lane], name=f"sum_{lane}")
            m.d.sync += [
                weight.eq(lookup.weights[lane]),
                stochastic.eq(lookup.stochastic[lane]),
                draw.eq(lookup.draws[lane]),
                adds.eq(Mux(present[3], Mux(stochastic, chance(weight, draw[:_DRAW]), weight), 0)),
                other.eq(sums.read[lane]),
            ]
            m.d.comb += [
                lookup.update[lane].eq(valid[4] & present[3] & stochastic),
                lookup.drawn[lane].eq(advanced(draw, TAPS_16, _DRAW)),
                self.totals[lane].eq(sums.read[lane]),
            ]
            with m.If(valid[_STAGES]):
                m.d.comb += sums.write[lane].eq(other + adds)

        if params.readback:
            m.d.sync += self.program.seen.eq(one_of(seen))
        synapse = self.program.weight.any()
        m.d.comb += [
            weights.write_en.eq(self.program.valid << self.program.lane),
            weights.write_addr.eq(Cat(self.program.group, self.program.axon)),
            *(weights.write[lane].eq(synapse) for lane in range(params.lanes)),
            types.write_en.eq(self.program.valid & synapse),
            types.write_addr.eq(self.program.axon),
            types.write[0].eq(self.program.weight - 1),
        ]
        return m
