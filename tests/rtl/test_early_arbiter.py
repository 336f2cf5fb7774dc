# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from harness import simulate
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import EarlyTwin

from synaptile.rtl.early_arbiter import EarlyArbiter


@settings(max_examples=120, deadline=None)
@given(data=st.data(), count=st.integers(1, 6), single=st.booleans())
def test_arbiter_does_what_its_twin_does(waves: Path, data: st.DataObject, count: int, single: bool) -> None:
    """Requests come at any time, and stay until their packets end; who goes first may change in any cycle."""
    bits = st.integers(0, (1 << count) - 1)
    script = data.draw(st.lists(st.tuples(bits, bits, st.booleans()), max_size=60))

    async def bench(ctx: Any, arbiter: EarlyArbiter) -> None:
        twin = EarlyTwin(count)
        requests = 0
        for more, first, end in script:
            requests |= more
            asking, ahead = ([bool(word >> i & 1) for i in range(count)] for word in (requests, first))
            winner = twin.grant(asking, ahead)
            ends = end and winner is not None and (single or twin.held)
            ctx.set(arbiter.requests, requests)
            ctx.set(arbiter.first, first)
            ctx.set(arbiter.ends, ends)
            grant = 0 if winner is None else 1 << winner
            assert ctx.get(arbiter.grant) == grant
            assert ctx.get(arbiter.held) == twin.held
            assert ctx.get(arbiter.owner) == (grant if twin.held else 0)
            twin.clock(asking, ahead, ends)
            if ends:
                requests &= ~grant
            await ctx.tick()

    simulate(lambda: EarlyArbiter(count, single=single), bench, waves=waves)


@pytest.mark.parametrize("count", [0, -2])
def test_arbiter_refuses_a_count_below_one(count: int) -> None:
    with pytest.raises(ValueError, match=rf"^count must be at least 1, not {count}$"):
        EarlyArbiter(count)
