# amaranth: UnusedElaboratable=no
"""The core in gates against plain Python, tick by tick."""

import random
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import Cat, Module, Mux, Signal, Value
from hypothesis import given, settings
from hypothesis import strategies as st
from support.core_bench import CoreBench, words_of
from support.core_twin import CoreTwin
from support.effort import examples
from support.random_cores import random_core
from support.stream_harness import simulate

from synaptile.rtl.core.block_ram import BlockRam, WeightRam
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import NEURONS, CoreParams

ADDRESS = 4  # bits


SIZES = st.sampled_from(
    [
        {"axons": 4, "neurons": 4, "lanes": 4},
        {"axons": 4, "neurons": 4, "lanes": 1},
        {"axons": 5, "neurons": 8, "lanes": 4},
        {"axons": 16, "neurons": 6, "lanes": 2},
        {"axons": 17, "neurons": 16, "lanes": 16},
        {"axons": 40, "neurons": 24, "lanes": 8},
        {"axons": 33, "neurons": 20, "lanes": 4},
    ]
)


def scrambled(ram: BlockRam, m: Module, word: Signal) -> Value:
    """Another value than that which was read from an address of which it was written in the same cycle.

    Of the weights, which may have one port only, another than any that was read when one was written.
    """
    collided = Signal(len(ram.write_en))
    if isinstance(ram, WeightRam):
        m.d.sync += collided.eq(ram.write_en.any().replicate(len(collided)))
    else:
        m.d.sync += collided.eq(Mux(ram.read_addr == ram.write_addr, ram.write_en, 0))
    return word ^ Cat(bit.replicate(len(word) // len(collided)) for bit in collided)


@pytest.mark.parametrize("collisions", ["as simulated", "scrambled"])
@pytest.mark.parametrize("neuron", NEURONS)
def test_spikes_and_potentials_are_those_of_plain_python(
    neuron: str, collisions: str, waves: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if collisions == "scrambled":
        monkeypatch.setattr(BlockRam, "_seen", scrambled)

    @settings(max_examples=examples(4, 60), deadline=None)
    @given(
        SIZES,
        st.sampled_from([1, 2, 4, 8]),
        st.sampled_from([8, 12, 18, 24, 32]),
        st.integers(0, 6),
        st.integers(0, 2**32),
    )
    def check(sizes: dict[str, int], weight_bits: int, state_bits: int, shift: int, seed: int) -> None:
        chance = random.Random(seed)
        params = CoreParams(
            **sizes, neuron=neuron, weight_bits=1 if neuron == "truenorth" else weight_bits, state_bits=state_bits,
            weight_shift=shift, targets=40, refractory_bits=3,
        )  # fmt: skip
        script = [
            [(chance.randrange(params.axons), chance.randint(1, 15)) for _ in range(chance.choice([0, 1, 4, 9]))]
            for _ in range(30)
        ]

        async def bench(ctx: Any, core: NeurosynapticCore) -> None:
            twin = random_core(params, random.Random(seed), 1 << ADDRESS)
            run = CoreBench(ctx, core, random.Random(seed), patience=chance.choice([1.0, 0.5, 0.1]))
            await run.program(twin)
            for events in script:
                before = random.Random(seed).randint(0, len(events))
                await run.tick()
                fired = twin.tick()
                # Events arrive at any time of the tick: while it is under way, and after it.
                for axon, delay in events[:before]:
                    await run.arrive(axon, delay)
                    twin.arrive(axon, delay)
                await run.finish()
                for axon, delay in events[before:]:
                    await run.arrive(axon, delay)
                    twin.arrive(axon, delay)
                expected = twin.events(fired)
                assert run.sent == expected
                run.sent.clear()
                assert run.potentials(params) == [neuron["v"] for neuron in twin.neurons]
            if neuron == "truenorth":  # nothing was drawn that was not used
                for name in ("random", "draw_0", "draw_3"):
                    assert run.variable(params, name) == [variables[name] for variables in twin.neurons]

        simulate(lambda: NeurosynapticCore(params, ADDRESS), bench, waves=waves)

    check()


def plain_core(neurons: int = 4) -> CoreTwin:
    """Every axon drives every neuron over its threshold; each neuron sends one event."""
    params = CoreParams(axons=4, neurons=neurons, lanes=4, neuron="delta-lif", weight_shift=0, targets=neurons)
    neuron = {
        "v": 0, "left": 0, "leak": 0, "bias": 0, "threshold": 3, "reset": 0, "refractory": 0, "subtract": 0,
    }  # fmt: skip
    return CoreTwin(params, [[3] * neurons] * 4, [dict(neuron) for _ in range(neurons)], [[(9, 1, 1)]] * neurons)


def test_ticks_that_begin_too_early_are_overruns_and_none_is_left_out(waves: Path) -> None:
    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        twin = plain_core(8)
        run = CoreBench(ctx, core, random.Random(1))
        await run.program(twin)
        for delay in (1, 2, 3):
            await run.arrive(delay, delay)
            twin.arrive(delay, delay)
        overruns = 0
        for _ in range(5):
            ctx.set(core.tick, 1)
            await ctx.delay(0)
            overruns += ctx.get(core.overrun)
            await run.cycle()
            ctx.set(core.tick, 0)
            await run.cycle()
        assert overruns == 4
        await run.finish()
        assert run.sent == [event for _ in range(5) for event in twin.events(twin.tick())]
        assert len(run.sent) == 3 * 8

    simulate(lambda: NeurosynapticCore(plain_core(8).params, ADDRESS), bench, waves=waves)


def test_no_more_than_255_ticks_wait(waves: Path) -> None:
    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        run = CoreBench(ctx, core, random.Random(1))
        await run.program(CoreTwin(params, [], [{"threshold": 1}] * 4, []))
        ctx.set(core.tick, 1)
        for number in range(400):
            await ctx.delay(0)
            assert ctx.get(core.overrun) == (number > 0)
            await run.cycle()
        ctx.set(core.tick, 0)
        begun = run.cycles
        await run.finish()
        # A tick of 2 groups takes 10 cycles with that in which it begins.
        assert (run.cycles - begun) // 10 == 255

    params = CoreParams(axons=4, neurons=4, lanes=2, neuron="delta-lif", targets=1)
    simulate(lambda: NeurosynapticCore(params, ADDRESS), bench, waves=waves)


def test_a_core_that_is_behind_lets_events_act_in_their_tick(waves: Path) -> None:
    """Ticks begin whether it is done or not; what it sends is the same, later."""
    params = CoreParams(
        axons=5, neurons=12, lanes=2, neuron="delta-lif", targets=30, state_bits=12, refractory_bits=2, weight_shift=2
    )

    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        chance = random.Random(8)
        twin = random_core(params, chance, 1 << ADDRESS)
        run = CoreBench(ctx, core, chance, patience=0.9)
        await run.program(twin)
        ticks = overruns = 0
        for _ in range(3000):
            if chance.random() < 0.02:
                ctx.set(core.tick, 1)
                await ctx.delay(0)
                overruns += ctx.get(core.overrun)
                await run.cycle()
                ctx.set(core.tick, 0)
                ticks += 1
            elif chance.random() < 0.03 and ctx.get(core.arrivals.ready):
                axon, delay = chance.randrange(5), chance.randint(1, 6)
                await run.arrive(axon, delay)
                twin.due.setdefault(ticks + delay, set()).add(axon)
            else:
                await run.cycle()
            assert not ctx.get(core.refused)
        await run.finish()
        assert run.sent == [event for _ in range(ticks) for event in twin.events(twin.tick())]
        assert overruns > 15
        # So far behind that an event would act in the slot that is read, or one that is over.
        for _ in range(14):
            await run.tick()
        await run.arrive(0, 2)
        assert not ctx.get(core.refused)
        for _ in range(20):
            await run.tick()
        await run.arrive(0, 2)
        assert ctx.get(core.refused)

    simulate(lambda: NeurosynapticCore(params, ADDRESS), bench, waves=waves)


def test_a_core_takes_events_while_the_network_takes_none_of_its_own(waves: Path) -> None:
    """So that cores never wait for one another in a ring."""

    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        twin = plain_core()
        run = CoreBench(ctx, core, random.Random(1), patience=0.0)
        await run.program(twin)
        await run.arrive(0, 1)
        for _ in range(3):  # the first sends, the second has nobody fire, the third waits for the first
            await run.tick()
            for _ in range(40):
                await run.cycle()
        assert ctx.get(core.busy)
        for delay in range(1, 16):
            await run.arrive(1, delay)
        run.patience = 1.0
        await run.finish()
        assert run.sent == [(9, 1, 1)] * 4

    simulate(lambda: NeurosynapticCore(plain_core().params, ADDRESS), bench, waves=waves)


@pytest.mark.parametrize(
    ("neuron", "lanes", "latency"),
    [
        ("current-lif", 4, 6),
        ("current-lif", 1, 6),
        ("current-lif-2", 4, 7),
        ("delta-lif", 8, 5),
        ("truenorth", 4, 7),
    ],
)
def test_an_idle_tick_takes_a_cycle_for_each_group_and_the_length_of_the_pipeline(
    neuron: str, lanes: int, latency: int, waves: Path
) -> None:
    params = CoreParams(axons=4, neurons=32, lanes=lanes, neuron=neuron, weight_bits=1 if neuron == "truenorth" else 4)

    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        run = CoreBench(ctx, core, random.Random(1))
        await run.program(CoreTwin(params, [], [{"threshold": 1}] * 32, []))
        await run.tick()
        start = run.cycles
        await run.finish()
        assert run.cycles - start == 32 // lanes + latency + 2

    simulate(lambda: NeurosynapticCore(params, ADDRESS), bench, waves=waves)


def test_what_is_programmed_while_a_tick_runs_takes_effect_in_the_next(waves: Path) -> None:
    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        twin = plain_core(8)
        run = CoreBench(ctx, core, random.Random(1), patience=0.3)
        await run.program(twin)
        chance = random.Random(2)
        for _ in range(12):
            for axon in range(2):
                await run.arrive(axon, 1)
                twin.arrive(axon, 1)
            await run.tick()
            expected = twin.events(twin.tick())
            # The core is at it: whatever is offered now waits until all spikes of the tick have left.
            neuron, axon = chance.randrange(8), chance.randrange(4)
            twin.neurons[neuron]["threshold"] = chance.choice([3, 100])
            twin.weights[axon][neuron] = chance.randint(-8, 7)
            twin.targets[neuron] = [(chance.randrange(16), chance.randrange(4), 1)]
            words = [*words_of(twin, core.words)]
            for _ in range(chance.randrange(25)):
                await run.cycle()
            for word in words:
                await run.write(word)
            assert run.sent == expected
            run.sent.clear()
            assert run.potentials(twin.params) == [variables["v"] for variables in twin.neurons]

    simulate(lambda: NeurosynapticCore(plain_core(8).params, ADDRESS), bench, waves=waves)
