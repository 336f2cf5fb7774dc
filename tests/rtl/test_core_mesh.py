# amaranth: UnusedElaboratable=no
"""Networks on several cores in gates, with a host at one tile's door."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.core_bench import words_of
from support.core_twin import CoreTwin, Target, neuron_twin
from support.stream_harness import simulate

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_mesh import CoreMesh, event_bits

NEURONS, SOURCES, TICKS = 4, 3, 25  # of each tile, at the host, and in all
DELAYS = (1, 2, 5, 15)


def core_params(tiles: int, neuron: str) -> CoreParams:
    return CoreParams(
        axons=(tiles * NEURONS + SOURCES) * len(DELAYS), neurons=NEURONS, lanes=2, neuron=neuron, weight_shift=2,
        targets=NEURONS * (tiles * len(DELAYS) + 1), state_bits=16, refractory_bits=3,
    )  # fmt: skip


def address_of(network: NetworkParams, tile: int) -> int:
    """A tile's address as an integer."""
    node, member = network.interconnect.locate(tile)
    row, col = divmod(node, network.mesh_cols)
    return row | col << network.row_bits | member << (network.row_bits + network.col_bits)


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
        """What a tile's core is programmed as; every neuron also tells the host, at tile 0, that it has fired."""
        mine = range(tile * NEURONS, (tile + 1) * NEURONS)
        weights = [[0] * NEURONS for _ in range(self.core.axons)]
        for (pre, post, delay), weight in self.wires.items():
            if post in mine:
                weights[self.axon(pre, delay)][post - mine.start] = weight
        targets: list[list[Target]] = [
            [(address_of(self.network, there), axon, delay) for there, axon, delay in self.targets(neuron)]
            + [(address_of(self.network, 0), neuron, 0)]
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
    """Programs a chip, ticks it when it is still, and talks to it through the door of tile 0."""

    def __init__(self, ctx: Any, chip: CoreMesh) -> None:
        self.ctx, self.chip = ctx, chip
        self.told: list[int] = []

    async def cycle(self) -> None:
        ctx, out = self.ctx, self.chip.host_out[0]
        ctx.set(out.ready, 1)
        if ctx.get(out.valid):
            self.told.append(ctx.get(out.payload.axon))
        assert not ctx.get(self.chip.refused)
        assert not ctx.get(self.chip.error)
        await ctx.tick()

    async def still(self) -> None:
        await self.cycle()
        while self.ctx.get(self.chip.busy):
            await self.cycle()

    async def put(self, port: Any, payload: Any) -> None:
        self.ctx.set(port.payload, payload)
        self.ctx.set(port.valid, 1)
        while not self.ctx.get(port.ready):
            await self.cycle()
        await self.cycle()
        self.ctx.set(port.valid, 0)


def networks() -> Iterator[tuple[NetworkParams, str]]:
    core = core_params(4, "delta-lif")
    plain = {"rows": 2, "cols": 2, "neurons": 1 << event_bits(core)}
    yield NetworkParams(**plain), "delta-lif"
    yield NetworkParams(**plain, flits_per_packet=1, stamp_bits=0), "current-lif"
    yield NetworkParams(**plain, topology="torus", virtual_channels=2), "current-lif"
    yield NetworkParams(**plain, topology="tree", flits_per_packet=3), "delta-lif"
    yield NetworkParams(**plain, routing="odd-even", virtual_channels=2, buffer_depth=2), "delta-lif"


@pytest.mark.parametrize(("network", "neuron"), [*networks()], ids=["mesh", "one flit", "torus", "tree", "odd-even"])
def test_a_chip_of_cores_does_what_the_network_in_plain_python_does(
    network: NetworkParams, neuron: str, waves: Path
) -> None:
    """Spikes and potentials, tick by tick, with connections between all tiles and a host that sends and listens."""
    core = core_params(network.tiles, neuron)

    async def bench(ctx: Any, chip: CoreMesh) -> None:
        chance = random.Random(5)
        model = Model(network, core, chance)
        host = Host(ctx, chip)
        for tile in range(network.tiles):
            for word in words_of(model.twin(tile), chip.cores[tile]):
                await host.put(chip.program[tile], word)
        spikes = 0
        for _ in range(TICKS):
            ctx.set(chip.tick, 1)
            await host.cycle()
            ctx.set(chip.tick, 0)
            await host.still()
            fired = model.tick()
            spikes += len(fired)
            assert sorted(host.told) == fired
            host.told.clear()
            for number, neuron_of_all in enumerate(model.neurons):
                tile, own = divmod(number, NEURONS)
                memory = chip.cores[tile].neurons.memories["v"].storage.data
                assert ctx.get(memory[own // core.lanes])[own % core.lanes] == neuron_of_all["v"], number
            for source in range(SOURCES):
                if chance.random() < 0.5:
                    model.send(model.count + source)
                    for tile, axon, delay in model.targets(model.count + source):
                        event = {"axon": axon, "delay": delay}
                        address = {"row": 0, "col": 0}
                        node, member = network.interconnect.locate(tile)
                        address["row"], address["col"] = divmod(node, network.mesh_cols)
                        if network.member_bits:
                            address["member"] = member
                        await host.put(chip.host_in[0], {"address": address, "event": event})
            await host.still()
        assert spikes > 30

    simulate(lambda: CoreMesh(network, core), bench, waves=waves)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"neurons": 256}, r"^neurons of a network for these cores must be 2048, not 256$"),
        ({"tag_bits": 4}, r"^tag_bits of a network for these cores must be 0, not 4$"),
        (
            {"routing": "table", "table_entries": 4, "multicast": True},
            r"^multicast of a network for these cores must be False, not True$",
        ),
    ],
)
def test_a_network_for_other_things_is_refused(change: dict[str, Any], message: str) -> None:
    core = core_params(4, "delta-lif")
    network = NetworkParams(**{"rows": 2, "cols": 2, "neurons": 1 << event_bits(core)} | change)
    with pytest.raises(ValueError, match=message):
        CoreMesh(network, core)
