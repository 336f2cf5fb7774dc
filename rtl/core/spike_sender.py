"""From neurons that fired to events for the axons that listen to them."""

from amaranth.hdl import Cat, Module, ShapeLike, Signal
from amaranth.lib import data, fifo, memory, stream, wiring
from amaranth.lib.wiring import In, Out

from .axon_queue import axon_event
from .params import CoreParams

__all__ = ["SpikeSender", "spike_event"]


def spike_event(params: CoreParams, address: ShapeLike) -> data.StructLayout:
    """An event on its way out of a core: the ``address`` of a tile, and what its core is to be given."""
    return data.StructLayout({"address": address, "event": axon_event(params)})


class SpikeSender(wiring.Component):
    """Looks up the targets of each neuron that fired, and sends an event to each of them.

    A neuron's targets are successive entries of the destination table, from its ``first`` to one with ``last``.

    Parameters
    ----------
    address
        Shape of a tile's address.

    Members
    -------
    fired_valid, fired_group, fired
        As `Neurons` gives them.
    room : Out(1)
        The groups of a whole update can be taken.
    busy : Out(1)
        There are spikes to be sent.
    spikes : Out(stream(spike event))
    first_program : In
        In a cycle with ``valid``, while not ``busy``: gives a ``neuron`` its first ``entry``; none unless ``sends``.
    entry_program : In
        Likewise: writes ``entry`` of the table, a target with ``last``.
    """

    def __init__(self, params: CoreParams, address: ShapeLike) -> None:
        self.params = params
        self._entry = data.StructLayout({"spike": spike_event(params, address), "last": 1})
        self._first = data.StructLayout({"entry": params.target_bits, "sends": 1})
        neuron_bits = params.group_bits + (params.lanes - 1).bit_length()
        super().__init__(
            {
                "fired_valid": In(1),
                "fired_group": In(params.group_bits),
                "fired": In(params.lanes),
                "room": Out(1),
                "busy": Out(1),
                "spikes": Out(stream.Signature(spike_event(params, address))),
                "first_program": In(
                    wiring.Signature({"valid": Out(1), "neuron": Out(neuron_bits), "first": Out(self._first)})
                ),
                "entry_program": In(
                    wiring.Signature({"valid": Out(1), "entry": Out(params.target_bits), "target": Out(self._entry)})
                ),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        params = self.params
        m.submodules.groups = groups = fifo.SyncFIFOBuffered(
            width=params.group_bits + params.lanes, depth=params.groups + 1
        )
        m.d.comb += [
            groups.w_en.eq(self.fired_valid & self.fired.any()),
            groups.w_data.eq(Cat(self.fired_group, self.fired)),
        ]
        firsts: memory.Memory = memory.Memory(
            shape=self._first,
            depth=params.groups << (params.lanes - 1).bit_length(),
            init=[],
            attrs={"ram_style": "block"},
        )
        entries: memory.Memory = memory.Memory(
            shape=self._entry, depth=params.targets, init=[], attrs={"ram_style": "block"}
        )
        m.submodules.firsts, m.submodules.entries = firsts, entries
        first, entry = firsts.read_port(), entries.read_port()
        for memory_port, program, where, what in (
            (firsts.write_port(), self.first_program, self.first_program.neuron, self.first_program.first),
            (entries.write_port(), self.entry_program, self.entry_program.entry, self.entry_program.target),
        ):
            m.d.comb += [
                memory_port.en.eq(program.valid),
                memory_port.addr.eq(where),
                memory_port.data.eq(what),
            ]

        group, waiting = Signal(params.group_bits), Signal(params.lanes)
        lane = Signal((params.lanes - 1).bit_length())
        for i in reversed(range(params.lanes)):
            with m.If(waiting[i]):
                m.d.comb += lane.eq(i)
        number = Signal(params.target_bits)
        offered = Signal.like(self.spikes.payload)
        m.d.comb += [
            self.room.eq(groups.level == 0),
            self.spikes.payload.eq(offered),
            first.addr.eq(Cat(lane, group)),
            entry.addr.eq(number),
        ]
        with m.FSM() as fsm:
            with m.State("GROUP"):
                m.d.comb += groups.r_en.eq(1)
                m.d.sync += Cat(group, waiting).eq(groups.r_data)
                with m.If(groups.r_rdy):
                    m.next = "NEURON"
            with m.State("NEURON"):
                m.d.sync += waiting.eq(waiting & (waiting - 1))
                m.next = "FIRST"
                with m.If(~waiting.any()):
                    m.next = "GROUP"
            with m.State("FIRST"):
                m.d.sync += number.eq(first.data.entry)
                m.next = "LOOK UP"
                with m.If(~first.data.sends):
                    m.next = "NEURON"
            with m.State("LOOK UP"):
                m.d.sync += number.eq(number + 1)
                m.next = "ENTRY"
            with m.State("ENTRY"):
                last = Signal()
                m.d.sync += [offered.eq(entry.data.spike), self.spikes.valid.eq(1), last.eq(entry.data.last)]
                m.next = "SEND"
            with m.State("SEND"), m.If(self.spikes.ready):
                m.d.sync += self.spikes.valid.eq(0)
                m.next = "LOOK UP"
                with m.If(last):
                    m.next = "NEURON"
        m.d.comb += self.busy.eq(~fsm.ongoing("GROUP") | (groups.level != 0))
        return m
