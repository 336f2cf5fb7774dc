# amaranth: UnusedElaboratable=no
"""A tile of a chip of cores, by itself."""

import random
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Cat, EnableInserter, Module, Mux, Signal, Value
from amaranth.lib import wiring
from support.core_bench import load
from support.core_twin import CoreTwin
from support.stream_harness import simulate

from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.config_word import ConfigTarget
from synaptile.rtl.core.counters import CoreCounter
from synaptile.rtl.core.payload import Event, Read, Report
from synaptile.rtl.core_tile import CoreTile, identity_of, payload_bits, payloads_of
from synaptile.rtl.packet import PacketLayouts
from synaptile.rtl.ports import ports_of

CORE = CoreParams(axons=4, neurons=8, lanes=4, neuron="delta-lif", weight_shift=0, targets=9, refractory_bits=1)


def network_of(**settings: Any) -> NetworkParams:
    network = NetworkParams(**{"rows": 2, "cols": 2} | settings)
    return network.replace(neurons=1 << payload_bits(CORE, network))


def busy_twin() -> CoreTwin:
    """A core in which any event makes all neurons fire, who send events to two tiles and reports."""
    neuron = {
        "v": 0, "left": 0, "leak": 0, "bias": 0, "threshold": 3, "reset": 0, "refractory": 0, "subtract": 0,
    }  # fmt: skip
    targets = [[(n % 4, n % 4, 1 + n), (0, 0, 0)] if n < 4 else [] for n in range(8)]
    return CoreTwin(CORE, [[3] * 8] * 4, [dict(neuron) for _ in range(8)], targets)


def random_payload(chance: random.Random, network: NetworkParams) -> int:
    """Anything, sensible or not."""
    payloads = payloads_of(CORE, network)
    word = payloads.words.encode(ConfigTarget.SYNAPSES, chance.randrange(4), chance.randrange(8), chance.randint(-8, 7))
    return chance.choice(
        [
            payloads.event(chance.randrange(4), chance.randint(0, 15)),
            payloads.event(chance.randrange(4), 1),
            payloads.report(chance.randrange(8), chance.randrange(4)),
            payloads.write(word),
            payloads.read(word),
            chance.getrandbits(payloads.bits),
        ]
    )


class Inputs:
    """Random inputs of a tile, cycle by cycle: streams keep what they offer until it is taken."""

    def __init__(self, ctx: Any, tile: Any, network: NetworkParams, seed: int) -> None:
        self.ctx, self.tile, self.network, self.chance = ctx, tile, network, random.Random(seed)

    def set(self) -> None:
        """The inputs of this cycle."""
        ctx, tile, chance = self.ctx, self.tile, self.chance
        lively = chance.random() < 0.7
        ctx.set(tile.tick, chance.random() < 0.03)
        ctx.set(tile.spikes.ready, chance.random() < 0.5)
        ctx.set(tile.host_out.ready, chance.random() < 0.5)
        if not ctx.get(tile.arrivals.valid):
            ctx.set(tile.arrivals.payload.neuron, random_payload(chance, self.network))
            ctx.set(tile.arrivals.payload.last, chance.random() < 0.5)
            ctx.set(tile.arrivals.valid, lively and chance.random() < 0.1)
        if not ctx.get(tile.host_in.valid):
            ctx.set(tile.host_in.payload.payload, random_payload(chance, self.network))
            ctx.set(tile.host_in.valid, lively and chance.random() < 0.05)

    async def end(self) -> None:
        """The end of the cycle."""
        ctx = self.ctx
        taken = [port for port in (self.tile.arrivals, self.tile.host_in) if ctx.get(port.valid) & ctx.get(port.ready)]
        await ctx.tick()
        for port in taken:
            ctx.set(port.valid, 0)


@pytest.mark.parametrize("place", [0, 3])
def test_outputs_follow_from_registers_only(place: int, waves: Path) -> None:
    network = network_of()

    async def bench(ctx: Any, tile: CoreTile) -> None:
        ctx.set(Value.cast(tile.here), place)
        load(ctx, tile.core, busy_twin())
        given = Cat(value for path, flow, value in ports_of(tile) if flow is wiring.In and path[0] != "here")
        seen = Cat(value for _, flow, value in ports_of(tile) if flow is wiring.Out)
        inputs, noise = Inputs(ctx, tile, network, 3), random.Random(4)
        moved = set()
        for _ in range(1500):
            before = ctx.get(seen)
            moved.add(before)
            kept = ctx.get(given)
            ctx.set(given, noise.getrandbits(len(given)))
            assert ctx.get(seen) == before
            ctx.set(given, kept)
            inputs.set()
            assert ctx.get(seen) == before
            await inputs.end()
        assert len(moved) > 300

    simulate(lambda: CoreTile(network, CORE), bench, waves=waves)


def visible(tile: CoreTile) -> Value:
    """All that a tile gives out, payloads while they are valid."""
    valid = (tile.spikes.valid, tile.host_out.valid, tile.fired_valid)
    payloads = (tile.spikes.payload, tile.host_out.payload, Cat(tile.fired_group, tile.fired))
    plain = (tile.arrivals.ready, tile.host_in.ready, tile.busy, tile.overrun, tile.refused)
    return Cat(*valid, *(Mux(flag, value, 0) for flag, value in zip(valid, payloads, strict=True)), *plain)


class Sleeper(wiring.Component):
    """Two tiles with the same inputs, of which one is left alone while it is not busy and has no input."""

    def __init__(self, network: NetworkParams) -> None:
        self.tiles = [CoreTile(network, CORE) for _ in range(2)]
        super().__init__(self.tiles[0].signature)
        self.same, self.awake = Signal(), Signal()

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.submodules.plain = plain = self.tiles[0]
        sleeper = self.tiles[1]
        m.submodules.sleeper = EnableInserter(self.awake)(sleeper)
        inputs = [self.tick, self.arrivals.valid, self.host_in.valid]
        m.d.comb += self.awake.eq(sleeper.busy | Cat(inputs).any())
        for (path, flow, own), *others in zip(ports_of(self), ports_of(plain), ports_of(sleeper), strict=True):
            assert all(path == other_path for other_path, _, _ in others)
            if flow is wiring.In:
                m.d.comb += [other.eq(own) for _, _, other in others]
            else:
                m.d.comb += own.eq(others[0][2])
        m.d.comb += self.same.eq(visible(plain) == visible(sleeper))
        return m


def test_nothing_changes_while_it_is_not_busy(waves: Path) -> None:
    """So an engine may leave it alone."""
    network = network_of(flits_per_packet=1, stamp_bits=0)

    async def bench(ctx: Any, both: Sleeper) -> None:
        for tile in both.tiles:
            load(ctx, tile.core, busy_twin())
        inputs = Inputs(ctx, both, network, 5)
        asleep = fired = 0
        for _ in range(6000):
            inputs.set()
            assert ctx.get(both.same)
            asleep += not ctx.get(both.awake)
            fired += ctx.get(both.fired_valid) and ctx.get(both.fired) != 0
            await inputs.end()
        assert asleep > 500
        assert fired > 50

    simulate(lambda: Sleeper(network), bench, waves=waves)


class Door:
    """Gives a tile packets, one after the other, and takes what it sends and tells."""

    def __init__(self, ctx: Any, tile: CoreTile) -> None:
        self.ctx, self.tile = ctx, tile
        self.sent: list[tuple[int, int]] = []
        self.told: list[int] = []
        self.refused = 0
        ctx.set(tile.spikes.ready, 1)
        ctx.set(tile.host_out.ready, 1)
        ctx.set(tile.arrivals.payload.last, 1)

    async def cycle(self) -> None:
        ctx, tile = self.ctx, self.tile
        if ctx.get(tile.spikes.valid):
            self.sent.append((ctx.get(Value.cast(tile.spikes.payload.dst)), ctx.get(tile.spikes.payload.neuron)))
        if ctx.get(tile.host_out.valid):
            self.told.append(ctx.get(tile.host_out.payload))
        self.refused += ctx.get(tile.refused)
        await ctx.tick()

    async def arrive(self, payload: int) -> None:
        ctx, port = self.ctx, self.tile.arrivals
        ctx.set(port.payload.neuron, payload)
        ctx.set(port.valid, 1)
        while not ctx.get(port.ready):
            await self.cycle()
        await self.cycle()
        ctx.set(port.valid, 0)

    async def tick(self) -> None:
        self.ctx.set(self.tile.tick, 1)
        await self.cycle()
        self.ctx.set(self.tile.tick, 0)

    async def still(self) -> None:
        await self.cycle()
        while self.ctx.get(self.tile.busy):
            await self.cycle()


@pytest.mark.parametrize("place", [1, 2])
def test_what_is_not_for_this_tile_is_refused_and_stands_in_nobodys_way(place: int, waves: Path) -> None:
    network = network_of()
    payloads, position = payloads_of(CORE, network), PacketLayouts(network).position_of(place)

    async def bench(ctx: Any, tile: CoreTile) -> None:
        ctx.set(Value.cast(tile.here), position)
        load(ctx, tile.core, busy_twin())
        door, at_host = Door(ctx, tile), place == 2
        await door.arrive(payloads.event(1, 0))
        await door.arrive(payloads.report(5, 3))
        await door.still()
        assert door.refused == (1 if at_host else 2)
        assert door.told == ([payloads.report(5, 3)] if at_host else [])
        # In a tick, words are refused, and the events behind them arrive.
        await door.arrive(payloads.event(0, 1))
        await door.still()
        await door.tick()
        await door.cycle()
        weight = payloads.words.encode(ConfigTarget.SYNAPSES, 2, 6, -5)
        await door.arrive(payloads.write(weight))
        await door.arrive(payloads.event(2, 1))
        await door.still()
        assert door.refused == (2 if at_host else 3)
        row = tile.core.synapses.weights.storage.data[2 << CORE.group_bits | 1]
        assert [*ctx.get(row)] == [3, 3, 3, 3]
        expected = [(n, payloads.event(n, 1 + n)) for n in range(4)]
        report = PacketLayouts(network).position_of(2)
        assert door.sent[::2] == expected
        assert door.sent[1::2] == [(report, payloads.report(n, position)) for n in range(4)]
        # Between ticks they are obeyed.
        await door.arrive(payloads.write(weight))
        await door.still()
        assert [*ctx.get(row)] == [3, 3, -5, 3]
        door.sent.clear()
        await door.tick()
        await door.still()
        assert door.sent[::2] == expected

    simulate(lambda: CoreTile(network, CORE, host_tile=2), bench, waves=waves)


def test_a_tile_is_asked_what_it_has_counted(waves: Path) -> None:
    """Also what it has done away with before its core could see it, and events that come in a later tick."""
    core = CoreParams(**vars(CORE) | {"counter_bits": 7})
    network = NetworkParams(rows=2, cols=2)
    network = network.replace(neurons=1 << payload_bits(core, network))
    payloads, addresses = payloads_of(core, network), PacketLayouts(network)

    async def bench(ctx: Any, tile: CoreTile) -> None:
        ctx.set(Value.cast(tile.here), addresses.position_of(1))
        load(ctx, tile.core, CoreTwin(core, *list(vars(busy_twin()).values())[1:4]))
        door = Door(ctx, tile)

        async def count(counter: CoreCounter) -> int:
            await door.arrive(payloads.read(payloads.words.encode(ConfigTarget.COUNTERS, 0, counter, 0)))
            await door.still()
            address, payload = door.sent.pop()
            reply = payloads.decode(payload)
            assert address == addresses.position_of(2)
            assert isinstance(reply, Read)
            assert reply.reply
            assert reply.word[:3] == (ConfigTarget.COUNTERS, 0, counter)
            return reply.word.value

        for _ in range(3):
            await door.tick()
            await door.still()
        door.sent.clear()
        for stamp in (3, 3, 2, 0):  # the tile is in tick 3
            ctx.set(tile.arrivals.payload.stamp, stamp)
            await door.arrive(payloads.event(2, 4))
        ctx.set(tile.arrivals.payload.stamp, 2)
        await door.arrive(payloads.report(1, 1))
        await door.arrive(payloads.event(2, 0))
        await door.arrive(payloads.report(1, 1))
        await door.still()
        # Two reads at once, of which one is refused, and a word in vain.
        await door.arrive(payloads.read(payloads.words.encode(ConfigTarget.IDENTITY, 0, 0, 0)))
        await door.arrive(payloads.read(payloads.words.encode(ConfigTarget.IDENTITY, 0, 0, 0)))
        await door.arrive(payloads.write(payloads.words.encode(ConfigTarget.SYNAPSES, 0, 0, 1)))
        await door.still()
        assert len(door.sent) == 1
        reply = payloads.decode(door.sent.pop()[1])
        assert isinstance(reply, Read)
        assert reply.word.value == identity_of(core, network, 2)
        counts = {counter: await count(counter) for counter in CoreCounter}
        assert counts == dict.fromkeys(CoreCounter, 0) | {
            CoreCounter.TICKS: 3,
            CoreCounter.BUSY_CYCLES: 3 * (2 + 5 + 2),
            CoreCounter.MERGED: 3,
            CoreCounter.LATE: 3,
            CoreCounter.REFUSED_EVENTS: 3,
            CoreCounter.REFUSED_WORDS: 2,
        }
        assert door.refused == 5

    simulate(lambda: CoreTile(network, core, host_tile=2), bench, waves=waves)


def test_spikes_a_reply_and_the_host_leave_one_after_the_other(waves: Path) -> None:
    """While the network takes nothing, all three come to have something to send; nothing is lost."""
    network = network_of(flits_per_packet=1, stamp_bits=0)
    payloads = payloads_of(CORE, network)

    async def bench(ctx: Any, tile: CoreTile) -> None:
        load(ctx, tile.core, busy_twin())
        door = Door(ctx, tile)
        await door.arrive(payloads.event(0, 1))
        await door.still()
        ctx.set(tile.spikes.ready, 0)
        ctx.set(tile.host_in.payload, {"address": {"row": 1}, "payload": payloads.event(1, 9)})
        ctx.set(tile.host_in.valid, 1)
        await door.cycle()
        await door.arrive(payloads.read(payloads.words.encode(ConfigTarget.IDENTITY, 0, 0, 0)))
        for _ in range(20):
            await door.cycle()
        await door.tick()
        for _ in range(30):
            await door.cycle()
        assert ctx.get(tile.core.spikes.valid)
        assert ctx.get(tile.core.replies.valid)
        door.sent.clear()
        ctx.set(tile.spikes.ready, 1)
        for _ in range(100):
            if ctx.get(tile.host_in.ready):
                await door.cycle()
                ctx.set(tile.host_in.valid, 0)
            await door.cycle()
        await door.still()
        sent = [payloads.decode(payload) for _, payload in door.sent]
        assert [what for what in sent if isinstance(what, Report)] == [Report(n, 0) for n in range(4)]
        assert sum(isinstance(what, Read) for what in sent) == 1
        events = [
            (address, what) for (address, _), what in zip(door.sent, sent, strict=True) if isinstance(what, Event)
        ]
        assert sorted(events) == sorted([(1, Event(1, 9))] * 2 + [(n % 4, Event(n, 1 + n)) for n in range(4)])

    simulate(lambda: CoreTile(network, CORE), bench, waves=waves)


def test_it_has_no_tags() -> None:
    with pytest.raises(ValueError, match=r"^tag_bits of a core's tile must be 0, not 3$"):
        CoreTile(network_of(tag_bits=3), CORE)
