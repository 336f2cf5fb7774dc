"""The bench of a network: random packets, and every flit that must come of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from synaptile.rtl import NetworkParams
from synaptile.rtl.packet import PacketLayouts

from ..engines.ledger import entries_of
from .bench import INTEGER, Bench, table_connections, table_texts, tables
from .records import Records
from .template import filled
from .traffic import NetworkRun

__all__ = ["network_bench"]

_QUIET = 20
"""Cycles that are watched after the last delivery, for a flit too many."""


def network_bench(params: NetworkParams, run: NetworkRun, name: str) -> Bench:
    """Return the bench of the chip ``name``, for what a simulated chip did."""
    layouts = PacketLayouts(params)
    entries = tables(entries_of(run.table, params), params)
    spikes, arrivals = _spikes(params, run), _arrivals(params, run)
    takes = [[int("".join("01"[bit] for bit in column[::-1]), 2)] for column in run.ready.T.astype(int).tolist()]
    data = {
        "spikes": spikes,
        "arrivals": arrivals,
        "ready": Records("Tiles that take arrivals, a bit each, in cycle 0, 1, ...", (("ready", params.tiles),), takes),
    }
    # A payload that has no bits is no port.
    spike_bits = max(1, layouts.spike.size)
    values = {
        "name": name,
        "tiles": params.tiles,
        "nodes": params.nodes,
        "spike_bits": spike_bits,
        "arrival_bits": layouts.arrival.size,
        "deliveries": len(run.deliveries),
        "cycles": run.cycles + _QUIET,
        "key_bits": params.key_bits,
        "connections": ",\n".join(f"    {line}" for line in _connections(params, spike_bits)),
        **table_texts(params, name, entries),
    }
    sent = len(spikes.numbers)
    return Bench(
        filled("network_bench.v", values, {**data, "tables": entries}),
        {**data, "tables": entries} if params.table_entries else data,
        f"{sent:,} packets sent, {len(run.deliveries):,} delivered in {len(arrivals.numbers):,} flits",
    )


def _connections(params: NetworkParams, spike_bits: int) -> list[str]:
    arrival_bits = PacketLayouts(params).arrival.size
    lines = [".clk(clk)", ".rst(rst)"]
    for tile in range(params.tiles):
        if PacketLayouts(params).spike.size:
            lines.append(f".spikes_{tile}_payload(spikes_payload[{tile * spike_bits} +: {spike_bits}])")
        lines += [
            f".spikes_{tile}_valid(spikes_valid[{tile}])",
            f".spikes_{tile}_ready(spikes_ready[{tile}])",
            f".arrivals_{tile}_payload(arrivals_payload[{tile * arrival_bits} +: {arrival_bits}])",
            f".arrivals_{tile}_valid(arrivals_valid[{tile}])",
            f".arrivals_{tile}_ready(arrivals_ready[{tile}])",
        ]
    return [*lines, *table_connections(params), ".busy(busy)", ".error(error)"]


def _spikes(params: NetworkParams, run: NetworkRun) -> Records:
    """Packets by tile, in the order in which they are created there."""
    layout: Any = PacketLayouts(params).spike
    packets = run.packets
    injected = np.full(len(packets), -1, np.int64)
    injected[run.deliveries.tag] = run.deliveries.injected
    rows = []
    for i in np.lexsort((np.arange(len(packets)), packets.source)).tolist():
        if packets.more[i]:
            continue
        fields: dict[str, Any] = {
            "dst": _address(params, int(packets.destination[i]), int(packets.key[i])),
            "neuron": int(packets.neuron[i]),
            "stamp": int(packets.stamp[i]),
        }
        word = layout.const(fields).as_value().value
        rows.append((int(packets.source[i]), int(packets.cycle[i]), int(injected[i]), word))
    fields_ = (("tile", INTEGER), ("created", INTEGER), ("taken", INTEGER), ("payload", max(1, layout.size)))
    return Records("Packets: who sends them, from which cycle on, the cycle in which they are taken.", fields_, rows)


def _address(params: NetworkParams, tile: int, key: int) -> dict[str, int]:
    if params.table_entries:
        return {"key": key}
    node, member = params.interconnect.locate(tile)
    row, col = divmod(node, params.mesh_cols)
    return {"row": row, "col": col, **({"member": member} if params.interconnect.has_hubs else {})}


def _arrivals(params: NetworkParams, run: NetworkRun) -> Records:
    """Flits by tile, in the order in which they arrive. Of those amid a packet the cycle is not known."""
    layout: Any = PacketLayouts(params).arrival
    found, last = run.deliveries, params.flits_per_packet - 1

    def word(**fields: int) -> int:
        value: int = layout.const(fields).as_value().value
        return value

    # In the first flit of several the stamp means nothing yet.
    every = (1 << layout.size) - 1
    without_stamp = every ^ word(stamp=(1 << params.stamp_bits) - 1) if last else every
    rows = []
    for i in np.lexsort((found.delivered, found.destination)).tolist():
        stamp = int(found.stamp[i]) % (1 << params.stamp_bits)
        times = {0: int(found.delivered[i]), last: int(found.completed[i])}
        for index in range(params.flits_per_packet):
            body = {"index": index, "stamp": stamp} if last else {}
            payload = word(first=int(index == 0), last=int(index == last), neuron=int(found.neuron[i]), **body)
            mask = without_stamp if index == 0 else every
            known = index in times
            rows.append((int(found.destination[i]), times.get(index, 0), int(known), mask, payload))
    fields = (("tile", INTEGER), ("cycle", INTEGER), ("exact", 1), ("mask", layout.size), ("payload", layout.size))
    return Records("Flits: where they arrive, the cycle, whether it is known, bits that count.", fields, rows)
