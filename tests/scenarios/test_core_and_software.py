# amaranth: UnusedElaboratable=no
"""A recurrent PyNN network of whole-number cells, in software and on one core in gates."""

import random
from typing import Any

import numpy as np
import pytest
from support.core_bench import CoreBench
from support.core_twin import CoreTwin
from support.stream_harness import simulate

import synaptile.swsim as sim
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import CoreParams

SOURCES, CELLS, STEPS = 6, 16, 60

MODELS = {
    "current-lif": (
        sim.FixedPointCurrentLIF,
        {"bits": 18, "u_decay": 700, "v_decay": 200, "weight_shift": 6, "v_thresh": 1500, "refractory": 2, "bias": 3},
        {"keep_u": 4096 - 700, "keep_v": 4096 - 200, "threshold": 1500, "refractory": 2, "bias": 3, "u": 0},
    ),
    "current-lif-2": (
        sim.FixedPointTwoCurrentLIF,
        {
            "bits": 18,
            "u_decay_exc": 600,
            "u_decay_inh": 1500,
            "v_decay": 200,
            "weight_shift": 6,
            "v_thresh": 1200,
            "refractory": 1,
            "bias": 9,
        },
        {
            "keep_u_exc": 4096 - 600,
            "keep_u_inh": 4096 - 1500,
            "keep_v": 4096 - 200,
            "threshold": 1200,
            "refractory": 1,
            "bias": 9,
            "u_exc": 0,
            "u_inh": 0,
        },
    ),
    "delta-lif": (
        sim.FixedPointLIF,
        {"bits": 18, "leak_shift": 4, "v_thresh": 20, "subtract": 1, "bias": 1},
        {"leak": 1 << 8, "threshold": 20, "refractory": 0, "bias": 1, "subtract": 1},
    ),
}


def connections(chance: random.Random) -> list[tuple[int, int, int, int]]:
    """(pre, post, weight, delay); the cells' numbers follow those of the sources."""
    pairs = [
        (pre, SOURCES + post, chance.randint(-8, 7), chance.choice([1, 2, 15]))
        for pre in range(SOURCES + CELLS)
        for post in range(CELLS)
        if chance.random() < 0.5
    ]
    return [pair for pair in pairs if pair[2]]


def in_software(
    neuron: str, wires: list[tuple[int, int, int, int]], trains: list[list[int]]
) -> tuple[list[tuple[int, int]], Any]:
    """Spikes (step, cell) and potentials (step, cell)."""
    cell, parameters, _ = MODELS[neuron]
    sim.setup(timestep=1.0)
    sources = sim.Population(SOURCES, sim.SpikeSourceArray(spike_times=[np.array(t, float) for t in trains]))
    cells = sim.Population(CELLS, cell(**parameters))
    cells.record(["v", "spikes"])
    for pre, offset in ((sources, 0), (cells, SOURCES)):
        for receptor, sign in (("excitatory", 1), ("inhibitory", -1)):
            rows = [
                (i - offset, j - SOURCES, float(w), float(d))
                for i, j, w, d in wires
                if offset <= i < offset + pre.size and w * sign > 0
            ]
            connector = sim.FromListConnector(rows)
            sim.Projection(pre, cells, connector, sim.StaticSynapse(), receptor_type=receptor)
    sim.run(float(STEPS))
    segment = cells.get_data().segments[0]
    trace = sim.get_trace()
    spikes = [
        (int(step), int(who) - SOURCES)
        for step, who in zip(trace.spike_step, trace.spike_neuron, strict=True)
        if who >= SOURCES
    ]
    return spikes, segment.analogsignals[0].magnitude.astype(int)


@pytest.mark.parametrize("neuron", MODELS)
def test_spikes_and_potentials_are_the_same(neuron: str, tmp_path: Any) -> None:
    chance = random.Random(3)
    wires = connections(chance)
    trains = [sorted(chance.sample(range(1, STEPS), 15)) for _ in range(SOURCES)]
    spikes, potentials = in_software(neuron, wires, trains)
    assert len(spikes) > 40
    assert len({cell for _, cell in spikes}) > 5

    # An axon for each neuron and delay.
    axons = {key: number for number, key in enumerate(sorted({(pre, delay) for pre, _, _, delay in wires}))}
    params = CoreParams(
        axons=len(axons), neurons=CELLS, lanes=4, neuron=neuron, weight_shift=0 if neuron == "delta-lif" else 6
    )
    weights = [[0] * CELLS for _ in axons]
    for pre, post, weight, delay in wires:
        weights[axons[pre, delay]][post - SOURCES] = weight
    plain = {"v": 0, "left": 0, "reset": 0, "subtract": 0} | MODELS[neuron][2]
    targets = [[(0, axons[key], key[1]) for key in axons if key[0] == SOURCES + cell] for cell in range(CELLS)]
    twin = CoreTwin(params, weights, [dict(plain) for _ in range(CELLS)], targets)

    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        run = CoreBench(ctx, core, random.Random(0))
        await run.program(twin)
        found: list[tuple[int, int]] = []
        senders = {axon: pre - SOURCES for (pre, _), axon in axons.items()}
        for step in range(1, STEPS + 1):
            await run.tick()
            await run.finish()
            assert run.potentials(params) == potentials[step].tolist()
            found += sorted({(step, senders[axon]) for _, axon, _ in run.sent})
            events = [(axon, delay) for _, axon, delay in run.sent]
            events += [(axon, delay) for (pre, delay), axon in axons.items() if pre < SOURCES and step in trains[pre]]
            run.sent.clear()
            for axon, delay in events:
                await run.arrive(axon, delay)
        assert found == spikes

    simulate(lambda: NeurosynapticCore(params, 1), bench, waves=tmp_path)
