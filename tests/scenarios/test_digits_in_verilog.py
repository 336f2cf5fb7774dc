"""The demonstration's digits in the cores: in whole numbers, in the compiled gates, and in the exported Verilog."""

from pathlib import Path

import numpy as np
import pytest
from support.effort import examples

import synaptile.swsim as sim
from synaptile.bridge import Chip
from synaptile.bridge.apps.digits import TEST_IMAGES, DigitsNetwork, train
from synaptile.bridge.bench.verilated import VerilatedChip
from synaptile.bridge.engines import fastest
from synaptile.bridge.engines.cores import Ticks

IMAGES = examples(4, TEST_IMAGES)
MILLISECONDS = 0.5  # for an image, at most


def run_digits(engine: str) -> Chip:
    """Show the images on a chip of 2 × 2 cores."""
    chip = Chip(mesh=(2, 2), crossbar="128x16", weight_bits=8, clock_hz=100e6, mode="on-chip", engine=engine)
    sim.setup(timestep=1.0, hardware=chip)
    network = DigitsNetwork(sim, train(0), IMAGES)
    sim.run(network.duration)
    return chip


def spikes_of(ticks: Ticks) -> list[tuple[int, int, int, int]]:
    """Each spike's tick, tile, neuron and cycle."""
    columns = (ticks.fired.tick, ticks.fired.tile, ticks.fired.neuron, ticks.fired.cycle)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.skipif(fastest("auto") != "compiled", reason="needs a C++ compiler")
def test_every_spike_is_the_same_in_numbers_in_gates_and_in_verilog(tmp_path: Path, quick_build: None) -> None:
    chip = run_digits("compiled")
    trace, session = chip.report().trace, chip._cores
    assert session is not None
    model = run_digits("model").report().trace
    assert trace.spike_step.tolist() == model.spike_step.tolist()
    assert trace.spike_neuron.tolist() == model.spike_neuron.tolist()

    # What the host sent, in its order.
    program, ticks = session.program, trace.steps
    outside = session.network.is_source[trace.spike_neuron]
    events, when = program.host_schedule(trace.spike_step[outside], trace.spike_neuron[outside])
    verilated = VerilatedChip(program.network, program.core, folder=tmp_path, host_tile=program.host_tile)
    seen = verilated.run(program.images, ticks, events, when, None).ticks

    wanted = [spike for batch in session._ticks for spike in spikes_of(batch)]
    assert len(wanted) > 80 * IMAGES
    assert spikes_of(seen) == wanted
    lengths = np.concatenate([batch.cycles for batch in session._ticks])
    assert seen.cycles.tolist() == lengths.tolist()
    assert lengths.sum() / IMAGES < MILLISECONDS * 1e-3 * chip.config.clock_hz
