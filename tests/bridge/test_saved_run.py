"""A run that was saved is the same when it is read back: every figure follows from the files alone."""

import json
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.effort import examples
from support.fake_runs import imagined, random_trace
from support.on_chip_network import CELLS, run_network

import synaptile.swsim as sim
from synaptile.bridge import Chip, ChipConfig, ChipRun
from synaptile.bridge.cli import main
from synaptile.bridge.metrics.hardware_log import HardwareLogError
from synaptile.swsim.trace import Trace, TraceError


def lock_step(folder: Path, **options: Any) -> ChipRun:
    """The run of a chip so slow that spikes come late, compared with software."""
    settings = {"mesh": (2, 2), "crossbar": "64x16", "cycles_per_step": 12, "compare": True, "engine": "amaranth"}
    chip = Chip(**settings | options)
    sim.setup(timestep=1.0, seed=3, hardware=chip)
    source = sim.Population(12, sim.SpikeSourcePoisson(rate=90.0), label="in")
    cells = sim.Population(20, sim.IF_curr_exp(), label="out")
    sim.Projection(source, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.7, delay=1.0))
    sim.run(20.0)
    sim.end()
    chip.report().save(folder, page=False)
    return chip.report()


def replayed(folder: Path) -> ChipRun:
    run = Chip(mesh=(2, 2), crossbar="60x8", engine="amaranth", seed=4).replay(random_trace())
    run.save(folder, page=False)
    return run


def on_chip(folder: Path, **options: Any) -> ChipRun:
    settings = {"mesh": (2, 2), "crossbar": "96x8", "weight_bits": 5, "mode": "on-chip", "compare": True}
    chip = Chip(**settings | options)
    run_network(CELLS[0] if isinstance(CELLS, list | tuple) else next(iter(CELLS)), hardware=chip, steps=12)
    run = chip.report()
    run.save(folder, page=False)
    return run


RUNS: dict[str, Callable[[Path], ChipRun]] = {
    "replay": replayed,
    "lock-step": lock_step,
    "multicast": lambda folder: lock_step(folder, multicast=True, profile=None),
    "rounded weights, and work that takes time": lambda folder: lock_step(
        folder,
        weight_bits=1,
        inferences=5,
        compute={"neuron_update": 20.0, "synaptic_event": 10.0},
        limits={"fan_in": 3},
        relax="fan_in",
        energy="loihi",
        technology={"name": "t", "bits_per_cell": 1, "cell_read": 0.3, "row_read": 2, "endurance": 4, "cell_nw": 0.1},
    ),
    "model": lambda folder: on_chip(folder, engine="model"),
    "cores, barrier": lambda folder: on_chip(folder, engine="amaranth", tick="barrier", cycles_per_step=7),
    "cores, fixed": lambda folder: on_chip(folder, engine="amaranth", tick="fixed", cycles_per_step=400),
    "partial": lambda folder: _saved(
        imagined(random_trace(partial=True), ChipConfig.preset("demo"), delivered=0.7), folder
    ),
}


def _saved(run: ChipRun, folder: Path) -> ChipRun:
    run.save(folder, page=False)
    return run


def assert_same(found: Any, expected: Any, where: str) -> None:
    """Compare dataclasses field by field, to the last bit; spikes as they were compared again."""
    if is_dataclass(expected):
        assert type(found) is type(expected), where
        for field in fields(expected):
            assert_same(getattr(found, field.name), getattr(expected, field.name), f"{where}.{field.name}")
    elif isinstance(expected, np.ndarray):
        np.testing.assert_array_equal(found, expected, err_msg=where)
    elif isinstance(expected, tuple | list):
        assert len(found) == len(expected), where
        for number, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert_same(one, other, f"{where}[{number}]")
    else:
        np.testing.assert_equal(found, expected, err_msg=where)


@pytest.mark.parametrize(
    "name", examples([name for name in RUNS if name not in ("multicast", "cores, fixed")], list(RUNS))
)
def test_every_figure_follows_from_the_files_alone(name: str, tmp_path: Path) -> None:
    run = RUNS[name](tmp_path)
    assert len(run.packets) > 0 or name == "model"  # which has none
    (tmp_path / "metrics.json").rename(tmp_path / "metrics-of-then.json")  # not what is read
    found = ChipRun.load(tmp_path)
    then = json.loads((tmp_path / "metrics-of-then.json").read_text())
    assert json.loads(json.dumps(found.metrics.to_dict())) == then["metrics"]
    assert found.to_dict() == run.to_dict()
    assert str(found) == str(run)
    for field in fields(ChipRun):
        if field.name != "metrics":
            assert_same(getattr(found, field.name), getattr(run, field.name), field.name)


def test_a_run_that_was_read_is_saved_as_the_same_bytes(tmp_path: Path) -> None:
    lock_step(tmp_path / "one")
    ChipRun.load(tmp_path / "one").save(tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["changes.csv", "metrics.json", "snn.hw.out", "snn.ref.out", "snn.sw.out"]
    then, again = (json.loads((tmp_path / name / "metrics.json").read_text()) for name in ("one", "two"))
    assert again == then
    for name in set(names) - {"metrics.json"}:  # of which keys are in another order
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_of_a_file_from_before_rows_were_counted_all_else_is_known(tmp_path: Path) -> None:
    run = on_chip(tmp_path, engine="model")
    assert run.log is not None
    (path,) = tmp_path.glob("snn.hw.out*")
    with np.load(path) as archive:
        arrays = dict(archive)
    for kept in (6, 5):
        with path.open("wb") as file:
            np.savez(file, **{**arrays, "on_chip.work": arrays["on_chip.work"][:kept]})
        if kept == 6:
            found = ChipRun.load(tmp_path).log
            assert found is not None
            assert found.work == replace(run.log.work, row_reads=None)
        else:
            with pytest.raises(ValueError, match="work must have 7 counts, not 5"):
                ChipRun.load(tmp_path)


def test_the_figures_are_computed_and_not_copied(tmp_path: Path) -> None:
    run = replayed(tmp_path)
    header = run.to_dict()
    fewer = replace(run, deliveries=type(run.deliveries)(*(np.zeros(0, int) for _ in fields(run.deliveries))))
    fewer.save(tmp_path, page=False)
    found = ChipRun.load(tmp_path)
    assert header["metrics"]["packets_delivered"] > 0
    assert found.metrics.packets_delivered == 0
    assert found.metrics.packets_undelivered == run.metrics.packets_sent


def test_where_every_neuron_sits_is_in_the_file(tmp_path: Path) -> None:
    run = lock_step(tmp_path)
    with np.load(tmp_path / "snn.hw.out") as archive:
        assert archive["mapping.tile"].tolist() == run.mapping.tile.tolist()
        assert archive["mapping.slot"].tolist() == run.mapping.slot.tolist()
    assert len(set(run.mapping.tile.tolist())) > 1


def test_what_is_of_another_run_or_of_none_is_refused(tmp_path: Path) -> None:
    replayed(tmp_path)
    trace = Trace.load(tmp_path / "snn.sw.out")
    shorter = trace.spike_step < 9
    spikes = {name: getattr(trace, name)[shorter] for name in ("spike_neuron", "spike_step")}
    for changes, message in (
        ({"steps": 21}, "steps must be the 21 of snn.sw.out, which is of the same run, not 20"),
        (spikes, r"spikes must be the \d+ of snn.sw.out"),
        ({"neurons": 21, "populations": ()}, "neurons must be the 21 of snn.sw.out, which is of the same run, not 20"),
    ):
        replace(trace, **changes).save(tmp_path / "snn.sw.out")
        with pytest.raises(HardwareLogError, match=f"snn.hw.out: {message}"):
            ChipRun.load(tmp_path)
    (tmp_path / "snn.sw.out").write_bytes(b"nothing")
    with pytest.raises(TraceError, match=r"snn.sw.out is not a synaptile trace"):
        ChipRun.load(tmp_path)
    with pytest.raises(FileNotFoundError):
        ChipRun.load(tmp_path / "nowhere")
    trace.save(tmp_path / "snn.sw.out")
    arguments = [
        "traffic",
        "--mesh",
        "2x2",
        "--rate",
        "0.1",
        "--cycles",
        "40",
        "--engine",
        "amaranth",
        "--json",
        "--out",
        str(tmp_path),
    ]
    assert main(arguments) == 0
    with pytest.raises(
        HardwareLogError, match=r"be of a run of a network, with its mapping, not 'of synthetic traffic'"
    ):
        ChipRun.load(tmp_path)
