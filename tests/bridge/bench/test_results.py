"""What ``synaptile bench`` writes can be judged: settings, machine and versions are beside the measurements."""

import json
from dataclasses import dataclass
from pathlib import Path

from synaptile.bridge.bench.results import machine, results, write_results


@dataclass
class Measured:
    speed: float


def test_results_say_what_they_were_measured_with() -> None:
    values = results([Measured(2.5)], partial=True, seed=7)
    assert list(values) == ["measurements", "seed", "partial", "machine", "versions"]
    assert values["measurements"] == [{"speed": 2.5}]
    assert (values["seed"], values["partial"], values["machine"]) == (7, True, machine())
    assert {"synaptile", "amaranth", "numpy"} <= set(values["versions"])


def test_without_measurements_nothing_is_plotted(tmp_path: Path) -> None:
    plotted: list[Path] = []
    for measurements in ([], [Measured(1.0)]):
        values = results(measurements, partial=False)
        line = write_results(tmp_path, "engines", values, measurements, lambda _measured, path: plotted.append(path))
        assert json.loads((tmp_path / "engines.json").read_text()) == values
        assert line == f"in {tmp_path}: engines.json, engines.png"
    assert plotted == [tmp_path / "engines.png"]
