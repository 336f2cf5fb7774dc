"""The demonstration, with one image on the chip: everything that it promises is there and agrees with itself."""

import json
from pathlib import Path

import pytest
from support.vcd_log import read_latencies

from synaptile.bridge.cli import main
from synaptile.bridge.metrics.hardware_log import load_hardware_log
from synaptile.swsim import Trace


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    assert main(["demo", "--images", "1", "--out", str(folder), "--engine", "amaranth", "--json"]) == 0
    return folder


def test_everything_promised_is_there(demo):
    names = {path.name for path in demo.iterdir()}
    assert names >= {
        "report.html",
        "metrics.json",
        "snn.sw.out",
        "snn.hw.out",
        "demo.vcd",
        "demo.gtkw",
        "chip.v",
        "raster.png",
        "latency.png",
        "heatmap.png",
        "placement.png",
    }
    page = (demo / "report.html").read_text()
    assert 'src="http' not in page
    assert 'href="http' not in page


def test_the_classifier_classifies_and_needs_several_tiles(demo):
    values = json.loads((demo / "metrics.json").read_text())
    assert values["accuracy_software"] > 0.93
    assert values["accuracy_chip"] in (0.0, 1.0)
    assert values["images_software"] == 360
    assert values["metrics"]["tiles_used"] > 1
    assert values["metrics"]["packets_delivered"] == values["metrics"]["packets_sent"] > 300
    assert values["metrics"]["energy"]["total_pj"] > 0


def test_the_files_tell_the_same_story(demo):
    values = json.loads((demo / "metrics.json").read_text())
    trace = Trace.load(demo / "snn.sw.out")
    log = load_hardware_log(demo / "snn.hw.out")
    deliveries, header = log.deliveries, log.header
    assert trace.spikes == values["metrics"]["spikes"]
    assert [population.label for population in trace.populations] == ["pixels", "hidden", "output"]
    assert header["seed"] == values["seed"]
    waves = read_latencies(demo / "demo.vcd")
    injected = dict(zip(deliveries.tag.tolist(), deliveries.injected.tolist(), strict=True))
    seen = [(tag, cycle) for tag, cycle in zip(waves.tag.tolist(), waves.injected.tolist(), strict=True) if cycle >= 0]
    assert len(seen) > 100
    assert all(injected[tag] == cycle for tag, cycle in seen)


def test_an_interrupted_demo_keeps_what_it_has(tmp_path, monkeypatch, capsys):
    from synaptile.bridge.chip import Chip

    exchange = Chip.exchange

    def impatient(self, step, spikes):
        if step == 12:
            raise KeyboardInterrupt
        return exchange(self, step, spikes)

    monkeypatch.setattr(Chip, "exchange", impatient)
    assert main(["demo", "--images", "1", "--out", str(tmp_path), "--engine", "amaranth"]) == 130
    assert "interrupted: the results are partial" in capsys.readouterr().err
    values = json.loads((tmp_path / "metrics.json").read_text())
    assert values["partial"] is True
    assert values["accuracy_chip"] is None
    assert values["metrics"]["packets_delivered"] > 0
