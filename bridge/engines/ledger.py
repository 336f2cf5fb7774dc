"""Checks of the inputs of engines, and the forms of their results, common to all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace

import numpy as np
import numpy.typing as npt

from synaptile.rtl import NetworkParams, Port, RoutingTable

from ..tile_grid import TileGrid
from .base import Activity, Deliveries, Ints, Packets

__all__ = [
    "HardwareFault",
    "activity_of",
    "check_packets",
    "concatenate",
    "deliveries_of",
    "entries_of",
    "instrumented",
    "known_keys",
    "ready_pattern",
]

_TAG_BITS = 48
_COUNTER_BITS = 48


class HardwareFault(RuntimeError):  # noqa: N818 - it is the hardware's, not the caller's
    """The simulated circuit dropped a packet, or delivered a flit that differs from what was sent.

    Packets that a chip would drop are refused before, so that either is a bug in the hardware or an engine.
    """


def check_packets(packets: Packets, params: NetworkParams, cycle: int, known: Ints | None = None) -> None:
    """Raise ``ValueError`` naming the first packet that the chip cannot take, with the rule and the value.

    ``known`` is what `known_keys` gives for the chip's tables, if it has any.
    """
    for name, values, low, high in (
        ("cycle", packets.cycle, cycle, None),
        ("source", packets.source, 0, params.tiles - 1),
        ("destination", packets.destination, 0, params.tiles - 1),
        ("neuron", packets.neuron, 0, params.neurons - 1),
        ("stamp", packets.stamp, 0, None),
        ("key", packets.key, 0, max(0, params.table_entries - 1)),
        ("more", packets.more, 0, int(params.multicast)),
    ):
        bad = values < low
        if high is not None:
            bad |= values > high
        if bad.any():
            which = int(np.argmax(bad))
            rule = f"lie in {low}..{high}" if high is not None else f"be at least {low}"
            raise ValueError(f"{name} of packet {which} must {rule}, not {values[which]}")
    if known is not None:
        node, _ = _seats(params, packets.source)
        unknown = ~np.isin(node * params.table_entries + packets.key, known)
        if unknown.any():
            which = int(np.argmax(unknown))
            rule = f"have an entry in the table of its source, tile {packets.source[which]}"
            raise ValueError(f"key of packet {which} must {rule}, not {packets.key[which]}")
    more = np.flatnonzero(packets.more)
    for name in ("cycle", "source", "neuron", "stamp", "key") if len(more) else ():
        values = getattr(packets, name)
        wrong = more[(more == 0) | (values[more] != values[more - 1])]
        if len(wrong):
            raise ValueError(f"{name} of packet {wrong[0]} must be that of the row before it, its packet")


def instrumented(params: NetworkParams) -> NetworkParams:
    """The same network with tags that number every packet of a run, and counters that never wrap around."""
    return replace(params, tag_bits=_TAG_BITS, counter_bits=_COUNTER_BITS)


def ready_pattern(ready: npt.ArrayLike, params: NetworkParams) -> npt.NDArray[np.bool_]:
    """Back-pressure as an array of shape (tiles, period); ``ValueError`` for any other shape."""
    pattern = np.asarray(ready, dtype=bool)
    if pattern.ndim != 2 or pattern.shape[0] != params.tiles or not pattern.shape[1]:
        raise ValueError(f"ready must have shape ({params.tiles}, period), not {pattern.shape}")
    return pattern


def concatenate(parts: Sequence[Packets]) -> Packets:
    """Packets one after the other."""
    none = np.zeros(0, dtype=np.int64)
    return Packets(
        **{
            field.name: np.concatenate([none, *(getattr(part, field.name) for part in parts)])
            for field in fields(Packets)
        }
    )


def entries_of(table: RoutingTable | None, params: NetworkParams) -> list[tuple[int, int, int, int]]:
    """(node, 1 if it is the hub's, key, outputs) of every entry of the routers' tables.

    Raises ``ValueError`` if there is no table and the network needs one, or the other way round, or it does not fit.
    """
    if (table is not None) != (params.table_entries > 0):
        rule = "given with routing 'table'" if params.table_entries else f"None with routing {params.routing!r}"
        raise ValueError(f"table must be {rule}, not {'None' if table is None else 'given'}")
    if table is None:
        return []
    if table.topology != params.topology:
        raise ValueError(f"table must be one for a {params.topology}, not for a {table.topology}")
    size = params.mesh_rows, params.mesh_cols
    if (table.rows, table.cols) != size:
        raise ValueError(f"table must be of the {size[0]}x{size[1]} mesh, not of {table.rows}x{table.cols}")
    entries = [(node, 0, key, ports) for node, key, ports in table.entries()]
    entries += [(node, 1, key, ports) for node, key, ports in table.hub_entries()]
    for _node, _hub, key, ports in entries:
        if key >= params.table_entries:
            raise ValueError(f"table must have keys below {params.table_entries}, the table_entries, not {key}")
        if ports & (ports - 1) and not params.multicast:
            raise ValueError(f"table must have one output for each key without multicast, not {ports.bit_count()}")
    return entries


def known_keys(entries: Sequence[tuple[int, int, int, int]], params: NetworkParams) -> Ints | None:
    """Node × ``table_entries`` + key of the packets that can enter, from all `entries_of` a chip; ``None`` without."""
    if not params.table_entries:
        return None
    entered = int(params.interconnect.has_hubs)
    return np.array([node * params.table_entries + key for node, hub, key, _ in entries if hub == entered], np.int64)


def _seats(params: NetworkParams, tile: Ints) -> tuple[Ints, Ints]:
    """Node of each tile, and its number there (`Topology.locate`)."""
    row, col = np.divmod(tile, params.cols)
    side = params.side
    return row // side * params.mesh_cols + col // side, row % side * side + col % side


def deliveries_of(
    packets: Packets, tag: Ints, injected: Ints, delivered: Ints, completed: Ints, params: NetworkParams
) -> Deliveries:
    """The log, sorted by (delivered, destination), of the packets with these tags."""
    order = np.lexsort((packets.destination[tag], delivered))
    tag = tag[order]
    source, destination = packets.source[tag], packets.destination[tag]
    return Deliveries(
        tag=tag,
        source=source,
        destination=destination,
        neuron=packets.neuron[tag],
        stamp=packets.stamp[tag],
        created=packets.cycle[tag],
        injected=injected[order],
        delivered=delivered[order],
        completed=completed[order],
        hops=TileGrid.of(params).hops(source, destination),
    )


def activity_of(params: NetworkParams, cycle: int, *, injected_flits: Ints, **by_port: Ints) -> Activity:
    """The activity up to a cycle, from counts of each tile and, in any shape, of each port of each router."""
    return Activity(
        cycles=cycle,
        rows=params.rows,
        cols=params.cols,
        injected_flits=injected_flits,
        topology=params.topology,
        **{name: counts.reshape(-1, len(Port)) for name, counts in by_port.items()},
    )
