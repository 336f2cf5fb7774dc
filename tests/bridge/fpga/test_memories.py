"""Memories are found in a design, and put where there is room for them."""

from collections import Counter

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
    plan = plan_memories(memories, "ecp5", there)
    left = sum(shape.block_rams("ecp5") * count for shape, count in memories.items() if shape.words > plan.words)
    assert plan.block_rams == left
    if left > there:
        assert plan.words == 256  # all that can be moved has been
    else:
        fewer = [words for words in (0, 16, 32, 64, 128) if words < plan.words]
        for words in fewer:
            more = sum(shape.block_rams("ecp5") * count for shape, count in memories.items() if shape.words > words)
            moved = any(shape.words <= plan.words and shape.words > words for shape in memories)
            assert more > there or not moved
    assert plan_memories(memories, "ice40", there).words == 0


def test_what_moves_is_counted_in_lookup_tables() -> None:
    plan = plan_memories({MemoryShape(64, 8): 3, MemoryShape(512, 36): 5}, "ecp5", 5)
    assert (plan.words, plan.block_rams) == (64, 5)
    assert plan.lookup_tables == 3 * (4 * 2 * 6 + 8 * 3)
