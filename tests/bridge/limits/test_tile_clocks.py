"""The time that tiles take, held against a tile put down the long way."""

import math
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.effort import examples

import synaptile.swsim as sim
from synaptile.bridge import Chip, ChipConfig
from synaptile.bridge.config.blocks import COMPUTE
from synaptile.bridge.config.parameters import parameter_table
from synaptile.bridge.errors import ConfigError
from synaptile.bridge.limits.tile_clocks import TileClocks
from synaptile.bridge.mapping import MappedNetwork, Network, map_network
from synaptile.swsim.trace import PopulationSlice

pytestmark = pytest.mark.usefixtures("quick_build")

ROOT = Path(__file__).parents[3]
SMALL: dict[str, Any] = {"mesh": (2, 2), "crossbar": "64x16", "cycles_per_step": 100}
NEURONS, SOURCES = 10, 3


def network(chip: Chip | None, *, steps: int = 60, weight: float = 0.6) -> list[list[float]]:
    """Return the spikes of 40 neurons that excite each other."""
    sim.setup(timestep=1.0, hardware=chip, seed=1)
    sources = sim.Population(20, sim.SpikeSourcePoisson(rate=60.0))
    neurons = sim.Population(40, sim.IF_curr_exp())
    sim.Projection(sources, neurons, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=1.0))
    sim.Projection(neurons, neurons, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight / 10, delay=1.0))
    neurons.record("spikes")
    sim.run(float(steps))
    return [train.magnitude.tolist() for train in neurons.get_data().segments[0].spiketrains]


Heard = list[tuple[int, int]]


def plain_tile(
    config: ChipConfig, tile: list[int], links: Heard, fired: list[list[int]], arrived: list[Heard]
) -> tuple[list[dict[tuple[int, int], int]], list[Fraction]]:
    """Return the cycle in which each packet (neuron, tile) of each step leaves, and when each tile is done at last."""
    compute, technology = config.compute, config.technology
    assert compute is not None
    given = {name: getattr(compute, name) or 0 for name in COMPUTE} | {"row": 0}
    if technology is not None and compute.synaptic_event is None:
        given |= {"synaptic_event": technology.synaptic_read_ns or 0, "row": technology.row_read_ns or 0}
    cost = {name: Fraction(number) * Fraction(config.clock_hz) / 10**9 for name, number in given.items()}
    done, leaves = [Fraction(0)] * config.tiles, []
    for step, (spikes, heard) in enumerate(zip(fired, arrived, strict=True)):
        sent: dict[tuple[int, int], int] = {}
        for here in range(config.tiles):
            now = max(done[here], Fraction(step * config.cycles_per_step))
            # Packets go out in their neurons' turns, and sending does not hold up the updates of the others.
            updates, packets = 0, 0
            for neuron in [n for n in range(len(tile)) if tile[n] == here]:
                updates += neuron >= SOURCES
                if neuron in spikes:
                    for to in sorted({tile[post] for pre, post in links if pre == neuron} - {here}):
                        packets += 1
                        ready = now + updates * cost["neuron_update"] + packets * cost["packet"]
                        sent[neuron, to] = math.ceil(ready)
            events = sum(
                sum(pre == neuron and tile[post] == here for pre, post in links) for neuron, to in heard if to == here
            )
            work = updates * cost["neuron_update"] + packets * cost["packet"] + events * cost["synaptic_event"]
            work += sum(to == here for _, to in heard) * cost["row"]
            done[here] = now + work + cost["barrier"]
        leaves.append(sent)
    return leaves, done


@given(st.data())
@settings(max_examples=examples(40, 500), deadline=None)
def test_packets_leave_when_the_long_way_says(data: st.DataObject) -> None:
    costs = {name: data.draw(st.integers(0, 400)) * 10.0 for name in COMPUTE}
    more: dict[str, Any] = {}
    if data.draw(st.booleans()):
        read, row = data.draw(st.integers(0, 400)) * 10.0, data.draw(st.integers(0, 400)) * 10.0
        more["technology"] = {"name": "t", "synaptic_read_ns": read, "row_read_ns": row}
        if data.draw(st.booleans()):
            del costs["synaptic_event"]  # else it has the reads in it
    length = data.draw(st.integers(1, 300))
    config = ChipConfig(mesh="2x2", crossbar="16x3", cycles_per_step=length, compute=costs, **more)
    ends = st.integers(0, NEURONS - 1)
    links = data.draw(st.lists(st.tuples(ends, st.integers(SOURCES, NEURONS - 1)), min_size=1, max_size=30))
    pre, post = (np.array(column, np.int32) for column in zip(*links, strict=True))
    populations = [
        PopulationSlice("in", 0, SOURCES, "SpikeSourcePoisson", is_source=True),
        PopulationSlice("out", SOURCES, NEURONS, "IF_curr_exp", is_source=False),
    ]
    net = Network.of(NEURONS, pre, post, populations=populations)
    mapping, _ = map_network(net, config, partition="in-order", placement="in-order")
    mapped = MappedNetwork(net, mapping)
    clocks = TileClocks(config, mapped, pre, post)
    steps = data.draw(st.integers(1, 4))
    fired = [sorted(data.draw(st.sets(ends))) for _ in range(steps)]
    pairs = sorted({(a, int(mapping.tile[b])) for a, b in links})
    arrived = [data.draw(st.lists(st.sampled_from(pairs), max_size=6)) for _ in range(steps)]
    expected, done = plain_tile(config, mapping.tile.tolist(), links, fired, arrived)
    for step, (spikes, heard) in enumerate(zip(fired, arrived, strict=True)):
        sent = mapped.destinations.packets(step, np.array(spikes, np.int64), config.cycles_per_step)
        packets = clocks.begin_step(step, sent)
        got = zip(packets.neuron.tolist(), packets.destination.tolist(), packets.cycle.tolist(), strict=True)
        assert {(neuron, to): cycle for neuron, to, cycle in got} == expected[step]
        assert (np.diff(packets.cycle) >= 0).all()
        assert (packets.stamp == step).all()
        clocks.end_step(step, [n for n, _ in heard], [t for _, t in heard])
    report = clocks.report()
    assert report.packets == sum(map(len, expected))
    assert report.synaptic_events == sum(
        pre == neuron and mapping.tile[post] == to for heard in arrived for neuron, to in heard for pre, post in links
    )
    assert bool(clocks.overruns[-1]) == any(end > steps * config.cycles_per_step for end in done)


def test_no_time_is_as_before() -> None:
    chip, timeless = Chip(**SMALL), Chip(**SMALL, compute={"neuron_update": 0.0, "barrier": 0})
    assert network(chip) == network(timeless)
    assert timeless.report().compute is None
    assert np.array_equal(chip.report().packets.cycle, timeless.report().packets.cycle)


def test_reads_of_a_technology_take_time_without_any_compute() -> None:
    slow = Chip(**SMALL, technology={"name": "t", "row_read_ns": 200, "synaptic_read_ns": 10})
    assert network(slow) != network(Chip(**SMALL))
    compute = slow.report().compute
    assert compute is not None
    assert compute.slow_steps > 0
    plain = Chip(**SMALL, technology={"name": "t", "row_read": 2})
    assert network(plain) == network(Chip(**SMALL))
    assert plain.report().compute is None


def test_time_that_is_almost_none_changes_no_spike_but_is_reported() -> None:
    chip = Chip(**SMALL, compute={"neuron_update": 1e-6})
    assert network(chip) == network(Chip(**SMALL))
    compute = chip.report().compute
    assert compute is not None
    assert compute.slow_steps == 0
    assert compute.neuron_updates == 40 * 61
    assert compute.synaptic_events > 0


def test_steps_that_are_not_done_make_spikes_late() -> None:
    chip = Chip(**SMALL, compute={"neuron_update": 20, "synaptic_event": 10}, compare=True)
    assert network(chip) != network(Chip(**SMALL))
    run = chip.report()
    assert run.compute is not None
    assert run.compute.slow_steps > 0
    assert run.compute.busiest_share > 1
    assert run.metrics.late.count > 0
    late = np.count_nonzero(run.deliveries.completed // 100 > run.deliveries.stamp)
    assert run.metrics.late.count == late
    text = str(run)
    assert "Steps not done in time" in text
    assert "late, in step" in text
    enough = run.compute.needed_cycles_per_step
    slower = Chip(**{**SMALL, "cycles_per_step": 2 * enough}, compute={"neuron_update": 20, "synaptic_event": 10})
    assert network(slower) == network(None)
    assert slower.report().compute.slow_steps == 0  # type: ignore[union-attr]


def test_under_a_trace_and_with_multicast() -> None:
    network(None)
    trace = sim.get_trace()
    costs = {"neuron_update": 5, "synaptic_event": 1, "packet": 30}
    for more in ({}, {"multicast": True}):
        run = Chip(**SMALL, compute=costs, **more).replay(trace)
        assert run.compute is not None
        assert run.compute.packets > 0
        assert len(run.deliveries) == len(run.packets)
        assert run.metrics.latency.min > 0
        sources = defaultdict(set)
        for cycle, stamp in zip(run.packets.cycle, run.packets.stamp, strict=True):
            sources[int(stamp)].add(int(cycle))
        assert any(len(cycles) > 1 for cycles in sources.values())
    assert Chip(**SMALL).replay(trace).compute is None


def test_loihi_cannot_keep_up_with_a_step_of_ten_microseconds() -> None:
    """A step is 10 us; 40 x 40 synapses at 3.5 ns take 5.6 us when all fire, and 64 x 64 14.3 us."""
    chip = Chip.preset("loihi", mesh=(1, 2), crossbar="128x64", weight_bits=None)
    sim.setup(timestep=1.0, hardware=chip, seed=1)
    sources = sim.Population(64, sim.SpikeSourceArray(spike_times=[2.0]))
    neurons = sim.Population(64, sim.IF_curr_exp())
    sim.Projection(sources, neurons, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.01, delay=1.0))
    sim.run(5.0)
    compute = chip.report().compute
    assert compute is not None
    assert compute.slow_steps == 1
    assert compute.synaptic_events == 64 * 64
    assert compute.longest_step == math.ceil((64 * 8.4 + 64 * 64 * 3.5 + 465) / 10)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"packet": -1}, "compute.packet: must lie in 0..1e+12 ns, not -1"),
        ({"packet": float("nan")}, "compute.packet: must lie in 0..1e+12 ns, not nan"),
        ({"packet": "3 us"}, "compute.packet: must be a number of nanoseconds, not '3 us'"),
        ({"packets": 1}, "compute.packets: unknown key; did you mean 'packet'?"),
        (3, "compute: must be a table such as {synaptic_event: 3.5}, not 3"),
    ],
)
def test_what_is_wrong_is_told(values: Any, message: str) -> None:
    with pytest.raises(ConfigError) as error:
        ChipConfig(compute=values)
    assert str(error.value) == message


def test_the_page_of_the_documentation_has_the_table() -> None:
    assert parameter_table(COMPUTE) in (ROOT / "docs" / "compute.md").read_text()
