"""The bench of a chip of cores: a random network, what the host sends, and every spike of which it must be told."""

from __future__ import annotations

import numpy as np

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.config_word import ConfigTarget
from synaptile.rtl.core_tile import host_packet, identity_of, payloads_of
from synaptile.rtl.packet import PacketLayouts

from ..engines.cores import make_core_engine
from ..engines.ledger import entries_of
from ..onchip.programming import programming_stream
from .bench import INTEGER, Bench, table_connections, table_texts, tables
from .random_network import RandomNetwork
from .records import Records
from .template import filled

__all__ = ["core_bench"]

_QUIET = 20
"""Cycles that are watched after the last tick, for a report too many, where everything is still then."""


def core_bench(
    network: NetworkParams,
    core: CoreParams,
    random: RandomNetwork,
    name: str,
    *,
    host_tile: int,
    host_key: int,
    ticks: int,
    tick_cycles: int | None,
    engine: str = "auto",
    threads: int = 1,
) -> Bench:
    """Return the bench of the chip ``name``, from what a simulated chip does with a random network.

    Parameters
    ----------
    ticks, tick_cycles
        How many, and the length of each; with None the next begins when everything is still.
    engine, threads
        See `make_core_engine`.
    """
    chip = make_core_engine(
        engine, network, core, host_tile=host_tile, host_key=host_key, table=random.table, threads=threads
    )
    chip.load(random.images)
    seen = chip.run(ticks, random.events, random.when, tick_cycles)
    begin = np.cumsum(seen.cycles) - seen.cycles
    counters = chip.counters()

    stream = programming_stream(
        random.images, network, core, host_tile=host_tile, host_key=host_key, table=random.table
    )
    layouts, payloads = PacketLayouts(network), payloads_of(core, network)
    address_bits, packet_bits = layouts.address.size, host_packet(core, network).size
    events = [
        (int(begin[when]) + 1, payloads.event(axon, delay) << address_bits | _address(layouts, tile))
        for when, tile, axon, delay in zip(
            random.when.tolist(),
            random.events.tile.tolist(),
            random.events.axon.tolist(),
            random.events.delay.tolist(),
            strict=True,
        )
    ]
    told = seen.reported
    reports = [
        (cycle, payloads.report(neuron, layouts.position_of(tile)))
        for cycle, tile, neuron in zip(told.cycle.tolist(), told.tile.tolist(), told.neuron.tolist(), strict=True)
    ]
    data = {
        "program": Records(
            f"The programming stream of the chip {stream.chip}.", (("packet", packet_bits),), [*zip(stream.packets)]
        ),
        "ticks": Records("The cycles in which ticks begin.", (("cycle", INTEGER),), [[int(at)] for at in begin]),
        "events": Records(
            "Packets of the host: the cycle from which on they are offered.",
            (("cycle", INTEGER), ("packet", packet_bits)),
            events,
        ),
        "reports": Records(
            "Payloads that come to the host, and the cycle.", (("cycle", INTEGER), ("payload", payloads.bits)), reports
        ),
    }
    entries = tables(entries_of(random.table, network), network)
    ask = payloads.words.encode(ConfigTarget.IDENTITY, 0, 0, 0)
    answer = payloads.words.encode(ConfigTarget.IDENTITY, 0, 0, identity_of(core, network, host_tile, host_key))
    barrier = 'if (busy) fail("busy before a tick", 0, 1);'
    fixed = "// Ticks begin as time goes by, whether the cores are done or not."
    values = {
        "name": name,
        "tiles": network.tiles,
        "nodes": network.nodes,
        "packet_bits": packet_bits,
        "payload_bits": payloads.bits,
        "overruns": int(seen.overruns.sum()),
        "refused": int(np.sum(counters["refused"])),
        "cycles": int(seen.cycles.sum()) + (_QUIET if tick_cycles is None else 0),
        "key_bits": network.key_bits,
        "connections": ",\n".join(f"    {line}" for line in _connections(network)),
        "check_barrier": barrier if tick_cycles is None else fixed,
        "ask_identity": f"{payloads.read(ask) << address_bits | _address(layouts, host_tile):x}",
        "identity": f"{payloads.read(answer, reply=True):x}",
        **table_texts(network, name, entries),
    }
    every = {**data, "tables": entries}
    return Bench(
        filled("core_bench.v", values, every),
        every if network.table_entries else data,
        f"{len(stream):,} words programmed, {ticks:,} ticks, {len(events):,} packets sent, {len(reports):,} reports",
    )


def _address(layouts: PacketLayouts, tile: int) -> int:
    return tile if layouts.params.table_entries else layouts.position_of(tile)


def _connections(network: NetworkParams) -> list[str]:
    names = "clk rst tick host_in_payload host_in_valid host_in_ready host_out_payload host_out_valid host_out_ready"
    lines = [f".{name}({name})" for name in (*names.split(), "busy", "overrun", "refused", "error")]
    return [*lines, *table_connections(network)]
