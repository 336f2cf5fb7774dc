"""The compiled loop against the NumPy models: the same bits, whatever the network and however the run is split."""

import os
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.current_pulse import Pulse

from synaptile.swsim.base.time_grid import TimeGrid
from synaptile.swsim.engine.paths import Obstacle
from synaptile.swsim.engine.populations import PopulationBlock
from synaptile.swsim.engine.simulation import Engine
from synaptile.swsim.integration import exponential_euler
from synaptile.swsim.kernels import cache, policy
from synaptile.swsim.kernels.cache import prepared
from synaptile.swsim.neurons import conductance_based
from synaptile.swsim.neurons.fixed_point import FixedPointLIF
from synaptile.swsim.neurons.izhikevich import Izhikevich, Izhikevich9
from synaptile.swsim.neurons.lif import CondExp, CurrDelta, CurrExp
from synaptile.swsim.recording.sampler import Sampler
from synaptile.swsim.sources.poisson import PoissonProcesses
from synaptile.swsim.sources.renewal import GammaProcesses
from synaptile.swsim.sources.spike_trains import SpikeTrains
from synaptile.swsim.synapses.edge_list import Synapses

LEAKY = {
    "v_rest": -65.0, "cm": 0.5, "tau_m": 10.0, "tau_refrac": 1.5, "i_offset": 0.4, "v_reset": -68.0, "v_thresh": -55.0,
    "tau_syn_E": 3.0, "tau_syn_I": 7.0, "e_rev_E": 0.0, "e_rev_I": -80.0,
}  # fmt: skip
STRONG = LEAKY | {"e_rev_E": 3.0, "i_offset": 2.0}
IZHIKEVICH = {"a": 0.02, "b": 0.2, "c": -65.0, "d": 8.0, "i_offset": 0.004}
NINE = {
    "C": 100.0, "k": 0.7, "v_r": -60.0, "v_t": -40.0, "v_peak": 35.0, "a": 0.03, "b": -2.0, "c": -50.0, "d": 100.0,
    "i_offset": 0.08,
}  # fmt: skip
WHOLE = {
    "bits": 16, "leak_shift": 4, "bias": 0, "v_thresh": 1024, "v_reset": 0, "subtract": 0, "refractory": 0,
}  # fmt: skip
SOURCES = ("poisson", "busy poisson", "trains", "repeated trains", "gamma", "busy gamma")
KINDS = ("exp", "delta", "cond", "strong cond", "izhikevich", "izhikevich 9", *SOURCES)
SCALE = {"exp": 0.5, "delta": 2.0, "cond": 0.02, "strong cond": 0.5, "izhikevich": 3.0, "izhikevich 9": 6.0}


def model(kind, n, random, grid):
    def varied(values):
        spread = random.choice([0.0, 0.1])
        return {name: value * random.uniform(1 - spread, 1 + spread, n) for name, value in values.items()}

    # The busy sources fire three times in a step, more or less.
    if kind in ("poisson", "busy poisson"):
        rate = random.uniform(0, 12_000.0, n) if kind == "busy poisson" else np.full(n, 60.0)
        return PoissonProcesses(grid, rate, np.zeros(n), np.full(n, 40.0))
    if kind in ("gamma", "busy gamma"):
        beta = 12_000.0 if kind == "busy gamma" else 150.0
        return GammaProcesses(
            grid, alpha=np.full(n, 2.0), beta=np.full(n, beta), start=np.zeros(n), duration=np.full(n, 1e9)
        )
    if kind == "trains":
        return SpikeTrains(grid, [np.sort(random.uniform(0, 60, 8)) for _ in range(n)])
    if kind == "repeated trains":
        return SpikeTrains(grid, [np.sort(random.integers(0, 20, 40)) * 3.0 for _ in range(n)])
    types = {
        "exp": CurrExp,
        "delta": CurrDelta,
        "cond": CondExp,
        "strong cond": CondExp,
        "izhikevich": Izhikevich,
        "izhikevich 9": Izhikevich9,
    }
    parameters = {"izhikevich": IZHIKEVICH, "izhikevich 9": NINE, "strong cond": STRONG}
    made = types[kind](varied(parameters.get(kind, LEAKY)))
    made.state["v"][:] = random.uniform(-70, -56, n)
    return made


def network(kinds, seed, dense):
    random = np.random.default_rng(seed)
    grid = TimeGrid(0.5)
    blocks, start = [], 0
    for kind in kinds:
        n = int(random.integers(1, 90))
        blocks.append(PopulationBlock(start, start + n, model(kind, n, random, grid)))
        start += n
    parts = []
    for kind, block in zip(kinds, blocks, strict=True):
        if kind not in SCALE:
            continue
        n = block.stop - block.start
        if dense:
            pre, post = (
                a.ravel() for a in np.meshgrid(np.arange(start), np.arange(block.start, block.stop), indexing="ij")
            )
            delay = np.full(len(pre), int(random.integers(1, 5)))
        else:
            pre, post = random.integers(0, start, 6 * n), random.integers(block.start, block.stop, 6 * n)
            delay = random.integers(1, 9, 6 * n)
        receptor = random.integers(0, 2, len(pre)) if not dense else np.zeros(len(pre), int)
        weight = random.uniform(0, SCALE[kind], len(pre)) * 6 * n / len(pre)
        if dense == "same":
            weight[:] = weight[0]
        if "cond" not in kind:
            weight = np.where(receptor == 1, -weight, weight)
        parts.append((pre, post, receptor, weight, delay))
    types = (np.int32, np.int32, np.int8, np.float64, np.int32)
    columns = (
        [np.concatenate(c).astype(t) for c, t in zip(zip(*parts, strict=True), types, strict=True)] if parts else []
    )
    return grid, blocks, Synapses(*columns) if parts else Synapses.none()


def run(monkeypatch, numba, kinds, seed, dense, splits, *, electrode=True, threads=1):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1" if numba else "0")
    grid, blocks, synapses = network(kinds, seed, dense)
    engine = Engine(grid, threads=threads)
    engine.load(blocks, synapses)
    neurons = [block for block in blocks if hasattr(block.model, "state")]
    if electrode and neurons:
        ids = np.arange(neurons[0].start, neurons[0].stop)
        engine.set_electrodes([Pulse(ids, 0.3, 5, 37), Pulse(ids[:1], -0.2, 20, 300)])
    samplers = []
    for k, block in enumerate(neurons):
        sampler = Sampler(block.model, block.model.STATE[-1], k + 1, 0)
        sampler.add(np.arange(0, block.stop - block.start, 2))
        samplers.append(sampler)
    engine.samplers.extend(samplers)
    for step in splits:
        engine.run(step)
        assert (engine._compiled is not None) == numba
    return {
        "neuron": engine.log.neuron.copy(),
        "step": engine.log.step.copy(),
        "samples": [sampler.data(sampler.index) for sampler in samplers],
        "states": [array.copy() for block in neurons for array in block.model.state.values()],
        "refractory": [block.model.refractory.copy() for block in neurons],
        "line": engine._line.coming,
    }


def assert_same(ours, theirs):
    for name, value in ours.items():
        for a, b in zip(
            value if isinstance(value, list) else [value],
            theirs[name] if isinstance(value, list) else [theirs[name]],
            strict=True,
        ):
            np.testing.assert_array_equal(a, b, err_msg=name)


@settings(max_examples=40)
@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=6),
    seed=st.integers(0, 2**16),
    dense=st.sampled_from([False, True, "same"]),
    split=st.integers(0, 120),
)
def test_same_bits(kinds, seed, dense, split):
    with pytest.MonkeyPatch.context() as monkeypatch:
        reference = run(monkeypatch, False, kinds, seed, dense, [120])
        assert_same(run(monkeypatch, True, kinds, seed, dense, [split, 120]), reference)


def test_the_networks_of_the_comparison_are_alive(monkeypatch):
    for kind in SCALE:
        found = run(monkeypatch, True, ["poisson", kind, "trains"], 1, False, [120])
        first = network(["poisson", kind, "trains"], 1, False)[1][1]
        fired = (found["neuron"] >= first.start) & (found["neuron"] < first.stop)
        assert fired.sum() > 20


def test_strong_and_weak_conductances_are_compared(monkeypatch):
    strong = []

    def look(v, u, *others):
        strong.extend((u > exponential_euler.STRONG).tolist())
        exponential_euler.relax(v, u, *others)

    monkeypatch.setattr(conductance_based, "relax", look)
    run(monkeypatch, False, ["poisson", "strong cond", "trains"], 1, False, [120])
    assert 0.05 < np.mean(strong) < 0.95


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("numba", [True, False])
@pytest.mark.parametrize("kind", ["busy poisson", "repeated trains", "busy gamma"])
@pytest.mark.parametrize("dense", [True, False, "same"])
def test_several_spikes_of_a_source_in_a_step_act_with_the_sum_of_their_weights(
    kind, dense, numba, threads, monkeypatch
):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1" if numba else "0")
    grid, blocks, synapses = network([kind, "delta"], 4, dense)
    cells = blocks[1].model
    cells.set_parameters(slice(None), {"v_thresh": 1e9, "i_offset": 0.0, "tau_refrac": 0.0})
    cells.state["v"][:] = start = cells.parameters["v_rest"].copy()
    engine = Engine(grid, threads=threads)
    engine.load(blocks, synapses)
    engine.run(60)
    # A jump of the potential for every spike and synapse; what is left of it decays. All of it from the log.
    spikes = np.zeros((61, blocks[-1].stop), int)
    np.add.at(spikes, (engine.log.step, engine.log.neuron), 1)
    assert spikes.max() > 2
    expected = start.copy()
    for pre, post, weight, delay in zip(synapses.pre, synapses.post, synapses.weight, synapses.delay, strict=True):
        arrival = np.arange(61) + delay
        left = np.exp(-(60 - arrival) * 0.5 / cells.parameters["tau_m"][post - blocks[1].start])
        expected[post - blocks[1].start] += weight * (spikes[:, pre] * left)[arrival <= 60].sum()
    np.testing.assert_allclose(cells.state["v"], expected, rtol=1e-10)


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("kind", ["busy poisson", "repeated trains"])
def test_a_busy_step_finds_room(kind, threads, monkeypatch):
    """A few sources may fire more often in a step than there are neurons."""

    def build():
        grid = TimeGrid(0.5)
        if kind == "busy poisson":
            source = PoissonProcesses(grid, np.full(2, 4e6), np.zeros(2), np.full(2, 1e9))
        else:
            source = SpikeTrains(grid, [np.repeat([1.0, 7.0, 20.0], [3, 200_000, 11]), np.full(5, 7.0)])
        cells = CurrDelta(LEAKY | {name: np.full(70, value) for name, value in LEAKY.items()})
        blocks = [PopulationBlock(0, 2, source), PopulationBlock(2, 72, cells)]
        return Engine(grid, threads=threads), blocks

    found = []
    for numba in ("1", "0"):
        monkeypatch.setenv("SYNAPTILE_NUMBA", numba)
        engine, blocks = build()
        pre, post = (a.ravel().astype(np.int32) for a in np.meshgrid([0, 1], np.arange(2, 72)))
        ones = np.ones(len(pre))
        engine.load(blocks, Synapses(pre, post, np.zeros(len(pre), np.int8), 1e-4 * ones, ones.astype(np.int32)))
        engine.run(60)
        sources = engine.log.neuron < 2
        assert np.bincount(engine.log.step[sources]).max() > 3000
        found.append((engine.log.neuron.copy(), engine.log.step.copy(), blocks[1].model.state["v"].copy()))
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, theirs)
    if kind == "repeated trains":
        assert sources.sum() == 200_019


@pytest.mark.parametrize("kind", ["poisson", "gamma"])
def test_many_spikes_of_sources_are_drawn_for_few_steps_at_once(kind, monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
    monkeypatch.setattr("synaptile.swsim.engine.simulation._MAX_CHUNK_SPIKES", 5000)
    grid, n, drawn = TimeGrid(0.5), 50, []
    if kind == "poisson":
        source = PoissonProcesses(grid, np.full(n, 2e4), np.zeros(n), np.full(n, 1e9))
    else:
        source = GammaProcesses(
            grid, alpha=np.full(n, 2.0), beta=np.full(n, 4e4), start=np.zeros(n), duration=np.full(n, 1e9)
        )
    assert source.mean_per_step == pytest.approx(500.0)
    emit_between = source.emit_between

    def watched(first, last):
        found = emit_between(first, last)
        drawn.append(len(found[0]))
        return found

    monkeypatch.setattr(source, "emit_between", watched)
    engine = Engine(grid)
    engine.load([PopulationBlock(0, n, source)], Synapses.none())
    engine.run(100)
    assert sum(drawn) == pytest.approx(50_000, rel=0.02)
    assert max(drawn) < 5500


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_many_spikes_in_a_step_do_not_overflow(threads, monkeypatch):
    monkeypatch.setattr("synaptile.swsim.engine.compiled_network._MIN_SPIKES", 1)
    kinds = ["izhikevich", "exp", "poisson"]
    ours = run(monkeypatch, True, kinds, 3, True, [120], threads=threads)
    monkeypatch.undo()
    assert len(ours["neuron"]) > 8 * network(kinds, 3, True)[1][-1].stop / 4
    assert_same(ours, run(monkeypatch, False, kinds, 3, True, [120]))


def test_models_that_it_does_not_know_are_left_to_numpy(monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
    whole = FixedPointLIF(WHOLE)
    engine = Engine(TimeGrid(0.5))
    engine.load([PopulationBlock(0, 1, whole)], Synapses.none())
    assert engine.paths.obstacles == [Obstacle("has no kernel", block=0)]
    engine.run(10)
    assert engine.step == 10


def test_recording_of_something_else_is_left_to_numpy(monkeypatch):
    class Other:
        state = {"x": np.arange(3.0)}

    monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
    grid, blocks, synapses = network(["exp", "trains"], 1, False)
    engine = Engine(grid)
    engine.load(blocks, synapses)
    sampler = Sampler(Other(), "x", 1, 0)
    sampler.add(np.arange(3))
    engine.samplers.append(sampler)
    engine.run(5)
    assert sampler.data(np.arange(3)).tolist() == [[0.0, 1.0, 2.0]] * 6


def test_new_parameters_are_taken(monkeypatch):
    def final(numba):
        monkeypatch.setenv("SYNAPTILE_NUMBA", "1" if numba else "0")
        grid, blocks, synapses = network(["cond", "poisson"], 5, False)
        engine = Engine(grid)
        engine.load(blocks, synapses)
        engine.run(50)
        blocks[0].model.set_parameters(slice(None), {"i_offset": 3.0})
        engine.prepare()
        engine.run(100)
        return blocks[0].model.state["v"].copy(), len(engine.log)

    ours, theirs = final(True), final(False)
    assert (ours[0] == theirs[0]).all()
    assert ours[1] == theirs[1] > 100


def test_sources_give_the_same_in_stretches():
    grid = TimeGrid(0.5)
    for kind in SOURCES:
        one, other = (model(kind, 5, np.random.default_rng(1), grid) for _ in range(2))
        for source in (one, other):
            source.restart(np.random.SeedSequence(2))
        stepwise = [(step, i) for step in range(200) for i in one.emit(step)]
        edges = [0, 1, 2, 70, 71, 199, 200]
        stretches = [other.emit_between(a, b - 1) for a, b in pairwise(edges)]
        assert [(int(s), int(i)) for steps, index in stretches for s, i in zip(steps, index, strict=True)] == stepwise
        assert len(stepwise) > 5


def test_what_was_compiled_from_older_sources_is_not_used(tmp_path, monkeypatch, capsys):
    from synaptile.swsim.kernels import loop

    monkeypatch.setattr(loop.run.stats.__class__, "cache_path", str(tmp_path), raising=False)
    old, new = tmp_path / "loop.run-1.py311.nbi", tmp_path / "loop.run-2.py311.nbi"
    called = tmp_path / "lif.cond_exp-1.py311.nbi"
    for path in (old, new, called):
        path.touch()
    for path in (old, called):
        os.utime(path, (1, 1))
    prepared(loop, "run")
    assert not old.exists()
    assert not called.exists()
    assert new.exists()
    assert capsys.readouterr().err == ""
    os.utime(new, (1, 1))
    prepared(loop, "run")
    assert "compiling the simulation loop" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["base", "integration", "kernels", "neurons"])
def test_a_change_of_what_compiled_loops_are_made_of_is_seen(package, tmp_path, monkeypatch):
    from synaptile.swsim.kernels import loop

    newer = tmp_path / "swsim" / package / "model.py"
    for folder in ("base", "integration", "kernels", "neurons"):
        (tmp_path / "swsim" / folder).mkdir(parents=True)
        (tmp_path / "swsim" / folder / "old.py").touch()
        os.utime(tmp_path / "swsim" / folder / "old.py", (1, 1))
    newer.touch()
    os.utime(newer, (3, 3))
    entry = tmp_path / "loop.run-1.py311.nbi"
    entry.touch()
    os.utime(entry, (2, 2))
    monkeypatch.setattr(cache, "_ROOT", tmp_path / "swsim")
    monkeypatch.setattr(loop.run.stats.__class__, "cache_path", str(tmp_path), raising=False)
    cache.prepared(loop, "run")
    assert not entry.exists()


@pytest.mark.parametrize(
    ("choice", "neurons", "steps", "worth"),
    [
        (None, 2, 1000, False),
        (None, 2, 100_000, True),
        (None, 1000, 1, True),
        ("1", 2, 1, True),
        ("0", 1000, 100_000, False),
    ],
)
def test_what_is_soon_done_is_not_compiled(monkeypatch, choice, neurons, steps, worth):
    monkeypatch.delenv("SYNAPTILE_NUMBA", raising=False)
    if choice is not None:
        monkeypatch.setenv("SYNAPTILE_NUMBA", choice)
    assert policy.worth_it(neurons, steps) == worth


def test_going_over_to_the_compiled_loop_changes_nothing(monkeypatch):
    monkeypatch.delenv("SYNAPTILE_NUMBA", raising=False)
    monkeypatch.setattr(policy, "_MAX_NUMPY_NEURONS", 1000)
    monkeypatch.setattr(policy, "_MAX_NUMPY_STEPS", 50)
    grid, blocks, synapses = network(["exp", "poisson", "izhikevich"], 1, False)
    engine = Engine(grid)
    engine.load(blocks, synapses)
    engine.run(50)
    assert engine._compiled is None
    engine.run(120)
    assert engine._compiled is not None
    expected = run(monkeypatch, False, ["exp", "poisson", "izhikevich"], 1, False, [120], electrode=False)
    np.testing.assert_array_equal(engine.log.neuron, expected["neuron"])
    np.testing.assert_array_equal(engine.log.step, expected["step"])


@settings(max_examples=20)
@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=1, max_size=5),
    seed=st.integers(0, 2**16),
    dense=st.sampled_from([False, True, "same"]),
    split=st.integers(0, 120),
    threads=st.integers(2, 4),
    electrode=st.booleans(),
)
def test_the_number_of_threads_changes_nothing(kinds, seed, dense, split, threads, electrode):
    with pytest.MonkeyPatch.context() as monkeypatch:
        one = run(monkeypatch, True, kinds, seed, dense, [120], electrode=electrode)
        for numba in (True, False):
            several = run(monkeypatch, numba, kinds, seed, dense, [split, 120], electrode=electrode, threads=threads)
            assert_same(several, one)
