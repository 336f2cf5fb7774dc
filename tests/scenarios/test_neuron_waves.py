"""What the waveform of a chip of cores shows of its neurons is what the run gives back."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.on_chip_network import run_network
from support.vcd_log import read_latencies

from synaptile.bridge import Chip
from synaptile.bridge.engines import fastest
from synaptile.bridge.waves.neuron_recorder import NeuronRecorder
from synaptile.bridge.waves.recorder import VcdRecorder
from synaptile.bridge.waves.vcd_reader import VCDVCD

STEPS, SOURCES, NANOSECONDS = 12, 8, 10


def chip(waves: NeuronRecorder | None, **changes: Any) -> Chip:
    settings = {"mesh": (2, 2), "crossbar": "96x8", "weight_bits": 5, "mode": "on-chip", "neuron_waves": waves}
    return Chip(**(settings | changes))


@pytest.mark.skipif(fastest("auto") != "compiled", reason="needs a C++ compiler")
@pytest.mark.parametrize("changes", [{}, {"tick": "fixed", "cycles_per_step": 400}], ids=["barrier", "fixed"])
def test_the_waveform_is_the_run(changes: dict[str, Any], tmp_path: Path) -> None:
    """Spikes and potentials of recorded neurons tick by tick, and every event at an axon; and it changes nothing."""
    waves = NeuronRecorder(tmp_path / "net.vcd", clock_hz=100e6, neurons=9)
    used = chip(waves, **changes)
    seen = run_network(steps=STEPS, hardware=used)
    dump, _save = waves.finish()
    plain = run_network(steps=STEPS, hardware=chip(None, **changes))
    assert seen.spikes == plain.spikes
    assert seen.potentials == plain.potentials

    run = used.report()
    assert run.log is not None
    starts = [NANOSECONDS * start for start in run.log.starts.tolist()]
    ends = [*starts[1:], starts[-1] + NANOSECONDS * int(run.log.lengths[-1])]
    vcd = VCDVCD(str(dump))
    assert [(time, int(value, 2)) for time, value in vcd["chip.tick"].tv] == list(
        zip(starts, range(STEPS + 1), strict=True)
    )
    for neuron in range(9):
        rises = [time for time, value in vcd[f"chip.cells.n{neuron}.spike"].tv if value == "1"]
        fired = [next(step for step, end in enumerate(ends) if time < end) for time in rises]
        assert fired == [step for step, who in seen.spikes if who == SOURCES + neuron]
        shown = [float(vcd[f"chip.cells.n{neuron}.v"][end]) for end in ends]
        assert shown == [row[neuron] for row in seen.potentials]
    events = [
        time for tile in range(4) for time, value in vcd[f"chip.tile_{tile // 2}_{tile % 2}.axon"].tv if value != "z"
    ]
    assert len(events) == len(run.deliveries)
    assert f"chip.cells.n{9}.v" not in vcd.signals


@pytest.mark.skipif(fastest("auto") != "compiled", reason="needs a C++ compiler")
def test_only_ticks_that_begin_in_the_window_are_shown(tmp_path: Path) -> None:
    waves = NeuronRecorder(tmp_path / "net.vcd", clock_hz=100e6, start=800, stop=2000)
    run_network(steps=STEPS, hardware=chip(waves, tick="fixed", cycles_per_step=400))
    vcd = VCDVCD(str(waves.finish()[0]))
    assert [int(value, 2) for _, value in vcd["chip.tick"].tv if value != "x"] == [2, 3, 4]


def test_the_waveform_of_the_network_is_the_run(tmp_path: Path) -> None:
    """In Amaranth's simulator, every packet is seen to enter the network and to leave it when the run says so."""
    with VcdRecorder(tmp_path / "net.vcd", clock_hz=100e6) as waves:
        used = Chip(mesh=(2, 2), crossbar="96x8", weight_bits=5, mode="on-chip", engine="amaranth", waves=waves)
        run_network(steps=4, hardware=used)
    seen, run = read_latencies(tmp_path / "net.vcd"), used.report()
    told = run.deliveries
    assert run.log is not None
    assert len(seen.tag) == len(told) + run.log.reports > 20
    events = np.isin(seen.tag, told.tag)
    for name in ("tag", "injected", "delivered", "completed"):
        assert sorted(getattr(seen, name)[events].tolist()) == sorted(getattr(told, name).tolist()), name


def test_the_cores_in_numbers_have_no_waveforms(tmp_path: Path) -> None:
    waves = NeuronRecorder(tmp_path / "net.vcd", clock_hz=100e6)
    with pytest.raises(ValueError, match=r"^waves need an engine that has gates, not 'model'$"):
        chip(waves, engine="model")
