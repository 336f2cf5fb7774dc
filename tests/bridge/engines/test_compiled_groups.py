"""The compiled engine gives the same, to the byte, whether it evaluates tiles one by one or in groups."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from support.effort import examples
from support.engine_equivalence import assert_same, cases, check_equality, some_packets

from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.bridge.engines.native import library
from synaptile.bridge.engines.native.glue import chip_cpp, node_rtlil
from synaptile.rtl import NetworkParams, Tile

pytestmark = pytest.mark.usefixtures("optimised")

# Change from one to the other as often as can be; never.
OFTEN = ("-DCHOOSE_AFTER=3", "-DWORTH_GROUPING=2")
NEVER = ("-DWORTH_GROUPING=1000000",)


def test_it_gives_the_reference_log(compile_with):
    compile_with(*OFTEN)

    @settings(max_examples=examples(3, 1000), deadline=None)
    @given(**cases)
    def check(configuration, seed, count, spread, pause):
        check_equality(configuration, seed, count, spread, pause)

    check()


def heavy(rows: int, cols: int, *, period: int, threads: int) -> CompiledEngine:
    """An engine in the middle of a crowd of packets."""
    params = NetworkParams(rows=rows, cols=cols)
    ready = None
    if period:
        ready = np.random.default_rng(5).random((params.tiles, period)) < 0.6
        ready[:, 0] = True
    engine = CompiledEngine(params, ready=ready, threads=threads)
    engine.inject(some_packets(params, seed=3, count=params.tiles * 12, last_cycle=150))
    engine.run(170)
    return engine


def test_a_queue_of_one_flit_has_an_address_that_nothing_assigns(compile_with):
    compile_with(*OFTEN)
    params = NetworkParams(rows=3, cols=3, buffer_depth=1, flits_per_packet=1, neurons=1, stamp_bits=8)
    check_equality((params, None), seed=0, count=59, spread=10, pause=0)


@pytest.mark.parametrize(
    ("rows", "cols", "period"),
    [(8, 8, 0), (3, 5, 3), (64, 1, 0), (13, 5, 2), (13, 21, 3), (1, 70, 0), (130, 1, 4), (64, 9, 0)],
)
def test_groups_change_nothing(compile_with, rows, cols, period):
    compile_with(*NEVER)
    alone = heavy(rows, cols, period=period, threads=1)
    compile_with(*OFTEN)
    together = [heavy(rows, cols, period=period, threads=threads) for threads in (1, 3)]
    for _ in range(2):
        for engine in together:
            assert_same(alone, engine)
            assert engine.evaluations != alone.evaluations  # there were groups
        for engine in (alone, *together):
            engine.drain(50_000)


@pytest.mark.parametrize("side", [6, 16])
def test_many_busy_tiles_are_evaluated_in_groups_and_few_are_not(side):
    params = NetworkParams(rows=side, cols=side)
    engine = CompiledEngine(params)
    engine.inject(some_packets(params, seed=1, count=12 * params.tiles, last_cycle=300))
    engine.run(200)
    before = engine.evaluations
    engine.run(250)
    assert engine.evaluations - before == 50 * params.tiles
    engine.drain(5000)
    before = engine.evaluations
    later = some_packets(params, seed=1, count=1, last_cycle=0)
    engine.inject(dataclasses.replace(later, cycle=later.cycle + engine.cycle))
    engine.run(engine.cycle + 5000)
    assert engine.evaluations - before < 70 * params.tiles


@pytest.mark.parametrize(("depth", "grouped"), [(1, True), (8, True), (64, False)])
def test_tiles_with_large_memories_are_not_grouped(depth, grouped):
    """A group would read all of their words at every clock edge."""
    tile = Tile(NetworkParams(rows=2, cols=2, buffer_depth=depth, tag_bits=8, counter_bits=8))
    code = chip_cpp(tile, node_rtlil(tile), library.text_of)
    assert ("namespace sliced {" in code) is grouped
