# amaranth: UnusedElaboratable=no
"""Networks of TrueNorth's neurons: by the published equations, as PyNN populations, and on a core in gates."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from support.core_bench import CoreBench
from support.core_twin import CoreTwin
from support.stream_harness import simulate
from support.truenorth_equations import equations_of, run

import synaptile.swsim as sim
from synaptile.rtl.core.neurosynaptic_core import NeurosynapticCore
from synaptile.rtl.core.params import CoreParams

Wire = tuple[int, int, int, int]
"""Pre, post, type of axon, delay; a pre below 0 is source -1 - pre."""

_ADDRESS = 5  # bits, for the number of a neuron

Spikes = list[set[int]]
"""Who fires, from tick 1 on."""


def software(
    neurons: Sequence[Mapping[str, int]], wires: Sequence[Wire], inputs: Mapping[int, Sequence[int]], ticks: int
) -> tuple[Spikes, list[list[int]], list[dict[str, int]]]:
    """Spikes and potentials in PyNN, and what the neurons' variables are at first."""
    sim.setup(timestep=1.0)
    sources = 1 + max((-1 - pre for pre, *_ in wires if pre < 0), default=0)
    trains = [[float(tick) for tick in sorted(inputs) if source in inputs[tick]] for source in range(sources)]
    givers = sim.Population(sources, sim.SpikeSourceArray(spike_times=trains))
    names = sim.TrueNorthNeuron.default_parameters
    given = {name: [float(neuron.get(name, default)) for neuron in neurons] for name, default in names.items()}
    cells = sim.Population(len(neurons), sim.TrueNorthNeuron(**given))
    model = cells.model
    start = [
        {name: int(values[n]) for name, values in {**model.parameters, **model.hidden, "v": model.state["v"]}.items()}
        for n in range(len(neurons))
    ]
    cells.record(["v", "spikes"])
    for kind in range(4):
        for pre, own in ((givers, True), (cells, False)):
            rows = [
                (-1 - i if own else i, j, 1.0, float(delay)) for i, j, g, delay in wires if g == kind and (i < 0) == own
            ]
            sim.Projection(pre, cells, sim.FromListConnector(rows), sim.StaticSynapse(), receptor_type=f"type{kind}")
    sim.run(float(ticks))
    segment = cells.get_data().segments[0]
    spikes: Spikes = [set() for _ in range(ticks)]
    for n, train in enumerate(segment.spiketrains):
        for time in train.magnitude:
            spikes[round(float(time)) - 1].add(n)
    return spikes, segment.analogsignals[0].magnitude[1:].astype(int).tolist(), start


def axons_of(wires: Sequence[Wire]) -> dict[tuple[int, int, int], int]:
    """An axon for each neuron, type and delay."""
    return {key: number for number, key in enumerate(sorted({(pre, kind, delay) for pre, _, kind, delay in wires}))}


def core_of(wires: Sequence[Wire], start: Sequence[Mapping[str, int]], lanes: int) -> CoreTwin:
    """The network on one core; the neurons that are left over have a threshold that they never reach."""
    axons = axons_of(wires)
    size = -(-max(4, len(start)) // lanes) * lanes
    params = CoreParams(
        axons=max(4, len(axons)), neurons=size, lanes=lanes, neuron="truenorth", weight_bits=1, state_bits=20
    )
    weights = [[0] * size for _ in range(params.axons)]
    for pre, post, kind, delay in wires:
        weights[axons[pre, kind, delay]][post] = kind + 1
    idle = dict.fromkeys(start[0], 0) | {"threshold": 1}
    neurons = [
        {name: value for name, value in values.items() if name not in ("bits", "seed")}
        for values in (*start, *[idle] * (size - len(start)))
    ]
    # The address is the neuron itself; the first event of each tells the bench that it fired, and goes nowhere.
    targets: list[list[tuple[int, int, int]]] = [[(n, 0, 1)] for n in range(len(start))]
    for (pre, _, delay), axon in axons.items():
        if pre >= 0:
            targets[pre].append((pre, axon, delay))
    return CoreTwin(params, weights, neurons, targets + [[] for _ in range(size - len(start))])


def gates(
    twin: CoreTwin, wires: Sequence[Wire], inputs: Mapping[int, Sequence[int]], ticks: int, tmp_path: Any
) -> tuple[Spikes, list[list[int]]]:
    """Spikes and potentials of a core in Amaranth's simulator; the bench carries its events back into it."""
    count = sum(map(bool, twin.targets))
    axons = axons_of(wires)
    found: Spikes = []
    potentials: list[list[int]] = []

    async def bench(ctx: Any, core: NeurosynapticCore) -> None:
        bench = CoreBench(ctx, core, random.Random(0))
        await bench.program(twin)
        for tick in range(1, ticks + 1):
            await bench.tick()
            await bench.finish()
            sent = bench.sent.copy()
            bench.sent.clear()
            found.append({neuron for neuron, *_ in sent})
            potentials.append(bench.potentials(twin.params)[:count])
            for before, (neuron, axon, delay) in zip([None, *sent], sent, strict=False):
                if before and before[0] == neuron:
                    await bench.arrive(axon, delay)
            for (pre, _, delay), axon in axons.items():
                if pre < 0 and -1 - pre in inputs.get(tick, ()):
                    await bench.arrive(axon, delay)

    simulate(lambda: NeurosynapticCore(twin.params, _ADDRESS), bench, waves=tmp_path)
    return found, potentials


def everywhere(
    neurons: Sequence[Mapping[str, int]],
    wires: Sequence[Wire],
    inputs: Mapping[int, Sequence[int]],
    ticks: int,
    tmp_path: Any,
    lanes: int = 4,
) -> Spikes:
    """The spikes of a network, the same in all three forms, with the same potentials in every tick."""
    spikes, potentials, start = software(neurons, wires, inputs, ticks)
    published = run([equations_of(values) for values in start], wires, inputs, ticks)
    assert published == (spikes, potentials)
    assert gates(core_of(wires, start, lanes), wires, inputs, ticks, tmp_path) == published
    return spikes


def times(spikes: Spikes, neuron: int) -> list[int]:
    return [tick for tick, fired in enumerate(spikes, 1) if neuron in fired]


def test_logic_gates(tmp_path: Any) -> None:
    """All four pairs of inputs, ten ticks apart; type 0 excites, type 2 inhibits, a source of its own is the clock."""
    gate = {"weight_0": 1, "weight_2": -1, "threshold": 1, "negative_threshold": 0, "saturate": 1}
    a, b, clock = -1, -2, -3
    neurons = [
        gate | {"weight_0": 2, "threshold": 3, "leak": -1},  # 0: a and b; of one alone the leak leaves less
        gate,  # 1: a or b
        gate,  # 2: not a: the clock, less a
        gate | {"weight_0": 2},  # 3: not (a and b): twice the clock, less both
        gate | {"weight_2": -2},  # 4: a xor b: both, less twice what 0 found
    ]
    wires = [
        (a, 0, 0, 1), (b, 0, 0, 1), (a, 1, 0, 1), (b, 1, 0, 1), (clock, 2, 0, 1), (a, 2, 2, 1), (clock, 3, 0, 1),
        (a, 3, 2, 1), (b, 3, 2, 1), (a, 4, 0, 2), (b, 4, 0, 2), (0, 4, 2, 1),
    ]  # fmt: skip
    inputs = {10: [2], 20: [2, 0], 30: [2, 1], 40: [2, 0, 1]}
    spikes = everywhere(neurons, wires, inputs, 46, tmp_path)
    truth = [times(spikes, n) for n in range(5)]
    assert truth == [[41], [21, 31, 41], [11, 31], [11, 21, 31], [22, 32]]


def test_a_delay_line(tmp_path: Any) -> None:
    """A chain of relays: the delays of its synapses add up."""
    delays = [1, 15, 3, 7, 2]
    wires = [(number - 1 if number else -1, number, 0, delay) for number, delay in enumerate(delays)]
    spikes = everywhere([{}] * 5, wires, {2: [0], 9: [0], 10: [0]}, 45, tmp_path)
    assert [times(spikes, n) for n in range(5)] == [
        [start + sum(delays[: n + 1]) for start in (2, 9, 10)] for n in range(5)
    ]


def test_oscillators(tmp_path: Any) -> None:
    """By its leak alone; a spike that goes round; and one that a spike switches on and another off."""
    neurons: list[dict[str, int]] = [
        {"leak": 2, "threshold": 9},  # every five ticks
        {"leak": 2, "threshold": 9, "reset_mode": 1},  # 2 of 9 per tick: every four or five, in the mean 4.5
        {},  # excites itself
        {"weight_0": 5, "weight_2": -9, "threshold": 5, "reset_mode": 2, "negative_threshold": 0},  # does not reset
    ]
    wires = [(2, 2, 0, 7), (-1, 2, 0, 1), (-1, 3, 0, 2), (-2, 3, 2, 1)]
    spikes = everywhere(neurons, wires, {3: [0], 30: [1]}, 45, tmp_path)
    assert times(spikes, 0) == list(range(5, 46, 5))
    assert times(spikes, 1) == [5, 9, 14, 18, 23, 27, 32, 36, 41, 45]
    assert times(spikes, 2) == list(range(4, 46, 7))
    assert times(spikes, 3) == list(range(5, 31))


def test_rates_are_divided_and_compared(tmp_path: Any) -> None:
    """Linear reset keeps the remainder: one spike for three; and with inhibition the difference of two rates."""
    neurons = [{"threshold": 3, "reset_mode": 1}, {"weight_2": -1, "negative_threshold": 50}]
    first, second = range(1, 31), range(1, 31, 3)
    inputs = {tick: [0] * (tick in first) + [1] * (tick in second) for tick in range(1, 41)}
    spikes = everywhere(neurons, [(-1, 0, 0, 1), (-1, 1, 0, 1), (-2, 1, 2, 1)], inputs, 40, tmp_path)
    assert times(spikes, 0) == list(range(4, 32, 3))
    assert len(times(spikes, 1)) == len(first) - len(second)


def test_stochastic_neurons(tmp_path: Any) -> None:
    """Each by its own numbers: by synapse, leak and threshold."""
    neurons = [
        {"weight_1": 127, "stochastic_weights": 2, "seed": 1},  # passes every other spike
        {"weight_1": 127, "stochastic_weights": 2, "seed": 2},
        {"leak": 63, "stochastic_leak": 1, "seed": 3},  # fires in every fourth tick
        {"leak": 5, "threshold": 5, "mask": 3, "reset_mode": 0, "seed": 4},  # a threshold of 5 to 8
        {"weight_1": -200, "weight_0": 3, "stochastic_weights": 3, "threshold": 4, "negative_threshold": 20, "seed": 5},
    ]
    wires = [(-1, n, 1, 1) for n in (0, 1, 4)] + [(0, 4, 0, 3), (2, 4, 0, 1), (3, 4, 0, 2)]
    spikes = everywhere(neurons, wires, {tick: [0] for tick in range(1, 201)}, 200, tmp_path, lanes=2)
    counts = [len(times(spikes, n)) for n in range(5)]
    assert 75 < counts[0] < 125
    assert times(spikes, 0) != times(spikes, 1)
    assert 30 < counts[2] < 70
    assert 90 < counts[3] < 150  # in the first tick with a chance of a quarter, in the second for certain


@pytest.mark.parametrize("seed", range(3))
def test_random_networks(seed: int, tmp_path: Any) -> None:
    chance = random.Random(seed)
    neurons = [
        {f"weight_{g}": chance.choice([chance.randint(-255, 255), chance.randint(1, 9)]) for g in range(4)}
        | {
            "stochastic_weights": chance.randrange(16), "leak": chance.randint(-4, 20),
            "leak_reversal": chance.randrange(2), "stochastic_leak": chance.randrange(2),
            "threshold": chance.randint(1, 60), "negative_threshold": chance.randint(0, 60),
            "mask": chance.choice([0, 7, 63]), "reset": chance.randint(-5, 5), "reset_mode": chance.randrange(3),
            "saturate": chance.randrange(2), "seed": chance.randrange(10**9),
        }
        for _ in range(12)
    ]  # fmt: skip
    wires = [
        (pre, post, chance.randrange(4), chance.choice([1, 2, 15]))
        for pre in range(-4, 12)
        for post in range(12)
        if chance.random() < 0.3
    ]
    inputs = {tick: [source for source in range(4) if chance.random() < 0.3] for tick in range(1, 61)}
    spikes = everywhere(neurons, wires, inputs, 60, tmp_path)
    assert 60 < sum(map(len, spikes)) < 700
    assert np.ptp([len(times(spikes, n)) for n in range(12)]) > 0
