"""PyNN networks in the gates of a chip's cores, by the public interface: in time, they are the same as in software."""

from typing import Any

import numpy as np
import pytest
from support.on_chip_network import run_network

import synaptile.swsim as sim
from synaptile.bridge import Chip
from synaptile.bridge.engines import fastest

pytestmark = pytest.mark.skipif(fastest("auto") != "compiled", reason="needs a C++ compiler")

CHIPS: dict[str, dict[str, Any]] = {
    "mesh": {},
    "multicast, another host": {"multicast": True, "core": {"host_tile": 3, "lanes": 1}},
    "fixed ticks": {"tick": "fixed", "cycles_per_step": 400},
}


def chip(**changes: Any) -> Chip:
    settings = {"mesh": (2, 2), "crossbar": "96x8", "weight_bits": 5, "mode": "on-chip", "engine": "compiled"}
    return Chip(**(settings | changes))


@pytest.mark.parametrize("name", CHIPS)
def test_spikes_and_potentials_are_those_of_software(name: str) -> None:
    software = run_network()
    used = chip(**CHIPS[name])
    on_chip = run_network(hardware=used)
    assert on_chip.spikes == software.spikes
    assert on_chip.potentials == software.potentials
    run = used.report()
    metrics = run.metrics
    cells = len([who for _, who in software.spikes if who >= 8])
    assert (metrics.core_spikes, metrics.host_reports) == (cells, cells)
    assert metrics.packets_sent == metrics.packets_delivered == metrics.axon_events > 500
    assert (metrics.late.count, metrics.overruns, metrics.refused, metrics.merged_events) == (0, 0, 0, 0)
    assert set(run.packets.neuron.tolist()) <= set(range(28))
    assert metrics.host_late == 0
    assert metrics.disorder.max == 0


@pytest.mark.parametrize("neuron", ["current-lif", "current-lif-2"])
def test_every_neuron_model_is_the_same_in_gates(neuron: str) -> None:
    software = run_network(neuron, steps=25)
    on_chip = run_network(neuron, steps=25, hardware=chip())
    assert on_chip.spikes == software.spikes
    assert on_chip.potentials == software.potentials


def test_random_neurons_of_truenorth_are_the_same_in_gates() -> None:
    found = []
    for setup in ({}, {"hardware": chip(weight_bits=1)}):
        sim.setup(timestep=1.0, **setup)
        rng = np.random.default_rng(1)
        trains = [np.flatnonzero(rng.random(40) < 0.3).astype(float) for _ in range(6)]
        sources = sim.Population(6, sim.SpikeSourceArray(spike_times=trains))
        cell = sim.TrueNorthNeuron(
            weight_0=4, weight_1=2, weight_2=-3, leak=90, stochastic_leak=1, threshold=12, seed=range(1, 11)
        )
        cells = sim.Population(10, cell)
        for pre, kind, delay in ((sources[:3], "type0", 1.0), (sources[3:], "type2", 3.0), (cells, "type1", 2.0)):
            connector = sim.FixedProbabilityConnector(0.5, rng=sim.NumpyRNG(seed=int(delay)))
            sim.Projection(pre, cells, connector, sim.StaticSynapse(weight=1, delay=delay), receptor_type=kind)
        cells.record("v")
        sim.run(40)
        trace = sim.get_trace()
        potentials = cells.get_data().segments[0].analogsignals[0].magnitude
        found.append((trace.spike_step.tolist(), trace.spike_neuron.tolist(), potentials.tolist()))
    assert found[0] == found[1]
    assert len(found[0][0]) > 100


def test_packets_are_those_of_the_spikes() -> None:
    used = chip()
    result = run_network(hardware=used)
    run = used.report()
    assert run.log is not None
    step = np.searchsorted(run.log.starts, run.packets.cycle, side="right") - 1
    sent = set(zip(step.tolist(), run.packets.neuron.tolist(), strict=True))
    silent = set(range(28)) - set(run.packets.neuron.tolist())
    assert sent == {(when, who) for when, who in result.spikes if who not in silent}
    assert np.array_equal(run.packets.stamp, step % 256)


def test_ticks_that_are_too_short_are_overruns_and_late_packets() -> None:
    used = chip(tick="fixed", cycles_per_step=12, core={"lanes": 1})
    result = run_network(hardware=used)
    run = used.report()
    metrics = run.metrics
    assert metrics.overruns > 0
    assert run.log is not None
    wanted = np.repeat(np.arange(41), run.log.host_sent)
    offered = run.packets.cycle[run.packets.neuron < 8] // 12
    late = int(np.count_nonzero(offered > wanted[: len(offered)]))
    assert late > 100
    assert metrics.host_late == late + len(wanted) - len(offered)
    assert result.spikes != run_network().spikes
    assert metrics.cycles == 41 * 12


def test_reset_programs_a_fresh_chip() -> None:
    used = chip()
    first = run_network(hardware=used, steps=15)
    sim.reset()
    sim.run(15)
    trace = sim.get_trace()
    assert list(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True)) == first.spikes
    assert used.report().metrics.ticks == 16


def test_the_engines_agree() -> None:
    found = []
    for engine in ("compiled", "amaranth", "model"):
        used = chip(engine=engine, mesh=(1, 2), crossbar="32x4", core={"lanes": 4})
        result = run_network(hardware=used, sources=3, size=6, steps=8)
        run = used.report()
        found.append((result.spikes, result.potentials, run))
    assert found[0][:2] == found[1][:2] == found[2][:2]
    (_, _, compiled), (_, _, amaranth), _ = found
    assert compiled.metrics.to_dict() == amaranth.metrics.to_dict()
    assert compiled.metrics.tick_cycles.mean > 10
