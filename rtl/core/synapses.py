"""The crossbar: a row of weights for each axon, and the sums of those whose events are due."""

from functools import reduce
from operator import or_

from amaranth.hdl import Cat, Module, Mux, Shape, Signal, Value, signed, unsigned
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .block_ram import BlockRam
from .look import look_ports
from .params import CoreParams

__all__ = ["Synapses", "weight_shape"]

_SPACING = 3  # cycles from reading a sum until it can be read again with a weight added


def weight_shape(params: CoreParams) -> object:
    """Shape of a weight: signed, but for one of a single bit, which is 0 or 1."""
    return unsigned(1) if params.weight_bits == 1 else signed(params.weight_bits)


class Synapses(wiring.Component):
    """Adds up, for every neuron, its weights in the rows of the axons that come.

    A row takes a cycle for each group of neurons, and at least 3. No sum can overflow.

    Members
    -------
    events : In(stream(axon))
    busy : Out(1)
        Sums are not complete yet.
    group : In(group)
        While not ``busy``: the group whose sums are wanted.
    take : In(1)
        They are taken, and are 0 from then on.
    totals : array(lanes) of Out(signed(sum_bits))
        In the next cycle, the sums of the group.
    program : In
        In a cycle with ``valid``, while not ``busy``: writes the ``weight`` of the synapse from ``axon`` to a neuron,
        given as ``group`` and ``lane``. With `CoreParams.readback`, also ``look`` and ``seen`` (`look_ports`).

    Attributes
    ----------
    weights : BlockRam
        Those of a group in a word; the group's number in the low bits of the address, the axon's above it.
    """

    def __init__(self, params: CoreParams) -> None:
        self.params = params
        self.weights = BlockRam(weight_shape(params), depth=params.axons << params.group_bits, values=params.lanes)
        program = wiring.Signature(
            {
                "valid": Out(1),
                "axon": Out(params.axon_bits),
                "group": Out(params.group_bits),
                "lane": Out(params.lane_bits),
                "weight": Out(weight_shape(params)),
                **look_ports(params, Shape.cast(weight_shape(params)).width),
            }
        )
        super().__init__(
            {
                "events": In(stream.Signature(params.axon_bits)),
                "busy": Out(1),
                "group": In(params.group_bits),
                "take": In(1),
                "totals": Out(signed(params.sum_bits)).array(params.lanes),
                "program": In(program),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        params = self.params
        m.submodules.weights = weights = self.weights
        m.submodules.sums = sums = BlockRam(signed(params.sum_bits), depth=params.groups, values=params.lanes)

        # The row that is being read: cycle 0; what was read: 1, 2; the sums are written in 2.
        cycles = max(params.groups, _SPACING)
        row, group = Signal(params.axon_bits), Signal(range(cycles))
        active, last = Signal(), Signal()
        reading = Signal()
        m.d.comb += [
            last.eq(group == cycles - 1),
            reading.eq(active & (group < params.groups)),
            self.events.ready.eq(~active | last),
            weights.read_addr.eq(Cat(group[: params.group_bits], row)),
        ]
        with m.If(active):
            m.d.sync += group.eq(group + 1)
        with m.If(self.events.ready):
            m.d.sync += [active.eq(self.events.valid), row.eq(self.events.payload), group.eq(0)]
        if params.readback:
            with m.If(self.program.look):
                m.d.sync += [row.eq(self.program.axon), group.eq(self.program.group)]

        stages = [(reading, group[: params.group_bits])]
        for number in (1, 2):
            valid, where = Signal(name=f"valid_{number}"), Signal(params.group_bits, name=f"group_{number}")
            m.d.sync += [valid.eq(stages[-1][0]), where.eq(stages[-1][1])]
            stages.append((valid, where))
        taken, taken_group = Signal(), Signal(params.group_bits)
        m.d.sync += [taken.eq(self.take), taken_group.eq(self.group)]
        m.d.comb += [
            self.busy.eq(active | stages[1][0] | stages[2][0]),
            sums.read_addr.eq(self.group),
            sums.write_en.eq((stages[2][0] | taken).replicate(params.lanes)),
            sums.write_addr.eq(taken_group),
        ]
        with m.If(active):
            m.d.comb += sums.read_addr.eq(group[: params.group_bits])
        with m.If(stages[2][0]):
            m.d.comb += sums.write_addr.eq(stages[2][1])
        seen: list[Value] = []
        for lane in range(params.lanes):
            one, other = Signal(weight_shape(params), name=f"weight_{lane}"), Signal(signed(params.sum_bits))
            m.d.sync += [one.eq(weights.read[lane]), other.eq(sums.read[lane])]
            m.d.comb += self.totals[lane].eq(sums.read[lane])
            seen.append(Mux(self.program.lane == lane, one, 0))
            with m.If(stages[2][0]):
                m.d.comb += sums.write[lane].eq(one + other)

        if params.readback:
            m.d.sync += self.program.seen.eq(reduce(or_, seen))
        m.d.comb += [
            weights.write_en.eq(self.program.valid << self.program.lane),
            weights.write_addr.eq(Cat(self.program.group, self.program.axon)),
            *(weights.write[lane].eq(self.program.weight) for lane in range(params.lanes)),
        ]
        return m
