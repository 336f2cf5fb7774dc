"""``synaptile export``: chips of cores, the bench, and what is refused."""

import json
import os
from pathlib import Path

import pytest

import synaptile.swsim as sim
from synaptile.bridge import Chip, ChipConfig
from synaptile.bridge.cli import main
from synaptile.bridge.errors import ConfigError
from synaptile.rtl.core_tile import identity_of

CORES = ["--mesh", "1x1", "--mode", "on-chip", "--crossbar", "8x8", "--weight-bits", "4", "--core-neuron", "delta-lif"]
QUICK = ["--testbench", "--engine", "amaranth", "--packets", "10"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_chip_of_cores_is_written() -> None:
    assert main(["export", *CORES, "--out", "cores.v", "--name", "cores"]) == 0
    text = Path("cores.v").read_text()
    config = ChipConfig(mesh="1x1", crossbar="8x8", weight_bits=4, core={"neuron": "delta-lif"})
    assert text == Chip(config, mode="on-chip").export("again.v", name="cores").read_text()
    for line in ("module cores(", "//   neuron = delta-lif", "//   axons = 8", "//   host_tile = 0"):
        assert f"\n{line}" in text


def test_the_folder_has_the_chip_s_name_unless_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", *CORES, *QUICK, "--ticks", "3", "--name", "mine", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["folder"] == "mine"
    assert sorted(told["files"]) == sorted(f"mine/{path.name}" for path in Path("mine").iterdir())
    assert told["file"] == "mine/mine.v"
    assert "3 ticks, 10 packets sent" in told["summary"]
    assert told["lines"] == Path("mine/mine.v").read_text().count("\n")
    assert main(["export", "--mesh", "1x2", *QUICK, "--out", "other/deep/", "--name", "mine"]) == 0
    assert Path("other/deep/mine_bench.v").is_file()
    assert "wrote other/deep: A mesh of 1 x 2 tiles; the bench: 10 packets sent" in capsys.readouterr().err


def test_a_folder_without_a_bench_has_a_core_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "--mesh", "1x2", "--out", "noc/", "--name", "noc"]) == 0
    assert sorted(path.name for path in Path("noc").iterdir()) == ["noc.core", "noc.v"]
    text = Path("noc/noc.core").read_text()
    assert "- noc.v\n" in text
    assert "sim" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--testbench", "--out", "there.v"], "--out must be a folder with --testbench, not 'there.v'"),
        (["--testbench", "--out", "file"], "--out must be a folder with --testbench, not 'file'"),
        (["--testbench", "--out", "pipe"], "--out must be a folder with --testbench, not 'pipe'"),
        (["--testbench", "--out", "/dev/stdout"], "--out must be a folder with --testbench, not '/dev/stdout'"),
        (["--testbench", "--out", "file/folder"], "--out: "),
        (["--testbench", "--out", "/proc/none"], "--out: /proc/none: "),
        (["--testbench", "--packets", "0"], "argument --packets: must be in 1..1000000, not 0"),
        (["--testbench", "--packets", "-4"], "argument --packets: must be in 1..1000000, not -4"),
        (["--testbench", "--packets", "many"], "argument --packets: must be a whole number, not 'many'"),
        (["--testbench", "--mode", "on-chip", "--ticks", "0"], "argument --ticks: must be in 1..1000000, not 0"),
        (["--testbench", "--ticks", "3"], "--ticks needs --mode on-chip"),
        (["--packets", "3"], "--packets needs --testbench"),
        (["--engine", "amaranth"], "--engine needs --testbench"),
        (["--testbench", "--engine", "model"], "--engine must be one of auto, compiled, amaranth, not 'model'"),
        (["--testbench", "--name", "2chip"], "--name must be a Verilog identifier (letters, digits, _), not '2chip'"),
        (
            ["--testbench", "--name", "a__b"],
            "--name must have single underscores only, and none at its end, not 'a__b'",
        ),
        (["--testbench", "--name", "reg"], "--name must be no keyword of Verilog or SystemVerilog, not 'reg'"),
        (
            ["--mode", "on-chip"],
            "core.neuron: must be one of current-lif, current-lif-2, delta-lif, truenorth in an exported chip of "
            "cores, not 'auto', for there is no network to choose it",
        ),
        (["--mode", "on-chip", "--core-neuron", "truenorth"], "weight_bits: must be 1 for neuron truenorth"),
        (
            [
                "--mode",
                "on-chip",
                "--core-neuron",
                "delta-lif",
                "--weight-bits",
                "4",
                "--multicast",
                "--table-entries",
                "1",
            ],
            "table_entries: must be at least 2 in a chip of cores, a key for each tile, not 1",
        ),
        (["--mode", "in-the-air"], "argument --mode: invalid choice: 'in-the-air'"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").touch()
    os.mkfifo("pipe")
    before = sorted(Path().iterdir())
    assert main(["export", "--mesh", "1x2", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith(f"synaptile: error: {said}")
    assert sorted(Path().iterdir()) == before


def test_after_a_network_its_own_chip_is_written() -> None:
    chip = Chip(mesh="1x2", crossbar="8x4", weight_bits=6, mode="on-chip", engine="model", core={"host_tile": 1})
    sim.setup(timestep=1.0, hardware=chip)
    cells = sim.Population(2, sim.FixedPointLIF(bits=19, leak_shift=3, v_thresh=40))
    cells.record("spikes")
    sim.run(2.0)
    exported = chip.exported
    assert exported.core is not None
    assert (exported.core.neuron, exported.core.state_bits, exported.host_tile) == ("delta-lif", 19, 1)
    identity = identity_of(exported.core, exported.network, 1)
    assert f"\n// Identity: {identity:#08x}, " in chip.export("chip.v").read_text()


def test_a_chip_of_cores_without_a_neuron_model_is_refused_before_anything_is_written() -> None:
    with pytest.raises(ConfigError, match=r"^core\.neuron: must be one of "):
        Chip(mesh="1x2", mode="on-chip").export("chip.v")
    assert not Path("chip.v").exists()
