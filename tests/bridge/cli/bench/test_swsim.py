"""``synaptile bench swsim`` as it is used."""

import json

import pytest

from synaptile.bridge.cli import main

SMALL = ["bench", "swsim", "--networks", "testKernel1", "--duration", "20", "--repeat", "1"]


def test_it_prints_a_line_for_each_and_writes_what_it_found(capsys, tmp_path):
    code = main([*SMALL, "--simulators", "synaptile", "numpy", "--out", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert code == 0
    assert [line.split()[:2] for line in lines[1:3]] == [["testKernel1", "synaptile"], ["testKernel1", "numpy"]]
    values = json.loads((tmp_path / "swsim.json").read_text())
    assert [m["simulator"] for m in values["measurements"]] == ["synaptile", "numpy"]
    assert values["duration_ms"] == 20
    assert not values["partial"]
    assert (tmp_path / "swsim.png").stat().st_size > 1000


def test_a_peer_that_fails_is_left_out(capsys, tmp_path):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\n[ "$1" = -c ] && exit 0\necho "of no use" >&2; exit 1\n')
    python.chmod(0o755)
    code = main([*SMALL, "--simulators", "numpy", "nest", "--python", "nest", str(python), "--json"])
    captured = capsys.readouterr()
    values = json.loads(captured.out)
    assert code == 0
    assert [m["simulator"] for m in values["measurements"]] == ["numpy"]
    assert values["failures"] == ["nest failed on testKernel1: of no use"]
    assert "of no use" in captured.err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--networks", "S_1"], ["--networks", "'S_1'", "S_1000"]),
        (["--simulators", "genn"], ["--simulators", "'genn'", "brian2"]),
        (["--python", "synaptile", "x"], ["--python", "'synaptile'"]),
        (["--duration", "0"], ["--duration", "greater than 0"]),
        (["--limit", "-1"], ["--limit", "greater than 0"]),
        (["--simulators", "nest", "--python", "nest", "/bin/false"], ["nest and PyNN are not installed"]),
    ],
)
def test_wrong_use_is_one_line(capsys, options, words):
    code = main(["bench", "swsim", *options])
    captured = capsys.readouterr()
    assert code == 2
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    for word in words:
        assert word in captured.err
