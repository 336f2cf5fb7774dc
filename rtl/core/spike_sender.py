"""From neurons that fired to events for the axons that listen to them."""

from amaranth.hdl import Cat, Module, ShapeLike, Signal
from amaranth.lib import data, stream, wiring
from amaranth.lib.wiring import In, Out

from .axon_queue import axon_event
from .block_ram import BlockRam
from .look import look_ports
from .params import CoreParams

__all__ = ["SpikeSender", "spike_event"]


def spike_event(params: CoreParams, address: ShapeLike) -> data.StructLayout:
    """An event on its way out of a core: the ``address`` of a tile, what its core is to be given, and who has fired.

    One with a delay of 0 is for the host, whom the ``neuron`` interests only.
    """
    return data.StructLayout({"address": address, "event": axon_event(params), "neuron": params.neuron_bits})


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
        Those of the update before have been taken.
    start : In(1)
        An update begins. Only while there is ``room``.
    busy : Out(1)
        There are spikes to be sent.
    looking_up : Out(1)
        In one cycle for each neuron that fired.
    spikes : Out(stream(spike event))
    first_program : In
        In a cycle with ``valid``, while not ``busy``: gives a ``neuron`` its first ``entry``; none unless ``sends``.
    entry_program : In
        Likewise: writes ``entry`` of the table, a target with ``last``. With `CoreParams.readback`, both have ``look``
        and ``seen`` (`look_ports`).

    Attributes
    ----------
    firsts : BlockRam
        By neuron: ``entry``, ``sends``.
    entries : BlockRam
        The destination table: ``address``, ``event``, ``last``.
    """

    def __init__(self, params: CoreParams, address: ShapeLike) -> None:
        self.params = params
        self._entry = data.StructLayout({"address": address, "event": axon_event(params), "last": 1})
        self._first = data.StructLayout({"entry": params.target_bits, "sends": 1})
        self.firsts = BlockRam(self._first, depth=params.groups << params.lane_bits)
        self.entries = BlockRam(self._entry, depth=params.targets)
        super().__init__(
            {
                "fired_valid": In(1),
                "fired_group": In(params.group_bits),
                "fired": In(params.lanes),
                "room": Out(1),
                "start": In(1),
                "busy": Out(1),
                "looking_up": Out(1),
                "spikes": Out(stream.Signature(spike_event(params, address))),
                "first_program": In(
                    wiring.Signature(
                        {
                            "valid": Out(1),
                            "neuron": Out(params.neuron_bits),
                            "first": Out(self._first),
                            **look_ports(params, self._first.size),
                        }
                    )
                ),
                "entry_program": In(
                    wiring.Signature(
                        {
                            "valid": Out(1),
                            "entry": Out(params.target_bits),
                            "target": Out(self._entry),
                            **look_ports(params, self._entry.size),
                        }
                    )
                ),
            }
        )

    def elaborate(self, platform: object) -> Module:
        m = Module()
        params = self.params
        # The groups of an update in which somebody fired.
        m.submodules.groups = groups = BlockRam(params.group_bits + params.lanes, depth=params.groups)
        listed, taken = Signal(range(params.groups + 1)), Signal(range(params.groups + 1))
        listing = Signal()
        m.d.comb += [
            listing.eq(self.fired_valid & self.fired.any()),
            groups.write_en.eq(listing),
            groups.write_addr.eq(listed),
            groups.write[0].eq(Cat(self.fired_group, self.fired)),
            groups.read_addr.eq(taken),
        ]
        with m.If(listing):
            m.d.sync += listed.eq(listed + 1)
        with m.If(self.start):
            m.d.sync += [listed.eq(0), taken.eq(0)]

        m.submodules.firsts = firsts = self.firsts
        m.submodules.entries = entries = self.entries
        first, entry = firsts.read[0], entries.read[0]
        m.d.comb += [
            firsts.write_en.eq(self.first_program.valid),
            firsts.write_addr.eq(self.first_program.neuron),
            firsts.write[0].eq(self.first_program.first),
            entries.write_en.eq(self.entry_program.valid),
            entries.write_addr.eq(self.entry_program.entry),
            entries.write[0].eq(self.entry_program.target),
        ]

        group, waiting = Signal(params.group_bits), Signal(params.lanes)
        lane = Signal(params.lane_bits)
        for i in reversed(range(params.lanes)):
            with m.If(waiting[i]):
                m.d.comb += lane.eq(i)
        number = Signal(params.target_bits)
        offered = Signal.like(self.spikes.payload)
        m.d.comb += [
            self.room.eq(taken == listed),
            self.spikes.payload.eq(offered),
            firsts.read_addr.eq(Cat(lane, group)),
            entries.read_addr.eq(number),
        ]
        if params.readback:
            firsts_seen, entries_seen = self.first_program, self.entry_program
            m.d.sync += [firsts_seen.seen.eq(first), entries_seen.seen.eq(entry)]
            with m.If(firsts_seen.look):
                neuron = firsts_seen.neuron
                m.d.sync += [group.eq(neuron[params.lane_bits :]), waiting.eq(1 << neuron[: params.lane_bits])]
            with m.If(entries_seen.look):
                m.d.sync += number.eq(entries_seen.entry)
        with m.FSM() as fsm:
            with m.State("GROUP"), m.If(taken != listed):
                m.next = "TAKE"
            with m.State("TAKE"):
                m.d.sync += [Cat(group, waiting).eq(groups.read[0]), taken.eq(taken + 1)]
                m.next = "NEURON"
            with m.State("NEURON"):
                m.d.sync += [waiting.eq(waiting & (waiting - 1)), offered.neuron.eq(Cat(lane, group))]
                m.d.comb += self.looking_up.eq(waiting.any())
                m.next = "FIRST"
                with m.If(~waiting.any()):
                    m.next = "GROUP"
            with m.State("FIRST"):
                m.d.sync += number.eq(first.entry)
                m.next = "LOOK UP"
                with m.If(~first.sends):
                    m.next = "NEURON"
            with m.State("LOOK UP"):
                m.d.sync += number.eq(number + 1)
                m.next = "ENTRY"
            with m.State("ENTRY"):
                last = Signal()
                m.d.sync += [offered.address.eq(entry.address), offered.event.eq(entry.event)]
                m.d.sync += [self.spikes.valid.eq(1), last.eq(entry.last)]
                m.next = "SEND"
            with m.State("SEND"), m.If(self.spikes.ready):
                m.d.sync += self.spikes.valid.eq(0)
                m.next = "LOOK UP"
                with m.If(last):
                    m.next = "NEURON"
        m.d.comb += self.busy.eq(~fsm.ongoing("GROUP") | (taken != listed))
        return m
