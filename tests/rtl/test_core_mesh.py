# amaranth: UnusedElaboratable=no
"""Networks on several cores in gates, with a host at one tile's door."""

import random
from pathlib import Path
from typing import Any

import pytest
from support.core_bench import load
from support.core_host import Host
from support.core_model import NEURONS, SOURCES, Addresses, Model, core_params, network_of
from support.stream_harness import simulate

from synaptile.rtl.core.payload import Report
from synaptile.rtl.core_mesh import CoreMesh
from synaptile.rtl.core_tile import payloads_of
from synaptile.rtl.packet import PacketLayouts

TICKS = 15


NETWORKS: dict[str, tuple[dict[str, Any], str, int]] = {
    "mesh": ({}, "delta-lif", 0),
    "one flit": ({"flits_per_packet": 1, "stamp_bits": 0}, "current-lif", 3),
    "torus": ({"topology": "torus", "virtual_channels": 2}, "current-lif", 1),
    "tree": ({"topology": "tree", "flits_per_packet": 3}, "delta-lif", 2),
    "odd-even": ({"routing": "odd-even", "virtual_channels": 2, "buffer_depth": 2}, "delta-lif", 0),
    "table": ({"routing": "table", "table_entries": 5}, "delta-lif", 3),
    "multicast": ({"routing": "table", "table_entries": 80, "multicast": True}, "current-lif", 1),
    "multicast on a torus": (
        {"topology": "torus", "virtual_channels": 2, "routing": "table", "table_entries": 80, "multicast": True},
        "delta-lif",
        2,
    ),
    "multicast in a tree": (
        {"topology": "tree", "routing": "table", "table_entries": 80, "multicast": True},
        "delta-lif",
        2,
    ),
    "tags": ({"rows": 1, "cols": 3, "tag_bits": 4}, "delta-lif", 1),
}
"""Settings, neuron model, and the host's tile."""


@pytest.mark.parametrize(("settings", "neuron", "host_tile"), NETWORKS.values(), ids=NETWORKS)
def test_a_chip_of_cores_does_what_the_network_in_plain_python_does(
    settings: dict[str, Any], neuron: str, host_tile: int, waves: Path
) -> None:
    """Spikes and potentials, tick by tick, with connections between all tiles and a host that sends and listens."""
    core = core_params(settings.get("rows", 2) * settings.get("cols", 2), neuron)
    network = network_of(core, **settings)
    payloads, layouts = payloads_of(core, network), PacketLayouts(network)
    addresses = Addresses(network)
    host_key = addresses.of_tile(host_tile) if network.table_entries else 0

    async def bench(ctx: Any, chip: CoreMesh) -> None:
        chance = random.Random(5)
        model = Model(network, core, chance, addresses)
        host = Host(ctx, chip, payloads)
        for tile in range(network.tiles):
            load(ctx, chip.tiles[tile].core, model.twin(tile))
        events = [model.targets(model.count + source, host_tile) for source in range(SOURCES)]
        await host.write_tables(addresses.table)
        spikes = 0
        for _ in range(TICKS):
            await host.tick()
            await host.still()
            fired = model.tick()
            spikes += len(fired)
            reports = {Report(n % NEURONS, layouts.position_of(n // NEURONS)) for n in fired}
            assert len(host.told) == len(fired)
            assert set(host.told) == reports
            host.told.clear()
            for number, neuron_of_all in enumerate(model.neurons):
                tile, own = divmod(number, NEURONS)
                memory = chip.tiles[tile].core.neurons.memories["v"].storage.data
                assert ctx.get(memory[own // core.lanes])[own % core.lanes] == neuron_of_all["v"], number
            for source in range(SOURCES):
                if chance.random() < 0.5:
                    model.send(model.count + source)
                    for address, axon, delay in events[source]:
                        await host.send(address, payloads.event(axon, delay))
            await host.still()
        assert spikes >= 10

    simulate(lambda: CoreMesh(network, core, host_tile=host_tile, host_key=host_key), bench, waves=waves)


@pytest.mark.parametrize(
    ("change", "host", "message"),
    [
        ({"neurons": 256}, {}, r"^neurons of a network for these cores must be \d+, not 256$"),
        ({}, {"host_tile": 4}, r"^host_tile must lie in 0\.\.3, not 4$"),
        ({}, {"host_key": 1}, r"^host_key must lie in 0\.\.0, not 1$"),
        ({"routing": "table", "table_entries": 4}, {"host_key": 4}, r"^host_key must lie in 0\.\.3, not 4$"),
    ],
)
def test_a_network_for_other_things_is_refused(change: dict[str, Any], host: dict[str, int], message: str) -> None:
    core = core_params(4, "delta-lif")
    network = network_of(core, **{name: value for name, value in change.items() if name != "neurons"})
    network = network.replace(**change)
    with pytest.raises(ValueError, match=message):
        CoreMesh(network, core, **host)
