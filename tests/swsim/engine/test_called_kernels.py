"""The kernels that the loop calls against the NumPy models: the same bits, with any method, receptor and electrode."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.current_pulse import Pulse

from synaptile.swsim.base.random_streams import streams
from synaptile.swsim.base.time_grid import TimeGrid
from synaptile.swsim.codegen.neuron_definition import Definition
from synaptile.swsim.codegen.neuron_model import model_of
from synaptile.swsim.engine.called_bank import CalledBank
from synaptile.swsim.engine.paths import obstacles
from synaptile.swsim.engine.populations import PopulationBlock
from synaptile.swsim.engine.simulation import Engine
from synaptile.swsim.neurons.adex import AdExCondAlpha, AdExCondExp, exponential
from synaptile.swsim.neurons.gif import GIF, Adapting
from synaptile.swsim.neurons.hodgkin_huxley import HodgkinHuxley
from synaptile.swsim.neurons.lif import CondAlpha, CondExp, CurrAlpha, leaky
from synaptile.swsim.neurons.receptors import Receptor
from synaptile.swsim.recording.sampler import Sampler
from synaptile.swsim.sources.poisson import PoissonProcesses
from synaptile.swsim.synapses.edge_list import Synapses
from synaptile.swsim.synapses.ring_buffer import RingBuffer
from synaptile.swsim.synapses.short_term import Stochastic

SYNAPSES = {"tau_syn_E": 3.0, "tau_syn_I": 7.0, "e_rev_E": 0.0, "e_rev_I": -80.0}
ADEX = {
    "cm": 0.281, "tau_refrac": 1.2, "v_spike": -40.0, "v_reset": -70.6, "v_rest": -70.6, "tau_m": 9.3667,
    "i_offset": 0.9, "a": 4.0, "b": 0.0805, "delta_T": 2.0, "tau_w": 144.0, "v_thresh": -50.4, **SYNAPSES,
}  # fmt: skip
HODGKIN_HUXLEY = {
    "gbar_Na": 20.0, "gbar_K": 6.0, "g_leak": 0.01, "cm": 0.2, "v_offset": -63.0, "e_rev_Na": 50.0, "e_rev_K": -90.0,
    "e_rev_leak": -65.0, "i_offset": 0.4, **SYNAPSES,
}  # fmt: skip
LEAKY = {
    "v_rest": -65.0, "cm": 0.5, "tau_m": 10.0, "tau_refrac": 1.5, "i_offset": 0.4, "v_reset": -68.0, "v_thresh": -55.0,
    **SYNAPSES,
}  # fmt: skip

CURRENTS = exponential((Receptor("exp", "a.isyn", "a.tau"), Receptor("exp", "b.isyn", "b.tau")))
THREE = exponential(
    (
        Receptor("alpha", "a.gsyn", "a.tau", reversal="a.e"),
        Receptor("beta", "b.gsyn", "b.tau", "b.rise", "b.e"),
        Receptor("exp", "c.gsyn", "c.tau", reversal="c.e"),
    )
)
MEMORY = {"tau_sfa": 40.0, "e_rev_sfa": -75.0, "q_sfa": 15.0, "tau_rr": 2.0, "e_rev_rr": -75.0, "q_rr": 1500.0}
REMEMBERING = {
    "delta_v": 1.5, "v_t_star": -55.0, "lambda0": 20.0, "tau_eta": [2.0, 10.0, 60.0], "tau_gamma": [5.0, 50.0],
    "a_eta": [0.1, -0.02, 0.05], "a_gamma": [3.0, 1.0],
}  # fmt: skip
RECEPTORS = {"a.tau": 2.0, "b.tau": 9.0, "b.rise": 1.5, "c.tau": 4.0, "a.e": 0.0, "b.e": -75.0, "c.e": 10.0}


class RisingGIF(GIF):
    """With receptors that have hidden variables."""

    RECEPTORS = THREE.RECEPTORS


OWN = {
    "equations": """
        dv/dt = (leak * (-65 - v) + spike * exp((v + 50) / 2) - u + s * (10 - v) + i_offset + I) / 0.2
        du/dt = (0.001 * (v + 65) - u) / 60
        ds/dt = -s / 4
    """,
    "threshold": "v > -40",
    "reset": "v = -60; u += 0.05",
    "parameters": {"leak": 0.01, "spike": 0.02, "i_offset": 0.5, "rest": 2.0},
    "on_spike": {"fast": "v += 100 * w", "slow": "s += w", "adapting": "u += w"},
    "refractory": "rest",
    "clamped": ("v",),
}
EULER, RK4 = (model_of("Own", Definition(**OWN, method=method)) for method in ("euler", "rk4"))


def methods(model):
    """The methods of which a model's kernel knows."""
    return (model.METHODS if model.every_method else model.METHODS[:1]) or (None,)


MODELS = {
    "adex": (AdExCondExp, ADEX),
    "adex without an exponential": (AdExCondExp, ADEX | {"delta_T": 0.0, "tau_refrac": 0.0}),
    "adex alpha": (AdExCondAlpha, ADEX),
    "adex with currents": (CURRENTS, ADEX | RECEPTORS),
    "adex with three receptors": (THREE, ADEX | RECEPTORS),
    "hodgkin huxley": (HodgkinHuxley, HODGKIN_HUXLEY),
    "alpha currents": (CurrAlpha, LEAKY),
    "alpha conductances": (CondAlpha, LEAKY | {"i_offset": 0.8}),
    "strong conductances": (CondAlpha, LEAKY | {"cm": 0.01, "i_offset": 0.02}),
    "adapting": (Adapting, LEAKY | MEMORY | {"i_offset": 0.8}),
    "remembering": (GIF, LEAKY | REMEMBERING | {"i_offset": 0.8}),
    "remembering with three receptors": (RisingGIF, LEAKY | REMEMBERING | RECEPTORS | {"i_offset": 0.8}),
    "remembering nothing": (
        GIF,
        LEAKY | REMEMBERING | {"i_offset": 0.6, "tau_refrac": 0.0, "a_gamma": [0.0] * 2, "a_eta": [0.01] * 3},
    ),
    "leaky with currents": (leaky(CURRENTS.RECEPTORS), LEAKY | RECEPTORS | {"i_offset": 0.8}),
    "leaky with three receptors": (leaky(THREE.RECEPTORS), LEAKY | RECEPTORS | {"i_offset": 0.8}),
    "own by euler": (EULER, OWN["parameters"]),
    "own by rk4": (RK4, OWN["parameters"]),
    "leaky": (CondExp, LEAKY),
}
CASES = [(kind, method) for kind, (model, _) in MODELS.items() if kind != "leaky" for method in methods(model)]


class Wave(Pulse):
    """A current that is another one in every step."""

    def currents(self, first, count):
        return self.amplitude * np.sin((first + np.arange(count)) / 3.0)


def spread_out(value, spread, n, random):
    """A parameter of n neurons, or the elements of one, by chance a little more or less."""
    factors = random.uniform(1 - spread, 1 + spread, n)
    return value * factors if np.ndim(value) == 0 else np.multiply(value, factors[:, None])


def network(cases, seed, dt):
    """Populations of those models and a source for all of them, with random parameters and synapses."""
    random = np.random.default_rng(seed)
    grid = TimeGrid(dt)
    blocks, start, parts = (
        [PopulationBlock(0, 20, PoissonProcesses(grid, np.full(20, 200.0), np.zeros(20), np.full(20, 1e6)))],
        20,
        [],
    )
    for kind, method in cases:
        n, (model, parameters) = int(random.integers(1, 20)), MODELS[kind]
        spread = random.choice([0.0, 0.05])
        made = model({name: spread_out(parameters[name], spread, n, random) for name in model.PARAMETERS})
        made.stream[:] = streams(np.random.SeedSequence(seed), n)
        if method is not None:
            made.choose(method)
        made.state["v"][:] = random.uniform(-70, -60, n)
        blocks.append(PopulationBlock(start, start + n, made))
        post = np.repeat(np.arange(start, start + n), 4)
        scale = 0.3 if "currents" in kind else 0.02
        parts.append(
            (
                random.integers(0, start + n, len(post)),
                post,
                random.integers(0, made.own_receptors, len(post)),
                random.uniform(0, scale, len(post)),
                random.integers(1, 9, len(post)),
            )
        )
        start += n
    types = (np.int32, np.int32, np.int8, np.float64, np.int32)
    columns = [np.concatenate(c).astype(t) for c, t in zip(zip(*parts, strict=True), types, strict=True)]
    return grid, blocks, Synapses(*columns)


class _OtherRule(Stochastic):
    """Does not inherit the kernel, as it might do other things."""


def without_kernel():
    none = Synapses.none()
    return _OtherRule(none, {"p": np.empty(0)}, 0.1, np.empty(0, np.uint64))


def run(numba, cases, seed, edges, *, dt=0.1, electrodes=True, threads=1, whole=True):
    """Run up to each of the edges, with other parameters after the first; return everything that is to be compared.

    A network that is not ``whole`` has synapses without a kernel, and is not run by the loop.
    """
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("SYNAPTILE_NUMBA", "1" if numba else "0")
        grid, blocks, synapses = network(cases, seed, dt)
        engine = Engine(grid, threads=threads)
        engine.load(blocks, synapses, dynamics=[] if whole else [without_kernel()])
        neurons = blocks[1:]
        ids = np.arange(20, blocks[-1].stop)
        if electrodes:
            engine.set_electrodes([Pulse(ids, 0.2, 5, 290), Wave(ids[::2], 0.3, 0, 0), Pulse(ids[:1], -0.2, 20, 300)])
        for block in neurons:
            for k, name in enumerate(block.model.STATE):
                sampler = Sampler(block.model, name, k + 1, 0)
                sampler.add(np.arange(block.stop - block.start))
                engine.samplers.append(sampler)
        for part, step in enumerate(edges):
            engine.run(step)
            assert (engine._compiled is not None) == (numba and whole)
            stepped = [bank for bank in engine._banks if CalledBank.can_run(bank.model)]
            assert len(engine._called) == (len(stepped) if numba and not whole else 0)
            if part == 0:
                for block in neurons:
                    block.model.set_parameters(slice(0, 1), {"i_offset": 1.1})
                engine.prepare()
    return {
        "spikes": [engine.log.neuron, engine.log.step],
        "samples": [sampler.data(sampler.index) for sampler in engine.samplers],
        "variables": [array for block in neurons for array in block.model.variables.values()],
        "refractory": [block.model.refractory for block in neurons],
        "line": [engine._line.coming],
    }


def assert_same(ours, theirs):
    for name, arrays in ours.items():
        for one, other in zip(arrays, theirs[name], strict=True):
            np.testing.assert_array_equal(one, other, err_msg=name)


@pytest.mark.parametrize(("kind", "method"), CASES)
def test_the_same_bits(kind, method):
    reference = run(False, [(kind, method)], 1, [100, 400])
    assert_same(run(True, [(kind, method)], 1, [100, 400]), reference)
    assert (reference["spikes"][0] >= 20).sum() > 5
    assert all(np.ptp(samples) > 0 for samples in reference["samples"])


@pytest.mark.parametrize(("kind", "method"), CASES)
def test_the_same_bits_where_only_the_step_of_a_model_is_compiled(kind, method):
    reference = run(False, [(kind, method)], 1, [100, 200], whole=False)
    assert_same(run(True, [(kind, method)], 1, [100, 200], whole=False), reference)


@pytest.mark.parametrize(("kind", "method"), CASES)
@pytest.mark.parametrize("dt", [0.01, 1.0])
def test_the_same_bits_in_short_and_long_steps(kind, method, dt):
    assert_same(*(run(numba, [(kind, method)], 2, [10, 60], dt=dt) for numba in (True, False)))


@settings(max_examples=15)
@given(
    cases=st.lists(st.sampled_from([*CASES, ("leaky", "exponential euler")]), min_size=1, max_size=4),
    seed=st.integers(0, 2**16),
    split=st.integers(0, 80),
    threads=st.integers(1, 3),
    electrodes=st.booleans(),
)
def test_networks_threads_and_split_runs(cases, seed, split, threads, electrodes):
    reference = run(False, cases, seed, [split, 80], electrodes=electrodes)
    assert_same(run(True, cases, seed, [split, 80], electrodes=electrodes, threads=threads), reference)
    assert_same(run(True, cases, seed, [split, (split + 80) // 2, 80], electrodes=electrodes), reference)


@pytest.mark.parametrize("whole", [True, False])
def test_a_step_that_is_too_long_for_rk4_is_no_result(whole, monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
    model = HodgkinHuxley({name: np.full(2, value) for name, value in (HODGKIN_HUXLEY | {"cm": 1e-4}).items()})
    model.choose("rk4")
    engine = Engine(TimeGrid(0.05))
    engine.load([PopulationBlock(0, 2, model)], Synapses.none(), dynamics=[] if whole else [without_kernel()])
    with pytest.raises(FloatingPointError, match=r"^rk4 diverges in steps of 0\.025 ms; take a shorter timestep, or"):
        engine.run(100)
    with pytest.raises(RuntimeError, match="half done"):
        engine.run(200)


def test_a_definition_with_a_python_function_is_left_to_numpy():
    model = model_of("Own", Definition(**OWN | {"threshold": lambda v: v > -40}))
    assert not model({name: np.full(1, value) for name, value in OWN["parameters"].items()}).has_kernel


@pytest.mark.parametrize(
    ("kind", "bound"),
    [("adex", None), ("alpha conductances", 1000), ("alpha currents", 1000), ("hodgkin huxley", None)],
)
def test_what_numpy_does_faster_for_many_neurons_is_left_to_it(kind, bound):
    def block(start, size):
        model, parameters = MODELS[kind]
        made = model({name: np.full(size, parameters[name]) for name in model.PARAMETERS})
        return PopulationBlock(start, start + size, made)

    line = RingBuffer(1001, 1)
    assert not obstacles([block(0, 600), block(600, 400)], [], line)
    assert (not obstacles([block(0, 600), block(600, 401)], [], line)) == (bound is None)
    assert CalledBank.can_run(block(0, 1000).model) == (bound is None)
    assert CalledBank.can_run(block(0, 1001).model) == (bound is None)
