import numpy as np
from support.random_networks import RandomNetwork, trace_of

from synaptile.bridge.engines.base import Activity
from synaptile.bridge.metrics.counts import accepted_flits, neuron_updates, synaptic_events, throughput
from synaptile.swsim.trace import PopulationSlice, Trace

NETWORK = RandomNetwork(3, np.array([0, 0, 0, 1]), np.array([2, 2, 1, 2]), np.ones(3, np.int64))
TRACE = trace_of(NETWORK, [(0, 0), (0, 1), (1, 0), (2, 0), (2, 2)], steps=3)
BUSY = trace_of(NETWORK, [(0, 0), (0, 0), (0, 0), (2, 1), (2, 1)], steps=3)


def activity(cycles: int, flits: np.ndarray) -> Activity:
    return Activity(cycles, 1, len(flits), flits, flits, np.zeros(len(flits), np.int64))


def test_throughput() -> None:
    assert throughput(191, 1000) == 0.191
    assert throughput(0, 0) is None


def test_accepted_flits() -> None:
    flits = np.zeros((4, 5), np.int64)
    flits[:, 0] = [1, 2, 3, 4]
    flits[:, 1] = 100
    assert accepted_flits(activity(10, flits)) == 0.25
    assert accepted_flits(activity(0, flits)) is None


def with_populations(*populations: PopulationSlice) -> Trace:
    return Trace(**{name: getattr(TRACE, name) for name in TRACE.__dataclass_fields__} | {"populations": populations})


def test_spike_sources_are_not_updated() -> None:
    by_name = with_populations(PopulationSlice("in", 0, 2, "SpikeSourcePoisson"), PopulationSlice("out", 2, 3, "LIF"))
    assert neuron_updates(by_name) == 3
    stated = with_populations(PopulationSlice("in", 0, 2, "Camera", True), PopulationSlice("out", 2, 3, "LIF", False))
    assert neuron_updates(stated) == 3
    assert neuron_updates(TRACE) == 9


def test_synaptic_events() -> None:
    assert synaptic_events(TRACE) == 10
    assert synaptic_events(BUSY) == 3 * 3 + 2
