"""Rows, weights and their changes, counted in runs and held against plain loops."""

from typing import Any

import pytest

import synaptile.swsim as sim
from synaptile.bridge import Chip
from synaptile.bridge.metrics.technology.of_run import weight_changes
from synaptile.swsim.trace import Trace

pytestmark = pytest.mark.usefixtures("quick_build")

SMALL: dict[str, Any] = {"mesh": (2, 2), "crossbar": "64x8", "weight_bits": 4, "energy": "loihi"}
TERMS: dict[str, Any] = {
    "name": "t",
    "bits_per_cell": 2,
    "cell_read": 2,
    "row_read": 3,
    "cell_write": 5,
    "endurance": 9,
}


def run_network(chip: Chip | None, synapse: Any, *, plastic: bool = True) -> Trace:
    """Run two sources onto ten neurons, static first, and those onto themselves by the synapse."""
    sim.setup(timestep=1.0, hardware=chip, seed=2)
    sources = sim.Population(6, sim.SpikeSourcePoisson(rate=80.0))
    neurons = sim.Population(10, sim.IF_curr_exp())
    static = sim.StaticSynapse(weight=2.0, delay=1.0)
    sim.Projection(sources, neurons, sim.AllToAllConnector(), static)
    if plastic:
        sim.Projection(neurons, neurons, sim.AllToAllConnector(), synapse)
    sim.Projection(sources, neurons, sim.AllToAllConnector(), static)
    sim.run(60.0)
    return sim.get_trace()


def stdp() -> Any:
    return sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.01, A_minus=0.012),
        weight_dependence=sim.AdditiveWeightDependence(w_min=0, w_max=0.1),
        weight=0.05,
        delay=1.0,
    )


def test_a_lock_step_run_by_plain_loops() -> None:
    chip = Chip(**SMALL, technology=TERMS)
    trace = run_network(chip, stdp())
    run = chip.report()
    energy, tile = run.metrics.energy, run.mapping.tile
    spikes = list(zip(trace.spike_neuron.tolist(), trace.spike_step.tolist(), strict=True))
    listeners = {(int(a), int(tile[b])) for a, b in zip(trace.pre, trace.post, strict=True)}
    late = len(run.packets) - len(run.deliveries)
    rows = sum(neuron == pre for neuron, _ in spikes for pre, _ in listeners) - late
    fired = [sum(neuron == n for neuron, _ in spikes) for n in range(trace.neurons)]
    changed = [fired[a] + fired[b] for a, b in list(zip(trace.pre.tolist(), trace.post.tolist(), strict=True))[60:160]]
    events = sum(fired[a] for a in trace.pre.tolist())
    assert min(rows, events, sum(changed)) > 100
    assert run.metrics.work.row_reads == rows
    assert {term: energy.events[term] for term in ("cell_read", "row_read", "cell_write")} == {
        "cell_read": 2 * events,
        "row_read": rows,
        "cell_write": 2 * sum(changed),
    }
    assert energy.dynamic_pj["cell_write"] == 2 * sum(changed) * 5.0
    assert "synaptic_event" not in energy.dynamic_pj
    programming = energy.crossbar
    assert programming is not None
    assert (programming.weights, programming.cells_per_weight) == (len(trace.pre), 2)
    assert programming.writes_per_cell == max(changed) + 1
    assert programming.worn_out is (max(changed) + 1 > 9)
    text = str(run)
    assert "Writes by plasticity" in text
    assert ("WORN OUT" in text) is programming.worn_out


def test_which_synapses_are_plastic() -> None:
    assert run_network(None, stdp()).meta["plastic"] == [[60, 160]]
    assert run_network(None, None, plastic=False).meta["plastic"] == []
    assert weight_changes(run_network(None, sim.TsodyksMarkramSynapse(weight=0.1))) == (0, 0)
    own = sim.define_synapse("Own", parameters={"a": 1.0}, on_pre="w += a")
    trace = run_network(None, own(weight=0.1, delay=1.0))
    assert trace.meta["plastic"] is None
    assert weight_changes(trace) is None
    run = Chip(**SMALL, technology=TERMS).replay(trace)
    assert run.metrics.energy.not_in_total["cell_write"] == "which synapses are plastic is not known"
    assert "not known: the trace does not say which synapses are plastic" in str(run)


@pytest.mark.parametrize("value", [None, 3, "all", [3], [[1]], [[0, 1e3]], [[-1, 2]], [[3, 2]], [[0, 10**6]], {"a": 1}])
def test_a_trace_that_does_not_say_it_in_form_says_nothing(value: Any) -> None:
    meta = {} if value is None else {"plastic": value}
    assert weight_changes(Trace(1.0, 3, 2, [0], [1], [0, 1], [1, 0], [1.0, 1.0], [1, 1], meta=meta)) is None  # type: ignore[arg-type]


def test_on_chip_the_weights_have_the_bits_of_the_core() -> None:
    chip = Chip(mesh=(2, 2), crossbar="64x16", technology=TERMS, energy="loihi")
    sim.setup(timestep=1.0, hardware=chip, seed=2, hardware_mode="on-chip")
    sources = sim.Population(6, sim.SpikeSourcePoisson(rate=80.0))
    neurons = sim.Population(10, sim.IF_curr_exp())
    sim.Projection(sources, neurons, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0, delay=1.0))
    sim.run(40.0)
    run = chip.report()
    energy = run.metrics.energy
    assert energy.events["cell_read"] == 4 * run.metrics.work.synaptic_events > 0
    assert energy.events["row_read"] == run.metrics.work.row_reads > 0  # type: ignore[operator]
    assert energy.crossbar is not None
    assert (energy.crossbar.cells_per_weight, energy.crossbar.changes, energy.crossbar.writes_per_cell) == (4, 0, 1)
