# amaranth: UnusedElaboratable=no
"""A chip of cores configured through its network."""

import random
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Module, Value
from amaranth.lib import wiring
from amaranth.lib.wiring import Out
from support.core_bench import load, words_of
from support.core_host import Host
from support.random_cores import random_core
from support.stream_harness import simulate

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams, NeurosynapticCore
from synaptile.rtl.core.block_ram import BlockRam
from synaptile.rtl.core.config_word import ConfigTarget, ConfigWord
from synaptile.rtl.core.counters import CoreCounter
from synaptile.rtl.core.typed_synapses import TypedSynapses
from synaptile.rtl.core_mesh import CoreMesh
from synaptile.rtl.core_tile import identity_of, payload_bits, payloads_of
from synaptile.rtl.packet import PacketLayouts


def network_of(core: CoreParams, **settings: Any) -> NetworkParams:
    network = NetworkParams(**{"rows": 1, "cols": 2} | settings)
    return network.replace(neurons=1 << payload_bits(core, network))


class ChipAndCores(wiring.Component):
    """A chip, and apart from it a core for each tile that is loaded directly."""

    def __init__(self, network: NetworkParams, core: CoreParams, host_tile: int) -> None:
        self.chip = CoreMesh(network, core, host_tile=host_tile)
        self.cores = [NeurosynapticCore(core, PacketLayouts(network).address) for _ in range(network.tiles)]
        super().__init__({"busy": Out(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.chip = self.chip
        m.submodules += self.cores
        m.d.comb += self.busy.eq(self.chip.busy)
        return m


def memories(core: NeurosynapticCore) -> dict[str, BlockRam]:
    """Everything that is configured."""
    own = {"weights": core.synapses.weights, "firsts": core.sender.firsts, "entries": core.sender.entries}
    types = {"types": core.synapses.types} if isinstance(core.synapses, TypedSynapses) else {}
    return {**own, **types, **core.neurons.memories}


def contents(ctx: Any, core: NeurosynapticCore) -> dict[str, list[int]]:
    """All words of the memories."""
    return {
        name: [ctx.get(Value.cast(ram.storage.data[address])) for address in range(ram.storage.depth)]
        for name, ram in memories(core).items()
    }


CHIPS: dict[str, tuple[dict[str, Any], dict[str, Any], int]] = {
    "mesh": ({}, {"neuron": "current-lif"}, 0),
    "tree": ({"rows": 2, "topology": "tree", "flits_per_packet": 1, "stamp_bits": 0}, {"weight_bits": 1}, 3),
    "truenorth": ({"routing": "yx"}, {"neuron": "truenorth", "weight_bits": 1, "state_bits": 20}, 0),
    "torus": ({"topology": "torus", "virtual_channels": 2}, {"neuron": "delta-lif", "lanes": 4}, 1),
}
"""Settings of the network, of the cores, and the host's tile."""


@pytest.mark.parametrize(("settings", "cores", "host_tile"), CHIPS.values(), ids=CHIPS)
def test_what_is_written_through_the_network_is_as_if_it_were_loaded_and_is_read_back(
    settings: dict[str, Any], cores: dict[str, Any], host_tile: int, waves: Path
) -> None:
    core = CoreParams(
        **{"axons": 4, "neurons": 4, "lanes": 2, "targets": 9, "state_bits": 10, "refractory_bits": 2} | cores,
        readback=True, counter_bits=9,
    )  # fmt: skip
    network = network_of(core, **settings)
    payloads, addresses = payloads_of(core, network), PacketLayouts(network)

    async def bench(ctx: Any, both: ChipAndCores) -> None:
        chip = both.chip
        host = Host(ctx, chip, payloads)
        chance = random.Random(3)
        twins = [random_core(core, chance, 1 << addresses.address.size) for _ in range(network.tiles)]
        words = [
            (addresses.position_of(tile), word)
            for tile, twin in enumerate(twins)
            for word in words_of(twin, payloads.words)
        ]
        chance.shuffle(words)  # each is a packet of its own, so that their order does not matter
        for address, word in words:
            await host.write(address, word)
        await host.still()
        for tile, other, twin in zip(chip.tiles, both.cores, twins, strict=True):
            load(ctx, other, twin)
            assert contents(ctx, tile.core) == contents(ctx, other)
        for address, word in chance.sample(words, 40):
            assert await host.read(address, word) == word
        for tile in range(network.tiles):
            identity = await host.read(addresses.position_of(tile), ConfigWord(ConfigTarget.IDENTITY, 0, 0, 0))
            assert identity.value == identity_of(core, network, host_tile)

    simulate(lambda: ChipAndCores(network, core, host_tile), bench, waves=waves)


def test_words_that_come_in_a_tick_are_refused_and_counted_and_change_nothing(waves: Path) -> None:
    """The chip does in every tick what one does that is left alone."""
    core = CoreParams(
        axons=4, neurons=32, lanes=1, targets=40, state_bits=12, refractory_bits=2, counter_bits=16, readback=True
    )
    network = network_of(core)
    payloads, addresses = payloads_of(core, network), PacketLayouts(network)

    async def bench(ctx: Any, chip: CoreMesh) -> None:
        chance = random.Random(11)
        twins = [random_core(core, chance, 1) for _ in range(2)]
        for twin in twins:
            # All send to the host, or they would have to be modelled as a network.
            twin.targets = [[(0, 0, 0)] for _ in twin.targets]
        host = Host(ctx, chip, payloads)
        host.strict = False
        for tile, twin in zip(chip.tiles, twins, strict=True):
            load(ctx, tile.core, twin)
        late = 0
        for _ in range(15):
            for tile, twin in enumerate(twins):
                for _ in range(chance.randrange(3)):
                    axon = chance.randrange(4)
                    twin.arrive(axon, 1)
                    await host.send(addresses.position_of(tile), payloads.event(axon, 1))
            await host.still()
            await host.tick()
            for _ in range(2):
                tile = chance.randrange(2)
                word = chance.choice([*words_of(random_core(core, chance, 1), payloads.words)])
                code = payloads.words.encode(*word)
                busy = ctx.get(chip.tiles[tile].core.busy)
                refused = host.refused.count(tile)
                await host.send(addresses.position_of(tile), chance.choice([payloads.write, payloads.read])(code))
                for _ in range(10):
                    await host.cycle()
                still_busy = ctx.get(chip.tiles[tile].core.busy)
                assert busy
                assert still_busy
                assert host.refused.count(tile) == refused + 1
                late += 1
            await host.still()
            reports = [twin.tick() for twin in twins]
            told = sorted((addresses.tile_of(report.position), report.neuron) for report in host.told)
            assert told == [(tile, neuron) for tile, fired in enumerate(reports) for neuron in fired]
            host.told.clear()
        counters = [CoreCounter.REFUSED_WORDS, CoreCounter.REFUSED_EVENTS, CoreCounter.UNREAD_WORDS]
        counted = 0
        for tile in range(2):
            for counter in counters:
                word = ConfigWord(ConfigTarget.COUNTERS, 0, counter, 0)
                counted += (await host.read(addresses.position_of(tile), word)).value
        assert counted == late == len(host.refused)

    simulate(lambda: CoreMesh(network, core), bench, waves=waves)


def test_identities_differ() -> None:
    core = CoreParams()
    network = network_of(core)
    identities = {
        identity_of(core, network),
        identity_of(core, network, 1),
        identity_of(CoreParams(weight_shift=5), network),
        identity_of(core, network.replace(buffer_depth=3)),
    }
    assert len(identities) == 4
    assert identity_of(core, network) == identity_of(CoreParams(), network.replace(tag_bits=9))
