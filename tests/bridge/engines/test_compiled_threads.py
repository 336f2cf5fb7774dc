"""The compiled engine gives the same, to the byte, however many threads it has."""

import dataclasses
import gc
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.engines import make_engine
from synaptile.bridge.engines.base import Deliveries, Packets
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.bridge.engines.ledger import HardwareFault
from synaptile.rtl import NetworkParams, Port
from synaptile.rtl.routing import XY, Routing

pytestmark = pytest.mark.usefixtures("optimised")

MESHES = [(20, 20), (4, 64), (1, 256), (130, 1), (16, 17)]


def some_packets(params: NetworkParams, seed: int, count: int, first: int, spread: int) -> Packets:
    rng = np.random.default_rng(seed)
    return Packets(
        cycle=rng.integers(first, first + spread + 1, count),
        source=rng.integers(0, params.tiles, count),
        destination=rng.integers(0, params.tiles, count),
        neuron=rng.integers(0, params.neurons, count),
        stamp=rng.integers(0, 1 << 40, count),
    )


def everything(engine: CompiledEngine) -> dict[str, bytes | int]:
    log, activity = engine.deliveries(), engine.activity()
    return {
        **{field.name: getattr(log, field.name).tobytes() for field in dataclasses.fields(Deliveries)},
        **{f"activity {name}": np.asarray(value).tobytes() for name, value in vars(activity).items()},
        "cycle": engine.cycle,
        "in flight": engine.in_flight,
        "evaluations": engine.evaluations,
    }


def history(params, ready, threads, seed, count, spread, pause):
    """What there is to see of a run that is paused and goes on with more packets."""
    engine = CompiledEngine(params, ready=ready, threads=threads)
    engine.inject(some_packets(params, seed, count, 0, spread))
    engine.run(pause)
    seen = [everything(engine)]
    engine.inject(some_packets(params, seed + 1, 50, engine.cycle, 5))
    engine.run(engine.cycle + 3)
    seen.append(everything(engine))
    engine.drain(50_000)
    engine.run(engine.cycle + 7)
    assert len(engine.deliveries()) == count + 50
    return [*seen, everything(engine)]


@settings(max_examples=examples(2, 6), deadline=None)
@example(mesh=(20, 20), period=0, seed=1, count=3000, spread=100, pause=60)
@example(mesh=(4, 64), period=3, seed=1, count=1500, spread=30, pause=40)
@example(mesh=(1, 256), period=0, seed=1, count=1000, spread=100, pause=60)
@given(
    mesh=st.sampled_from(MESHES),
    period=st.integers(0, 4),
    seed=st.integers(0, 2**32 - 2),
    count=st.sampled_from([0, 1, 40, 1000]),
    spread=st.sampled_from([0, 10, 100]),
    pause=st.integers(0, 100),
)
def test_the_number_of_threads_changes_nothing(mesh, period, seed, count, spread, pause):
    params = NetworkParams(rows=mesh[0], cols=mesh[1])
    ready = None
    if period:
        ready = np.random.default_rng(seed).random((params.tiles, period)) < 0.6
        ready[:, 0] = True
    alone = history(params, ready, 1, seed, count, spread, pause)
    for threads in (2, 3, 5):
        assert history(params, ready, threads, seed, count, spread, pause) == alone


def threads_now() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="threads are counted by /proc")
def test_threads_end_with_their_engine():
    gc.collect()
    before = threads_now()
    engine = CompiledEngine(NetworkParams(rows=20, cols=20), threads=3)
    assert threads_now() == before + 2
    engine.inject(some_packets(engine.params, 0, 2000, 0, 50))
    engine.drain(10_000)
    del engine
    gc.collect()
    assert threads_now() == before
    # No more threads than there are words of 64 tiles.
    small = CompiledEngine(NetworkParams(rows=8, cols=8), threads=4)
    assert threads_now() == before
    del small


def test_a_fault_is_the_same_for_any_number_of_threads():
    def gates(m, head, permitted):
        m.d.comb += permitted.eq(1 << Port.LOCAL)

    lost = Routing("lost", XY.relation, gates)
    told = set()
    for threads in (1, 2, 5):
        engine = CompiledEngine(NetworkParams(rows=20, cols=20), routing=lost, threads=threads)
        # In the same cycle, everywhere.
        tiles = np.arange(400)
        zero = np.zeros(400, dtype=np.int64)
        engine.inject(Packets(zero + 4, tiles[::-1].copy(), np.roll(tiles, 7), zero + 77, zero))
        with pytest.raises(HardwareFault, match=r"cycle 5: a flit arrived at tile 0 as neuron 77") as caught:
            engine.drain(100)
        told.add((str(caught.value), *everything(engine).values()))
    assert len(told) == 1


def test_engines_with_threads_run_side_by_side():
    """Each has its own, and they are left in peace between two runs."""
    params = NetworkParams(rows=20, cols=20)
    results = [None] * 3

    def simulate(i):
        results[i] = history(params, None, 2 + i, 5, 1500, 60, 30)

    users = [threading.Thread(target=simulate, args=(i,)) for i in range(3)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    assert results == [history(params, None, 1, 5, 1500, 60, 30)] * 3


_FORK = """
import os, sys
import numpy as np
from synaptile.bridge.engines.base import Packets
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.rtl import NetworkParams

engine = CompiledEngine(NetworkParams(rows=20, cols=20), threads=3)
rng = np.random.default_rng(1)
engine.inject(Packets(*(rng.integers(0, high, 2000) for high in (50, 400, 400, 9, 9))))
engine.run(20)
child = os.fork()
engine.drain(10_000)
if child:
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
print(engine.cycle, engine.evaluations, len(engine.deliveries()), flush=True)
del engine
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
def test_a_forked_process_goes_on_without_threads():
    run = subprocess.run([sys.executable, "-c", _FORK], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    child, parent = run.stdout.splitlines()
    assert child == parent
    assert child.endswith(" 2000")


@pytest.mark.parametrize("name", ["compiled", "amaranth"])
def test_engines_of_any_name_take_threads(name):
    assert make_engine(name, NetworkParams(rows=2, cols=2), threads=2).name == name


@pytest.mark.parametrize("name", ["auto", "compiled", "amaranth"])
@pytest.mark.parametrize("threads", [0, -1, 1025])
def test_the_number_of_threads_has_a_range(name, threads):
    with pytest.raises(ValueError, match=rf"threads must lie in 1\.\.1024, not {threads}"):
        make_engine(name, NetworkParams(rows=2, cols=2), threads=threads)


@pytest.mark.parametrize("threads", [True, 1.0, "2", None])
def test_the_number_of_threads_is_an_integer(threads):
    with pytest.raises(TypeError, match="threads must be an integer, not "):
        CompiledEngine(NetworkParams(rows=2, cols=2), threads=threads)
