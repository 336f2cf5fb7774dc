# amaranth: UnusedElaboratable=no
"""A table knows which of its entries have been written since the last reset, whatever its size."""

import random
from pathlib import Path
from typing import Any

import pytest
from amaranth.hdl import ResetInserter, Signal
from amaranth.lib import wiring
from support.stream_harness import simulate

from synaptile.rtl.router.table_memory import TableMemory

INPUTS = 2


class Resettable(wiring.Component):
    """A table with an input ``clear`` in place of the reset."""

    def __init__(self, entries: int) -> None:
        self.table = TableMemory(entries=entries, key_bits=max(1, (entries - 1).bit_length()), inputs=INPUTS)
        self.clear = Signal()
        super().__init__({})

    def elaborate(self, platform: object) -> Any:
        return ResetInserter(self.clear)(self.table)


@pytest.mark.parametrize("entries", [1, 2, 3, 8, 64, 65, 100, 128, 300])
def test_an_entry_is_empty_until_it_is_written_and_after_a_reset(entries: int, waves: Path) -> None:
    rng = random.Random(entries)

    async def bench(ctx: Any, top: Resettable) -> None:
        table = top.table
        keys = 1 << len(table.keys[0])
        few = [rng.randrange(keys) for _ in range(6)]  # often the same, and often neighbours of them
        expected: dict[int, int] = {}
        for _ in range(400):
            writes, key, ports = rng.random() < 0.4, rng.choice([*few, rng.randrange(keys)]), rng.randrange(32)
            clear = rng.random() < 0.03
            ctx.set(table.configure.valid, writes)
            ctx.set(table.configure.key, key)
            ctx.set(table.configure.ports, ports)
            ctx.set(top.clear, clear)
            for number in range(INPUTS):
                asked = rng.choice([*few, *expected, rng.randrange(keys)])
                ctx.set(table.keys[number], asked)
                assert ctx.get(table.ports[number]) == expected.get(asked, 0)
                # Of a key that there is not, the memory has no word to read: only the flag keeps it from being asked.
                assert ctx.get(table.written.flags[number]) == (asked in expected)
            await ctx.tick()
            if writes and key < entries:
                expected[key] = ports
            if clear:  # a reset wins over a write
                expected.clear()

    simulate(lambda: Resettable(entries), bench, waves=waves)
