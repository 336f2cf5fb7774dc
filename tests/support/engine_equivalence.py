"""Comparison of the compiled engine with the reference engine, on the same packets."""

import dataclasses

import numpy as np
from hypothesis import strategies as st

from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Deliveries, Packets
from synaptile.bridge.engines.compiled import CompiledEngine
from synaptile.rtl import NetworkParams

__all__ = ["assert_same", "cases", "check_equality", "some_packets"]


def some_packets(params: NetworkParams, seed: int, count: int, last_cycle: int) -> Packets:
    rng = np.random.default_rng(seed)
    return Packets(
        cycle=rng.integers(0, last_cycle + 1, count),
        source=rng.integers(0, params.tiles, count),
        destination=rng.integers(0, params.tiles, count),
        neuron=rng.integers(0, params.neurons, count),
        stamp=rng.integers(0, 1 << 40, count),
    )


def assert_same(one, other) -> None:
    """Assert that two engines have the same log, activity, cycle and packets in flight."""
    for field in dataclasses.fields(Deliveries):
        assert getattr(one.deliveries(), field.name).tolist() == getattr(other.deliveries(), field.name).tolist()
    for name, value in vars(one.activity()).items():
        assert np.array_equal(value, getattr(other.activity(), name)), name
    assert (one.cycle, one.in_flight) == (other.cycle, other.in_flight)


@st.composite
def configurations(draw):
    """Few kinds of tile, for each is compiled once; any mesh, for that costs nothing."""
    kind = draw(st.sampled_from([(4, 2, 64), (1, 1, 1), (3, 3, 1 << 16), (2, 1, 1 << 32)]))
    rows, cols = draw(st.sampled_from([(1, 1), (1, 4), (4, 1), (2, 2), (2, 3), (3, 3)]))
    params = NetworkParams(
        rows=rows, cols=cols, buffer_depth=kind[0], flits_per_packet=kind[1], neurons=kind[2], stamp_bits=8
    )
    period = draw(st.integers(0, 5))
    ready = None
    if period:
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        ready = rng.random((params.tiles, period)) < 0.6
        ready[:, 0] = True  # now and then, so that everything arrives
    return params, ready


def check_equality(configuration, seed, count, spread, pause):
    params, ready = configuration
    packets = some_packets(params, seed, count, spread)
    engines = [engine(params, ready=ready) for engine in (CompiledEngine, AmaranthEngine)]
    for engine in engines:
        assert engine.inject(packets).tolist() == list(range(count))
        engine.run(pause)
    assert_same(*engines)
    later = some_packets(params, seed + 1, 3, 20)
    for engine in engines:
        engine.inject(dataclasses.replace(later, cycle=later.cycle + engine.cycle))
        engine.drain(20_000)
        engine.run(engine.cycle + 7)
    assert_same(*engines)
    assert len(engines[0].deliveries()) == count + 3


cases = {
    "configuration": configurations(),
    "seed": st.integers(0, 2**32 - 1),
    "count": st.integers(0, 60),
    "spread": st.sampled_from([0, 10, 100]),
    "pause": st.integers(0, 60),
}
