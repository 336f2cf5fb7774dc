# amaranth: UnusedElaboratable=no
from pathlib import Path
from typing import Any

from harness import simulate
from hypothesis import given, settings
from hypothesis import strategies as st
from twins import PrecedenceTwin

from synaptile.rtl import Port, precedence
from synaptile.rtl.precedence import Precedence

ports = st.frozensets(st.sampled_from(Port))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([2, 4, 128]), st.lists(st.tuples(ports, ports, ports), max_size=300))
def test_precedence_does_what_its_twin_does(
    waves: Path, patience: int, script: list[tuple[frozenset[Port], frozenset[Port], frozenset[Port]]]
) -> None:
    async def bench(ctx: Any, component: Precedence) -> None:
        twin = PrecedenceTwin()
        for crowded, asking, leaving in script:
            ctx.set(component.crowded, sum(1 << port for port in crowded))
            ctx.set(component.asking, sum(1 << port for port in asking))
            ctx.set(component.leaving, sum(1 << port for port in leaving))
            assert ctx.get(component.first) == sum(1 << port for port in twin.first(crowded))
            twin.clock(asking, leaving)
            await ctx.tick()

    before = precedence.PATIENCE
    precedence.PATIENCE = patience
    try:
        simulate(Precedence, bench, waves=waves)
    finally:
        precedence.PATIENCE = before


def test_the_tile_is_never_crowded_but_can_become_urgent(waves: Path) -> None:
    async def bench(ctx: Any, component: Precedence) -> None:
        ctx.set(component.crowded, 0b11111)
        assert ctx.get(component.first) == 0b11110
        await ctx.tick()
        ctx.set(component.asking, 1 << Port.LOCAL)
        for _ in range(precedence.PATIENCE - 1):
            await ctx.tick()
            assert ctx.get(component.first) == 0b11110
        await ctx.tick()
        assert ctx.get(component.first) == 0b11111
        ctx.set(component.leaving, 1 << Port.LOCAL)
        await ctx.tick()
        assert ctx.get(component.first) == 0b11110

    simulate(Precedence, bench, waves=waves)
