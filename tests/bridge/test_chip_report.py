"""When the results of a run in lock-step are computed, and of what."""

import numpy as np
import pytest

import synaptile.swsim as sim
from synaptile.bridge import Chip, finished
from synaptile.swsim.pynn.network import Network


@pytest.fixture
def chip():
    return Chip(mesh=(2, 2), crossbar="32x6", cycles_per_step=400, engine="amaranth")


@pytest.fixture
def work(monkeypatch):
    """Count how often metrics and traces are made."""
    sim.setup()  # what another test has run is put together before it is forgotten
    made = {"metrics": 0, "traces": 0}
    metrics, trace = finished.compute_metrics, Network.trace

    def counted_metrics(run):
        made["metrics"] += 1
        return metrics(run)

    def counted_trace(*args, **options):
        made["traces"] += 1
        return trace(*args, **options)

    monkeypatch.setattr(finished, "compute_metrics", counted_metrics)
    monkeypatch.setattr(Network, "trace", counted_trace)
    return made


def network(chip, weight=0.05):
    sim.setup(timestep=1.0, seed=3, hardware=chip)
    sources = sim.Population(6, sim.SpikeSourceArray(spike_times=[2.0, 5.0, 12.0]))
    cells = sim.Population(8, sim.IF_curr_exp())
    return sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=1.0))


def test_many_short_runs_compute_nothing_until_they_are_asked(chip, work):
    network(chip)
    for _ in range(20):
        sim.run(1.0)
    assert work == {"metrics": 0, "traces": 0}
    report = chip.report()
    assert chip.report() is report
    assert work == {"metrics": 1, "traces": 1}
    assert report.trace.steps == 21
    assert report.metrics.packets_sent == report.metrics.packets_delivered > 0
    sim.run(1.0)
    assert work == {"metrics": 1, "traces": 1}
    assert chip.report().trace.steps == 22
    assert report.trace.steps == 21


def test_weights_and_delays_that_are_set_after_a_run_are_not_those_of_the_run(chip):
    projection = network(chip)
    sim.run(10.0)
    projection.set(weight=0.0, delay=4.0)
    assert set(chip.report().trace.weight) == {0.05}
    assert set(chip.report().trace.delay) == {1}
    sim.run(10.0)
    assert set(chip.report().trace.weight) == {0.0}
    assert set(chip.report().trace.delay) == {4}


def test_neurons_and_connections_that_come_after_a_run_are_not_in_it(chip):
    network(chip)
    sim.run(10.0)
    more = sim.Population(4, sim.IF_curr_exp())
    sim.Projection(more, more, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))
    assert (chip.report().trace.neurons, chip.report().trace.synapses) == (14, 48)
    with pytest.raises(RuntimeError, match="cannot take new neurons"):
        sim.run(1.0)
    assert (chip.report().trace.neurons, chip.report().trace.steps) == (14, 11)


@pytest.mark.parametrize("then", ["reset", "setup"])
def test_a_run_is_still_there_after_reset_and_setup(chip, then):
    network(chip)
    sim.run(10.0)
    if then == "reset":
        sim.reset()
    else:
        sim.setup()
        sim.Population(3, sim.IF_curr_exp())
        sim.run(2.0)
    report = chip.report()
    assert (report.trace.steps, report.trace.spikes) == (11, 12)
    assert report.metrics.packets_sent > 0


def test_plastic_weights_are_those_at_the_end_of_a_run_also_after_reset(chip):
    sim.setup(timestep=1.0, seed=3, hardware=chip)
    sources = sim.Population(6, sim.SpikeSourceArray(spike_times=np.arange(2.0, 30.0, 3.0)))
    cells = sim.Population(8, sim.IF_curr_exp(i_offset=2.0, tau_m=5.0))
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(),
        weight_dependence=sim.AdditiveWeightDependence(w_max=1.0),
        weight=0.5,
        delay=1.0,
    )
    projection = sim.Projection(sources, cells, sim.AllToAllConnector(), stdp)
    sim.run(30.0)
    weights = np.sort(projection.get("weight", format="array").ravel())
    sim.reset()
    assert weights[0] > 0.5
    assert np.sort(chip.report().trace.weight).tolist() == weights.tolist()
    assert set(projection.get("weight", format="array").ravel()) == {0.5}


def test_a_run_that_fails_in_a_callback_keeps_what_it_has(chip):
    network(chip)

    sim.run(1.0)

    def fails(t):
        assert not chip.report().partial
        if t >= 8.0:
            raise ValueError("too late")
        return t + 4.0

    with pytest.raises(ValueError, match="too late"):
        sim.run(20.0, callbacks=[fails])  # looks at 1, 5 and 9 ms
    report = chip.report()
    assert report.partial
    assert (report.trace.steps, report.trace.spikes) == (10, 12)


def test_a_callback_sees_what_has_been_run_until_then(chip):
    network(chip)
    sim.run(3.0)
    seen = []

    def look(t):
        seen.append((t, chip.report().trace.steps, chip.report().metrics.cycles))
        return t + 4.0

    sim.run(12.0, callbacks=[look])
    assert seen == [(t, round(t) + 1, (round(t) + 1) * 400) for t in (3.0, 7.0, 11.0, 15.0)]


def test_a_network_that_does_not_fit_leaves_no_report_of_another(chip):
    network(chip)
    sim.run(10.0)
    sim.setup(timestep=1.0, hardware=chip)
    sim.Population(100, sim.IF_curr_exp())
    with pytest.raises(ValueError, match="100 neurons need at least"):
        sim.run(1.0)
    with pytest.raises(RuntimeError, match="nothing has run on this chip yet"):
        chip.report()


def test_a_replay_is_reported_until_the_network_runs_on(chip):
    network(chip)
    sim.run(10.0)
    replayed = chip.replay(sim.get_trace())
    assert chip.report() is replayed
    sim.run(1.0)
    assert (chip.report().mode, chip.report().trace.steps) == ("lock-step", 12)


def test_a_time_in_the_past_is_refused_and_the_run_stays_whole(chip):
    network(chip)
    sim.run(10.0)
    with pytest.raises(ValueError, match=r"^time 5 is in the past \(current time 10\)$"):
        sim.run_until(5.0)
    assert not sim.get_trace().partial
    assert not chip.report().partial
