"""``synaptile replay --spikes``: the spikes of other simulators on the chip, from their files."""

import json
from pathlib import Path
from typing import Any

import h5py
import pytest

from synaptile.bridge.cli import main
from synaptile.bridge.cli.foreign import FORMATS
from synaptile.swsim import foreign
from synaptile.swsim.trace import Trace

SPIKES = "neuron,time_ms\n5,0.2\n0,0.1\n0,0.3\n"
EDGES = "pre,post,weight,delay\n0,5,0.5,0.1\n5,1,1.0,0.2\n"


@pytest.fixture
def replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs the command in a folder with the files; returns (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    Path("s.csv").write_text(SPIKES)
    Path("e.csv").write_text(EDGES)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main(["replay", "--engine", "amaranth", "--mesh", "1x2", "--crossbar", "8x4", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


BOTH = ("--spikes", "s.csv", "--connections", "e.csv")


def test_spikes_and_edges_run_on_the_chip(replay: Any) -> None:
    code, out, err = replay(*BOTH, "--dt", "0.1", "--population", "in=4", "out=2", "--json", "--out", "o")
    assert (code, err) == (0, "")
    values = json.loads(out)
    assert values["network"]["meta"] == {"spikes": ["s.csv"], "connections": "e.csv"}
    assert (values["network"]["neurons"], values["metrics"]["spikes"]) == (6, 3)
    trace = Trace.load("o/snn.sw.out")
    assert (trace.steps, trace.spike_step.tolist(), trace.spike_neuron.tolist()) == (4, [1, 2, 3], [0, 5, 0])
    assert [p.label for p in trace.populations] == ["in", "out"]
    again, out, _ = replay("o/snn.sw.out", "--json")
    assert again == 0
    assert json.loads(out)["metrics"] == values["metrics"]


def test_no_spikes_are_said_to_be_none(replay: Any) -> None:
    Path("s.csv").write_text("neuron,time_ms\n")
    code, out, err = replay(*BOTH, "--dt", "0.1", "--duration", "1", "--json")
    assert (code, err) == (0, "synaptile: s.csv has no spikes: no packet is sent\n")
    assert json.loads(out)["metrics"]["latency_mean"] is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "TRACE must be given, or --spikes with --connections and --dt"),
        (["--dt", "1"], "--dt needs --spikes"),
        (["x", "--first-id", "1"], "--first-id needs --spikes"),
        (["--spikes", "s.csv"], "--connections must be given where --spikes is"),
        ([*BOTH], "--dt must be given where --spikes is"),
        (["trace", *BOTH, "--dt", "1"], "TRACE must be left out where --spikes is given, not 'trace'"),
        ([*BOTH, "--dt", "1"], "spikes must lie within 0.01 of a step of 1 ms, not at "),
        ([*BOTH, "--dt", "0"], "dt must be a number in "),
        ([*BOTH, "--dt", "x"], "must be a number, not 'x'"),
        ([*BOTH, "--dt", "0.1", "--duration", "0.2"], "spikes must not be after the duration of 0.2 ms, not at 0.3 ms"),
        ([*BOTH, "--dt", "0.1", "--neurons", "5"], "spike_neuron must lie in 0..4, not 5"),
        ([*BOTH, "--dt", "0.1", "--population", "in"], "must be LABEL=N such as excitatory=80, not 'in'"),
        ([*BOTH, "--dt", "0.1", "--first-id", "1"], "s.csv: neuron must be whole numbers from 1 on, not 0.0"),
        (["--spikes", "x.csv", "--connections", "e.csv", "--dt", "1"], "--spikes: there is no file 'x.csv'"),
    ],
)
def test_bad_input_is_one_line(replay: Any, arguments: list[str], message: str) -> None:
    code, out, err = replay(*arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1


def test_formats_are_those_that_can_be_read() -> None:
    assert tuple(foreign.FORMATS) == FORMATS


def test_connections_of_sonata(replay: Any) -> None:
    with h5py.File("e.h5", "w") as file:
        for name, nodes, ids in (("source_node_id", "in", [0, 0]), ("target_node_id", "out", [1, 2])):
            file[f"edges/in_to_out/{name}"] = ids
            file[f"edges/in_to_out/{name}"].attrs["node_population"] = nodes
    spikes = ["--spikes", "s.csv", "--connections", "e.h5", "--dt", "0.1"]
    code, out, err = replay(*spikes, "--population", "in=2", "out=4", "--json", "--out", "o")
    assert (code, err) == (0, ""), err
    trace = Trace.load("o/snn.sw.out")
    assert list(zip(trace.pre.tolist(), trace.post.tolist(), strict=True)) == [(0, 3), (0, 4)]
    for arguments, message in (
        ([], "populations must be given with their sizes, for the file has several"),
        (["--population", "in=2", "out=4", "--first-id", "0"], "first_id must be left out, for ids of sonata begin"),
    ):
        code, out, err = replay(*spikes, *arguments)
        assert (code, out) == (2, "")
        assert message in err
        assert err.count("\n") == 1
