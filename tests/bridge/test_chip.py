"""A network on a chip: in lock-step, replayed, refused."""

import json
import re

import numpy as np
import pytest

import synaptile.swsim as sim
from synaptile.bridge import Chip, ChipConfig, ConfigError, MappingError
from synaptile.bridge.engines import make_engine
from synaptile.bridge.metrics.hardware_log import load_hardware_log
from synaptile.swsim import Trace


def small_network(chip=None, *, delay=1.0, steps=30, seed=5):
    """Ten Poisson sources onto twelve neurons that excite each other; returns (trace, output spike trains)."""
    sim.setup(timestep=1.0, seed=seed, hardware=chip)
    inputs = sim.Population(10, sim.SpikeSourcePoisson(rate=150.0), label="inputs")
    cells = sim.Population(12, sim.IF_curr_exp(tau_m=10.0, v_thresh=-60.0), label="cells")
    sim.Projection(inputs, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.6, delay=delay))
    sim.Projection(
        cells, cells, sim.AllToAllConnector(allow_self_connections=False), sim.StaticSynapse(weight=0.3, delay=delay)
    )
    cells.record("spikes")
    sim.run(steps * 1.0)
    trains = [train.magnitude.tolist() for train in cells.get_data().segments[0].spiketrains]
    trace = sim.get_trace()
    sim.end()
    return trace, trains


def chip_of_four_tiles(**changes):
    settings = {"mesh": (2, 2), "crossbar": "32x6", "cycles_per_step": 400, "engine": "amaranth"}
    return Chip(**(settings | changes))


def test_a_fast_enough_chip_changes_nothing():
    software, trains = small_network()
    chip = chip_of_four_tiles()
    on_chip, chip_trains = small_network(chip)
    assert software.spikes > 50
    assert chip_trains == trains
    assert on_chip.spike_neuron.tolist() == software.spike_neuron.tolist()
    assert on_chip.spike_step.tolist() == software.spike_step.tolist()
    metrics = chip.report().metrics
    assert metrics.packets_sent > 0
    assert metrics.late.count == 0
    assert metrics.cycles == software.steps * 400


def test_a_slow_chip_is_felt_by_the_network():
    software, _ = small_network(seed=4)
    chip = chip_of_four_tiles(cycles_per_step=6)
    on_chip, _ = small_network(chip, seed=4)
    late = chip.report().metrics.late
    assert late.count > 0
    assert late.max_steps >= 1
    assert on_chip.spike_step.tolist() != software.spike_step.tolist()


def test_replay_of_an_on_time_run_gives_the_same_log():
    chip = chip_of_four_tiles(partition="in-order", placement="in-order")
    trace, _ = small_network(chip)
    live = chip.report()
    again = chip_of_four_tiles(partition="in-order", placement="in-order").replay(trace)
    assert len(live.deliveries) == len(again.deliveries) > 0
    for name in ("source", "destination", "neuron", "created", "injected", "delivered", "completed"):
        assert getattr(live.deliveries, name).tolist() == getattr(again.deliveries, name).tolist()


def busy_network(chip=None):
    """Sources that fire several times in a step, given and at random, onto eight cells; returns the trace."""
    sim.setup(timestep=1.0, seed=6, hardware=chip)
    given = sim.Population(2, sim.SpikeSourceArray(spike_times=[[2.0, 2.0, 2.1, 5.0], [2.0, 7.0, 7.0]]), label="given")
    noise = sim.Population(4, sim.SpikeSourcePoisson(rate=2500.0), label="noise")
    cells = sim.Population(8, sim.IF_curr_exp(tau_m=10.0), label="cells")
    for sources, weight in ((given, 2.0), (noise, 0.2)):
        sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=weight, delay=1.0))
    stdp = sim.STDPMechanism(
        timing_dependence=sim.SpikePairRule(A_plus=0.1, A_minus=0.1),
        weight_dependence=sim.AdditiveWeightDependence(w_max=2.0),
        weight=1.0,
        delay=2.0,
    )
    plastic = sim.Projection(noise, cells, sim.AllToAllConnector(), stdp)
    sim.run(20.0)
    trace, weights = sim.get_trace(), plastic.get("weight", format="array")
    sim.end()
    return trace, weights


@pytest.mark.parametrize("multicast", [False, True])
@pytest.mark.parametrize("engine", ["amaranth", "compiled"])
def test_a_source_sends_as_many_packets_as_it_fires_in_a_step(multicast, engine):
    (software, weights), chip = busy_network(), chip_of_four_tiles(engine=engine, multicast=multicast)
    pairs = software.spike_step * software.neurons + software.spike_neuron
    assert (np.unique(pairs, return_counts=True)[1] > 2).sum() > 10
    on_chip, weights_on_chip = busy_network(chip)
    # A chip that is fast enough changes nothing, plastic weights included.
    for name in ("spike_step", "spike_neuron", "weight"):
        np.testing.assert_array_equal(getattr(on_chip, name), getattr(software, name))
    np.testing.assert_array_equal(weights_on_chip, weights)
    live = chip.report()
    again = chip_of_four_tiles(engine=engine, multicast=multicast).replay(on_chip)
    for run in (live, again):
        tile = run.mapping.tile
        reached = {(int(pre), int(tile[post])) for pre, post in zip(on_chip.pre, on_chip.post, strict=True)}
        expected = sum(
            sum(tile[neuron] != target for source, target in reached if source == neuron)
            for neuron in on_chip.spike_neuron.tolist()
        )
        metrics = run.metrics
        assert metrics.packets_sent == metrics.packets_delivered == len(run.deliveries) == expected > 200
        assert metrics.spikes == software.spikes
        assert metrics.late.count == 0
        assert metrics.disorder.max == 0.0
        json.dumps(metrics.to_dict(), allow_nan=False)


def test_several_spikes_of_a_step_come_one_after_the_other_on_a_slow_chip():
    # A link takes a flit a cycle: of ten packets of two flits those that come after the end of the step act later.
    def arrivals(cycles):
        chip = Chip(mesh=(1, 2), crossbar="8x1", cycles_per_step=cycles, engine="amaranth", flits_per_packet=2)
        sim.setup(timestep=1.0, hardware=chip)
        source = sim.Population(1, sim.SpikeSourceArray(spike_times=[2.0] * 10))
        cell = sim.Population(1, sim.IF_curr_delta(tau_m=1e9, v_thresh=1e9, v_rest=0.0), initial_values={"v": 0.0})
        sim.Projection(source, cell, sim.AllToAllConnector(), sim.StaticSynapse(weight=1.0, delay=1.0))
        cell.record("v")
        sim.run(12.0)
        v = cell.get_data().segments[0].analogsignals[0].magnitude[:, 0]
        sim.end()
        return np.rint(np.diff(v)).astype(int).tolist(), chip.report()

    at_once, _ = arrivals(400)
    assert at_once == [0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    late, run = arrivals(8)
    # By the log: as many as were complete in each step.
    steps = np.bincount(run.deliveries.completed // 8, minlength=12)
    assert late == steps.tolist()
    assert steps.sum() == 10
    assert 0 < steps[2] < 10
    assert run.metrics.late.count == 10 - steps[2]
    assert run.metrics.isi.emitted.mean == 0.0
    assert run.metrics.isi.delivered.mean == 2.0


def test_two_runs_of_one_network_continue_on_the_chip():
    def network(chip, pieces):
        sim.setup(timestep=1.0, seed=2, hardware=chip)
        cells = sim.Population(8, sim.SpikeSourcePoisson(rate=200.0))
        sink = sim.Population(8, sim.IF_curr_exp())
        sim.Projection(cells, sink, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
        for piece in pieces:
            sim.run(piece)
        sim.end()
        return chip.report()

    whole = network(chip_of_four_tiles(), [20.0])
    parts = network(chip_of_four_tiles(), [5.0, 1.0, 14.0])
    assert whole.deliveries.delivered.tolist() == parts.deliveries.delivered.tolist()
    assert whole.metrics.to_dict() == parts.metrics.to_dict()


def test_reset_starts_the_chip_afresh():
    chip = chip_of_four_tiles()
    sim.setup(timestep=1.0, seed=2, hardware=chip)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[2.0, 5.0]))
    sink = sim.Population(8, sim.IF_curr_exp())
    sim.Projection(source, sink, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))
    sim.run(10.0)
    first = chip.report().deliveries
    sim.reset()
    sim.run(10.0)
    second = chip.report().deliveries
    sim.end()
    assert len(first) > 0
    assert first.delivered.tolist() == second.delivered.tolist()


def test_the_report_prints_a_table_and_saves_what_it_takes_to_repeat(tmp_path):
    chip = chip_of_four_tiles()
    trace, _ = small_network(chip)
    text = str(chip.report())
    for words in (
        "Latency, mean",
        "Throughput",
        "Energy",
        "ISI distortion",
        "disorder",
        "Fanout",
        "seed 0",
        "amaranth",
    ):
        assert words in text
    chip.report().save(tmp_path)
    saved = json.loads((tmp_path / "metrics.json").read_text())
    assert {"seed", "versions", "engine", "config", "metrics", "mapping"} <= saved.keys()
    assert saved["versions"].keys() >= {"synaptile", "amaranth", "numpy", "PyNN"}
    assert Trace.load(tmp_path / "snn.sw.out").spikes == trace.spikes
    log = load_hardware_log(tmp_path / "snn.hw.out")
    deliveries, activity, header = log.deliveries, log.activity, log.header
    assert len(deliveries) == saved["metrics"]["packets_delivered"]
    assert activity.cycles == saved["metrics"]["cycles"]
    assert header["config"] == saved["config"]


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        chip = chip_of_four_tiles()
        small_network(chip)
        chip.report().save(tmp_path / name, page=False)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_profile_guides_the_mapping_and_must_fit():
    trace, _ = small_network()
    chip = chip_of_four_tiles(profile=trace)
    small_network(chip)
    assert chip.report().mapping_report.spikes_known
    other = Trace(1.0, 1, 3, *[np.zeros(0, int)] * 6)
    with pytest.raises(ValueError, match="profile must be of a network of 22 neurons, not 3"):
        small_network(chip_of_four_tiles(profile=other))


def test_a_network_larger_than_the_chip_is_refused_with_what_would_fit():
    with pytest.raises(MappingError, match=r"22 neurons need at least 4 tiles .*2x1.*"):
        small_network(chip_of_four_tiles(mesh=(2, 1)))


def test_an_empty_network_and_one_without_spikes_run():
    run = chip_of_four_tiles().replay(Trace(1.0, 10, 0, *[np.zeros(0, int)] * 6))
    assert run.metrics.packets_sent == 0
    assert "–" in str(run)
    json.dumps(run.to_dict(), allow_nan=False)
    silent = Trace(1.0, 5, 4, [], [], [0, 1], [2, 3], [0.1, 0.1], [1, 1])
    assert chip_of_four_tiles().replay(silent).metrics.cycles == 5 * 400


def test_an_interrupted_replay_keeps_what_was_delivered(monkeypatch):
    trace, _ = small_network()

    def interrupted(*args, **options):
        engine = make_engine(*args, **options)
        run = engine.run

        def half(until):
            run(until // 2)
            raise KeyboardInterrupt

        engine.run = half
        return engine

    monkeypatch.setattr("synaptile.bridge.session.make_engine", interrupted)
    run = chip_of_four_tiles().replay(trace)
    assert run.partial
    assert 0 < run.metrics.packets_delivered < run.metrics.packets_sent
    assert "(partial)" in str(run)


def test_nothing_to_report_yet():
    with pytest.raises(RuntimeError, match="nothing has run on this chip yet"):
        chip_of_four_tiles().report()


def test_presets_and_files_and_overrides(tmp_path):
    chip = Chip.preset("truenorth", mesh=(6, 6))
    assert (chip.config.name, chip.config.mesh) == ("truenorth", (6, 6))
    assert repr(chip) == "<Chip truenorth: 6x6 tiles of 256 neurons>"
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nmesh: [2, 3]\nbuffer_depth: 8\n")
    assert Chip.from_yaml(path).config == ChipConfig(name="mine", mesh=(2, 3), buffer_depth=8)
    assert Chip.from_yaml(path, buffer_depth=2).config.buffer_depth == 2
    path.write_text("mesh: [2, 3]\nbufer_depth: 8\n")
    with pytest.raises(ConfigError, match=r"bufer_depth.*buffer_depth.*mine\.yaml"):
        Chip.from_yaml(path)
    with pytest.raises(ValueError, match=re.escape("engine must be one of")):
        Chip(engine="magic")
    with pytest.raises(ValueError, match=re.escape("threads must lie in 1..1024, not 0")):
        Chip(threads=0)
    with pytest.raises(TypeError, match=re.escape("threads must be an integer, not 1.5")):
        Chip(threads=1.5)


def test_threads_change_nothing():
    trace, _ = small_network()
    alone, together = (chip_of_four_tiles(mesh=(20, 20), engine="compiled", threads=n).replay(trace) for n in (1, 3))
    assert alone.to_dict() == together.to_dict()


def test_the_exported_chip_is_the_configured_one(tmp_path):
    text = chip_of_four_tiles().export(tmp_path / "chip.v").read_text()
    assert "module synaptile_chip" in text
