# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.reference_models import selection_twin
from support.stream_harness import simulate

from synaptile.rtl import NetworkParams, Port
from synaptile.rtl.params import SELECTIONS
from synaptile.rtl.selection.strategies import SELECTORS, Random, Selector


def params_of(selection: str, **changes: Any) -> NetworkParams:
    return NetworkParams(rows=3, cols=3, routing="odd-even", selection=selection, **changes)


# `tests/rtl/selection/test_neighbours_on_path.py` has the one that asks its neighbours.
BY_ITSELF = [name for name in SELECTIONS if name != "neighbours-on-path"]

Events = tuple[list[int], int, int, int]
"""Of one cycle: the options of each input, the inputs whose packet begins, the outputs that pass a flit or may."""


@pytest.mark.parametrize("name", BY_ITSELF)
@settings(max_examples=40, deadline=None)
@given(
    depth=st.integers(1, 5),
    script=st.lists(
        st.tuples(
            st.lists(st.integers(0, 31), min_size=5, max_size=5),
            st.integers(0, 31),
            st.integers(0, 31),
            st.integers(0, 31),
        ),
        max_size=30,
    ),
)
def test_selector_does_what_its_twin_does(waves: Path, name: str, depth: int, script: list[Events]) -> None:
    """Whatever is permitted, also more than any relation permits so far; always one of the options."""
    params = params_of(name, buffer_depth=depth)

    async def bench(ctx: Any, selector: Selector) -> None:
        twin = selection_twin(params)
        for options, begun, passed, ready in script:
            for port in Port:
                ctx.set(selector.options[port], options[port])
            ctx.set(selector.granted, begun)
            ctx.set(selector.passed, passed & ready)
            ctx.set(selector.ready, ready)
            granted = {}
            for port in Port:
                request = ctx.get(selector.requests[port])
                open_to = {output for output in Port if options[port] >> output & 1}
                # The local port is only ever permitted alone.
                if Port.LOCAL in open_to and name == "buffer-level":
                    continue
                assert request == (1 << twin.choose(port, open_to) if open_to else 0)
                if begun >> port & 1 and open_to:
                    granted[port] = twin.choose(port, open_to)
            if any(begun >> port & 1 and not options[port] for port in Port):
                return  # nothing begins without an option
            await ctx.tick()
            passing = {output for output in Port if passed & ready & 1 << output}
            twin.clock(granted, passing, {output: bool(ready >> output & 1) for output in Port})

    simulate(lambda: SELECTORS[name](params), bench, waves=waves)


def test_the_coins_repeat_after_the_longest_possible_time(waves: Path) -> None:
    twin: Any = selection_twin(params_of("random", selection_seed=0xACE1))
    period = 0
    while period == 0 or twin.state != 0xACE1:
        twin.clock({Port.EAST: Port.LOCAL}, set(), {})
        period += 1
    assert period == (1 << 16) - 1
    assert Random(params_of("random", selection_seed=77)).state.init == 77


@pytest.mark.parametrize("name", SELECTIONS)
def test_what_a_router_without_flits_cannot_change_is_not_busy(name: str, waves: Path) -> None:
    async def bench(ctx: Any, selector: Selector) -> None:
        ctx.set(selector.ready, 31)
        assert not ctx.get(selector.busy)
        ctx.set(selector.ready, 31 - (1 << Port.EAST))
        await ctx.tick()
        ctx.set(selector.ready, 31)
        busy = []
        for _ in range(6):
            busy.append(ctx.get(selector.busy))
            await ctx.tick()
        # Full, and then a flit fewer in every cycle.
        assert busy == ([1, 1, 1, 1, 0, 0] if name == "buffer-level" else [0] * 6)

    simulate(lambda: SELECTORS[name](params_of(name)), bench, waves=waves)
