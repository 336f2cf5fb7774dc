# amaranth: UnusedElaboratable=no
"""What is written into a core is read from it, and neither changes a tick."""

import random
from pathlib import Path
from typing import Any

import pytest
from support.core_bench import CoreBench, words_of
from support.random_cores import random_core
from support.stream_harness import simulate

from synaptile.rtl.core.config_word import ConfigTarget, ConfigWord
from synaptile.rtl.core.counters import CoreCounter, work_of
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import NEURONS, CoreParams

ADDRESS = 3


@pytest.mark.parametrize("lanes", [1, 8])
@pytest.mark.parametrize("neuron", NEURONS)
def test_what_was_written_is_read(neuron: str, lanes: int, waves: Path) -> None:
    """From every memory, between ticks that change the neurons' state."""
    params = CoreParams(
        axons=5,
        neurons=8,
        lanes=lanes,
        neuron=neuron,
        weight_bits=1 if neuron == "truenorth" else 4,
        targets=20,
        state_bits=12,
        refractory_bits=3,
        readback=True,
    )

    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        twin = random_core(params, random.Random(lanes), 1 << ADDRESS)
        run = CoreBench(ctx, core, random.Random(1))
        await run.program(twin)
        for _ in range(3):
            for word in words_of(twin, core.words):
                asked = word._replace(value=random.Random(3).getrandbits(4))
                assert await run.read(asked) == word
            for axon in range(5):
                await run.arrive(axon, 1)
                twin.arrive(axon, 1)
            await run.tick()
            twin.tick()
            await run.finish()

    simulate(lambda: NeurosynapticCore(params, ADDRESS), bench, waves=waves)


@pytest.mark.parametrize("neuron", NEURONS)
def test_a_tick_ends_a_read_and_is_not_changed_by_it(neuron: str, waves: Path) -> None:
    params = CoreParams(
        axons=5,
        neurons=8,
        lanes=2,
        neuron=neuron,
        weight_bits=1 if neuron == "truenorth" else 4,
        targets=20,
        state_bits=12,
        refractory_bits=3,
        readback=True,
    )

    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        chance = random.Random(7)
        twin = random_core(params, chance, 1 << ADDRESS)
        run = CoreBench(ctx, core, chance)
        await run.program(twin)
        ctx.set(core.replies.ready, 1)
        refused = replies = 0
        for _ in range(120):
            for _ in range(chance.randrange(3)):
                axon = chance.randrange(5)
                await run.arrive(axon, 1)
                twin.arrive(axon, 1)
            # A read some cycles before a tick, or in the same.
            word = chance.choice([*words_of(twin, core.words)])
            ctx.set(core.program.payload, {"word": core.words.layout.from_bits(core.words.encode(*word)), "read": 1})
            ctx.set(core.program.valid, 1)
            for left in reversed(range(chance.randint(1, 20))):
                ctx.set(core.tick, left == 0)
                refused += ctx.get(core.refused)
                replies += ctx.get(core.replies.valid)
                await run.cycle()
                ctx.set(core.program.valid, 0)
            ctx.set(core.tick, 0)
            ctx.set(core.program.payload.read, 0)
            fired = twin.tick()
            while ctx.get(core.busy) or ctx.get(core.reading):
                refused += ctx.get(core.refused)
                replies += ctx.get(core.replies.valid)
                await run.cycle()
            assert run.sent == twin.events(fired)
            run.sent.clear()
            assert run.potentials(params) == [variables["v"] for variables in twin.neurons]
        assert refused > 40
        assert replies > 20
        assert refused + replies == 120

    simulate(lambda: NeurosynapticCore(params, ADDRESS), bench, waves=waves)


async def count(run: CoreBench, counter: CoreCounter) -> int:
    found = await run.read(ConfigWord(ConfigTarget.COUNTERS, 0, counter, 0))
    assert found is not None
    assert found[:3] == (ConfigTarget.COUNTERS, 0, counter)
    return found.value


def test_counters_count(waves: Path) -> None:
    params = CoreParams(axons=5, neurons=8, lanes=4, targets=20, state_bits=12, refractory_bits=3, counter_bits=16)

    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        chance = random.Random(2)
        twin = random_core(params, chance, 1 << ADDRESS)
        run = CoreBench(ctx, core, chance)
        await run.program(twin)
        expected = dict.fromkeys(CoreCounter, 0)
        for _ in range(20):
            for _ in range(chance.randrange(5)):
                axon, delay = chance.randrange(5), chance.randint(1, 3)
                expected[CoreCounter.MERGED] += axon in twin.due.get(twin.time + delay, ())
                await run.arrive(axon, delay)
                twin.arrive(axon, delay)
            expected[CoreCounter.AXON_EVENTS] += len(twin.due.get(twin.time + 1, ()))
            expected[CoreCounter.TICKS] += 1
            await run.tick()
            before = run.cycles
            fired = twin.tick()
            expected[CoreCounter.SPIKES] += len(fired)
            expected[CoreCounter.PACKETS] += len(twin.events(fired))
            await run.finish()
            expected[CoreCounter.BUSY_CYCLES] += run.cycles - before
        await run.arrive(0, 0)
        await run.arrive(7, 1)
        expected[CoreCounter.REFUSED_EVENTS] = 2
        assert await run.read(ConfigWord(ConfigTarget.SYNAPSES, 0, 0, 0)) is None
        expected[CoreCounter.UNREAD_WORDS] = 1
        # What cannot be written: it is only to be read.
        await run.write(ConfigWord(ConfigTarget.COUNTERS, 0, CoreCounter.TICKS, 9))
        await run.write(ConfigWord(ConfigTarget.IDENTITY, 0, 0, 9))
        expected[CoreCounter.REFUSED_WORDS] = 2
        counts = {counter: await count(run, counter) for counter in CoreCounter}
        assert counts == expected
        assert min(counts[counter] for counter in (CoreCounter.MERGED, CoreCounter.SPIKES, CoreCounter.PACKETS)) > 2
        await run.tick()
        await run.tick()
        await run.finish()
        assert await count(run, CoreCounter.OVERRUNS) == 1
        identity = await run.read(ConfigWord(ConfigTarget.IDENTITY, 0, 0, 0))
        assert identity == ConfigWord(ConfigTarget.IDENTITY, 0, 0, 0x123456)

    simulate(lambda: NeurosynapticCore(params, ADDRESS, identity=0x123456), bench, waves=waves)


def test_what_follows_from_counts() -> None:
    params = CoreParams(axons=64, neurons=64, lanes=4, neuron="delta-lif")
    assert work_of(params, {"axon_events": 3, "ticks": 10}) == {
        "synaptic_events": 192, "neuron_updates": 640, "memory_reads": 2 * 48 + 160 * 9, "memory_writes": 48 + 160 * 3,
    }  # fmt: skip


def test_a_core_with_nothing_to_be_read_refuses_to_read(waves: Path) -> None:
    params = CoreParams(axons=4, neurons=4, targets=4)

    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        run = CoreBench(ctx, core, random.Random(1))
        for target in range(8):
            ctx.set(core.program.payload.word.target, target)
            ctx.set(core.program.payload.read, 1)
            ctx.set(core.program.valid, 1)
            await run.cycle()
            ctx.set(core.program.valid, 0)
            refused = False
            while ctx.get(core.reading) and not ctx.get(core.replies.valid):
                refused |= bool(ctx.get(core.refused))
                await run.cycle()
            assert refused == (target != ConfigTarget.IDENTITY)
            ctx.set(core.replies.ready, 1)
            await run.cycle()
            assert not ctx.get(core.reading)

    simulate(lambda: NeurosynapticCore(params, ADDRESS), bench, waves=waves)
