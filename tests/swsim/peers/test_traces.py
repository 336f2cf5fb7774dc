"""What ran in NEST, Brian2 or NEURON through PyNN is a trace, and a chip carries its spikes (`make peers`)."""

import contextlib
import importlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from synaptile.bridge import Chip, ChipRun
from synaptile.swsim.foreign import Connections, read_spikes, trace_of
from synaptile.swsim.trace import Trace, TraceError

# These warn of their own ways.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

DT, DURATION = 0.1, 60.0  # ms
LISTED = [(0, 2, 1.5, 0.3), (4, 0, 2.5, 1.0)]  # pre, post, nA, ms


@pytest.fixture(params=["nest", "brian2", "neuron"])
def simulator(request: pytest.FixtureRequest) -> Any:
    """PyNN's module for each; skips the test where the simulator is not installed."""
    pytest.importorskip(request.param, reason=f"{request.param} is not installed here", exc_type=ImportError)
    if request.param == "brian2":
        importlib.import_module("brian2").prefs.codegen.target = "numpy"
    with contextlib.redirect_stdout(io.StringIO()):
        return importlib.import_module(f"pyNN.{request.param}")


def network(sim: Any, *, record: bool = True, **options: Any) -> tuple[list[Any], list[Any]]:
    """Run spike sources onto two populations; the populations and projections."""
    if sim.__name__ == "pyNN.nest":
        options = {"spike_precision": "on_grid", **options}  # else PyNN has NEST tell times between steps
    sim.setup(timestep=DT, min_delay=DT, max_delay=5.0, **options)
    times = [[2.0 + 1.5 * index, 20.0, 30.3 + index] for index in range(4)]
    source = sim.Population(4, sim.SpikeSourceArray(spike_times=times), label="in")
    first = sim.Population(5, sim.IF_curr_exp(tau_refrac=2.0), label="first")
    second = sim.Population(3, sim.IF_curr_exp(i_offset=1.2), label="second")
    projections = [
        sim.Projection(source, first, sim.AllToAllConnector(), sim.StaticSynapse(weight=6.0, delay=0.7), label="a"),
        sim.Projection(
            first, second, sim.FromListConnector(LISTED, column_names=["weight", "delay"]), sim.StaticSynapse(),
            label="b",
        ),
    ]  # fmt: skip
    populations = [source, first, second]
    for population in populations if record else populations[:2]:
        population.record("spikes")
    sim.run(DURATION)
    return populations, projections


def test_a_trace_has_the_spikes_and_connections_of_the_simulator(simulator: Any, tmp_path: Path) -> None:
    populations, projections = network(simulator)
    trace = Trace.from_pynn(populations, projections)
    assert (trace.dt, trace.steps, trace.neurons) == (DT, 601, 12)
    assert [(p.label, p.size, p.is_source) for p in trace.populations] == [
        ("in", 4, True), ("first", 5, False), ("second", 3, False),
    ]  # fmt: skip
    expected = []
    for start, population in zip((0, 4, 9), populations, strict=True):
        for index, train in enumerate(population.get_data("spikes").segments[-1].spiketrains):
            expected += [(round(float(time.rescale("ms")) / DT), start + index) for time in train]
    assert list(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True)) == sorted(expected)
    counts = trace.spike_counts()
    assert counts[:4].tolist() == [3] * 4
    assert counts[4:9].min() > 2
    assert counts[9:].min() > 0
    edges = sorted(zip(trace.pre.tolist(), trace.post.tolist(), trace.delay.tolist(), strict=True))
    assert edges == sorted([*((i, 4 + j, 7) for i in range(4) for j in range(5)), (4, 11, 3), (8, 9, 10)])
    np.testing.assert_allclose(sorted(set(trace.weight.tolist())), [1.5, 2.5, 6.0], rtol=1e-12)
    assert trace.meta["simulator"].lower() == simulator.__name__.rpartition(".")[2]
    simulator.end()

    run = Chip(mesh=(2, 2), crossbar="16x4", engine="amaranth").replay(Trace.load(trace.save(tmp_path / "trace")))
    assert run.metrics.packets_delivered == run.metrics.packets_sent > 0
    run.save(tmp_path)
    assert ChipRun.load(tmp_path).metrics.to_dict() == run.metrics.to_dict()


def test_what_was_not_recorded_is_named(simulator: Any) -> None:
    populations, projections = network(simulator, record=False)
    with pytest.raises(TraceError, match="spikes of population 'second' must be recorded in all of its neurons"):
        Trace.from_pynn(populations, projections)
    assert Trace.from_pynn(populations[:2], projections[:1]).neurons == 9
    simulator.end()


def test_times_between_the_steps_of_nest_are_refused_unless_they_are_allowed() -> None:
    pytest.importorskip("nest", reason="NEST is not installed here", exc_type=ImportError)
    with contextlib.redirect_stdout(io.StringIO()):
        from pyNN import nest
    populations, projections = network(nest, spike_precision="off_grid")
    with pytest.raises(TraceError, match=r"spikes of population 'first' must lie within 0.01 of a step of 0.1 ms, not"):
        Trace.from_pynn(populations, projections)
    assert Trace.from_pynn(populations, projections, tolerance=0.5).spikes > 20
    nest.end()


def test_the_files_of_nest_are_read(tmp_path: Path) -> None:
    nest = pytest.importorskip("nest", reason="NEST is not installed here", exc_type=ImportError)
    nest.ResetKernel()
    nest.set(resolution=DT, data_path=str(tmp_path), overwrite_files=True, local_num_threads=2, print_time=False)
    cells = nest.Create("iaf_psc_exp", 6, params={"I_e": 500.0})
    recorder = nest.Create("spike_recorder", params={"record_to": "ascii", "label": "cells"})
    memory = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    nest.Connect(cells, memory)
    nest.Simulate(100.0)
    files = sorted(tmp_path.glob("cells-*.dat"))
    assert len(files) == 2
    trace = trace_of(read_spikes(files), Connections([0], [5]), dt=DT, duration=100.0, neurons=6)
    events = memory.get("events")
    steps = np.rint(events["times"] / DT).astype(int)
    expected = sorted(zip(steps.tolist(), (events["senders"] - 1).tolist(), strict=True))
    assert len(expected) > 6
    assert list(zip(trace.spike_step.tolist(), trace.spike_neuron.tolist(), strict=True)) == expected
