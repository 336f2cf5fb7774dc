"""A mapping that was found before, in all modes of a chip; and neurons that are divided because of their inputs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.on_chip_network import run_network

import synaptile.swsim as sim
from synaptile.bridge import Chip, ChipConfig, ChipRun, map_trace
from synaptile.bridge.cli.main import main
from synaptile.bridge.errors import MappingError
from synaptile.bridge.mapping import GivenMapping, Network, map_network, save_mapping
from synaptile.swsim.trace import Trace

pytestmark = pytest.mark.usefixtures("quick_build")

SMALL: dict[str, Any] = {"mesh": (2, 2), "crossbar": "16x8"}


def trace(neurons: int = 20, inputs: int = 6) -> Trace:
    """Some neurons, each of which listens to those before it, and all of which fire in turn."""
    ids = np.arange(neurons)
    pre = (ids[:, None] + np.arange(1, inputs + 1)).ravel() % neurons
    post = np.repeat(ids, inputs)
    return Trace(
        dt=1.0,
        steps=neurons,
        neurons=neurons,
        spike_neuron=ids,
        spike_step=ids,
        pre=pre,
        post=post,
        weight=np.ones(len(pre)),
        delay=np.ones(len(pre), np.int32),
    )


def save(path: Path, of: Trace, chip: Chip, **methods: Any) -> GivenMapping:
    network = Network.of_trace(of)
    mapping, report = map_network(network, chip.config, **methods)
    return GivenMapping.load(save_mapping(path, network, chip.config, mapping, report))


def test_replay_takes_the_mapping_of_a_file(tmp_path: Path) -> None:
    in_order = save(tmp_path / "m.json", trace(), Chip(**SMALL), partition="in-order", placement="in-order")
    runs = [Chip(**SMALL, mapping=mapping).replay(trace()) for mapping in (in_order, tmp_path / "m.json")]
    for run in runs:
        assert np.array_equal(run.mapping.tile, np.arange(20) // 8)
        assert run.mapping_report.partition.method == "in-order"
    assert runs[0].metrics.to_dict() == runs[1].metrics.to_dict()
    values = json.loads((tmp_path / "m.json").read_text())
    (tmp_path / "m.json").write_text(json.dumps({**values, "tile": [3 - tile for tile in values["tile"]]}))
    turned = Chip(**SMALL, mapping=tmp_path / "m.json").replay(trace())
    assert np.array_equal(turned.mapping.tile, 3 - np.arange(20) // 8)
    direct = Chip(**SMALL, partition="in-order", placement="in-order").replay(trace())
    assert direct.metrics.to_dict() == runs[0].metrics.to_dict()


def lock_step(**options: Any) -> ChipRun:
    chip = Chip(**SMALL, **options)
    sim.setup(timestep=1.0, hardware=chip)
    sources = sim.Population(6, sim.SpikeSourcePoisson(rate=100.0))
    neurons = sim.Population(10, sim.IF_curr_exp())
    sim.Projection(sources, neurons, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0))
    sim.run(20.0)
    return chip.report()


def test_lock_step_takes_the_mapping_of_a_trace(tmp_path: Path) -> None:
    found = lock_step()
    given = save(tmp_path / "m.json", found.trace, Chip(**SMALL), partition="in-order")
    assert np.array_equal(lock_step(mapping=given).mapping.tile, np.arange(16) // 8)


def test_cores_take_the_tiles_of_their_cells(tmp_path: Path) -> None:
    chip: dict[str, Any] = {"mesh": (2, 2), "crossbar": "96x8", "weight_bits": 5, "mode": "on-chip"}
    software = run_network()
    first = Chip(**chip, engine="model")
    run_network(hardware=first)
    of = first.report().trace
    tile = np.where(np.arange(of.neurons) < 8, 0, 3 - np.arange(of.neurons) // 8)
    path = tmp_path / "m.json"
    path.write_text(json.dumps({"format": "synaptile-mapping", "version": 1, "tile": tile.tolist()}))
    given = Chip(**chip, engine="model", mapping=path)
    assert run_network(hardware=given).spikes == software.spikes
    mapping = given.report().mapping
    assert mapping.inside.tolist() == (np.arange(of.neurons) >= 8).tolist()
    assert np.array_equal(mapping.tile[mapping.inside], tile[8:])
    assert not np.array_equal(first.report().mapping.tile, mapping.tile)


def test_a_mapping_that_leaves_a_core_without_axons(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    tile = [0] * 8 + [number // 8 for number in range(20)]
    path.write_text(json.dumps({"format": "synaptile-mapping", "version": 1, "tile": tile}))
    chip = Chip(mesh=(2, 2), crossbar="20x8", weight_bits=5, mode="on-chip", engine="model", mapping=path)
    with pytest.raises(MappingError, match=r"m.json: tile \d needs \d+ axons, .*, more than the 20 of its crossbar"):
        run_network(hardware=chip)


def test_a_mapping_of_another_network_is_refused(tmp_path: Path) -> None:
    given = save(tmp_path / "m.json", trace(), Chip(**SMALL))
    with pytest.raises(MappingError, match="of a network of 20 neurons, and this one has 16"):
        lock_step(mapping=given)


def test_neurons_of_too_many_inputs_are_divided_under_a_trace() -> None:
    """Six inputs onto crossbars of 4 axons: two parts for each neuron, and two packets or arrivals more a step."""
    run = Chip(mesh=(8, 8), crossbar="4x4").replay(trace())
    split = run.mapping_report.split
    assert split is not None
    assert (split.neurons, split.parts, split.inputs, split.levels) == (20, 40, 4, 1)
    assert run.trace.neurons == 60
    assert run.metrics.spikes == 20 + split.spikes
    rows = {what: value for what, value, _ in run.rows()}
    assert rows["Neurons divided"] == "20 into 40 parts of at most 4 inputs"
    tile, post = run.mapping.tile, run.trace.post[-40:]
    remote = tile[20:] != tile[post]
    merging = np.bincount(run.trace.spike_neuron, minlength=60)[20:]
    assert rows["Merging packets"] == f"{int(merging[remote].sum()):,}"
    assert run.to_dict()["mapping"]["split"] == split.to_dict()


@pytest.mark.parametrize("more", [{}, {"topology": "tree"}])
def test_a_search_counts_what_the_engine_counts_also_of_divided_neurons(more: dict[str, Any]) -> None:
    """Packets, links of all packets, and flits over the busiest link."""
    config = ChipConfig(mesh=(4, 4), crossbar="4x4", **more)
    found = map_trace(trace(8), config, partitions=["overlap"])
    assert found.split is not None
    run = Chip(config, mapping=found.given(), engine="amaranth").replay(trace(8))
    assert run.trace.spikes == found.trace.spikes
    best, activity = found.best, run.activity
    assert best.packets == int(activity.injected_flits.sum()) // config.flits_per_packet
    assert best.values["spike-hops"] == activity.packet_hops
    assert best.values["worst-link"] == max(activity.link_flits.max(), activity.hub_link_flits.max(initial=0))


def test_a_divided_run_is_read_back(tmp_path: Path) -> None:
    run = Chip(mesh=(8, 8), crossbar="4x4").replay(trace())
    run.save(tmp_path)
    again = ChipRun.load(tmp_path)
    assert again.mapping_report.split == run.mapping_report.split
    assert again.rows() == run.rows()


@pytest.mark.parametrize(("limits", "relax"), [(None, ()), ({"fan_in": 4}, ("fan_in",))])
def test_the_chips_fan_in_divides_too(limits: Any, relax: Any) -> None:
    divided = Chip(mesh=(4, 4), crossbar="16x4", limits={"fan_in": 4}).replay(trace())
    whole = Chip(mesh=(4, 4), crossbar="16x4", limits=limits, relax=relax).replay(trace())
    assert divided.mapping_report.split is not None
    assert whole.mapping_report.split is None


def test_undivided_they_are_refused() -> None:
    with pytest.raises(MappingError, match="has 6 presynaptic neurons, more than the 4 axons of a crossbar"):
        Chip(mesh=(4, 4), crossbar="4x4", split=False).replay(trace())


def test_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    trace().save("t")
    save(Path("m.json"), trace(), Chip(**SMALL), partition="in-order", placement="in-order")
    common = ["replay", "t", "--mesh", "2x2", "--crossbar", "16x8", "--json"]
    assert main([*common, "--mapping", "m.json"]) == 0
    values = json.loads(capsys.readouterr().out)
    assert values["mapping"]["placement"]["method"] == "in-order"
    for arguments, says in (
        (["--mapping", "none.json"], "--mapping: there is no file 'none.json'"),
        (["--mapping", "t"], "t: not the file of a mapping"),
        (["--mapping", "m.json", "--mesh", "2x3"], "mesh is 2x2, and this one's is 2x3"),
        (["--crossbar", "4x8", "--no-split"], "more than the 4 axons of a crossbar"),
    ):
        assert main([*common, *arguments]) == 2
        error = capsys.readouterr().err
        assert says in error
        assert error.count("\n") == 1
