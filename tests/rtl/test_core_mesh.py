# amaranth: UnusedElaboratable=no
"""Networks on several cores in gates, with a host at one tile's door."""

import random
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Value
from support.core_bench import load
from support.core_twin import CoreTwin, Target, neuron_twin
from support.stream_harness import simulate

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.payload import Payloads, Report
from synaptile.rtl.core_mesh import CoreMesh
from synaptile.rtl.core_tile import payload_bits, payloads_of
from synaptile.rtl.packet import PacketLayouts

NEURONS, SOURCES, TICKS = 4, 3, 25  # of each tile, at the host, and in all
DELAYS = (1, 2, 5, 15)


def core_params(tiles: int, neuron: str) -> CoreParams:
    return CoreParams(
        axons=(tiles * NEURONS + SOURCES) * len(DELAYS), neurons=NEURONS, lanes=2, neuron=neuron, weight_shift=2,
        targets=NEURONS * (tiles * len(DELAYS) + 1), state_bits=16, refractory_bits=3,
    )  # fmt: skip


class Model:
    """The whole network in plain Python: neurons by number, sources after them; weights of (pre, post, delay)."""

    def __init__(self, network: NetworkParams, core: CoreParams, chance: random.Random) -> None:
        self.network, self.core, self.time = network, core, 0
        self.count = network.tiles * NEURONS
        self.wires = {
            (pre, post, delay): chance.randint(-8, 7)
            for pre in range(self.count + SOURCES)
            for post in range(self.count)
            for delay in DELAYS
            if chance.random() < 0.15
        }
        self.neurons = [self._neuron(chance) for _ in range(self.count)]
        self.due: dict[int, list[tuple[int, int]]] = {}

    def _neuron(self, chance: random.Random) -> dict[str, int]:
        plain = {
            "v": 0, "left": 0, "bias": chance.randint(-2, 6), "threshold": chance.randint(10, 60), "reset": 0,
            "refractory": chance.randint(0, 2), "subtract": chance.randrange(2),
        }  # fmt: skip
        if self.core.neuron == "delta-lif":
            return plain | {"leak": chance.choice([64, 256, 1024])}
        return plain | {"u": 0, "keep_u": chance.randint(1000, 3500), "keep_v": chance.randint(3000, 4000)}

    def axon(self, pre: int, delay: int) -> int:
        """The axon of a neuron or source with a delay, on every tile."""
        return pre * len(DELAYS) + DELAYS.index(delay)

    def targets(self, pre: int) -> list[tuple[int, int, int]]:
        """(Tile, axon, delay) of everything that listens to a neuron or source."""
        pairs = sorted({(post // NEURONS, delay) for source, post, delay in self.wires if source == pre})
        return [(tile, self.axon(pre, delay), delay) for tile, delay in pairs]

    def twin(self, tile: int) -> CoreTwin:
        """What a tile's core is programmed as; every neuron also tells the host that it has fired."""
        mine = range(tile * NEURONS, (tile + 1) * NEURONS)
        weights = [[0] * NEURONS for _ in range(self.core.axons)]
        for (pre, post, delay), weight in self.wires.items():
            if post in mine:
                weights[self.axon(pre, delay)][post - mine.start] = weight
        targets: list[list[Target]] = [
            [
                (PacketLayouts(self.network).position_of(there), axon, delay)
                for there, axon, delay in self.targets(neuron)
            ]
            + [(0, 0, 0)]
            for neuron in mine
        ]
        return CoreTwin(self.core, weights, [dict(self.neurons[neuron]) for neuron in mine], targets)

    def tick(self) -> list[int]:
        """The neurons that fire."""
        self.time += 1
        sums = [0] * self.count
        for post, weight in self.due.pop(self.time, []):
            sums[post] += weight
        fired = [n for n, neuron in enumerate(self.neurons) if neuron_twin(self.core, neuron, sums[n])]
        for neuron in fired:
            self.send(neuron)
        return fired

    def send(self, pre: int) -> None:
        """Let a neuron or source fire in the present tick."""
        for (source, post, delay), weight in self.wires.items():
            if source == pre:
                self.due.setdefault(self.time + delay, []).append((post, weight))


class Host:
    """Ticks a chip when it is still, and talks to it through its door."""

    def __init__(self, ctx: Any, chip: CoreMesh, payloads: Payloads) -> None:
        self.ctx, self.chip, self.payloads = ctx, chip, payloads
        self.told: list[Any] = []

    async def cycle(self) -> None:
        ctx, out = self.ctx, self.chip.host_out
        ctx.set(out.ready, 1)
        if ctx.get(out.valid):
            self.told.append(self.payloads.decode(ctx.get(out.payload)))
        assert not ctx.get(self.chip.refused)
        assert not ctx.get(self.chip.error)
        await ctx.tick()

    async def still(self) -> None:
        await self.cycle()
        while self.ctx.get(self.chip.busy):
            await self.cycle()

    async def send(self, address: int, payload: int) -> None:
        port = self.chip.host_in
        bits = len(Value.cast(port.payload.address))
        self.ctx.set(Value.cast(port.payload), address | payload << bits)
        self.ctx.set(port.valid, 1)
        while not self.ctx.get(port.ready):
            await self.cycle()
        await self.cycle()
        self.ctx.set(port.valid, 0)


def network_of(core: CoreParams, **settings: Any) -> NetworkParams:
    """A network for these cores."""
    network = NetworkParams(**{"rows": 2, "cols": 2} | settings)
    return network.replace(neurons=1 << payload_bits(core, network))


NETWORKS: dict[str, tuple[dict[str, Any], str, int]] = {
    "mesh": ({}, "delta-lif", 0),
    "one flit": ({"flits_per_packet": 1, "stamp_bits": 0}, "current-lif", 3),
    "torus": ({"topology": "torus", "virtual_channels": 2}, "current-lif", 1),
    "tree": ({"topology": "tree", "flits_per_packet": 3}, "delta-lif", 2),
    "odd-even": ({"routing": "odd-even", "virtual_channels": 2, "buffer_depth": 2}, "delta-lif", 0),
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

    async def bench(ctx: Any, chip: CoreMesh) -> None:
        chance = random.Random(5)
        model = Model(network, core, chance)
        host = Host(ctx, chip, payloads)
        for tile in range(network.tiles):
            load(ctx, chip.tiles[tile].core, model.twin(tile))
        spikes = 0
        for _ in range(TICKS):
            ctx.set(chip.tick, 1)
            await host.cycle()
            ctx.set(chip.tick, 0)
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
                    for tile, axon, delay in model.targets(model.count + source):
                        await host.send(layouts.position_of(tile), payloads.event(axon, delay))
            await host.still()
        assert spikes >= 25

    simulate(lambda: CoreMesh(network, core, host_tile=host_tile), bench, waves=waves)


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
