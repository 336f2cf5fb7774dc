"""A router's table, looked up for the fronts of its queues, and the forks of packets with several targets."""

from collections.abc import Sequence

from amaranth.hdl import Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from ..params import NetworkParams
from .multicast_fork import Fork
from .table_memory import TableMemory, table_entry_signature

__all__ = ["connect_fork", "look_up", "table_port"]


def table_port(params: NetworkParams) -> dict[str, wiring.Member]:
    """The member ``configure`` of a router or tile with a table; without one, nothing."""
    return {"configure": In(table_entry_signature(params.key_bits))} if params.table_entries else {}


def look_up(
    m: Module, params: NetworkParams, configure: wiring.PureInterface, queues: Sequence[tuple[str, wiring.Component]]
) -> tuple[list[Value], list[Fork]]:
    """The outputs that the table has for the head at the front of each of the named queues.

    With multicast, those among them that have no copy of the packet yet, and the forks that know, to be connected with
    `connect_fork`.
    """
    table = TableMemory(entries=params.table_entries, key_bits=params.key_bits, inputs=len(queues))
    m.submodules.table = table
    wiring.connect(m, wiring.flipped(configure), table.configure)
    m.d.comb += [table.keys[i].eq(queue.deq.payload.data.head.dst.key) for i, (_, queue) in enumerate(queues)]
    if not params.multicast:
        return list(table.ports), []
    forks = []
    for i, (name, _) in enumerate(queues):
        m.submodules[f"fork_{name}"] = fork = Fork()
        m.d.comb += fork.targets.eq(table.ports[i])
        forks.append(fork)
    return [fork.remaining for fork in forks], forks


def connect_fork(m: Module, fork: Fork, queue: wiring.Component, begins: Value) -> None:
    """Connect a fork to its queue, which keeps the flits that are needed again."""
    passes = queue.deq.valid & queue.deq.ready
    last = queue.deq.payload.last
    m.d.comb += [
        fork.begins.eq(begins),
        fork.passes.eq(passes),
        fork.last.eq(last),
        queue.keep.eq(fork.keep),
        queue.again.eq(last),
    ]
