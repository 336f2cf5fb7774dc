# amaranth: UnusedElaboratable=no
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.reference_models import QueueTwin
from support.strategies import patterns
from support.stream_harness import run_streams, simulate

from synaptile.rtl.channel.fifo import StreamFIFO


@pytest.mark.parametrize("depth", range(1, 9))
def test_queue_does_what_its_twin_does(depth: int, waves: Path) -> None:
    # Phases long enough to fill it and to drain it, mixed with ones in which both happen now and then.
    phase = st.tuples(st.integers(1, 2 * depth), st.sampled_from([0, 0.5, 1]), st.sampled_from([0, 0.5, 1]))

    @settings(max_examples=15, deadline=None)
    @given(st.lists(phase, max_size=8), st.integers(0, 2**32))
    @example([(depth, 1, 0), (depth, 0, 1), (1, 1, 0), (2 * depth, 1, 0), (2 * depth, 1, 1), (2 * depth, 0, 1)], 0)
    def check(phases: list[tuple[int, float, float]], seed: int) -> None:
        chance = random.Random(seed)
        script = [
            (item % 256 if chance.random() < writing else None, chance.random() < reading)
            for item, (writing, reading) in enumerate(
                (writing, reading) for length, writing, reading in phases for _ in range(length)
            )
        ]

        async def bench(ctx: Any, queue: StreamFIFO) -> None:
            twin = QueueTwin(depth)
            for item, reading in script:
                ctx.set(queue.enq.valid, item is not None)
                ctx.set(queue.enq.payload, item or 0)
                ctx.set(queue.deq.ready, reading)
                assert ctx.get(queue.level) == len(twin.items)
                assert ctx.get(queue.enq.ready) == twin.ready
                assert ctx.get(queue.deq.valid) == twin.valid
                if twin.valid:
                    assert ctx.get(queue.deq.payload) == twin.front
                twin.clock(item, reading)
                await ctx.tick()

        simulate(lambda: StreamFIFO(8, depth=depth), bench, waves=waves)

    check()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.lists(st.integers(0, 255), max_size=30), patterns(), patterns())
def test_queue_keeps_order_and_the_rules_of_a_stream(
    waves: Path, depth: int, items: list[int], offering: list[bool], taking: list[bool]
) -> None:
    passed = run_streams(
        lambda: StreamFIFO(8, depth=depth),
        {"enq": [(0, item) for item in items]},
        expected=len(items),
        waves=waves,
        offering={"enq": offering},
        taking={"deq": taking},
        glitches=depth,
    )
    assert [item for _, item in passed["deq"]] == items


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 7)), st.booleans()), max_size=40))
def test_the_front_item_s_note_is_there_with_it_and_zero_without(
    waves: Path, depth: int, script: list[tuple[int | None, bool]]
) -> None:
    async def bench(ctx: Any, queue: StreamFIFO) -> None:
        twin = QueueTwin(depth)
        for note, reading in script:
            # The item is another number than its note, so that they cannot be mixed up.
            ctx.set(queue.enq.valid, note is not None)
            ctx.set(queue.enq.payload, 15 - (note or 0))
            ctx.set(queue.enq_note, note or 0)
            ctx.set(queue.deq.ready, reading)
            assert ctx.get(queue.note) == (15 - twin.front if twin.valid else 0)
            twin.clock(None if note is None else 15 - note, reading)
            await ctx.tick()

    simulate(lambda: StreamFIFO(4, depth=depth, note_bits=3), bench, waves=waves)


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 5),
    st.integers(1, 5),
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 7)), st.booleans()), max_size=40),
)
def test_a_note_of_one_bit_is_there_with_its_item(
    waves: Path, depth: int, bits: int, script: list[tuple[int | None, bool]]
) -> None:
    async def bench(ctx: Any, queue: StreamFIFO) -> None:
        twin = QueueTwin(depth)
        for number, reading in script:
            bit = None if number is None else number % bits
            ctx.set(queue.enq.valid, bit is not None)
            ctx.set(queue.enq.payload, bit or 0)
            ctx.set(queue.enq_note, 1 << (bit or 0))
            ctx.set(queue.deq.ready, reading)
            assert ctx.get(queue.note) == (1 << twin.front if twin.valid else 0)
            twin.clock(bit, reading)
            await ctx.tick()

    simulate(lambda: StreamFIFO(3, depth=depth, note_bits=bits, one_hot=True), bench, waves=waves)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 5), st.integers(1, 4), st.lists(st.tuples(st.booleans(), st.booleans()), max_size=60))
def test_the_note_of_a_group_s_first_item_stays_until_its_last_has_left(
    waves: Path, depth: int, size: int, script: list[tuple[bool, bool]]
) -> None:
    """Items are numbered, in groups of equal size; that of the front's group is known while the queue is empty, too."""

    async def bench(ctx: Any, queue: StreamFIFO) -> None:
        twin = QueueTwin(depth)
        written = read = 0
        for writing, reading in script:
            # Only the first item of a group has its number as a note.
            ctx.set(queue.enq.valid, writing)
            ctx.set(queue.enq.payload, written % 64)
            ctx.set(queue.enq_note, written // size % 7 + 1 if written % size == 0 else 0)
            ctx.set(queue.deq.ready, reading)
            ctx.set(queue.last, read % size == size - 1)
            known = written > read or read % size > 0
            assert ctx.get(queue.note) == (read // size % 7 + 1 if known else 0)
            passes_in, passes_out = writing and twin.ready, reading and twin.valid
            twin.clock(0 if writing else None, reading)
            written, read = written + passes_in, read + passes_out
            await ctx.tick()

    simulate(lambda: StreamFIFO(6, depth=depth, note_bits=3), bench, waves=waves)


@pytest.mark.parametrize(("depth", "interval"), [(1, 2), (2, 1), (3, 1), (8, 1)])
def test_queue_passes_one_item_per_cycle_from_depth_two_on(depth: int, interval: int, waves: Path) -> None:
    items = [(0, value) for value in range(50)]
    passed = run_streams(lambda: StreamFIFO(8, depth=depth), {"enq": items}, expected=50, waves=waves)
    cycles = [cycle for cycle, _ in passed["deq"]]
    assert cycles == [1 + interval * i for i in range(50)]


@pytest.mark.parametrize("depth", [0, -1])
def test_queue_refuses_a_depth_below_one(depth: int) -> None:
    with pytest.raises(ValueError, match=rf"^depth must be at least 1, not {depth}$"):
        StreamFIFO(8, depth=depth)


def test_queue_refuses_notes_of_negative_width() -> None:
    with pytest.raises(ValueError, match=r"^note_bits must be at least 0, not -1$"):
        StreamFIFO(8, depth=1, note_bits=-1)
