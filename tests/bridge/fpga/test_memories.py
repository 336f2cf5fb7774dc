"""Memories are found in a design, and put where there is room for them."""

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.fpga.memories import MemoryShape, memories_of, plan_memories
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.export import component_rtlil


def test_the_memories_of_a_core_are_found() -> None:
    core = CoreParams(axons=64, neurons=32, lanes=4, weight_bits=4, targets=128, neuron="delta-lif")
    found = Counter(memories_of(component_rtlil(NeurosynapticCore(core, 6), "core")))
    assert found[MemoryShape(64 * 8, 16)] == 1  # rows of weights
    assert found[MemoryShape(8, 4 * 10)] == 1  # sums, of 4 bits and 6 for the number of axons
    assert found[MemoryShape(64, 16)] == 1  # the ring of events


@pytest.mark.parametrize(
    ("words", "bits", "ecp5", "ice40"),
    [(512, 36, 1, 5), (512, 37, 2, 5), (16384, 16, 16, 64), (64, 72, 2, 5), (256, 16, 1, 1), (1024, 18, 1, 5)],
)
def test_block_rams_are_counted(words: int, bits: int, ecp5: int, ice40: int) -> None:
    shape = MemoryShape(words, bits)
    assert (shape.block_rams("ecp5"), shape.block_rams("ice40")) == (ecp5, ice40)


@given(
    memories=st.dictionaries(
        st.builds(MemoryShape, st.integers(1, 1024), st.integers(1, 80)), st.integers(1, 20), max_size=8
    ),
    there=st.integers(0, 300),
)
def test_lookup_tables_are_taken_only_where_they_are_needed(memories: dict[MemoryShape, int], there: int) -> None:
    def in_tables(shape: MemoryShape) -> bool:
        return shape.bits <= dict(plan.widest).get(shape.words, 0)

    def rams(shapes: Iterable[MemoryShape]) -> int:
        return sum(shape.block_rams("ecp5") * memories[shape] for shape in shapes)

    plan = plan_memories(memories, "ecp5", there)
    moved = [shape for shape in memories if in_tables(shape)]
    assert plan.block_rams == rams(set(memories) - set(moved))
    assert plan.lookup_tables == sum(shape.lookup_tables * memories[shape] for shape in moved)
    if plan.block_rams > there:
        assert set(moved) == {shape for shape in memories if shape.words <= 256}  # all that can be moved
    elif moved:  # without the largest that was moved, the block RAMs would not be enough
        largest = max(moved, key=lambda shape: (shape.lookup_tables, shape))
        assert rams(set(memories) - set(moved) | {largest}) > there
        left = [shape for shape in memories if shape.words <= 256 and not in_tables(shape)]
        assert all(shape.lookup_tables >= largest.lookup_tables for shape in left)
    assert plan_memories(memories, "ice40", there).widest == ()


def test_what_moves_is_counted_in_lookup_tables() -> None:
    plan = plan_memories({MemoryShape(64, 8): 3, MemoryShape(64, 18): 2, MemoryShape(512, 36): 5}, "ecp5", 7)
    assert (plan.widest, plan.block_rams) == (((64, 8),), 7)
    assert plan.lookup_tables == 3 * (4 * 2 * 6 + 8 * 3)
