# amaranth: UnusedElaboratable=no
"""After a reset a core is as it was programmed: nothing is left of events, sums and ticks of before."""

import random
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import ClockDomain, ClockSignal, DomainRenamer, Module
from amaranth.lib import wiring
from amaranth.lib.wiring import In
from support.core_bench import CoreBench
from support.random_cores import random_core
from support.stream_harness import simulate

from synaptile.rtl.core.axon_queue import ring_words
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import NEURONS, CoreParams

ADDRESS = 3


class Resettable(wiring.Component):
    """A core with a reset of its own."""

    def __init__(self, params: CoreParams) -> None:
        self.core = NeurosynapticCore(params, ADDRESS)
        super().__init__({"reset": In(1)})

    def elaborate(self, platform: object) -> Module:
        m = Module()
        m.domains.core = domain = ClockDomain()
        m.d.comb += [domain.clk.eq(ClockSignal("sync")), domain.rst.eq(self.reset)]
        m.submodules.core = DomainRenamer("core")(self.core)
        return m


@pytest.mark.parametrize("neuron", NEURONS)
@pytest.mark.parametrize("sizes", [{"axons": 33, "neurons": 16, "lanes": 2}, {"axons": 5, "neurons": 40, "lanes": 1}])
def test_nothing_is_left_after_a_reset(neuron: str, sizes: dict[str, int], waves: Path) -> None:
    """Whenever in a tick it comes."""
    params = CoreParams(
        **sizes,
        neuron=neuron,
        weight_bits=1 if neuron == "truenorth" else 4,
        targets=60,
        state_bits=16,
        refractory_bits=3,
    )

    async def bench(ctx: Any, top: Resettable) -> None:
        chance = random.Random(5)
        run = CoreBench(ctx, top.core, chance)
        for _ in range(8):
            twin = random_core(params, chance, 1 << ADDRESS)
            await run.program(twin)
            # Every axon has an event for each of several ticks to come, and a tick is under way.
            for delay in (1, 2, 3, 15):
                for axon in range(params.axons):
                    await run.arrive(axon, delay)
            await run.tick()
            for _ in range(chance.randrange(3 * params.groups * params.axons)):
                await run.cycle()
            ctx.set(top.reset, 1)
            await run.cycle()
            ctx.set(top.reset, 0)
            cycles = run.cycles
            await run.finish()
            assert run.cycles - cycles == max(ring_words(params), params.groups)
            run.sent.clear()

            await run.program(twin)  # neurons, whose state a tick had changed
            for _ in range(16):
                for axon in chance.sample(range(params.axons), chance.choice([0, 0, 3])):
                    await run.arrive(axon, 1)
                    twin.arrive(axon, 1)
                await run.tick()
                await run.finish()
                assert run.sent == twin.events(twin.tick())
                run.sent.clear()
                assert run.potentials(params) == [variables["v"] for variables in twin.neurons]

    simulate(lambda: Resettable(params), bench, waves=waves)


def test_while_memories_are_emptied_nothing_is_taken(waves: Path) -> None:
    """An event waits, a word is refused, and a tick that begins comes after."""
    params = CoreParams(axons=5, neurons=4, lanes=2, targets=8, state_bits=12, refractory_bits=3)

    async def bench(ctx: Any, top: Resettable) -> None:
        core = top.core
        ctx.set(top.reset, 1)
        await ctx.tick()
        ctx.set(top.reset, 0)
        ctx.set(core.arrivals.valid, 1)
        ctx.set(core.arrivals.payload, {"axon": 1, "delay": 1})
        for cycle in range(ring_words(params)):
            assert ctx.get(core.busy)
            assert not ctx.get(core.arrivals.ready)
            assert not ctx.get(core.program.ready)
            ctx.set(core.tick, cycle == 3)
            await ctx.tick()
        assert ctx.get(core.busy)  # with the tick
        assert ctx.get(core.arrivals.ready)

    simulate(lambda: Resettable(params), bench, waves=waves)
