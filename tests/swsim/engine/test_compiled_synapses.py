"""Synapses with a state in the compiled loop: the same bits as in NumPy, whatever happens between runs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.plastic_networks import DEFINED, IMMEDIATE, RULES, PlasticNetwork, assert_same

from synaptile.swsim.plasticity.weight_dependence import WEIGHT_DEPENDENCES

TIMED = [f"{rule}:{dependence}" for rule in RULES for dependence in WEIGHT_DEPENDENCES]
GROUPS = [*TIMED, *IMMEDIATE, *DEFINED]
END = 120


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
        yield


networks = st.builds(
    PlasticNetwork,
    seed=st.integers(0, 2**16),
    groups=st.lists(st.sampled_from(GROUPS), max_size=3),
    varied=st.booleans(),
    delays=st.sampled_from([1, 6]),
    busy=st.booleans(),
    gaps=st.integers(0, 2),
    electrodes=st.booleans(),
)

# What happens, in NumPy and compiled, at a grid point: a run up to it comes before.
ACTIONS = ("run", "load", "weights", "parameters", "numpy", "reward", "restart")
stories = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(1, 40)), max_size=5)


def told(network, story, *, numba, threads=1):
    """What is known after a story, with compiled loops or none."""
    made = network.build(threads)
    made.record()
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("SYNAPTILE_NUMBA", str(int(numba)))
        made.load()
        for action, steps in story:
            monkeypatch.setenv("SYNAPTILE_NUMBA", str(int(numba and action != "numpy")))
            if action == "numpy":
                made.load()
            made.engine.run(made.engine.step + steps)
            assert (made.engine._compiled is not None) == (numba and action != "numpy")
            if action != "run":
                change(made, action)
                made.load()
        monkeypatch.setenv("SYNAPTILE_NUMBA", str(int(numba)))
        made.engine.run(made.engine.step + END)
    return made.result()


def change(made, action):
    random = np.random.default_rng(made.seed + made.engine.step)
    for group in made.dynamics:
        some = random.integers(0, len(group.synapses), 20)
        if action == "weights":
            group.synapses.weight[some] *= 0.5
        elif action == "parameters":
            name = next((name for name in group.parameters if "tau" in name), "p")
            group.parameters[name][some] *= 1.5
        elif action == "reward" and "reward" in group.STATE:
            group.reward(made.engine.step, 0.3)
        elif action == "restart":
            group.restart()
    if action == "restart":
        made.engine.restart()
        for sampler in made.samplers:
            sampler.restart(0)
        for block in made.blocks[::2]:
            block.model.restart(np.random.SeedSequence(made.seed))


@settings(max_examples=examples(30, 300))
@given(network=networks, story=stories, threads=st.integers(1, 3))
def test_the_same_bits_whatever_happens(network, story, threads):
    assert_same(told(network, story, numba=True, threads=threads), told(network, story, numba=False))


@pytest.mark.parametrize("name", TIMED)
def test_every_rule_with_every_weight_dependence(name):
    network = PlasticNetwork(3, [name])
    story = [("reward", 30)]
    ours, theirs = told(network, story, numba=True), told(network, story, numba=False)
    assert_same(ours, theirs)
    began = network.build().dynamics[0].synapses.weight
    assert (ours["weights"][0] != began).mean() > 0.5


@pytest.mark.parametrize("varied", [False, True])
@pytest.mark.parametrize("name", IMMEDIATE)
def test_every_kind_of_short_term_plasticity(name, varied):
    network = PlasticNetwork(4, [name], varied=varied)
    ours, theirs = told(network, [("run", 30), ("numpy", 9)], numba=True), told(network, [("run", 39)], numba=False)
    assert_same(ours, theirs)
    assert all((state != 0).mean() > 0.5 for state in ours["states"][:1])


@pytest.mark.parametrize("name", DEFINED)
def test_rules_of_one_s_own(name):
    network = PlasticNetwork(5, [name])
    ours, theirs = told(network, [("run", 30), ("numpy", 9)], numba=True), told(network, [("run", 39)], numba=False)
    assert_same(ours, theirs)
    assert len(np.unique(ours["states"][0])) > 20


def test_gap_junctions_act(monkeypatch):
    monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
    with_gaps, without = (told(PlasticNetwork(6, [], gaps=gaps), [], numba=True) for gaps in (1, 0))
    assert not np.array_equal(with_gaps["neurons"][0], without["neurons"][0])


def test_a_state_is_what_it_is_whoever_has_it():
    network = PlasticNetwork(7, ["resources", "pair:additive"], delays=6)
    asked, reference = network.build(), network.build()
    for made, numba in ((asked, "1"), (reference, "0")):
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setenv("SYNAPTILE_NUMBA", numba)
            made.load()
            for step in (20, 40, 60):
                made.engine.run(step)
                made.states = [*getattr(made, "states", []), made.dynamics[0].value("u", step)]
                if step == 40:
                    made.dynamics[0].initialize("u", np.linspace(0, 1, len(made.states[0])), step)
    assert asked.dynamics[0].holder is not None
    assert reference.dynamics[0].holder is None
    assert_same(asked.result(), reference.result())
    np.testing.assert_array_equal(asked.states, reference.states)
