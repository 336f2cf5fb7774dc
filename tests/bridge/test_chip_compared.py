"""A chip that compares its runs with software, in lock-step and on-chip."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.fake_chip import spikes
from support.on_chip_network import run_network

import synaptile.swsim as sim
from synaptile.bridge import Chip, ConfigError
from synaptile.bridge.report import write_report
from synaptile.swsim import Trace

SLOW = 3
"""Cycles of a step, with which spikes come late."""


def lock_step(**changes: Any) -> Chip:
    settings = {"mesh": (2, 2), "crossbar": "32x6", "cycles_per_step": SLOW, "engine": "amaranth", "compare": True}
    return Chip(**(settings | changes))


def network(hardware: Chip | None = None, *, runs: int = 1, steps: int = 40, **neuron: Any) -> Trace:
    sim.setup(timestep=1.0, seed=3, hardware=hardware)
    sources = sim.Population(6, sim.SpikeSourcePoisson(rate=80.0), label="sources")
    cells = sim.Population(8, sim.IF_curr_exp(**neuron), label="cells")
    sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.7, delay=1.0))
    sim.Projection(cells, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.3, delay=2.0))
    for _ in range(runs):
        sim.run(steps / runs)
    return sim.get_trace()


def test_what_a_slow_chip_changed_and_the_packet_that_was_late() -> None:
    chip = lock_step(score=lambda trace: trace.spikes)
    on_chip, software = network(chip), network()
    run = chip.report()
    assert run.not_compared is None
    assert run.changes is not None
    assert spikes(run.changes.reference) == spikes(software)
    assert spikes(run.trace) == spikes(on_chip) != spikes(software)
    assert run.changes.scores == {"score": on_chip.spikes}
    assert run.changes.reference_scores == {"score": software.spikes}
    found, cause = run.changes.comparison, run.changes.cause
    stimuli = found.populations[0]
    assert (stimuli.lost, stimuli.new, stimuli.moved) == (0, 0, 0)
    parts = min(set(spikes(on_chip)) ^ set(spikes(software)))
    assert found.first_step is not None
    assert found.first_neuron is not None
    assert (found.first_step, found.first_neuron + 6) == parts
    assert cause is not None
    assert cause.spike is not None
    log, late = run.deliveries, cause.spike
    mine = (log.neuron == late.source) & (log.stamp == late.sent) & (log.completed == late.cycle)
    assert run.mapping.tile[parts[1]] in log.destination[mine]
    assert late.cycle is not None
    assert late.cycle // SLOW == late.arrived
    assert late.sent + late.delay <= found.first_step
    assert str(run).count(run.changes.title) == 1
    assert cause.text in " ".join(str(run).split())


def test_a_fast_chip_changes_nothing() -> None:
    chip = lock_step(cycles_per_step=400)
    network(chip, steps=12)
    changes = chip.report().changes
    assert changes is not None
    assert (changes.is_same, changes.cause) == (True, None)
    assert changes.reference.spikes > 0


def test_many_short_runs_and_resets() -> None:
    chip = lock_step()
    network(chip, steps=20)
    once = chip.report().to_dict()["changes"]
    assert once["spikes_moved"] + once["spikes_lost"] > 0
    network(chip, steps=20, runs=20)
    assert chip.report().to_dict()["changes"] == once
    sim.reset()
    assert chip.report().to_dict()["changes"] == once
    sim.run(5.0)
    changes = chip.report().changes
    assert changes is not None
    assert (changes.reference.steps, changes.reference.meta["segment"]) == (6, 1)


def test_nothing_is_compared_unless_it_is_asked_for() -> None:
    chip = lock_step(compare=False)
    network(chip, steps=5)
    run = chip.report()
    assert (run.changes, run.not_compared) == (None, None)
    assert "changes" not in run.to_dict()
    replayed = lock_step().replay(run.trace)
    assert (replayed.changes, replayed.not_compared) == (None, None)


def test_a_saved_run_as_reference(tmp_path: Path) -> None:
    network(steps=20).save(tmp_path / "snn.sw.out")
    chip, beside = lock_step(compare=tmp_path), lock_step()
    network(chip, steps=20)
    run = chip.report()
    network(beside, steps=20)
    expected = beside.report().to_dict()["changes"] | {"reference": str(tmp_path)}
    assert run.to_dict()["changes"] == expected
    with pytest.raises(ConfigError, match=r"^compare must be a run of this network, with neurons 26, not 14$"):
        run_network(hardware=chip, sources=6)
    network(chip, steps=10)
    run = chip.report()
    assert run.changes is None
    why = "two runs must be of one network, but steps is 21 in the one and 11 in the other"
    assert run.not_compared == run.to_dict()["not_compared"] == why
    assert str(run).endswith(f"\n\nNot compared: {why}")
    page = write_report(run, tmp_path, title="none").read_text()
    assert f"Not compared: {why}" in page


def test_files_and_page(tmp_path: Path) -> None:
    chip = lock_step(score=lambda trace: {"spikes of all": trace.spikes})
    network(chip)
    run = chip.report()
    assert run.changes is not None
    names = {path.name: path for path in run.save(tmp_path)}
    assert list(names) == ["metrics.json", "snn.sw.out", "snn.hw.out", "snn.ref.out", "changes.csv", "report.html"]
    assert spikes(Trace.load(names["snn.ref.out"])) == spikes(run.changes.reference)
    assert names["changes.csv"].read_text() == run.changes.to_csv()
    values = json.loads(names["metrics.json"].read_text())["changes"]
    assert values == json.loads(json.dumps(run.changes.to_dict()))
    page = write_report(run, tmp_path, title="changes").read_text()
    assert "What the chip changed" in page
    assert "Spikes that changed" in page
    assert "spikes of all" in page
    assert run.changes.first_difference.replace("'", "&#39;") in page
    assert run.changes.first_difference.split()[0] in run._repr_html_()


def cores(**changes: Any) -> Chip:
    settings = {"mesh": (2, 2), "crossbar": "96x8", "weight_bits": 8, "engine": "model", "mode": "on-chip"}
    return Chip(**(settings | {"compare": True} | changes))


def test_whole_number_cells_are_the_same_in_cores() -> None:
    chip = cores(weight_bits=5)
    run_network(hardware=chip, record=None)
    changes = chip.report().changes
    assert changes is not None
    assert changes.is_same


def test_rounded_weights_are_named() -> None:
    chip = cores(weight_bits=3)
    rng = np.random.default_rng(2)
    sim.setup(timestep=1.0, seed=3, hardware=chip)
    sources = sim.Population(6, sim.SpikeSourceArray(spike_times=[np.arange(i + 1.0, 40.0, 4.0) for i in range(6)]))
    cells = sim.Population(5, sim.IF_curr_exp())
    links = [(i, j, rng.uniform(0.5, 4.0), 1.0) for i in range(6) for j in range(5)]
    sim.Projection(sources, cells, sim.FromListConnector(links), sim.StaticSynapse())
    sim.run(40.0)
    run = chip.report()
    assert run.changes is not None
    cause = run.changes.cause
    assert cause is not None
    assert cause.kind == "rounded weight"
    assert cause.weight is not None
    # What is realised is what the conversion reports: the largest error of a weight of this projection is not exceeded.
    assert run.conversion is not None
    largest = run.conversion.projections[0].largest_error
    assert 0 < abs(cause.weight.realised - cause.weight.asked) <= largest * (1 + 1e-9)
    first = run.changes.comparison.alignment.first_difference()
    assert first is not None
    synapse = (run.trace.pre == cause.weight.source) & (run.trace.post == first[1])
    assert run.trace.weight[synapse] == cause.weight.asked


def test_a_source_that_fires_twice_in_a_step() -> None:
    chip = cores()
    sim.setup(timestep=1.0, hardware=chip)
    source = sim.Population(1, sim.SpikeSourceArray(spike_times=[3.0, 3.0, 9.0]), label="source")
    cells = sim.Population(2, sim.IF_curr_delta(tau_refrac=0.0), label="cells")
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=9.0, delay=1.0))
    sim.run(15.0)
    changes = chip.report().changes
    assert changes is not None
    assert changes.cause is not None
    assert changes.cause.kind == "merged spikes"
    assert changes.comparison.first_step == 4
    assert "neuron 0 of source fired 2 times in step 3" in changes.first_difference


def test_ticks_that_are_too_short() -> None:
    chip = cores(weight_bits=5, engine="amaranth", tick="fixed", cycles_per_step=14, crossbar="16x4")
    run_network(hardware=chip, sources=4, size=8, steps=14, record=None)
    run = chip.report()
    assert run.changes is not None
    cause = run.changes.cause
    assert cause is not None
    assert cause.kind in ("late spike", "lost spike", "overrun")
    model = cores(weight_bits=5, crossbar="16x4")
    run_network(hardware=model, sources=4, size=8, steps=14, record=None)
    same = model.report().changes
    assert same is not None
    assert same.is_same


def test_an_interrupted_run_is_compared_as_far_as_it_came() -> None:
    chip = lock_step()
    sim.setup(timestep=1.0, seed=3, hardware=chip)
    sources = sim.Population(6, sim.SpikeSourcePoisson(rate=80.0))
    cells = sim.Population(8, sim.IF_curr_exp())
    sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.7, delay=1.0))

    def stop(time: float) -> float:
        if time > 10:
            raise KeyboardInterrupt
        return time + 12.0

    with pytest.raises(KeyboardInterrupt):
        sim.run(40.0, callbacks=[stop])
    run = chip.report()
    assert run.partial
    assert run.changes is not None
    assert run.changes.reference.steps == run.trace.steps == 13
    assert run.changes.reference.spikes > 0
