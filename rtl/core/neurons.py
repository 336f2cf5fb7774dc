"""The neurons of a core: their memories, and a datapath for each lane."""

from collections.abc import Mapping

from amaranth.hdl import Cat, Module, Mux, Shape, Signal, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In, Out

from .block_ram import BlockRam
from .current_lif import CurrentLIF
from .current_lif_2 import CurrentLIF2
from .delta_lif import DeltaLIF
from .look import look_ports, one_of
from .neuron import Neuron, Variable
from .params import CoreParams
from .shapes import total_shape
from .truenorth import AXON_TYPES, TrueNorth, lookup_signature

__all__ = ["Neurons", "neuron_of", "neuron_variables"]

_MODELS: dict[str, type[Neuron]] = {
    "current-lif": CurrentLIF,
    "current-lif-2": CurrentLIF2,
    "delta-lif": DeltaLIF,
    "truenorth": TrueNorth,
}


def neuron_of(params: CoreParams) -> Neuron:
    """Return a datapath of the core's neuron model."""
    return _MODELS[params.neuron](params)


def neuron_variables(params: CoreParams) -> Mapping[str, Variable]:
    """Return the variables of the core's neuron model by name, in the order of their numbers."""
    return _MODELS[params.neuron].variables_of(params)


class Neurons(wiring.Component):
    """Updates every neuron of a core once, a group of neurons in each cycle.

    Members
    -------
    start : In(1)
        Begin. Only while not ``busy``.
    busy : Out(1)
        An update is under way.
    group : Out(group)
        Where the sums of weights are wanted from; they are taken in a cycle with ``take``.
    take : Out(1)
    totals : array(lanes) of In(total_shape)
        They come in the next cycle.
    fired_valid : Out(1)
        A group has been updated.
    fired_group : Out(group)
    fired : Out(lanes)
        Which, and who of it has fired.
    program : In
        In a cycle with ``valid``, while not ``busy``: writes a variable of a neuron, given as ``group`` and ``lane``.
        ``variable`` is its number in `variables`. With `CoreParams.readback`, also ``look`` and ``seen``
        (`look_ports`).
    lookup : In(lookup_signature)
        For the synapses of TrueNorth's neurons only.

    Attributes
    ----------
    variables
        Names of the neurons' variables, in the order of their numbers.
    memories
        Their memories by name, a value for each lane in a word.
    latency
        Cycles from the first group's number to who of it has fired.
    """

    def __init__(self, params: CoreParams) -> None:
        self.params = params
        self._lanes = [neuron_of(params) for _ in range(params.lanes)]
        self.latency = self._lanes[0].latency
        self.variables = tuple(self._lanes[0].variables)
        self.memories = {
            name: BlockRam(variable.shape, depth=params.groups, values=params.lanes)
            for name, variable in self._lanes[0].variables.items()
        }
        widths = [Shape.cast(variable.shape).width for variable in self._lanes[0].variables.values()]
        program = wiring.Signature(
            {
                "valid": Out(1),
                "variable": Out(range(len(self.variables))),
                "group": Out(params.group_bits),
                "lane": Out((params.lanes - 1).bit_length()),
                "value": Out(max(widths)),
                **look_ports(params, max(widths)),
            }
        )
        lookup = {"lookup": In(lookup_signature(params))} if params.neuron == "truenorth" else {}
        super().__init__(
            {
                **lookup,
                "start": In(1),
                "busy": Out(1),
                "group": Out(params.group_bits),
                "take": Out(1),
                "totals": In(total_shape(params)).array(params.lanes),
                "fired_valid": Out(1),
                "fired_group": Out(params.group_bits),
                "fired": Out(params.lanes),
                "program": In(program),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        params, neuron = self.params, self._lanes[0]
        for lane, unit in enumerate(self._lanes):
            m.submodules[f"lane_{lane}"] = unit

        # Stage s of the pipeline has, in each cycle, the group that entered it s cycles ago.
        running, first = Signal(), Signal(range(params.groups))
        valid, group = [running], [first[: params.group_bits]]
        for number in range(1, neuron.latency + 1):
            flag, where = Signal(name=f"valid_{number}"), Signal(params.group_bits, name=f"group_{number}")
            m.d.sync += [flag.eq(valid[-1]), where.eq(group[-1])]
            valid.append(flag)
            group.append(where)
        with m.If(self.start):
            m.d.sync += running.eq(1)
        if params.readback:
            # Nothing is valid, but the stages pass the number of this group on to the memories.
            m.d.sync += first.eq(Mux(self.program.look, self.program.group, 0))
        with m.If(running):
            m.d.sync += first.eq(first + 1)
            with m.If(first == params.groups - 1):
                m.d.sync += [running.eq(0), first.eq(0)]

        m.d.comb += [
            self.busy.eq(Cat(valid).any()),
            self.group.eq(group[neuron.total_read]),
            self.take.eq(valid[neuron.total_read]),
            self.fired_valid.eq(valid[-1]),
            self.fired_group.eq(group[-1]),
            self.fired.eq(Cat(unit.fired for unit in self._lanes)),
            *(unit.total.eq(total) for unit, total in zip(self._lanes, self.totals, strict=True)),
        ]

        seen: list[Value] = []
        for index, (name, variable) in enumerate(neuron.variables.items()):
            m.submodules[name] = ram = self.memories[name]
            programmed = self.program.valid & (self.program.variable == index)
            width = Shape.cast(variable.shape).width
            m.d.comb += [
                ram.write_addr.eq(self.program.group),
                ram.write_en.eq(programmed << self.program.lane),
                *(ram.write[lane].eq(self.program.value[:width]) for lane in range(params.lanes)),
            ]
            for lane in range(params.lanes):
                # A register like that which the lane has behind the memory.
                value = Signal(width, name=f"{name}_{lane}_seen")
                m.d.sync += value.eq(ram.read[lane])
                here = (self.program.variable == index) & (self.program.lane == lane)
                seen.append(Mux(here, value, 0))
            if variable.read is not None:
                m.d.comb += ram.read_addr.eq(group[variable.read])
                m.d.comb += [getattr(unit, name).eq(ram.read[lane]) for lane, unit in enumerate(self._lanes)]
            if variable.write is None:
                continue
            with m.If(valid[variable.write]):
                m.d.comb += [
                    ram.write_addr.eq(group[variable.write]),
                    ram.write_en.eq(Cat(getattr(unit, f"{name}_write") for unit in self._lanes)),
                    *(ram.write[i].eq(getattr(unit, f"{name}_next")) for i, unit in enumerate(self._lanes)),
                ]
        if params.readback:
            m.d.sync += self.program.seen.eq(one_of(seen))
        if params.neuron == "truenorth":
            self._look_up(m)
        return m

    def _look_up(self, m: Module) -> None:
        """Give synapses what they ask for, and write what they have drawn."""
        lookup = self.lookup
        group: Value = lookup.group
        if self.params.readback:
            group = Mux(self.program.look, self.program.group, group)
        kind = Signal.like(lookup.kind)
        m.d.sync += kind.eq(lookup.kind)
        chances = self.memories["stochastic_weights"]
        m.d.comb += chances.read_addr.eq(group)
        m.d.comb += [lookup.stochastic[i].eq(chances.read[i].bit_select(kind, 1)) for i in range(self.params.lanes)]
        for number in range(AXON_TYPES):
            weights, draws = self.memories[f"weight_{number}"], self.memories[f"draw_{number}"]
            m.d.comb += [weights.read_addr.eq(group), draws.read_addr.eq(group)]
            with m.If(kind == number):
                m.d.comb += [lookup.weights[i].eq(weights.read[i]) for i in range(self.params.lanes)]
                m.d.comb += [lookup.draws[i].eq(draws.read[i]) for i in range(self.params.lanes)]
            with m.If(lookup.update.any() & (lookup.update_kind == number)):
                m.d.comb += [
                    draws.write_addr.eq(lookup.update_group),
                    draws.write_en.eq(lookup.update),
                    *(draws.write[i].eq(lookup.drawn[i]) for i in range(self.params.lanes)),
                ]
