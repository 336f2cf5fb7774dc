"""The programming stream by the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

import synaptile.swsim as sim
from synaptile.bridge.cli import main
from synaptile.bridge.config import ChipConfig

SCRIPT = """
import sys
import synaptile.swsim as sim
sim.setup(timestep=1.0)
sources = sim.Population(6, sim.SpikeSourceArray(spike_times=[2.0, 4.0, 9.0]), label="sources")
cells = sim.Population(int(sys.argv[1]) if sys.argv[1:] else 30, sim.IF_curr_exp(), label="cells")
sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=2.0, delay=1.0), label="wires")
try:
    sim.run(20.0)
except Exception:
    pass
print("not reached")
"""


@pytest.fixture
def program(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Programs a script's network; returns (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)

    def command(*options: object, script: str = SCRIPT) -> tuple[int, str, str]:
        Path("network.py").write_text(script)
        code = main(["program", "network.py", *map(str, options)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


def test_it_writes_the_stream_and_says_what_became_of_the_network(program: Any) -> None:
    code, out, err = program()
    assert code == 0
    assert "not reached" not in out
    assert out.splitlines()[0].rstrip() == "network.py on demo, in whole numbers"
    assert "weight error of wires" in out
    lines = Path("program.hex").read_text().splitlines()
    packets = [line for line in lines if not line.startswith("//")]
    assert err.startswith(f"synaptile: wrote program.hex: {len(packets):,} packets of ")
    assert sim.state.hardware is None  # what runs next in this process is not stopped


def test_json_is_all_there_is_and_zeros_are_written_on_demand(program: Any) -> None:
    Path("out").mkdir()
    code, out, err = program("--json", "-o", "out/", "--mesh", "1x2", "--crossbar", "8x32")
    values = json.loads(out)
    assert (code, err, values["file"], values["complete"]) == (0, "", "out/program.hex", False)
    assert values["conversion"]["cells"] == 30
    _, out, _ = program("--json", "-o", "all.hex", "--mesh", "1x2", "--crossbar", "8x32", "--complete")
    more = json.loads(out)
    assert more["chip"] == values["chip"]
    # Weights, the variables of current-lif, and first entries, of both tiles; nothing is sent to anybody.
    assert more["packets"] == 2 * (8 * 32 + 10 * 32 + 32) > values["packets"]
    assert "// complete: yes" in Path("all.hex").read_text()


def test_the_script_gets_its_arguments(program: Any) -> None:
    _, out, _ = program("7", "--json")
    assert json.loads(out)["conversion"]["cells"] == 7


@pytest.mark.parametrize(
    ("options", "script", "message"),
    [
        (["--crossbar", "4x32"], SCRIPT, "needs 6 axons, one for each presynaptic neuron and delay, more than the 4"),
        (["--crossbar", "8x32", "--weight-bits", "9"], SCRIPT, "weight_bits: must lie in 1..8 for cores, not 9"),
        ([], SCRIPT.replace("curr_exp", "cond_exp"), "the cell type IF_cond_exp has no form in gates"),
        ([], "pass", "network.py ran no simulation with synaptile on the chip that it is given"),
    ],
)
def test_refusals_are_one_line_and_nothing_is_written(program: Any, options: Any, script: str, message: str) -> None:
    code, out, err = program(*options, script=script)
    assert (code, out) == (2, "")
    assert err.startswith("synaptile: error: ")
    assert message in err
    assert err.count("\n") == 1
    assert not Path("program.hex").exists()


def test_a_script_that_fails_says_where(program: Any) -> None:
    code, _, err = program(script="import synaptile.swsim as sim\n1 / 0\n")
    assert code == 1
    assert "network.py, line 2: ZeroDivisionError" in err


def test_with_routing_by_table_the_tables_are_in_it(program: Any) -> None:
    code, _, _ = program("--multicast", "--buffer-depth", "4", "--mesh", "2x2", "--crossbar", "8x16")
    assert code == 0
    tables = [line for line in Path("program.hex").read_text().splitlines() if line.startswith("// table: ")]
    assert len(tables) >= 16
    assert ChipConfig.preset("demo").multicast is False
