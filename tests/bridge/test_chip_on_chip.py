"""A chip whose cores run the network, by the public interface; the engine is the cores in plain whole numbers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.on_chip_network import CELLS, run_network

import synaptile.swsim as sim
from synaptile.bridge import Chip, ChipConfig, ConfigError, MappingError
from synaptile.bridge.report import write_report
from synaptile.rtl.core.params import CoreParams


def model(**changes: Any) -> Chip:
    settings = {"mesh": (2, 2), "crossbar": "96x8", "weight_bits": 5, "engine": "model", "mode": "on-chip"}
    return Chip(**(settings | changes))


@pytest.mark.parametrize("neuron", CELLS)
def test_spikes_and_potentials_are_those_of_software(neuron: str) -> None:
    software = run_network(neuron)
    assert len([who for _, who in software.spikes if who >= 8]) > 25
    chip = model()
    on_chip = run_network(neuron, hardware=chip)
    assert on_chip.spikes == software.spikes
    assert on_chip.potentials == software.potentials
    assert on_chip.counts == software.counts
    run = chip.report()
    assert (run.mode, run.engine, run.partial) == ("on-chip", "model", False)
    assert run.metrics.core_spikes == len([who for _, who in software.spikes if who >= 8])
    assert run.conversion is not None
    assert (run.conversion.neuron, run.conversion.exact) == (neuron, True)


def test_the_potentials_of_some_cells_are_those_of_these() -> None:
    some = slice(3, 18, 4)
    found = run_network(hardware=model(), record=some).potentials
    assert found == run_network(record=some).potentials
    assert len(found[0]) == 4
    assert len({tuple(column) for column in zip(*found, strict=True)}) == 4


def test_many_ticks_at_once_are_the_same_as_one_after_the_other() -> None:
    chip = model()
    on_chip = run_network(hardware=chip, record=None)
    assert on_chip.spikes == run_network().spikes
    assert chip.report().metrics.host_events == sum(
        len([who for _, who in on_chip.spikes if who == source]) * len(_targets(chip, source)) for source in range(8)
    )


def _targets(chip: Chip, source: int) -> set[tuple[int, int]]:
    """The axons that a spike of a source goes to, by tile."""
    assert chip._cores is not None
    return {(int(tile), int(axon)) for tile, axon in np.argwhere(chip._cores.program.axon_pre == source)}


def test_lock_step_and_on_chip_are_one_chip_that_is_told_what_to_do() -> None:
    software = run_network()
    chip = Chip(mesh=(2, 2), crossbar="96x8", weight_bits=5, cycles_per_step=500, engine="amaranth")
    assert chip.mode == "lock-step"
    assert run_network(hardware=chip).spikes == software.spikes
    assert chip.report().mode == "lock-step"
    on_chip = model()
    with pytest.raises(RuntimeError, match="nothing has run on this chip yet"):
        on_chip.report()
    assert run_network(hardware=on_chip, hardware_mode="on-chip").spikes == software.spikes
    assert on_chip.report().mode == "on-chip"


def test_a_report_is_of_what_has_run_since_the_last_reset() -> None:
    chip = model()
    run_network(hardware=chip, steps=30)
    first = chip.report()
    assert chip.report() is first
    sim.run(5)
    assert chip.report().trace.steps == 36
    assert chip.report().log is not None
    assert len(chip.report().log.lengths) == 36
    sim.reset()
    assert not chip.report().trace.partial
    sim.run(10)
    again = chip.report()
    assert again.trace.steps == 11
    assert again.trace.spike_neuron.tolist() == first.trace.spike_neuron[first.trace.spike_step <= 10].tolist()


def test_everything_is_saved_and_reported(tmp_path: Path) -> None:
    chip = model()
    run_network(hardware=chip)
    run = chip.report()
    run.save(tmp_path)
    values = json.loads((tmp_path / "metrics.json").read_text())
    assert values["mode"] == "on-chip"
    assert values["conversion"]["neuron"] == "delta-lif"
    assert values["metrics"]["ticks"] == 41
    labels = [label for label, _, _ in run.rows()]
    assert {"Ticks", "Neurons on-chip", "Rounding errors", "Host's door in, mean load"} <= set(labels)
    page = write_report(run, tmp_path, title="on-chip").read_text()
    assert "on-chip (the neurons were those of the chip&#39;s cores)" in page
    assert "<td>the host</td>" in page.replace(' class="n"', "")
    assert "Neurons on-chip" in page


def test_sources_of_the_host_are_on_no_tile() -> None:
    chip = model()
    run_network(hardware=chip)
    mapping = chip.report().mapping
    assert mapping.outside is not None
    assert mapping.outside.tolist() == [True] * 8 + [False] * 20
    assert mapping.neurons_used().sum() == 20
    assert mapping.neurons_used().max() <= 8


def test_an_axon_takes_one_event_in_a_tick() -> None:
    chip = model()
    sim.setup(timestep=1.0, hardware=chip)
    twice = sim.Population(1, sim.SpikeSourceArray(spike_times=[[2.0, 2.0]]))
    cell = sim.Population(1, sim.FixedPointLIF(bits=18, leak_shift=0, v_thresh=50))
    sim.Projection(twice, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=7, delay=1.0))
    cell.record("v")
    sim.run(4)
    assert cell.get_data().segments[0].analogsignals[0].magnitude[:, 0].tolist() == [0, 0, 0, 7, 7]
    assert chip.report().metrics.host_events == 2


def test_potentials_of_real_valued_cells_come_back_in_their_unit() -> None:
    found = []
    for setup in ({}, {"hardware": model(weight_bits=8)}):
        sim.setup(timestep=1.0, **setup)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 10.0, 11.0, 12.0]))
        cells = sim.Population(2, sim.IF_curr_exp(tau_m=20.0, v_thresh=-40.0), initial_values={"v": -62.5})
        sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.5, delay=1.0))
        cells.record("v")
        sim.run(40)
        found.append(cells.get_data().segments[0].analogsignals[0].magnitude)
    assert found[0].max() > -50
    assert np.abs(found[0] - found[1]).max() < 0.05  # mV


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"crossbar": "2000x8"}, r"^crossbar\.axons: must lie in 4\.\.1024 for cores, not 2000$"),
        ({"weight_bits": 9}, r"^weight_bits: must lie in 1\.\.8 for cores, not 9$"),
    ],
)
def test_a_chip_whose_tiles_have_no_form_in_gates(config: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        run_network(hardware=model(**config))
    assert sim.get_current_time() == 0


def test_what_has_no_form_in_gates_is_named() -> None:
    sim.setup(timestep=1.0, hardware=model())
    sim.Population(3, sim.HH_cond_exp(), label="squids")
    with pytest.raises(MappingError, match=r"^population 'squids': the cell type HH_cond_exp has no form in gates; "):
        sim.run(1)
    assert sim.get_trace().spikes == 0


def test_a_variable_that_the_cores_do_not_have_is_refused_in_the_middle_of_a_run_and_the_rest_stays() -> None:
    chip = model()
    run_network(hardware=chip, steps=10)
    cells = sim.state.network.populations[1]
    sources = sim.state.network.populations[0]
    assert sources.celltype.recordable == ["spikes"]
    with pytest.raises(MappingError, match=r"^neuron 0 of population 'cells': w cannot be recorded on-chip$"):
        chip.read("w", np.array([int(cells.first_id)]))
    assert chip.report().trace.steps == 11


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"mode": "onchip"}, r"^mode must be one of lock-step, on-chip, not 'onchip'$"),
        ({"mode": "lock-step", "engine": "model"}, r"^engine must be one of auto, compiled, amaranth, not 'model'$"),
        (
            {"mode": "on-chip", "engine": "fast"},
            r"^engine must be one of auto, compiled, amaranth, model, fpga, not 'fast'$",
        ),
        (
            {"mode": "on-chip", "engine": "model", "waves": object()},
            r"^waves need an engine that has gates, not 'model'$",
        ),
    ],
)
def test_arguments_that_cannot_be(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Chip(**arguments)


def test_ticks_need_a_program() -> None:
    with pytest.raises(RuntimeError, match=r"^read needs a network: call program first$"):
        model().read("v", np.array([0]))


def test_a_profile_guides_the_mapping_and_must_be_of_the_network() -> None:
    profile = run_network().trace
    chip = model(profile=profile)
    assert run_network(hardware=chip).spikes == run_network().spikes
    run = chip.report()
    assert run.mapping_report.spikes_known
    (rates,) = run.rates
    assert rates.rms_hz == 0
    assert rates.whole_hz == rates.software_hz > 0
    assert ("rate of cells", f"{rates.whole_hz:.4g}") in {row[:2] for row in run.rows()} | {
        (row[0].lower(), row[1]) for row in run.rows()
    }
    assert run.to_dict()["rates"][0]["label"] == "cells"
    with pytest.raises(ValueError, match=r"^profile must be of a network of 30 neurons, not 28$"):
        run_network(hardware=model(profile=profile), size=22)


def test_the_cores_are_as_the_chip_says() -> None:
    config = ChipConfig(mesh="2x2", crossbar="96x8", weight_bits=5, core={"lanes": 8, "host_tile": 3, "targets": 700})
    chip = Chip(config, engine="model", mode="on-chip")
    run_network(hardware=chip)
    session = chip._cores
    assert session is not None
    core = session.program.core
    assert core == CoreParams(
        axons=96, neurons=8, weight_bits=5, neuron="delta-lif", lanes=8, targets=700, weight_shift=0, state_bits=18
    )
    assert session.program.host_tile == 3
