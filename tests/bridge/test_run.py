import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_runs import imagined, random_trace

from synaptile.bridge.chip import Chip
from synaptile.bridge.config import ChipConfig
from synaptile.bridge.metrics.hardware_log import load_hardware_log
from synaptile.bridge.run import ChipRun
from synaptile.swsim.trace import Trace


@pytest.fixture(scope="module")
def run() -> ChipRun:
    return imagined(random_trace(), ChipConfig.preset("demo"))


def test_the_table_has_a_title_the_caller_s_rows_and_the_metrics(run: ChipRun) -> None:
    lines = run.table([("Accuracy", "96.1", "%")]).splitlines()
    assert lines[0] == "demo, 4×4 tiles, replay, imagined engine, seed 0"
    assert lines[1].split() == ["Accuracy", "96.1", "%"]
    assert [line.split() for line in lines[2:]] == [" ".join(row).split() for row in run.rows()]
    assert str(run) == run.table()
    assert str(replace(run, partial=True)).splitlines()[0].endswith("seed 0 (partial)")


def test_saved_files_hold_the_run(run: ChipRun, tmp_path: Path) -> None:
    written = run.save(tmp_path / "new" / "folder", page=False)
    assert [path.name for path in written] == ["metrics.json", "snn.sw.out", "snn.hw.out"]
    values = json.loads(written[0].read_text())
    assert values == json.loads(json.dumps(run.to_dict()))
    assert values["metrics"] == json.loads(json.dumps(run.metrics.to_dict()))
    assert Trace.load(written[1]).spike_neuron.tolist() == run.trace.spike_neuron.tolist()
    log = load_hardware_log(written[2])
    deliveries, activity, header = log.deliveries, log.activity, log.header
    assert deliveries.delivered.tolist() == run.deliveries.delivered.tolist()
    assert activity.cycles == run.activity.cycles
    assert header["config"] == values["config"]


def test_the_page_is_saved_too_and_needs_no_other_file(run: ChipRun, tmp_path: Path) -> None:
    written = run.save(tmp_path / "all")
    assert [path.name for path in written] == ["metrics.json", "snn.sw.out", "snn.hw.out", "report.html"]
    assert sorted(path.name for path in (tmp_path / "all").iterdir()) == sorted(path.name for path in written)
    text = written[-1].read_text(encoding="utf-8")
    assert "<h1>demo, 4×4 tiles, replay, imagined engine, seed 0</h1>" in text
    assert text.count('src="data:image/png;base64,') == 5
    assert [f'href="{path.name}"' in text for path in written] == [True, True, True, False]
    other = run.save(tmp_path / "other", title="Mine & <yours>")[-1].read_text(encoding="utf-8")
    assert "<h1>Mine &amp; &lt;yours&gt;</h1>" in other


def test_a_run_that_was_read_back_saves_the_same_page(tmp_path: Path) -> None:
    trace = random_trace((5, 3), steps=6, synapses=20)
    first = Chip(mesh=(2, 2), crossbar="8x4", engine="amaranth").replay(trace).save(tmp_path / "one")
    second = ChipRun.load(tmp_path / "one").save(tmp_path / "two")
    assert [path.name for path in first] == [path.name for path in second]
    assert first[-1].read_bytes() == second[-1].read_bytes()


def test_nothing_that_draws_is_imported_with_a_chip() -> None:
    code = "import sys, synaptile.bridge.chip; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
