"""The crossbar: a row of weights for each axon, and the sums of those whose events are due."""

from typing import Any

from amaranth.hdl import Cat, Module, Mux, Shape, ShapeLike, Signal, Value
from amaranth.lib import stream, wiring
from amaranth.lib.wiring import In, Out

from .block_ram import BlockRam, WeightRam
from .look import look_ports, one_of
from .params import CoreParams
from .shapes import total_shape, weight_shape

__all__ = ["Synapses"]

_SPACING = 3  # cycles from reading a sum until it can be read again with a weight added


class Synapses(wiring.Component):
    """Adds up, for every neuron, its weights in the rows of the axons that come.

    A row takes a cycle for each group of neurons, and at least 3. No sum can overflow. Where neurons have two currents,
    positive weights are added up apart from negative ones.

    Members
    -------
    events : In(stream(axon))
    busy : Out(1)
        Sums are not complete yet.
    group : In(group)
        While not ``busy``: the group whose sums are wanted.
    take : In(1)
        They are taken, and are 0 from then on.
    totals : array(lanes) of Out(total_shape)
        In the next cycle, the sums of the group.
    program : In
        In a cycle with ``valid``, while not ``busy``: writes the ``weight`` of the synapse from ``axon`` to a neuron,
        given as ``group`` and ``lane``. With `CoreParams.readback`, also ``look`` and ``seen`` (`look_ports`).

    Attributes
    ----------
    weights : WeightRam
        Those of a group in a word; the group's number in the low bits of the address, the axon's above it.
    """

    def __init__(self, params: CoreParams) -> None:
        self.params = params
        self.weights = WeightRam(self._synapse(), depth=params.axons << params.group_bits, values=params.lanes)
        super().__init__(self._members())

    def _synapse(self) -> ShapeLike:
        """Shape of what the memory has of a synapse."""
        return weight_shape(self.params)

    def _members(self) -> dict[str, Any]:
        """Its ports."""
        params = self.params
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
        return {
            "events": In(stream.Signature(params.axon_bits)),
            "busy": Out(1),
            "group": In(params.group_bits),
            "take": In(1),
            "totals": Out(total_shape(params)).array(params.lanes),
            "program": In(program),
        }

    def _rows(self, m: Module, stages: int) -> tuple[Signal, list[Value], list[Value]]:
        """Take axons; return the one whose row is being read, and for each cycle from that of reading on whether there
        is something in it, and the group.
        """
        params = self.params
        cycles = max(params.groups, _SPACING)
        row, group = Signal(params.axon_bits), Signal(range(cycles))
        active, last = Signal(), Signal()
        reading = Signal()
        m.d.comb += [
            last.eq(group == cycles - 1),
            reading.eq(active & (group < params.groups)),
            self.events.ready.eq(~active | last),
        ]
        with m.If(active):
            m.d.sync += group.eq(group + 1)
        with m.If(self.events.ready):
            m.d.sync += [active.eq(self.events.valid), row.eq(self.events.payload), group.eq(0)]
        if self.params.readback:
            with m.If(self.program.look):
                m.d.sync += [row.eq(self.program.axon), group.eq(self.program.group)]
        valid: list[Value] = [reading]
        groups: list[Value] = [group[: params.group_bits]]
        for number in range(1, stages + 1):
            flag, where = Signal(name=f"valid_{number}"), Signal(params.group_bits, name=f"group_{number}")
            m.d.sync += [flag.eq(valid[-1]), where.eq(groups[-1])]
            valid.append(flag)
            groups.append(where)
        m.d.comb += self.busy.eq(Cat(active, *valid[1:]).any())
        return row, valid, groups

    def elaborate(self, platform: object) -> Module:
        m = Module()
        params = self.params
        m.submodules.weights = weights = self.weights
        m.submodules.sums = sums = BlockRam(total_shape(params), depth=params.groups, values=params.lanes)

        # The row that is being read: cycle 0; what was read: 1, 2; the sums are written in 2.
        row, valid, group = self._rows(m, 2)
        taken, taken_group = Signal(), Signal(params.group_bits)
        m.d.sync += [taken.eq(self.take), taken_group.eq(self.group)]
        m.d.comb += [
            weights.read_addr.eq(Cat(group[0], row)),
            sums.read_addr.eq(self.group),
            sums.write_en.eq((valid[2] | taken).replicate(params.lanes)),
            sums.write_addr.eq(taken_group),
        ]
        with m.If(valid[0]):
            m.d.comb += sums.read_addr.eq(group[0])
        with m.If(valid[2]):
            m.d.comb += sums.write_addr.eq(group[2])
        seen: list[Value] = []
        for lane in range(params.lanes):
            one, other = Signal(weight_shape(params), name=f"weight_{lane}"), Signal(total_shape(params))
            m.d.sync += [one.eq(weights.read[lane]), other.eq(sums.read[lane])]
            m.d.comb += self.totals[lane].eq(sums.read[lane])
            seen.append(Mux(self.program.lane == lane, one, 0))
            with m.If(valid[2]):
                m.d.comb += _added(sums.write[lane], one, other)

        if params.readback:
            m.d.sync += self.program.seen.eq(one_of(seen))
        m.d.comb += [
            weights.write_en.eq(self.program.valid << self.program.lane),
            weights.write_addr.eq(Cat(self.program.group, self.program.axon)),
            *(weights.write[lane].eq(self.program.weight) for lane in range(params.lanes)),
        ]
        return m


def _added(to: Any, weight: Value, sums: Any) -> list[Any]:
    """Add a weight to the sum, or to the one for its sign."""
    if isinstance(sums, Signal):
        return [to.eq(sums + weight)]
    negative = weight < 0
    return [
        to.excitatory.eq(sums.excitatory + Mux(negative, 0, weight)),
        to.inhibitory.eq(sums.inhibitory + Mux(negative, weight, 0)),
    ]
