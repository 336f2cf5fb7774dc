"""Switches: the crossbars that flits cross, and the allocation of their time to flits of several virtual channels."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from amaranth.hdl import Cat, Module, Mux, Signal, Value

from ..arbitration.arbiters import LeastRecentArbiter
from ..topology import Port
from .input_unit import ChannelInputUnit, InputUnit
from .one_hot import and_or_mux, mux_tree
from .output_unit import ChannelOutputUnit, WormholeOutputUnit

__all__ = ["ChannelSwitch", "Switch"]


class Switch:
    """The crossbar of a wormhole router: each output shows the flit at the front of the input that it is granted to.

    Its statements go into the router's module.
    """

    def __init__(self, inputs: Sequence[InputUnit], outputs: Mapping[Port, WormholeOutputUnit]) -> None:
        self.inputs = inputs
        self.outputs = outputs

    def traverse(self, m: Module, leaving: Callable[[Port], Any]) -> None:
        """Pass flits on to the members that ``leaving`` has for each port, and take them from the queues."""
        for port, output in self.outputs.items():
            out, queues = leaving(port), [unit.queue.deq for unit in output.sources]
            valid = Cat(queue.valid for queue in queues)
            last = Cat(queue.payload.last for queue in queues)
            m.d.comb += [
                out.valid.eq((output.grant & valid).any()),
                out.payload.eq(mux_tree(output.grant, [queue.payload.as_value() for queue in queues])),
                output.ends.eq(out.ready & (output.grant & valid & last).any()),
            ]
        for unit in self.inputs:
            read = [self.outputs[port].grants(unit) & leaving(port).ready for port in unit.outputs]
            if unit.discard:
                read.append(unit.discard.discards)
            m.d.comb += unit.queue.deq.ready.eq(Cat(read).any())


class ChannelSwitch:
    """The switch of a router with virtual channels, with a separable allocator, inputs first.

    In each cycle, every port picks one of its inputs that request a link, and every link is granted to one of the
    ports that picked an input for it, in both cases the one that was granted longest ago. (Dally and Towles, Principles
    and Practices of Interconnection Networks, 2004, section 19.3.)

    Its statements go into the router's module.

    Attributes
    ----------
    picks : dict of Port: Signal
        Of each port: the input that it picks, one-hot.
    """

    def __init__(self, inputs: Sequence[ChannelInputUnit], outputs: Mapping[Port, ChannelOutputUnit]) -> None:
        self.inputs = inputs
        self.outputs = outputs
        self.at_port = {port: [unit for unit in inputs if unit.port is port] for port in Port}
        self.picks = {port: Signal(len(self.at_port[port]), name=f"pick_{port.name.lower()}") for port in Port}

    def allocate(self, m: Module) -> None:
        """Pick an input of every port, and grant every link to a port."""
        for port, units in self.at_port.items():
            m.submodules[f"arbiter_of_{port.name.lower()}"] = arbiter = LeastRecentArbiter(len(units))
            m.d.comb += [
                arbiter.requests.eq(Cat(Cat(unit.switch_requests.values()).any() for unit in units)),
                self.picks[port].eq(arbiter.grant),
                # An input that is picked and then not granted the link keeps its turn.
                arbiter.accept.eq(Cat(unit.granted for unit in units).any()),
            ]
        for link, output in self.outputs.items():
            m.submodules[f"arbiter_{link.name.lower()}"] = output.arbiter
            requests = (
                (self.picks[port] & Cat(unit.switch_requests[link] for unit in self.at_port[port])).any()
                for port in output.sources
            )
            m.d.comb += [
                output.arbiter.requests.eq(Cat(requests)),
                output.arbiter.accept.eq(1),
                output.grant.eq(output.arbiter.grant),
            ]
        for unit in self.inputs:
            m.d.comb += unit.granted.eq(Cat(self._grants(unit)).any())

    def _grants(self, unit: ChannelInputUnit) -> list[Value]:
        """Of each link: it is granted to this input."""
        picked = self.picks[unit.port][self.at_port[unit.port].index(unit)]
        return [
            picked & request & self.outputs[link].grant[self.outputs[link].sources.index(unit.port)]
            for link, request in unit.switch_requests.items()
        ]

    def traverse(self, m: Module, leaving: Callable[[Port], Any]) -> None:
        """Pass the flits that were granted links on to the members that ``leaving`` has for each port."""
        for port, output in self.outputs.items():
            link, grant, allocator = leaving(port), output.grant, output.allocator
            flits, channels, active = zip(*(self._picked(source, port) for source in output.sources), strict=True)
            m.d.comb += [
                link.valid.eq(and_or_mux(grant, channels)),
                link.flit.eq(and_or_mux(grant, flits)),
                output.body.eq((grant & Cat(active)).any()),
                output.sends.eq(grant.any()),
                allocator.sent.eq(link.valid),
                allocator.last.eq(link.flit.last),
                allocator.credit.eq(link.credit),
            ]

    def _picked(self, port: Port, link: Port) -> tuple[Value, Value, Value]:
        """Of the input that a port has picked: its flit, the virtual channel that it takes on a link; not a head."""
        units, pick = self.at_port[port], self.picks[port]
        channels = [Mux(unit.active, unit.output_channel, unit.offered[link]) for unit in units]
        return (
            and_or_mux(pick, [unit.front.as_value() for unit in units]),
            and_or_mux(pick, channels),
            (pick & Cat(unit.active for unit in units)).any(),
        )
