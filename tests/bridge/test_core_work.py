"""What cores had to do, held against what the whole-number model and the gates do, tick by tick."""

from typing import Any

import numpy as np
import pytest
from support.effort import examples
from support.on_chip_network import CELLS, run_network

from synaptile.bridge import Chip
from synaptile.bridge.core_work import events_in_time, work_in_cores
from synaptile.bridge.metrics.core_work import CoreWork
from synaptile.bridge.onchip import OnChipModel
from synaptile.rtl.core.neurons import neuron_variables


def chip(**changes: Any) -> Chip:
    settings = {"mesh": (2, 2), "crossbar": "96x8", "weight_bits": 5, "engine": "model", "mode": "on-chip"}
    return Chip(**(settings | changes))


class Watch:
    """Counts, in each tick of the model, the rows that are due, their synapses, and the neurons that are active."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows = self.synaptic = self.active = 0
        original = OnChipModel._one_tick

        def one_tick(model: Any, sent: Any, which: slice) -> Any:
            rows = np.flatnonzero(model._due[model.tick_number % len(model._due)])
            columns = [model._column[model._row[row] : model._row[row + 1]].tolist() for row in rows.tolist()]
            fired = original(model, sent, which)
            self.rows += len(rows)
            self.synaptic += sum(map(len, columns))
            self.active += len({*fired.tolist(), *(cell for row in columns for cell in row)})
            return fired

        monkeypatch.setattr(OnChipModel, "_one_tick", one_tick)


@pytest.mark.parametrize("multicast", [False, True])
@pytest.mark.parametrize("neuron", examples(list(CELLS)[:2], list(CELLS)))
def test_work_is_what_the_model_does(neuron: str, multicast: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = Watch(monkeypatch)
    hardware = chip(multicast=multicast)
    run_network(neuron, hardware=hardware, record=None)
    run = hardware.report()
    assert hardware.cores is not None
    core, ticks = hardware.cores.program.core, run.trace.steps
    variables = neuron_variables(core).values()
    written = sum(variable.write is not None for variable in variables)
    groups = core.neurons // core.lanes
    assert watch.rows > 50
    assert run.metrics.work == CoreWork(
        synaptic_events=watch.synaptic,
        spikes=run.trace.spikes,
        neuron_updates=4 * core.neurons * ticks,
        active_updates=watch.active,
        # Each row: weights and sums are read, sums written; each update: variables and sums.
        memory_reads=2 * watch.rows * groups + 4 * ticks * groups * (len(variables) + 1),
        memory_writes=watch.rows * groups + 4 * ticks * groups * (written + 1),
        row_reads=watch.rows,
    )
    assert 0 < watch.active < 4 * core.neurons * ticks


def test_gates_do_the_same_work_as_the_model() -> None:
    found = []
    for engine in ("model", "amaranth"):
        hardware = chip(engine=engine)
        run_network(hardware=hardware, record=None, steps=12)
        found.append(hardware.report())
    model, gates = found
    assert model.trace.spikes == gates.trace.spikes > 0
    assert model.metrics.work == gates.metrics.work
    assert gates.metrics.work.active_updates
    assert model.metrics.time.chip_s is None
    assert gates.metrics.time.chip_s == gates.activity.cycles / gates.config.clock_hz
    assert model.metrics.energy.total_pj is None  # noxim knows routers only, and the model has none
    assert set(model.metrics.energy.not_in_total) >= {"link", "queue_mw", "synaptic_event"}
    assert model.metrics.energy.not_in_total["link"] == "the engine has no network"


def test_an_axon_acts_once_in_a_tick_and_not_after_the_run() -> None:
    hardware = chip()
    run_network(hardware=hardware, record=None)
    run = hardware.report()
    assert hardware.cores is not None
    program = hardware.cores.program
    axon, due = events_in_time(program, run.trace)
    assert (due >= run.trace.steps).any()
    expected = run.metrics.work
    assert work_in_cores(program, run.trace, {}, np.tile(axon, 2), np.tile(due, 2)) == expected
    in_run = due < run.trace.steps
    assert work_in_cores(program, run.trace, {}, axon[in_run], due[in_run]) == expected


def test_of_a_board_only_spikes_and_updates_are_known() -> None:
    hardware = chip()
    run_network(hardware=hardware, record=None)
    run = hardware.report()
    assert hardware.cores is not None
    found = work_in_cores(hardware.cores.program, run.trace, {}, None, None)
    assert found == CoreWork(run.metrics.synaptic_events, run.trace.spikes, run.metrics.work.neuron_updates)


def test_energy_of_an_inference() -> None:
    spike = {"name": "t", "spike": 2, "memory_read": 1}
    hardware = chip(energy=spike, inferences=3)
    run_network(hardware=hardware, record=None)
    run = hardware.report()
    energy = run.metrics.energy
    assert energy.total_pj == 2 * run.trace.spikes + run.metrics.work.memory_reads
    assert energy.to_dict()["per_inference_pj"] == energy.total_pj / 3
    assert [row[0] for row in run.rows() if row[0].startswith("Energy per")] == [
        "Energy per synaptic event",
        "Energy per spike",
        "Energy per step",
        "Energy per inference",
    ]


@pytest.mark.parametrize("wrong", [0, -1, 1.5, True, "3"])
def test_inferences_are_counted(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"^inferences must be a whole number of at least 1, not "):
        Chip(inferences=wrong)
