import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.fake_runs import imagined, random_trace

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
    written = run.save(tmp_path / "new" / "folder")
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
