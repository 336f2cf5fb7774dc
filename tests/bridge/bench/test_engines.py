"""Engines and peers are measured alike."""

import pytest

from synaptile.bridge.bench import engines as bench
from synaptile.rtl import NetworkParams


def test_ours_is_measured_as_a_peer_is_by_the_whole_command_without_its_start(monkeypatch):
    """Both by two commands, for one cycle and for all, the fastest of as many runs of each."""
    commands = []

    def run(what, words):
        commands.append((what, words))
        cycles = int(words[words.index("--cycles") + 1])
        # Now and then the machine does something else.
        return 2.0 + cycles * 1e-3 + (len(commands) % bench.REPETITIONS != 0)

    monkeypatch.setattr(bench, "_run", run)
    params = NetworkParams(rows=2, cols=3, flits_per_packet=3, buffer_depth=5)
    ours = bench.measure_engine("amaranth", params, rate=0.1, seconds=0.001, seed=7)
    theirs = bench.measure_peer(
        "other", "run {rows} {cols} {flits} {rate} --cycles {cycles}", params, rate=0.1, cycles=41
    )
    assert len(commands) == 4 * bench.REPETITIONS
    for measured in (ours, theirs):
        assert measured.cycles_per_second == pytest.approx(measured.cycles / ((measured.cycles - 1) * 1e-3))
        assert measured.start_seconds == pytest.approx(2.001)
    assert ours.engine_cycles_per_second not in (None, ours.cycles_per_second)
    words = commands[bench.REPETITIONS][1]
    options = f"--rate 0.1 --cycles {ours.cycles} --seed 7 --engine amaranth --json"
    assert words[words.index("traffic") :] == f"traffic --mesh 2x3 --flits 3 --buffer 5 {options}".split()
    assert commands[-1] == ("peer other", ["run", "2", "3", "3", "0.1", "--cycles", "41"])
    assert bench.line(theirs).split()[6:8] == ["–", "–"]
