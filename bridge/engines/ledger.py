"""The books that every engine keeps: what was given to it, what waits, what came out, and whether it came out whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np

from synaptile.rtl import NetworkParams

from .base import Deliveries, Ints, Packets

__all__ = ["HardwareFault", "check_packets", "concatenate", "deliveries_of", "hops", "ring_of"]


class HardwareFault(RuntimeError):  # noqa: N818 - it is the hardware's, not the caller's
    """The simulated circuit delivered something that was never sent so: a bug in the hardware or in an engine."""


def check_packets(packets: Packets, params: NetworkParams, cycle: int) -> None:
    """Raise ``ValueError`` naming the first packet that the chip cannot take, with the rule and the value."""
    for name, values, low, high in (
        ("cycle", packets.cycle, cycle, None),
        ("source", packets.source, 0, params.tiles - 1),
        ("destination", packets.destination, 0, params.tiles - 1),
        ("neuron", packets.neuron, 0, params.neurons - 1),
        ("stamp", packets.stamp, 0, None),
    ):
        bad = values < low
        if high is not None:
            bad |= values > high
        if bad.any():
            which = int(np.argmax(bad))
            rule = f"lie in {low}..{high}" if high is not None else f"be at least {low}"
            raise ValueError(f"{name} of packet {which} must {rule}, not {values[which]}")


def concatenate(parts: Sequence[Packets]) -> Packets:
    """Packets one after the other."""
    none = np.zeros(0, dtype=np.int64)
    return Packets(
        **{
            field.name: np.concatenate([none, *(getattr(part, field.name) for part in parts)])
            for field in fields(Packets)
        }
    )


def hops(source: Ints, destination: Ints, cols: int, ring: tuple[int, int] | None = None) -> Ints:
    """Links on a shortest path, shape (packets,), on a mesh or on a torus with ``ring`` (rows, columns)."""
    (r0, c0), (r1, c1) = np.divmod(source, cols), np.divmod(destination, cols)
    down, along = np.abs(r0 - r1), np.abs(c0 - c1)
    if ring is not None:
        down, along = np.minimum(down, ring[0] - down), np.minimum(along, ring[1] - along)
    return down + along


def ring_of(params: NetworkParams) -> tuple[int, int] | None:
    """Rows and columns of a torus; ``None`` on a mesh."""
    return (params.rows, params.cols) if params.topology == "torus" else None


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
        hops=hops(source, destination, params.cols, ring_of(params)),
    )
