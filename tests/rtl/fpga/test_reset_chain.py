"""The parts of a chip are reset one after another, and all at once for a while."""

from amaranth.sim import Simulator
from hypothesis import given, settings
from hypothesis import strategies as st

from synaptile.rtl.fpga.reset_chain import ResetChain


@settings(deadline=None, max_examples=20)
@given(parts=st.integers(1, 40), again=st.integers(0, 90))
def test_every_part_is_reset_while_all_others_are(parts: int, again: int) -> None:
    chain = ResetChain(parts)
    seen: list[tuple[list[int], int]] = []

    async def bench(ctx: object) -> None:
        for _ in range(2 * parts + 10):  # it begins with a reset
            await ctx.tick()  # type: ignore[attr-defined]
        for cycle in range(again + 2 * parts + 10):
            ctx.set(chain.restart, cycle in (0, again))  # type: ignore[attr-defined]
            resets = f"{ctx.get(chain.resets):0{parts}b}"  # type: ignore[attr-defined]
            seen.append(([int(bit) for bit in reversed(resets)], ctx.get(chain.busy)))  # type: ignore[attr-defined]
            await ctx.tick()  # type: ignore[attr-defined]

    simulator = Simulator(chain)
    simulator.add_clock(1e-6)
    simulator.add_testbench(bench)
    simulator.run()
    assert not any(seen[0][0])
    assert not seen[0][1]
    assert all(busy for _, busy in seen[1 : 2 * parts])
    assert not any(seen[-1][0])
    assert not seen[-1][1]
    together = [cycle for cycle, (resets, _) in enumerate(seen) if all(resets)]
    assert together
    for cycle, (resets, busy) in enumerate(seen):
        assert busy or not any(resets), "it is busy as long as anything is in reset"
        if cycle > together[-1]:  # none begins a reset again: what another sends is taken for what it is
            assert all(before >= after for before, after in zip(seen[cycle - 1][0], resets, strict=True))
