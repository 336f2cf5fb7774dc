"""The reference engine keeps its promises: nothing depends on how a run is cut up, and no fault goes unnoticed."""

import dataclasses
import os
import signal

import numpy as np
import pytest
from amaranth.hdl import Module
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

from synaptile.bridge.engines.amaranth import AmaranthEngine
from synaptile.bridge.engines.base import Deliveries, Packets
from synaptile.bridge.engines.ledger import HardwareFault
from synaptile.rtl import NetworkParams
from synaptile.rtl.routing import XY, Routing


def some_packets(params: NetworkParams, seed: int, count: int, last_cycle: int) -> Packets:
    rng = np.random.default_rng(seed)
    source = rng.integers(0, params.tiles, count)
    return Packets(
        cycle=np.sort(rng.integers(0, last_cycle + 1, count)),
        source=source,
        destination=rng.integers(0, params.tiles, count),
        neuron=rng.integers(0, params.neurons, count),
        stamp=rng.integers(0, 1000, count),
    )


def assert_same(one: Deliveries, other: Deliveries) -> None:
    for field in dataclasses.fields(Deliveries):
        assert getattr(one, field.name).tolist() == getattr(other, field.name).tolist(), field.name


class NeverIdle(AmaranthEngine):
    """Simulates every cycle, whether anything can change or not."""

    def _skip_idle(self) -> bool:
        if self._until is None:
            return self._sources.next_creation is not None
        return True


params_of_small_meshes = st.builds(
    NetworkParams,
    rows=st.integers(1, 3),
    cols=st.integers(1, 3),
    buffer_depth=st.integers(1, 4),
    flits_per_packet=st.integers(1, 3),
    neurons=st.just(64),
    stamp_bits=st.integers(1, 8),
)


@settings(max_examples=examples(4, 8), deadline=None)
@given(params=params_of_small_meshes, seed=st.integers(0, 2**32 - 1), cuts=st.lists(st.integers(0, 150), max_size=4))
def test_skipping_idle_cycles_and_cutting_a_run_change_nothing(params, seed, cuts):
    packets = some_packets(params, seed, 25, 120)
    slow = NeverIdle(params)
    slow.inject(packets)
    slow.run(400)

    fast = AmaranthEngine(params)
    fast.inject(packets)
    for cut in sorted(cuts):
        fast.run(cut)
        assert fast.cycle == cut
    fast.run(400)

    assert fast.in_flight == slow.in_flight == 0
    assert_same(fast.deliveries(), slow.deliveries())
    for field in ("flits", "packets", "injected_flits"):
        assert (getattr(fast.activity(), field) == getattr(slow.activity(), field)).all()


@settings(max_examples=examples(3, 6), deadline=None)
@given(params=params_of_small_meshes, seed=st.integers(0, 2**32 - 1))
def test_injecting_as_time_goes_is_injecting_beforehand(params, seed):
    packets = some_packets(params, seed, 20, 60)
    at_once = AmaranthEngine(params)
    at_once.inject(packets)
    at_once.drain()

    as_we_go = AmaranthEngine(params)
    for start in range(0, 70, 7):
        now = (packets.cycle >= start) & (packets.cycle < start + 7)
        as_we_go.inject(Packets(**{f.name: getattr(packets, f.name)[now] for f in dataclasses.fields(Packets)}))
        as_we_go.run(start + 7)
    as_we_go.drain()
    assert_same(at_once.deliveries(), as_we_go.deliveries())


def test_zero_load_latency_and_activity_count_hops():
    params = NetworkParams(rows=2, cols=3, flits_per_packet=3, neurons=16)
    engine = AmaranthEngine(params)
    engine.inject(Packets(cycle=[10, 100], source=[0, 5], destination=[5, 3], neuron=[1, 2], stamp=[7, 8]))
    engine.drain()
    log = engine.deliveries()
    assert log.latency.tolist() == [3 + 1, 2 + 1]
    assert (log.completed - log.delivered).tolist() == [2, 2]
    assert log.hops.tolist() == [3, 2]
    activity = engine.activity()
    assert activity.flits.sum() == 3 * (4 + 3)
    assert activity.routed_packets.sum() == 4 + 3
    assert activity.injected_flits.tolist() == [3, 0, 0, 0, 0, 3]
    assert (activity.buffer_writes == activity.buffer_reads).all()
    assert engine.cycle == log.completed.max() + 1


def test_back_pressure_delays_and_loses_nothing():
    params = NetworkParams(rows=2, cols=2, neurons=16)
    ready = np.random.default_rng(3).random((4, 11)) < 0.3
    packets = some_packets(params, 5, 40, 30)
    free, held = AmaranthEngine(params), AmaranthEngine(params, ready=ready)
    for engine in (free, held):
        engine.inject(packets)
        engine.drain()
    log = held.deliveries()
    assert sorted(log.tag) == list(range(40))
    assert log.latency.mean() > free.deliveries().latency.mean()
    assert all(ready[tile, cycle % 11] for tile, cycle in zip(log.destination, log.delivered, strict=True))


def test_deliveries_can_be_taken_bit_by_bit():
    params = NetworkParams(rows=2, cols=2, neurons=16)
    engine = AmaranthEngine(params)
    engine.inject(some_packets(params, 1, 30, 40))
    taken = []
    for until in range(0, 120, 10):
        engine.run(until)
        taken += engine.deliveries(len(taken)).tag.tolist()
    assert sorted(taken) == list(range(30))


def test_a_receiver_that_never_takes_anything_is_a_timeout():
    params = NetworkParams(rows=1, cols=2, neurons=16)
    engine = AmaranthEngine(params, ready=np.zeros((2, 1), dtype=bool))
    engine.inject(Packets(cycle=[0], source=[0], destination=[1], neuron=[0], stamp=[0]))
    with pytest.raises(TimeoutError, match=r"1 packets were not delivered within 50 cycles"):
        engine.drain(50)
    assert engine.cycle == 50


def test_a_misrouted_packet_is_a_hardware_fault():
    def mirrored(m: Module, head, permitted):
        with m.If(head.here.col == 0):
            m.d.comb += permitted.eq(1)  # LOCAL, wherever it should go
        with m.Else():
            XY.gates(m, head, permitted)

    engine = AmaranthEngine(
        NetworkParams(rows=1, cols=2, neurons=16), routing=Routing("mirrored", XY.relation, mirrored)
    )
    engine.inject(Packets(cycle=[0], source=[0], destination=[1], neuron=[5], stamp=[0]))
    with pytest.raises(HardwareFault, match=r"cycle 1: flit 0 of packet 0 arrived as \{'tile': 0.*sent as \{'tile': 1"):
        engine.drain()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("cycle", 4, "cycle of packet 1 must be at least 5, not 4"),
        ("source", 4, r"source of packet 1 must lie in 0\.\.3, not 4"),
        ("destination", -1, r"destination of packet 1 must lie in 0\.\.3, not -1"),
        ("neuron", 16, r"neuron of packet 1 must lie in 0\.\.15, not 16"),
        ("stamp", -3, "stamp of packet 1 must be at least 0, not -3"),
    ],
)
def test_packets_that_the_chip_cannot_take_are_refused(field, value, message):
    engine = AmaranthEngine(NetworkParams(rows=2, cols=2, neurons=16))
    engine.run(5)
    good = {"cycle": [9, 9], "source": [0, 0], "destination": [1, 1], "neuron": [0, 0], "stamp": [0, 0]}
    good[field][1] = value
    with pytest.raises(ValueError, match=message):
        engine.inject(Packets(**good))
    assert engine.in_flight == 0


def test_arrays_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match=r"destination must have shape \(2,\), not \(1,\)"):
        Packets(cycle=[0, 1], source=[0, 0], destination=[1], neuron=[0, 0], stamp=[0, 0])
    with pytest.raises(ValueError, match=r"ready must have shape \(4, period\), not \(3, 1\)"):
        AmaranthEngine(NetworkParams(rows=2, cols=2), ready=np.ones((3, 1), dtype=bool))


def test_ctrl_c_stops_between_two_cycles_and_the_run_can_go_on():
    params = NetworkParams(rows=2, cols=2, neurons=16)
    packets = some_packets(params, 2, 60, 200)
    whole = AmaranthEngine(params)
    whole.inject(packets)
    whole.drain()

    class Impatient(AmaranthEngine):
        pressed = False

        def _one_cycle(self, ctx):
            if self.cycle > 90 and not self.pressed:
                self.pressed = True
                os.kill(os.getpid(), signal.SIGINT)
            super()._one_cycle(ctx)

    engine = Impatient(params)
    engine.inject(packets)
    with pytest.raises(KeyboardInterrupt):
        engine.drain()
    so_far = engine.deliveries()
    assert 0 < len(so_far) < 60
    assert engine.activity().cycles == engine.cycle < whole.cycle
    engine.drain()
    assert_same(engine.deliveries(), whole.deliveries())


def test_progress_is_told(monkeypatch):
    clock = iter(range(100_000))
    monkeypatch.setattr("synaptile.bridge.engines.amaranth.time.monotonic", lambda: next(clock))
    told = []
    params = NetworkParams(rows=1, cols=2, neurons=4)
    engine = AmaranthEngine(params, progress=lambda *state: told.append(state))
    engine.inject(Packets(cycle=[0, 3], source=[0, 1], destination=[1, 0], neuron=[0, 1], stamp=[0, 0]))
    engine.drain()
    assert told[-1] == (engine.cycle, 2, 2)
