# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reference_models import ArbiterTwin, LeastRecentTwin
from support.stream_harness import simulate

from synaptile.rtl.arbitration.arbiters import LeastRecentArbiter, RoundRobinArbiter

Arbiter = type[RoundRobinArbiter] | type[LeastRecentArbiter]
TWINS = {RoundRobinArbiter: ArbiterTwin, LeastRecentArbiter: LeastRecentTwin}
both = pytest.mark.parametrize("kind", TWINS)


def run(kind: Arbiter, count: int, script: list[tuple[int, bool]], waves: Path) -> list[int]:
    """The grant of each cycle for these (requests, accept)."""
    grants: list[int] = []

    async def bench(ctx: Any, arbiter: Any) -> None:
        grants.clear()
        twin = TWINS[kind](count)
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

    simulate(lambda: kind(count), bench, waves=waves)
    return grants


@both
@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(1, 6))
def test_arbiter_does_what_its_twin_does(kind: Arbiter, waves: Path, data: st.DataObject, count: int) -> None:
    step = st.tuples(st.integers(0, (1 << count) - 1), st.booleans())
    run(kind, count, data.draw(st.lists(step, max_size=40)), waves)


@both
@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(2, 6))
def test_a_request_that_stays_up_waits_for_at_most_all_others_once(
    kind: Arbiter, waves: Path, data: st.DataObject, count: int
) -> None:
    patient = data.draw(st.integers(0, count - 1))
    others = data.draw(st.lists(st.integers(0, (1 << count) - 1), min_size=count, max_size=40))
    grants = run(kind, count, [(requests | 1 << patient, True) for requests in others], waves)
    for start in range(len(grants) - count + 1):
        assert 1 << patient in grants[start : start + count]


@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(2, 6))
def test_a_request_that_comes_and_goes_is_refused_at_most_once_for_each_other(
    waves: Path, data: st.DataObject, count: int
) -> None:
    patient = data.draw(st.integers(0, count - 1))
    rounds = data.draw(st.lists(st.integers(0, (1 << count) - 1), min_size=count, max_size=40))
    grants = run(LeastRecentArbiter, count, [(requests, True) for requests in rounds], waves)
    refused = 0
    for requests, grant in zip(rounds, grants, strict=True):
        if grant == 1 << patient:
            refused = 0
        elif requests >> patient & 1:
            refused += 1
        assert refused < count


def test_round_robin_forgets_who_does_not_ask(waves: Path) -> None:
    """Why routers with a choice have the other one: input 1 asks in every other round and is never granted."""
    assert run(RoundRobinArbiter, 3, [(0b011, True), (0b100, True)] * 6, waves) == [1, 4] * 6
    assert 2 in run(LeastRecentArbiter, 3, [(0b011, True), (0b100, True)] * 6, waves)


@both
def test_all_asking_are_served_in_turn(kind: Arbiter, waves: Path) -> None:
    assert run(kind, 3, [(7, True)] * 7, waves) == [1, 2, 4, 1, 2, 4, 1]


@both
def test_the_order_stays_while_nothing_is_accepted(kind: Arbiter, waves: Path) -> None:
    assert run(kind, 3, [(7, True), (7, False), (7, False), (7, True), (7, True)], waves) == [1, 2, 2, 2, 4]


@both
@settings(max_examples=60, deadline=None)
@given(data=st.data(), count=st.integers(1, 6))
def test_who_is_held_keeps_the_grant_and_then_comes_last(
    kind: Arbiter, waves: Path, data: st.DataObject, count: int
) -> None:
    """As if the arbiter had been asked once, when the one held came, and not again until it was let go."""
    script = data.draw(st.lists(st.tuples(st.integers(0, (1 << count) - 1), st.booleans()), max_size=40))

    async def bench(ctx: Any, arbiter: Any) -> None:
        twin, held = TWINS[kind](count), None
        ctx.set(arbiter.accept, 1)
        for others, hold in script:
            requests = others if held is None else others | 1 << held
            asking = [bool(requests >> i & 1) for i in range(count)]
            winner = twin.grant(asking) if held is None else held
            ctx.set(arbiter.requests, requests)
            ctx.set(arbiter.hold, hold)
            assert ctx.get(arbiter.grant) == (0 if winner is None else 1 << winner)
            if held is None:
                twin.clock(asking, accept=True)
            held = winner if hold else None
            await ctx.tick()

    simulate(lambda: kind(count), bench, waves=waves)


@both
@pytest.mark.parametrize("count", [0, -2])
def test_arbiter_refuses_a_count_below_one(kind: Arbiter, count: int) -> None:
    with pytest.raises(ValueError, match=rf"^count must be at least 1, not {count}$"):
        kind(count)
