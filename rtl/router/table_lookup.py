"""A router's table put in front of its queues, with a fork behind each if packets may have several targets."""

from collections.abc import Sequence

from amaranth.hdl import Module, ShapeLike, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import In

from ..channel.fifo import StreamFIFO
from ..channel.replay_fifo import ReplayFIFO
from ..params import NetworkParams
from .multicast_fork import Fork
from .table_memory import TableMemory, table_entry_signature

__all__ = ["Queue", "connect_fork", "input_queue", "look_up", "table_port"]

Queue = wiring.Component
"""A `StreamFIFO` or `ReplayFIFO`."""


def input_queue(shape: ShapeLike, params: NetworkParams, *, note_bits: int = 0, one_hot: bool = False) -> Queue:
    """A router's input queue: one that can be read again if packets fork, and otherwise can take notes."""
    if params.multicast:
        return ReplayFIFO(shape, depth=params.buffer_depth)
    return StreamFIFO(shape, depth=params.buffer_depth, note_bits=note_bits, one_hot=one_hot)


def table_port(params: NetworkParams) -> dict[str, wiring.Member]:
    """The member ``configure`` of a router or tile with a table; without one, nothing."""
    return {"configure": In(table_entry_signature(params.key_bits))} if params.table_entries else {}


def look_up(
    m: Module, params: NetworkParams, configure: wiring.PureInterface, queues: Sequence[tuple[str, Queue]]
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


def connect_fork(m: Module, fork: Fork, queue: Queue, begins: Value) -> None:
    """Tell a fork what happens to its queue, and have the queue keep what is needed again."""
    passes = queue.deq.valid & queue.deq.ready
    last = queue.deq.payload.last
    m.d.comb += [
        fork.begins.eq(begins),
        fork.passes.eq(passes),
        fork.last.eq(last),
        queue.keep.eq(fork.keep),
        queue.again.eq(last),
    ]
