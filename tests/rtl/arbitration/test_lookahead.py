# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reference_models import LookaheadTwin
from support.stream_harness import simulate

from synaptile.rtl.arbitration.lookahead import LookaheadArbiter


@settings(max_examples=120, deadline=None)
@given(data=st.data(), count=st.integers(1, 6), single=st.booleans())
def test_arbiter_does_what_its_twin_does(waves: Path, data: st.DataObject, count: int, single: bool) -> None:
    """Requests come at any time, and stay until their packets end; who gives way may change in any cycle."""
    bits = st.integers(0, (1 << count) - 1)
    script = data.draw(st.lists(st.tuples(bits, bits, st.booleans()), max_size=60))
    order = data.draw(st.permutations(range(count)))

    async def bench(ctx: Any, arbiter: LookaheadArbiter) -> None:
        twin = LookaheadTwin(order)
        requests = 0
        for more, giving_way, end in script:
            requests |= more
            asking, yielding = ([bool(word >> i & 1) for i in range(count)] for word in (requests, giving_way))
            winner = twin.grant(asking)
            ends = end and winner is not None and (single or twin.held)
            ctx.set(arbiter.requests, requests)
            ctx.set(arbiter.giving_way, giving_way)
            ctx.set(arbiter.ends, ends)
            grant = 0 if winner is None else 1 << winner
            assert ctx.get(arbiter.grant) == grant
            assert ctx.get(arbiter.held) == twin.held
            assert ctx.get(arbiter.owner) == (grant if twin.held else 0)
            twin.clock(asking, yielding, ends)
            if ends:
                requests &= ~grant
            await ctx.tick()

    simulate(lambda: LookaheadArbiter(count, single=single, order=order), bench, waves=waves)


@pytest.mark.parametrize("count", [0, -2])
def test_arbiter_refuses_a_count_below_one(count: int) -> None:
    with pytest.raises(ValueError, match=rf"^count must be at least 1, not {count}$"):
        LookaheadArbiter(count)


@pytest.mark.parametrize("order", [[0, 1], [0, 1, 1], [1, 2, 3]])
def test_arbiter_refuses_an_order_that_is_none(order: list[int]) -> None:
    with pytest.raises(ValueError, match=r"^order must have each of 0\.\.2 once, not \["):
        LookaheadArbiter(3, order=order)
