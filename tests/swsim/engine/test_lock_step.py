"""Lock-step in the compiled loop: the same bits as with hardware that is called from Python, step by step."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.fake_carrier import FakeCarrier
from support.plastic_networks import DEFINED, IMMEDIATE, RULES, PlasticNetwork, assert_same

from synaptile.swsim.plasticity.weight_dependence import WEIGHT_DEPENDENCES

GROUPS = [*(f"{rule}:{dependence}" for rule in RULES for dependence in WEIGHT_DEPENDENCES), *IMMEDIATE, *DEFINED]
END = 80


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("SYNAPTILE_NUMBA", "1")
        yield


networks = st.builds(
    PlasticNetwork,
    seed=st.integers(0, 2**16),
    groups=st.lists(st.sampled_from(GROUPS), max_size=2),
    varied=st.booleans(),
    delays=st.sampled_from([1, 6]),
    busy=st.booleans(),
    gaps=st.integers(0, 1),
    electrodes=st.booleans(),
)

ACTIONS = ("run", "load", "weights", "numpy", "restart")
stories = st.lists(st.tuples(st.sampled_from(ACTIONS), st.integers(1, 30)), max_size=4)


def told(network, story, *, numba, late):
    """What is known after a story, and what the hardware was sent."""
    chip = FakeCarrier(late)
    made = network.build(hardware=chip)
    made.record()
    with pytest.MonkeyPatch.context() as monkeypatch:
        made.load()
        for action, steps in [*story, ("run", END)]:
            compiled = numba and action != "numpy"
            monkeypatch.setenv("SYNAPTILE_NUMBA", str(int(compiled)))
            if action == "numpy":
                made.load()
            before, calls = made.engine.step, chip.calls
            made.engine.run(before + steps)
            assert (made.engine._compiled is not None) == compiled
            assert chip.calls - calls == steps * compiled
            if action not in ("run", "numpy"):
                change(made, chip, action)
                made.load()
    return made.result(), chip.sent


def change(made, chip, action):
    random = np.random.default_rng(made.seed + made.engine.step)
    if action == "weights":
        for synapses in [made.static, *(group.synapses for group in made.dynamics)]:
            synapses.weight[random.integers(0, len(synapses.weight), 20)] *= 0.5
    elif action == "restart":
        for group in made.dynamics:
            group.restart()
        made.engine.restart()
        chip.under_way.clear()
        for sampler in made.samplers:
            sampler.restart(0)
        for block in made.blocks[::2]:
            block.model.restart(np.random.SeedSequence(made.seed))


@settings(max_examples=examples(40, 400))
@given(network=networks, story=stories, late=st.integers(0, 4))
def test_the_same_bits_whatever_happens(network, story, late):
    ours, theirs = (told(network, story, numba=numba, late=late) for numba in (True, False))
    assert_same(ours[0], theirs[0])
    assert ours[1] == theirs[1]


@pytest.mark.parametrize("name", [*(f"{rule}:additive" for rule in RULES), *IMMEDIATE, *DEFINED])
def test_synapses_of_every_kind(name):
    story = [("run", 30), ("numpy", 12), ("run", 20)]
    ours, theirs = (told(PlasticNetwork(3, [name]), story, numba=numba, late=3) for numba in (True, False))
    assert_same(ours[0], theirs[0])


def test_more_arrivals_in_a_step_than_neurons():
    network = PlasticNetwork(8, ["pair:additive", "resources"], busy=True, size=12)
    results = []
    for numba in (True, False):
        chip = Crowded()
        made = network.build(hardware=chip)
        made.record()
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setenv("SYNAPTILE_NUMBA", str(int(numba)))
            made.load()
            for steps in (7, 50, 43):
                made.engine.run(made.engine.step + steps)
        if numba:
            assert made.engine._compiled._room > made.neurons
        results.append(made.result())
    assert_same(*results)


class Crowded(FakeCarrier):
    """All that is sent to other tiles arrives in every tenth step."""

    def exchange(self, step, fired):
        for neuron in fired.tolist():
            for tile in self.targets.get(neuron, ()):
                at = step if tile == self.tile[neuron] else -(-step // 10) * 10
                self.under_way.setdefault(at, []).append((neuron, tile))
        arrivals = self.under_way.pop(step, [])
        return tuple(np.array([pair[i] for pair in arrivals], np.int32) for i in (0, 1))


def test_without_compiled_code_for_the_hardware():
    results = []
    for compiled in (True, False):
        chip = FakeCarrier(2, compiled=compiled)
        made = PlasticNetwork(3, []).build(hardware=chip)
        made.record()
        made.load()
        made.engine.run(60)
        assert (chip.calls > 0) == compiled
        assert [obstacle.reason for obstacle in made.engine.paths.obstacles] == (
            [] if compiled else ["hardware carries the spikes of every step: it is not to be"]
        )
        results.append(made.result())
    assert_same(*results)


@pytest.mark.parametrize("numba", ["0", "1"])
def test_a_step_that_cannot_be_done_leaves_those_before_it(monkeypatch, numba):
    monkeypatch.setenv("SYNAPTILE_NUMBA", numba)
    chip = FakeCarrier(1, fails_at=50)
    made = PlasticNetwork(5, []).build(hardware=chip)
    made.record()
    made.load()
    made.engine.run(20)
    with pytest.raises(ValueError, match="step 50 cannot be done"):
        made.engine.run(90)
    assert made.engine.step == 49
    assert made.engine.log.step.max() <= 49
    whole = PlasticNetwork(5, []).build(hardware=FakeCarrier(1))
    whole.record()
    whole.load()
    whole.engine.run(49)
    ours, theirs = made.result(), whole.result()
    for name in ("neuron", "step", "samples"):
        np.testing.assert_array_equal(ours[name], theirs[name])


def test_tiles_that_the_hardware_does_not_know_of_are_refused():
    chip = FakeCarrier()
    made = PlasticNetwork(7, []).build(hardware=chip)
    chip.targets.popitem()
    made.load()
    with pytest.raises(ValueError, match="hardware must know of all tiles on which a neuron has synapses"):
        made.engine.run(5)
