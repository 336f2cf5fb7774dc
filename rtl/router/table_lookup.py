"""A router's table, looked up for the fronts of its queues, and the forks of packets with several targets."""

from collections.abc import Sequence

from amaranth.hdl import Cat, Const, Module, Mux, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from ..params import NetworkParams
from ..topology import Port
from .input_unit import InputUnit
from .multicast_fork import Fork
from .table_memory import TableMemory, table_entry_signature

__all__ = ["connect_fork", "look_up", "table_port"]


def table_port(params: NetworkParams) -> dict[str, wiring.Member]:
    """The member ``configure`` of a router or tile with a table; without one, nothing."""
    return {"configure": In(table_entry_signature(params.key_bits))} if params.table_entries else {}


def look_up(
    m: Module, params: NetworkParams, configure: wiring.PureInterface, inputs: Sequence[InputUnit]
) -> tuple[list[Value], list[Fork]]:
    """The outputs that the table has for the head at the front of each input.

    With multicast, those among them that have no copy of the packet yet, and the forks that know, to be connected with
    `connect_fork`. Outputs that an input cannot be connected to are left out; a packet that is then left without any
    is discarded, if ``held`` of the input's `Discard` lets it.
    """
    table = TableMemory(entries=params.table_entries, key_bits=params.key_bits, inputs=len(inputs))
    m.submodules.table = table
    wiring.connect(m, wiring.flipped(configure), table.configure)
    found: list[Value] = []
    for i, unit in enumerate(inputs):
        assert unit.discard is not None
        m.submodules[f"discard_{unit.name}"] = discard = unit.discard
        m.d.comb += table.keys[i].eq(unit.front.data.head.dst.key)
        ports = Cat(table.ports[i][port] if port in unit.outputs else Const(0, 1) for port in Port)
        m.d.comb += [
            discard.valid.eq(unit.queue.deq.valid),
            discard.last.eq(unit.front.last),
            discard.unknown.eq(~ports.any()),
        ]
        # What is at the front of the rest of a packet is no key.
        found.append(ports if params.flits_per_packet == 1 else Mux(discard.inside, 0, ports))
    if not params.multicast:
        return found, []
    forks = []
    for unit, targets in zip(inputs, found, strict=True):
        m.submodules[f"fork_{unit.name}"] = fork = Fork()
        m.d.comb += fork.targets.eq(targets)
        forks.append(fork)
    return [fork.remaining for fork in forks], forks


def connect_fork(m: Module, fork: Fork, unit: InputUnit, begins: Value) -> None:
    """Connect a fork to an input's queue, which keeps the flits that are needed again."""
    assert unit.discard is not None
    queue = unit.queue
    passes = queue.deq.valid & queue.deq.ready & ~unit.discard.discards
    last = queue.deq.payload.last
    m.d.comb += [
        fork.begins.eq(begins),
        fork.passes.eq(passes),
        fork.last.eq(last),
        queue.keep.eq(fork.keep),
        queue.again.eq(last),
    ]
