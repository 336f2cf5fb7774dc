"""Energy and time of the same network beside SANA-FE's model of Loihi, where that is installed (`make peers`)."""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from pyNN.parameters import Sequence

import synaptile.swsim as sim
from synaptile.bridge import Chip, ChipConfig, ChipRun

pytestmark = pytest.mark.slow

sanafe = pytest.importorskip("sanafe", reason="SANA-FE is not installed here")

SIZES = (64, 64, 32)  # inputs, and two layers of neurons that fire whenever they get a spike
STEPS = 30
MESH = (4, 8)  # of its tiles; a tile of ours is a core there, the first of its tile


@dataclass(frozen=True)
class Theirs:
    """What SANA-FE says: energies in pJ, the time of a step in s, spikes."""

    energy: dict[str, float]
    step: float
    spikes: int


def inputs(density: float) -> np.ndarray:
    """Which input fires in which step, shape (inputs, steps); none in the first step and in the last three."""
    fires = np.random.default_rng(1).random((SIZES[0], STEPS)) < density
    fires[:, 0] = fires[:, -3:] = False
    return fires


def theirs(fires: np.ndarray) -> Theirs:
    arch, net = sanafe.load_loihi(), sanafe.Network()
    parts = {
        "soma_hw_name": "loihi_lif",
        "default_synapse_hw_name": "loihi_dense_synapse",
        "default_dendrite_hw_name": "loihi_dendrites",
    }
    groups = [net.create_neuron_group("in", SIZES[0], soma_hw_name="loihi_inputs[0]")]
    for number, size in enumerate(SIZES[1:]):
        groups.append(net.create_neuron_group(f"layer{number}", size, model_attributes={"threshold": 1.0}, **parts))
    for number, group in enumerate(groups):
        row, col = divmod(number, MESH[1])
        for neuron in group:
            neuron.map_to_core(arch.tiles[col * MESH[0] + row].cores[0])
    for number, neuron in enumerate(groups[0]):
        spikes = fires[number].astype(int).tolist()
        neuron.set_attributes(soma_hw_name=f"loihi_inputs[{number}]", model_attributes={"spikes": spikes})
    for pre, post in itertools.pairwise(groups):
        pre.connect_neurons_dense(post, {"weight": [2.0] * (len(list(pre)) * len(list(post)))})
    chip = sanafe.SpikingChip(arch)
    chip.load(net)
    found = chip.sim(STEPS, perf_trace=True)
    energy = {name: joules * 1e12 for name, joules in found["energy"].items()}
    return Theirs(energy, found["sim_time"] / STEPS, sum(found["perf_trace"]["fired"]))


def ours(fires: np.ndarray, **more: Any) -> ChipRun:
    chip = Chip.preset(
        "loihi",
        mesh=MESH,
        crossbar={"axons": 4096, "neurons": 64},
        cycles_per_step=10_000,  # so that no tile is late
        partition="in-order",
        placement="in-order",
        **more,
    )
    sim.setup(timestep=1.0, hardware=chip)
    times = [np.flatnonzero(row).astype(float).tolist() for row in fires]
    layers: list[Any] = [sim.Population(SIZES[0], sim.SpikeSourceArray(spike_times=[0.0]), label="in")]
    layers[0].set(spike_times=[Sequence(one) for one in times])
    cell = {"v_rest": 0.0, "v_reset": 0.0, "v_thresh": 1.0, "tau_refrac": 0.0, "tau_m": 20.0}
    for number, size in enumerate(SIZES[1:]):
        layers.append(
            sim.Population(size, sim.IF_curr_delta(**cell), label=f"layer{number}", initial_values={"v": 0.0})
        )
        synapse = sim.StaticSynapse(weight=2.0, delay=1.0)
        sim.Projection(layers[-2], layers[-1], sim.AllToAllConnector(), synapse)
    sim.run(float(STEPS - 1))
    return chip.report()


@pytest.fixture(scope="module", params=[0.05, 0.5], ids=["few spikes", "many spikes"])
def both(request: pytest.FixtureRequest) -> tuple[Theirs, ChipRun, int]:
    """SANA-FE's figures, our run with its numbers, and how many spikes are of inputs."""
    fires = inputs(request.param)
    return theirs(fires), ours(fires, energy="loihi-sanafe"), int(fires.sum())


def test_energy_term_by_term(both: tuple[Theirs, ChipRun, int]) -> None:
    """With its numbers, everything is the same; but there a spike of an input costs nothing."""
    other, run, of_inputs = both
    mine, numbers = run.metrics.energy.dynamic_pj, run.metrics.energy.numbers
    assert other.spikes == run.trace.spikes > 2000
    assert mine["synaptic_event"] == pytest.approx(other.energy["synapse"], rel=1e-9)
    assert mine["packet"] + mine["link_ew"] + mine["link_ns"] == pytest.approx(other.energy["network"], rel=1e-9)
    soma = mine["neuron_active"] + mine["neuron_idle"] + mine["spike"] - numbers["spike"] * of_inputs
    assert soma == pytest.approx(other.energy["soma"], rel=1e-9)
    total = run.metrics.energy.total_dynamic_pj
    assert total == pytest.approx(other.energy["total"], rel=0.02)


def test_what_the_numbers_before_silicon_leave_out(both: tuple[Theirs, ChipRun, int]) -> None:
    """The preset has those of Davies et al. 2018: smaller ones of synapses and spikes, and none of a message."""
    other, run, of_inputs = both
    work, events = run.metrics.energy.work, run.metrics.energy.events
    assert work.active_updates is not None
    idle = work.neuron_updates - work.active_updates
    differences = {
        "synapses": (35.5 - 23.6) * work.synaptic_events,
        "messages": 111.0 * events["packet"],
        "active neurons": (72.8 - 81.0) * work.active_updates,
        "idle neurons": (51.2 - 52.0) * idle,
        "spikes": (69.3 - 1.7) * work.spikes - 69.3 * of_inputs,
        "links north and south": (4.2 - 4.0) * events["link_ns"],
    }
    table = ChipConfig.preset("loihi").energy
    preset = sum(
        count * float(table.value(term) or 0.0)
        for term, count in {
            "synaptic_event": work.synaptic_events,
            "neuron_active": work.active_updates,
            "neuron_idle": idle,
            "spike": work.spikes,
            "link_ew": events["link_ew"],
            "link_ns": events["link_ns"],
        }.items()
    )
    assert preset + sum(differences.values()) == pytest.approx(other.energy["total"], rel=1e-9)


def test_time_of_a_step(both: tuple[Theirs, ChipRun, int]) -> None:
    """That of the busiest tile, with the preset's numbers, within a quarter."""
    other, run, _ = both
    assert run.compute is not None
    assert run.compute.slow_steps == 0
    step = run.compute.busiest_share * run.config.cycles_per_step / run.config.clock_hz
    assert step == pytest.approx(other.step, rel=0.25)
