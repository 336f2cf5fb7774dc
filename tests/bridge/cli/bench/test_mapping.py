"""``synaptile bench mapping`` as it is used."""

import json

import pytest

from synaptile.bridge.cli import main


def test_it_prints_a_table_means_and_the_distance_to_the_best_and_draws_the_curve(capsys, tmp_path):
    curve = tmp_path / "curve.png"
    options = ["--network", "digits", "--method", "load balancing", "in order", "--time-limit", "0.3"]
    code = main(["bench", "mapping", *options, "--curve", str(curve), "--out", str(tmp_path)])
    out = capsys.readouterr().out
    assert code == 0
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("digits")][:2] == [
        ["digits", "load"],
        ["digits", "in"],
    ]
    assert "search, 0.3 s / load balancing" in out
    assert "above the best of all" in out
    assert curve.read_bytes()[:4] == b"\x89PNG"
    values = json.loads((tmp_path / "mapping.json").read_text())
    assert [m["method"] for m in values["measurements"]] == ["load balancing", "in order", "search, 0.3 s"]
    assert values["time_limits_s"] == [0.3]
    assert not values["partial"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--network", "S_1"], ["--network", "'S_1'", "S_1000"]),
        (["--method", "magic"], ["--method", "'magic'", "load balancing"]),
        (["--engine", "magic"], ["--engine", "'magic'"]),
        (["--time-limit", "0"], ["--time-limit", "not 0"]),
        (["--time-limit", "nan"], ["--time-limit", "nan"]),
    ],
)
def test_wrong_use_is_one_line(capsys, options, words):
    code = main(["bench", "mapping", *options])
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err
