# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from harness import simulate
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import ArbiterTwin

from synaptile.rtl.arbiter import RoundRobinArbiter


def run(count: int, script: list[tuple[int, bool]], waves: Path) -> list[int]:
    """The grant of each cycle for these (requests, accept)."""
    grants: list[int] = []

    async def bench(ctx: Any, arbiter: RoundRobinArbiter) -> None:
        grants.clear()
        twin = ArbiterTwin(count)
        for requests, accept in script:
            ctx.set(arbiter.requests, requests)
            ctx.set(arbiter.accept, accept)
            grant = ctx.get(arbiter.grant)
            asking = [bool(requests >> i & 1) for i in range(count)]
            winner = twin.grant(asking)
            assert grant == (0 if winner is None else 1 << winner)
            assert grant & ~requests == 0
            assert grant.bit_count() == (1 if requests else 0)
            twin.clock(asking, accept)
            grants.append(grant)
            await ctx.tick()

    simulate(lambda: RoundRobinArbiter(count), bench, waves=waves)
    return grants


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(1, 6))
def test_arbiter_does_what_its_twin_does(waves: Path, data: st.DataObject, count: int) -> None:
    step = st.tuples(st.integers(0, (1 << count) - 1), st.booleans())
    run(count, data.draw(st.lists(step, max_size=40)), waves)


@settings(max_examples=60, deadline=None)
@given(st.data(), st.integers(2, 6))
def test_a_request_that_stays_up_waits_for_at_most_all_others_once(
    waves: Path, data: st.DataObject, count: int
) -> None:
    patient = data.draw(st.integers(0, count - 1))
    others = data.draw(st.lists(st.integers(0, (1 << count) - 1), min_size=count, max_size=40))
    grants = run(count, [(requests | 1 << patient, True) for requests in others], waves)
    for start in range(len(grants) - count + 1):
        assert 1 << patient in grants[start : start + count]


def test_all_asking_are_served_in_turn(waves: Path) -> None:
    assert run(3, [(7, True)] * 7, waves) == [1, 2, 4, 1, 2, 4, 1]


def test_the_order_stays_while_nothing_is_accepted(waves: Path) -> None:
    assert run(3, [(7, True), (7, False), (7, False), (7, True), (7, True)], waves) == [1, 2, 2, 2, 4]


@pytest.mark.parametrize("count", [0, -2])
def test_arbiter_refuses_a_count_below_one(count: int) -> None:
    with pytest.raises(ValueError, match=rf"^count must be at least 1, not {count}$"):
        RoundRobinArbiter(count)
