"""Traces of what ran in any PyNN simulator: a fake one here, and our own."""

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import neo
import numpy as np
import pytest
import quantities as pq
from neo.core.spiketrainlist import SpikeTrainList

import synaptile.swsim as sim
from synaptile.swsim.trace import Trace, TraceError

STATE = SimpleNamespace(dt=0.5, t=10.0)
FAKE = SimpleNamespace(name="Fake", state=STATE)


class IF_fake:  # noqa: N801 - as PyNN names its cells
    """A cell type."""


@dataclass
class FakePopulation:
    """What PyNN's populations have in common."""

    label: str
    all_cells: list[int]
    trains: list[Any]
    celltype: Any = field(default_factory=IF_fake)
    _simulator: Any = field(default_factory=lambda: FAKE)

    @property
    def size(self) -> int:
        return len(self.all_cells)

    def get_data(self, variables: str, gather: bool, clear: bool) -> neo.Block:
        assert (variables, gather, clear) == ("spikes", True, False)
        block, earlier, segment = neo.Block(), neo.Segment(), neo.Segment()
        segment.spiketrains = self.trains
        block.segments += [earlier, segment]
        return block


@dataclass
class FakeProjection:
    label: str
    pre: Any
    post: Any
    rows: list[tuple[int, int, float, float]]

    def get(self, names: list[str], format: str, gather: str, with_address: bool) -> list[Any]:
        assert (names, format, with_address) == (["weight", "delay"], "list", True)
        return self.rows


def train(index: int, times: list[float], unit: Any = pq.ms) -> neo.SpikeTrain:
    return neo.SpikeTrain(times * unit, t_stop=1e6, source_index=index)


def in_one_array(cells: list[int], ids: list[int], times: list[float]) -> SpikeTrainList:
    return SpikeTrainList.from_spike_time_array(
        np.array(times), np.array(ids), np.array(cells), units="ms", t_start=0 * pq.ms, t_stop=1e6 * pq.ms
    )


def two() -> tuple[FakePopulation, FakePopulation]:
    """Populations whose ids are not in order, with spikes that are not, and trains of both kinds."""
    first = FakePopulation("a", [7, 3], in_one_array([3, 7], [3, 7, 3], [9.5, 2.0, 0.0]))
    second = FakePopulation("b", [20, 21, 22], [train(2, [0.001, 0.009], pq.s), train(0, [2.0]), train(1, [])])
    return first, second


def test_neurons_are_numbered_in_the_order_of_populations() -> None:
    first, second = two()
    view = SimpleNamespace(all_cells=[22, 20], label="some of b")
    projections = [
        FakeProjection("a to b", first, second, [(0, 2, 0.5, 1.0), (1, 0, -0.25, 0.5)]),
        FakeProjection("view", view, first, [(0, 1, 3.0, 2.0)]),
        FakeProjection("none", first, first, []),
    ]
    trace = Trace.from_pynn([first, second], projections, meta={"seed": 4})
    assert (trace.dt, trace.steps, trace.neurons) == (0.5, 21, 5)
    assert list(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True)) == [
        (0, 1), (2, 4), (4, 0), (4, 2), (18, 4), (19, 1),
    ]  # fmt: skip
    assert list(zip(trace.pre.tolist(), trace.post.tolist(), strict=True)) == [(0, 4), (1, 2), (4, 1)]
    assert trace.weight.tolist() == [0.5, -0.25, 3.0]
    assert trace.delay.tolist() == [2, 1, 4]
    assert [(p.label, p.start, p.stop, p.celltype) for p in trace.populations] == [
        ("a", 0, 2, "IF_fake"), ("b", 2, 5, "IF_fake"),
    ]  # fmt: skip
    assert trace.meta == {"simulator": "Fake", "seed": 4}
    assert Trace.from_pynn([second]).synapses == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trains": []}, r"spikes of population 'b' must be recorded in all of its neurons before the run, with "),
        ({"trains": [train(0, [1.0])]}, r"spikes of population 'b' must be recorded .* not in 1 of 3"),
        (
            {"trains": [train(i, [1.2]) for i in range(3)]},
            "'b' must lie within 0.01 of a step of 0.5 ms, not at 1.2 ms",
        ),
        (
            {"trains": [train(i, [10.5]) for i in range(3)]},
            "not be after the 10 ms that were simulated, not at 10.5 ms",
        ),
        ({"trains": in_one_array([20, 21, 22], [4], [1.0])}, "spikes of population 'b' must be of its own cells"),
        ({"celltype": None, "parent": 1}, "populations must be whole PyNN populations, no views or assemblies"),
    ],
)
def test_what_is_missing_or_off_the_grid_is_named(change: dict[str, Any], message: str) -> None:
    first, second = two()
    for name, value in change.items():
        setattr(second, name, value)
    with pytest.raises(TraceError, match=message):
        Trace.from_pynn([first, second])


def test_so_are_connections_of_others_delays_off_the_grid_and_no_populations() -> None:
    first, second = two()
    with pytest.raises(TraceError, match=r"post of projection 'p' must be among the populations given, not 'b'"):
        Trace.from_pynn([first], [FakeProjection("p", first, second, [])])
    with pytest.raises(TraceError, match=r"delays of projection 'p' must lie within 0.01 of a step of 0.5 ms"):
        Trace.from_pynn([first], [FakeProjection("p", first, first, [(0, 1, 1.0, 0.7)])])
    with pytest.raises(TraceError, match="populations must be one PyNN population or more"):
        Trace.from_pynn([])


def test_a_wider_tolerance_and_another_grid_are_taken_where_they_are_given() -> None:
    _, second = two()
    second.trains = [train(i, [1.2]) for i in range(3)]
    assert Trace.from_pynn([second], tolerance=0.5).spike_step.tolist() == [2, 2, 2]
    fine = Trace.from_pynn([second], dt=0.1, duration=5.0)
    assert (fine.steps, fine.spike_step.tolist()) == (51, [12, 12, 12])


def test_our_own_simulator_gives_the_trace_that_it_has_itself() -> None:
    sim.setup(timestep=0.5, seed=3)
    source = sim.Population(5, sim.SpikeSourcePoisson(rate=120.0), label="in")
    cells = sim.Population(8, sim.IF_curr_exp(), label="out")
    static = sim.StaticSynapse(weight=2.0, delay=1.5)
    projections = [
        sim.Projection(source, cells, sim.FixedProbabilityConnector(0.6), static),
        sim.Projection(
            cells[2:6] + source[:2],
            cells[1:3] + cells[6:],
            sim.AllToAllConnector(),
            sim.StaticSynapse(weight=0.1, delay=1.0),
        ),
    ]
    for population in (source, cells):
        population.record("spikes")
    sim.run(40.0)
    found, own = Trace.from_pynn([source, cells], projections), sim.get_trace()
    sim.end()
    assert len(set(own.spike_neuron.tolist()) - set(range(5))) > 2
    assert (found.dt, found.steps, found.neurons) == (own.dt, own.steps, own.neurons)
    assert found.populations == own.populations
    for name in ("spike_neuron", "spike_step"):
        assert getattr(found, name).tolist() == getattr(own, name).tolist()
    rows = [sorted(zip(*(getattr(t, name).tolist() for name in ("pre", "post", "weight", "delay")), strict=True))
            for t in (found, own)]  # fmt: skip
    assert rows[0] == rows[1]
    assert found.meta["simulator"] == "synaptile"
