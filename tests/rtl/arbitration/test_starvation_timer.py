# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reference_models import StarvationTwin
from support.stream_harness import simulate

from synaptile.rtl.arbitration import starvation_timer
from synaptile.rtl.arbitration.starvation_timer import StarvationTimer


@settings(max_examples=30, deadline=None)
@given(st.sampled_from([3, 4, 6, 7]), st.lists(st.tuples(st.booleans(), st.integers(0, 9)), max_size=300))
def test_starvation_timer_does_what_its_twin_does(waves: Path, bits: int, script: list[tuple[bool, int]]) -> None:
    async def bench(ctx: Any, component: StarvationTimer) -> None:
        twin = StarvationTwin()
        for waiting, ready in script:
            leaving = ready == 0
            ctx.set(component.waiting, waiting)
            ctx.set(component.leaving, leaving)
            assert ctx.get(component.expired) == twin.spent
            twin.clock(waiting, leaving)
            await ctx.tick()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(starvation_timer, "BITS", bits)
        simulate(StarvationTimer, bench, waves=waves)


def test_time_lasts_126_cycles_and_is_expired_until_the_packet_leaves(waves: Path) -> None:
    async def bench(ctx: Any, component: StarvationTimer) -> None:
        ctx.set(component.waiting, 1)
        for _ in range(component.cycles):
            assert not ctx.get(component.expired)
            await ctx.tick()
        for _ in range(300):
            assert ctx.get(component.expired)
            await ctx.tick()
        ctx.set(component.leaving, 1)
        await ctx.tick()
        assert not ctx.get(component.expired)

    assert StarvationTimer().cycles == 126
    simulate(StarvationTimer, bench, waves=waves)
