"""A network in lock-step whose compiled loop calls the engine: the same bytes as step by step through Python."""

import dataclasses
import gc
import json
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyNN.random import NumpyRNG
from support.effort import examples

import synaptile.swsim as sim
from synaptile.bridge import Chip
from synaptile.bridge.engines.ledger import HardwareFault
from synaptile.bridge.engines.native.exchange import NativeExchange
from synaptile.bridge.session import Session
from synaptile.bridge.waves.recorder import VcdRecorder
from synaptile.swsim.cosim import Wiring


@pytest.fixture(autouse=True)
def _numba(monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1")


def build(chip, *, seed=1, delay=1.0, busy=False, plastic=False):
    """Sources that fire several times in a step where ``busy``, and neurons that excite each other, or learn to."""
    sim.setup(timestep=1.0, seed=seed, hardware=chip)
    rate = 1800.0 if busy else 120.0
    inputs = sim.Population(9, sim.SpikeSourcePoisson(rate=rate), label="inputs")
    given = sim.Population(2, sim.SpikeSourceArray(spike_times=[[2.0, 2.0, 2.1, 9.0], [3.0, 7.0, 7.0]]), label="given")
    cells = sim.Population(14, sim.IF_curr_exp(tau_m=10.0, v_thresh=-60.0), label="cells")
    weight = 0.1 if busy else 0.6
    parts = [
        sim.Projection(pre, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=w, delay=delay), label=pre.label)
        for pre, w in ((inputs, weight), (given, 1.0), (cells, 0.2))
    ]
    if plastic:
        timing, dependence = sim.SpikePairRule(A_plus=0.05, A_minus=0.06), sim.AdditiveWeightDependence(w_max=0.5)
        for learns in (
            sim.STDPMechanism(timing, dependence, weight=0.2, delay=delay, dendritic_delay_fraction=0.5),
            sim.TsodyksMarkramSynapse(weight=0.3, delay=delay),
        ):
            parts.append(sim.Projection(cells, cells, sim.FixedNumberPreConnector(3, rng=NumpyRNG(7)), learns))
    cells.record(["spikes", "v"])
    return cells, parts


def through_python(monkeypatch):
    monkeypatch.setattr(Session, "not_compiled", "it is told so")


def everything(chip, cells):
    """All that a run leaves."""
    report, trace = chip.report(), sim.get_trace()
    logs = (report.packets, report.deliveries, report.activity)
    return {
        "spikes": (trace.spike_step.tolist(), trace.spike_neuron.tolist()),
        "trains": [[t.magnitude.tolist() for t in s.spiketrains] for s in cells.get_data().segments],
        "v": [s.filter(name="v")[0].magnitude.tolist() for s in cells.get_data().segments],
        "logs": [{f.name: np.asarray(getattr(log, f.name)).tolist() for f in dataclasses.fields(log)} for log in logs],
        "weights": [
            projection.get("weight", format="list", with_address=False) for projection in sim.state.network.projections
        ],
        "metrics": json.dumps(report.metrics.to_dict(), default=repr),
        "trace": trace,
    }


CHIPS = {
    "fast": {"cycles_per_step": 300},
    "slow": {"cycles_per_step": 7},
    "odd-even": {"cycles_per_step": 20, "routing": "odd-even"},
    "multicast": {"cycles_per_step": 30, "multicast": True, "table_entries": 64},
    "tree": {"cycles_per_step": 30, "topology": "tree", "mesh": (4, 4), "crossbar": "64x3"},
}


def chip_of(kind):
    return Chip(**({"mesh": (2, 3), "crossbar": "64x6", "engine": "compiled"} | CHIPS[kind]))


def told(kind, runs, *, seed, delay, busy, python, plastic=False):
    """What is known after runs of so many steps, with weights changed or a reset between them."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        if python:
            through_python(monkeypatch)
        chip = chip_of(kind)
        cells, parts = build(chip, seed=seed, delay=delay, busy=busy, plastic=plastic)
        for action, steps in runs:
            sim.run(float(steps))
            found = {path.path for path in sim.execution_paths()}
            assert ("compiled" in found) != python
            if action == "weights":
                parts[0].set(weight=0.3)
            elif action == "report":
                chip.report()
            elif action == "reset":
                sim.reset()
        sim.run(15.0)
        return everything(chip, cells)


def assert_same(ours, theirs):
    assert len(ours["spikes"][0]) > 10
    for name in ("spikes", "trains", "v", "logs", "weights", "metrics"):
        assert ours[name] == theirs[name], name


runs = st.lists(
    st.tuples(st.sampled_from(["run", "weights", "report", "reset"]), st.integers(1, 12)), min_size=1, max_size=4
)


@settings(max_examples=examples(12, 150))
@given(
    kind=st.sampled_from(["fast", "slow", "multicast"]),
    runs=runs,
    seed=st.integers(0, 99),
    delay=st.sampled_from([1.0, 3.0]),
    busy=st.booleans(),
    plastic=st.booleans(),
)
def test_the_same_whatever_happens_between_runs(kind, runs, seed, delay, busy, plastic):
    ours, theirs = (
        told(kind, runs, seed=seed, delay=delay, busy=busy, python=python, plastic=plastic) for python in (False, True)
    )
    assert_same(ours, theirs)


@pytest.mark.parametrize("kind", CHIPS)
def test_the_same_on_every_chip(kind):
    ours, theirs = (
        told(kind, [("run", 20), ("run", 1)], seed=4, delay=1.0, busy=True, python=python, plastic=True)
        for python in (False, True)
    )
    assert_same(ours, theirs)
    assert len(ours["logs"][1]["tag"]) > 100


def test_packets_of_steps_in_numpy_and_in_the_compiled_loop_are_in_order(monkeypatch):
    results = []
    for compiled in (True, False):
        chip = chip_of("slow")
        cells, _ = build(chip)
        for numba in "0101":
            monkeypatch.setenv("SYNAPTILE_NUMBA", numba if compiled else "0")
            sim.run(6.0)
            sim.state.network_changed()  # so that it is decided anew
        results.append(everything(chip, cells))
    assert_same(*results)


def test_what_is_not_compiled_says_why(tmp_path):
    def reasons(**options):
        build(Chip(mesh=(2, 3), crossbar="64x6", cycles_per_step=50, **options))
        before = {str(path).partition("(")[2] for path in sim.execution_paths()}
        sim.run(3.0)
        return before, {str(path).partition("(")[2] for path in sim.execution_paths()}

    said = "hardware carries the spikes of every step: "
    assert reasons(engine="amaranth") == ({f"{said}its engine is 'amaranth')"},) * 2
    assert reasons(engine="compiled")[1] == {""}
    waves = VcdRecorder(tmp_path / "waves.vcd", clock_hz=1e8)
    assert reasons(engine="compiled", waves=waves)[1] == {f"{said}its engine records waves)"}
    waves.close()
    worked = {f"{said}the work of its tiles takes time, which is counted in Python)"}
    assert reasons(engine="compiled", compute={"neuron_update": 10.0})[1] == worked


def test_paths_of_a_population_that_was_added_after_a_run():
    cells, _ = build(chip_of("fast"))
    sim.run(5.0)
    more = sim.Population(3, sim.IF_curr_exp(), label="more")
    sim.Projection(cells, more, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1), label="onto more")
    labels = [path.label for path in sim.execution_paths()]
    assert labels == ["inputs", "given", "cells", "more", "inputs", "given", "cells", "onto more"]
    with pytest.raises(RuntimeError, match=r"call reset\(\)"):
        sim.run(1.0)
    sim.reset()
    sim.run(5.0)
    assert {path.path for path in sim.execution_paths()} == {"compiled"}


def test_the_engine_s_progress_is_called_in_a_step_that_takes_long(monkeypatch):
    seen = []
    chip = chip_of("fast")
    chip.progress = lambda cycle, delivered, injected: seen.append((cycle, delivered, injected))
    slices = []

    def quick(self, chip, table, *, most, milliseconds, pause):
        slices.append(milliseconds)
        new(self, chip, table, most=most, milliseconds=0, pause=pause)

    new = NativeExchange.__init__
    monkeypatch.setattr(NativeExchange, "__init__", quick)
    build(chip, busy=True)
    sim.run(20.0)
    assert slices == [50]
    assert len(seen) > 10
    assert seen == sorted(seen)
    assert all(delivered <= injected for _, delivered, injected in seen)


def test_what_the_progress_raises_ends_the_run_after_the_step_before(monkeypatch):
    class OddError(Exception):
        pass

    def complain(*_):
        raise OddError("enough")

    def quick(self, chip, table, *, most, milliseconds, pause):
        new(self, chip, table, most=most, milliseconds=-1, pause=pause)

    new = NativeExchange.__init__
    monkeypatch.setattr(NativeExchange, "__init__", quick)
    chip = chip_of("fast")
    chip.progress = complain
    build(chip, busy=True)
    with pytest.raises(OddError, match="enough"):
        sim.run(20.0)
    assert sim.get_trace().partial


def test_refusals_of_a_step(monkeypatch):
    chip = chip_of("slow")
    build(chip, busy=True)
    sim.run(2.0)
    native = chip._lock_step._native
    with pytest.raises(ValueError, match="at most 268435456 packets can wait or be in the network at a time"):
        native.check(1)
    with pytest.raises(HardwareFault):
        native.check(2)
    with pytest.raises(MemoryError, match="not enough memory for the packets of a step"):
        native.check(-1)


def test_more_packets_than_can_be_under_way_are_refused(monkeypatch):
    def few(self, chip, table, *, most, **others):
        new(self, chip, table, most=30, **others)

    new = NativeExchange.__init__
    monkeypatch.setattr(NativeExchange, "__init__", few)
    build(chip_of("slow"), busy=True)
    with pytest.raises(ValueError, match="at most 30 packets can wait or be in the network at a time"):
        sim.run(20.0)
    trace = sim.get_trace()
    assert trace.partial
    assert trace.spike_step.max(initial=0) < trace.steps


def test_an_exchange_is_let_go_with_its_network():
    chip = chip_of("slow")
    build(chip)
    sim.run(2.0)
    native, engine = (weakref.ref(part) for part in (chip._lock_step._native, chip._lock_step.engine))
    gc.disable()
    try:
        sim.setup()
        none = np.zeros(0, np.int32)
        chip.begin(Wiring(1.0, 0, none, none, np.zeros(0), none, (), 0))
        assert (native(), engine()) == (None, None)
    finally:
        gc.enable()
