"""What software would have done beside hardware is what a script does without hardware, whatever it changes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples
from support.fake_chip import FakeChip, spikes

import synaptile.swsim as sim

CELLS = {
    "IF_curr_exp": {"tau_m": 8.0},
    "IF_cond_alpha": {},
    "Izhikevich": {},
    "GIF_cond_exp": {},
    "EIF_cond_exp_isfa_ista": {},
}
CHANGES = ("weight", "delay", "rate", "offset", "v", "electrode", "stdp", "reward", "eligibility", "nothing")


class ComparedChip(FakeChip):
    """Late hardware that takes what software would have done."""

    wants_reference = True

    def __init__(self, late=3):
        super().__init__(late)
        self.references = []

    def take_reference(self, reference):
        self.references.append(reference)

    def end(self, trace):
        assert self.references
        self.trace = trace


def synapse(kind, weight):
    if kind == "static":
        return sim.StaticSynapse(weight=weight, delay=1.5)
    if kind == "depressing":
        return sim.TsodyksMarkramSynapse(weight=weight, delay=1.0, tau_rec=20.0)
    if kind == "stochastic":
        return sim.SimpleStochasticSynapse(weight=weight, delay=1.0, p=0.6)
    rule = sim.SpikePairRule() if kind == "stdp" else sim.RewardModulatedRule()
    dependence = sim.AdditiveWeightDependence(w_max=5 * weight)
    return sim.STDPMechanism(timing_dependence=rule, weight_dependence=dependence, weight=weight, delay=1.0)


def play(script, hardware=None):
    """Run a script of (what is changed, how long is then run), in two segments; return all spikes of both."""
    cell, kind, changes = script
    sim.setup(timestep=0.5, seed=5, hardware=hardware)
    sources = sim.Population(8, sim.SpikeSourcePoisson(rate=90.0), label="sources")
    cells = sim.Population(6, getattr(sim, cell)(**CELLS[cell]), label="cells")
    weight = 0.6 if cell == "IF_curr_exp" else 4.0 if cell == "Izhikevich" else 0.03
    out = sim.Projection(sources, cells, sim.AllToAllConnector(), synapse(kind, weight), label="in")
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight / 5, delay=2.0))
    noise = sim.NoisyCurrentSource(mean=0.0, stdev=0.2)
    noise.inject_into(cells[:3])
    found = []
    for _segment in range(2):
        for what, ms in changes:
            if what == "weight":
                out.set(weight=1.4 * weight)
            elif what == "delay" and kind == "static":
                out.set(delay=2.5)
            elif what == "rate":
                sources.set(rate=150.0)
            elif what == "offset":
                cells[:4].set(i_offset=0.2)
            elif what == "v":
                cells[1:3].initialize(v=-60.0)
            elif what == "electrode":
                noise.set_parameters(stdev=0.7)
            elif what == "reward" and kind == "reward":
                out.reward(0.5)
            elif what == "eligibility" and kind == "reward":
                out.initialize(eligibility=0.01)
            elif what == "stdp" and kind in ("stdp", "reward"):
                out.set(A_plus=0.05)
            sim.run(ms)
        found.append(hardware.references[-1]() if hardware else sim.get_trace())
        sim.reset()
    return found


scripts = st.tuples(
    st.sampled_from(sorted(CELLS)),
    st.sampled_from(["static", "depressing", "stochastic", "stdp", "reward"]),
    st.lists(st.tuples(st.sampled_from(CHANGES), st.sampled_from([0.5, 3.0, 20.0])), min_size=1, max_size=5),
)


@given(scripts)
@settings(max_examples=examples(8, 200))
def test_is_what_the_same_script_does_without_hardware(script):
    chip = ComparedChip()
    for reference, software in zip(play(script, chip), play(script), strict=True):
        assert spikes(reference) == spikes(software)
        assert reference.weight.tolist() == software.weight.tolist()
        assert (reference.steps, reference.dt) == (software.steps, software.dt)


@pytest.mark.parametrize(
    ("change", "kind"),
    [(change, "static") for change in ("weight", "delay", "rate", "offset", "v", "electrode")]
    + [("weight", "stdp"), ("stdp", "stdp"), ("reward", "reward"), ("eligibility", "reward"), ("stdp", "reward")],
)
def test_each_change_acts_at_the_same_step(change, kind):
    first = "reward" if kind == "reward" != change else "nothing"
    script = ("IF_curr_exp", kind, [(first, 15.0), (change, 25.0), ("nothing", 0.5)])
    chip = ComparedChip()
    for reference, software in zip(play(script, chip), play(script), strict=True):
        assert spikes(reference) == spikes(software)
        assert reference.weight.tolist() == software.weight.tolist()
    unchanged, _ = play(("IF_curr_exp", kind, [(first, 40.5)]))
    changed, _ = play(script)
    assert spikes(unchanged)[:5] == spikes(changed)[:5]
    assert spikes(unchanged) != spikes(changed) or unchanged.weight.tolist() != changed.weight.tolist()


def test_the_hardware_run_is_as_without_a_reference():
    script = ("IF_curr_exp", "stdp", [("nothing", 20.0), ("weight", 20.0), ("electrode", 40.0)])

    def on_hardware(chip):
        play(script, chip)
        return chip.trace()

    class Alone(ComparedChip):
        wants_reference = False

        def __init__(self):
            super().__init__()
            self.references = [lambda: None]

    alone, compared = on_hardware(Alone()), on_hardware(ComparedChip())
    assert spikes(alone) == spikes(compared)
    assert spikes(compared)
    assert spikes(compared) != spikes(play(script)[-1])


@pytest.mark.parametrize("then", ["reset", "setup", "weights", "nothing"])
def test_a_reference_is_of_its_own_run_also_later(then):
    script = ("IF_curr_exp", "static", [("electrode", 30.0)])
    expected = spikes(play(script)[0])
    chip = ComparedChip()
    sim.setup(timestep=0.5, seed=5, hardware=chip)
    sources = sim.Population(8, sim.SpikeSourcePoisson(rate=90.0))
    cells = sim.Population(6, sim.IF_curr_exp(**CELLS["IF_curr_exp"]))
    out = sim.Projection(sources, cells, sim.AllToAllConnector(), synapse("static", 0.6))
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.12, delay=2.0))
    noise = sim.NoisyCurrentSource(mean=0.0, stdev=0.2)
    noise.inject_into(cells[:3])
    noise.set_parameters(stdev=0.7)
    sim.run(30.0)
    reference = chip.references[-1]
    if then == "reset":
        sim.reset()
        sim.run(5.0)
    elif then == "setup":
        sim.setup(timestep=0.1)
    elif then == "weights":
        out.set(weight=9.0)
        cells.set(tau_m=1.0)
    assert spikes(reference()) == expected
    assert reference() is not None
    assert set(reference().weight[:48].tolist()) == ({9.0} if then == "weights" else {0.6})


def test_what_cannot_be_followed_is_refused():
    chip = ComparedChip()
    sim.setup(timestep=0.5, hardware=chip)
    sources = sim.Population(8, sim.SpikeSourcePoisson(rate=90.0))
    cells = sim.Population(6, sim.IF_curr_exp())
    out = sim.Projection(sources, cells, sim.AllToAllConnector(), synapse("stdp", 0.6), label="in")
    sim.run(5.0)
    chip.references[-1]()
    out.set(delay=2.0)
    sim.run(5.0)
    with pytest.raises(
        sim.NoReference, match=r"^delay of the plastic projection 'in' was set in the middle of the run"
    ):
        chip.references[-1]()
    sim.reset()
    sim.run(5.0)
    assert chip.references[-1]().steps == 11


def test_sources_that_fire_several_times_in_a_step():
    chip = ComparedChip()
    sim.setup(timestep=1.0, hardware=chip)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0, 2.0, 5.0, 9.0, 9.0]))
    cell = sim.Population(1, sim.IF_curr_delta(tau_refrac=0.0))
    sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=8.0, delay=1.0))
    for _ in range(12):
        sim.run(1.0)
    reference = chip.references[-1]()
    assert spikes(reference) == [(2, 0), (2, 0), (3, 1), (5, 0), (9, 0), (9, 0), (10, 1)]
    assert np.count_nonzero(chip.trace().spike_neuron == 1) == 1  # the last arrives at 12, after the run
