"""The command line as people and scripts use it: results, JSON, files, one-line errors, exit codes."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from synaptile.bridge.cli import main
from synaptile.bridge.cli.main import COMMANDS
from synaptile.swsim import Trace

SCRIPT = """
import sys
from pyNN.utility import get_simulator
sim, options = get_simulator()
sim.setup(timestep=1.0)
sources = sim.Population(6, sim.SpikeSourceArray(spike_times=[2.0, 4.0, 9.0]), label="sources")
cells = sim.Population(30, sim.IF_curr_exp(), label="cells")
sim.Projection(sources, cells, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.5, delay=1.0))
sim.run(20.0)
print("the script's own output", sys.argv[1:])
sim.end()
"""
AMARANTH = ("--engine", "amaranth")


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "network.py"
    path.write_text(SCRIPT)
    return path


@pytest.fixture
def synaptile(capsys):
    """Runs the command in this process; returns (exit code, standard output, standard error)."""

    def run(*arguments: object) -> tuple[int, str, str]:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def refused(synaptile):
    """Checks for one line on standard error with these words, nothing on standard output, and the exit code."""

    def check(arguments, *words, code=2):
        got, out, err = synaptile(*arguments)
        assert err.startswith("synaptile: ")
        assert err.count("\n") == 1, err
        for word in words:
            assert word in err
        assert got == code
        assert out == ""

    return check


@pytest.mark.parametrize("command", [command for command in COMMANDS if command != "fpga"])  # which has commands itself
def test_every_command_has_help(command, synaptile):
    code, out, _ = synaptile(command, *["engines"] * (command == "bench"), "--help")
    assert code == 0
    # Neither the list of presets nor what two runs differ in is random.
    for option in ("--json", "--out", *["--seed"] * (command not in ("compare", "presets"))):
        assert option in out


@pytest.mark.parametrize("arguments", [["presets", "demo"], ["export", "--mesh", "1x1", "--out", "{}/chip.v"]])
def test_a_seed_is_accepted_where_nothing_is_random(arguments, synaptile, tmp_path):
    words = [word.format(tmp_path) for word in arguments]
    plain = synaptile(*words)
    assert plain[0] == 0
    assert synaptile(*words, "--seed", "3") == plain


def test_version_and_overview(synaptile):
    code, out, _ = synaptile("--version")
    assert code == 0
    assert out.startswith("synaptile 0.")
    code, out, _ = synaptile("--help")
    assert code == 0
    assert all(command in out for command in COMMANDS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], ["COMMAND"]),
        (["dance"], ["'dance'"]),
        (["traffic", "--mesh", "0x4"], ["mesh", "at least 1 by 1", "0x4"]),
        (["traffic", "--mesh", "four"], ["mesh", "4x4", "'four'"]),
        (["traffic", "--mesh", "1x1"], ["--mesh", "at least 2 nodes", "1x1"]),
        (["traffic", "--rate", "1.5"], ["--rate", "0..1", "1.5"]),
        (["traffic", "--rate", "much"], ["--rate", "number", "'much'"]),
        (["traffic", "--cycles", "0"], ["--cycles", "1..1000000000000", "0"]),
        (["traffic", "--cycles", "10", "--warmup", "11"], ["--warmup", "0..10", "11"]),
        (["traffic", "--pattern", "chaos"], ["--pattern", "tornado", "'chaos'"]),
        (["traffic", "--mesh", "3x3", "--pattern", "bit-reverse"], ["--pattern", "power of two", "9 (3x3)"]),
        (["traffic", "--mesh", "3x2", "--pattern", "transpose"], ["--pattern", "as many rows as columns", "3x2"]),
        (["traffic", "--hotspot", "1,1"], ["hotspots", "left out", "'uniform'"]),
        (["traffic", "--pattern", "hotspot", "--hotspot", "x"], ["--hotspot", "ROW,COLUMN", "'x'"]),
        (["traffic", "--pattern", "hotspot", "--hotspot", "9,0"], ["hotspots", "4x4", "9,0"]),
        (["traffic", "--pattern", "hotspot", "--hotspot-share", "2"], ["share", "0..1", "2"]),
        (["traffic", "--loads", "0.1:0.2"], ["--loads", "--sweep"]),
        (["traffic", "--sweep", "--rate", "0.1"], ["--rate", "--sweep"]),
        (["traffic", "--sweep", "--drain"], ["--drain", "--sweep"]),
        (["traffic", "--sweep", "--loads", "0.3"], ["--loads", "FROM:TO", "'0.3'"]),
        (["traffic", "--sweep", "--loads", "0.3:0.1"], ["--loads", "first <= last", "0.3 and 0.1"]),
        (["traffic", "--sweep", "--loads", "0.3:2.1"], ["--loads", "2 flits", "2.1"]),
        (["traffic", "--sweep", "--steps", "0"], ["--steps", "1..10000", "0"]),
        (["traffic", "--sweep", "--steps", "1000000000000"], ["--steps", "1..10000", "1000000000000"]),
        (["traffic", "--sweep", "--loads", "0.1:inf"], ["--loads", "FROM:TO", "'0.1:inf'"]),
        (["traffic", "--sweep", "--cycles", "1000000000000"], ["--cycles", "1,000,000,000 packets", "--log"]),
        (["traffic", "--cycles", "1000000000000"], ["--cycles", "1,000,000,000 packets", "800,000,000,000", "--log"]),
        (["traffic", "--cycles", "1000000000001"], ["--cycles", "1..1000000000000", "1000000000001"]),
        (["traffic", "--cycles", "9" * 5000], ["--cycles", "whole number", "'" + "9" * 56 + "..."]),
        (["traffic", "--cycles", "²"], ["--cycles", "whole number", "'²'"]),
        (["traffic", "--warmup", "9" * 400], ["--warmup", "0..1000000000000"]),
        (["traffic", "--pattern", "hotspot", "--hotspot", "²,1"], ["--hotspot", "ROW,COLUMN", "'²,1'"]),
        (["traffic", "--pattern", "hotspot", "--hotspot", "9" * 5000 + ",1"], ["--hotspot", "ROW,COLUMN"]),
        (["traffic", "--mesh", "9" * 5000 + "x4"], ["mesh", "4x4", "'99999"]),
        (["traffic", "--sweep", "--cycles", "50", "--warmup", "50"], ["--warmup", "0..49", "50"]),
        (["traffic", "--sweep", "--compare", "xy", "magic"], ["--compare magic", "west-first", "'magic'"]),
        (["traffic", "--sweep", "--compare", "xy/random"], ["--compare xy/random", "first", "'random'"]),
        (["traffic", "--buffer-depth", "0"], ["buffer_depth", "1..64", "0"]),
        (["traffic", "--buffer", "0"], ["buffer_depth", "1..64", "0"]),
        (["traffic", "--crossbar", "0x4"], ["crossbar.axons", "1..65536", "0"]),
        (["traffic", "--clock-hz", "0"], ["clock_hz", "at least 0.001", "0"]),
        (["traffic", "--cycles-per-step", "many"], ["--cycles-per-step", "'many'"]),
        (["traffic", "--topology", "torus"], ["virtual_channels", "at least 2", "1"]),
        (["traffic", "--multicast"], ["--multicast", "--fanout"]),
        (["traffic", "--mesh", "2x2", "--fanout", "4"], ["--fanout", "1..3", "4"]),
        (["traffic", "--multicast", "--routing", "dyad"], ["routing", "xy or yx", "'dyad'"]),
        (["traffic", "--link-stages", "9"], ["link_stages", "8", "9"]),
        (["traffic", "--virtual-channels", "5"], ["virtual_channels", "4", "5"]),
        (["traffic", "--flits-per-packet", "17"], ["flits_per_packet", "16", "17"]),
        (["traffic", "--flits", "17"], ["flits_per_packet", "16", "17"]),
        (["traffic", "--routing", "magic"], ["routing", "xy", "'magic'"]),
        (["traffic", "--selection", "random"], ["selection", "first", "'xy'", "'random'"]),
        (["traffic", "--arbitration", "fair"], ["arbitration", "through-first", "'fair'"]),
        (["traffic", "--routing", "dyad", "--dyad-threshold", "9"], ["dyad_threshold", "0..4", "9"]),
        (["traffic", "--engine", "steam"], ["--engine", "amaranth", "'steam'"]),
        (["traffic", "--threads", "0"], ["--threads", "1..1024", "0"]),
        (["traffic", "--seed", "-1"], ["--seed", "0..9223372036854775807", "-1"]),
        (["traffic", "--chip", "nowhere.yaml"], ["--chip", "nowhere.yaml"]),
        (["traffic", "--frob"], ["--frob"]),
        (["presets", "trueworth"], ["trueworth", "truenorth"]),
        (["presets", "show", "trueworth"], ["trueworth", "truenorth"]),
        (["presets", "show"], ["show NAME", "check FILE", "not show"]),
        (["presets", "check", "nowhere.yaml"], ["FILE", "nowhere.yaml"]),
        (["presets", "demo", "loihi"], ["show NAME", "not demo loihi"]),
        (["traffic", "--technology", "pcn"], ["technology: no technology 'pcn'; did you mean 'pcm'?"]),
        (["traffic", "--technology", "nowhere.yaml"], ["technology", "nowhere.yaml"]),
        (["traffic", "--chip", "truenorth", "--technology", "pcm"], ["technology", "all-in synaptic_event"]),
        (["run", __file__, "--profile", "nowhere"], ["--profile", "snn.sw.out", "nowhere"]),
        (["run", __file__, "--profile", ".", "--mode", "replay"], ["--profile", "--mode", "replay"]),
        (["replay", "nowhere"], ["TRACE", "nowhere"]),
        (["run", "nowhere.py"], ["SCRIPT", "nowhere.py"]),
        (["run", "x.py", "--inferences", "0"], ["--inferences", "must be at least 1, not 0"]),
        (["replay", "x", "--inferences", "2.5"], ["--inferences", "must be a whole number, not '2.5'"]),
        (["demo", "--images", "0"], ["--images", "1..360", "0"]),
        (["export", "--mesh", "257x1", "-o", "/dev/null"], ["mesh", "256", "257x1"]),
        (["export", "--name", "2chip", "-o", "/dev/null"], ["--name", "Verilog identifier", "'2chip'"]),
        (["export", "--name", "module", "-o", "/dev/null"], ["--name", "no keyword", "'module'"]),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(arguments, words, refused):
    refused(arguments, *words)


def test_traffic_has_what_network_people_measure(synaptile, tmp_path):
    arguments = ["traffic", "--mesh", "3x3", "--cycles", "150", *AMARANTH, "--drain", "--seed", "4"]
    code, out, err = synaptile(*arguments, "--json", "--out", tmp_path / "t")
    assert (code, err) == (0, "")
    values = json.loads(out)
    assert values.keys() >= {
        "cycles",
        "packets_injected",
        "packets_delivered",
        "latency_mean",
        "latency_max",
        "accepted_flits_per_cycle_per_node",
        "hops_mean",
        "wall_s",
        "cycles_per_s",
        "engine",
        "seed",
        "versions",
        "config",
    }
    assert values["packets_injected"] == values["packets_delivered"] > 0
    assert (values["engine"], values["seed"]) == ("amaranth", 4)
    assert json.loads((tmp_path / "t" / "traffic.json").read_text()) == values
    assert values["saturated"] is False
    assert values["energy"]["table"] == "noxim"
    assert values["energy"]["per_packet_pj"] == pytest.approx(2 * values["energy"]["per_flit_pj"])
    table = synaptile(*arguments)[1]
    assert "mean latency" in table
    assert "energy per packet delivered (noxim)" in table
    assert "leakage of cores: no number in the table" in table


def test_traffic_beyond_saturation_says_so(synaptile):
    arguments = ["traffic", "--mesh", "3x3", "--cycles", "100", "--rate", "0.7", *AMARANTH]
    code, out, err = synaptile(*arguments, "--json")
    values = json.loads(out)
    assert (code, values["saturated"]) == (0, True)
    arrived = f"{values['packets_delivered']:,} of {values['packets_injected']:,} packets"
    assert err == f"synaptile: the network is saturated: latency and hops are those of the {arrived} that arrived\n"
    _, table, err = synaptile(*arguments)
    assert any(line.split()[:2] == ["saturated", "yes"] for line in table.splitlines())
    assert arrived in err


def test_a_sweep_compares_networks_and_writes_table_csv_and_plot(synaptile, tmp_path):
    arguments = ["traffic", "--sweep", "--mesh", "3x3", "--loads", "0.1:0.3", "--steps", 2, "--cycles", 200, *AMARANTH]
    compare = ["--compare", "xy", "odd-even/round-robin"]
    code, out, err = synaptile(*arguments, *compare, "--pattern", "tornado", "--json", "--out", tmp_path)
    assert (code, err) == (0, "")
    values = json.loads(out)
    assert [(curve["routing"], curve["selection"]) for curve in values["curves"]] == [
        ("xy", "first"),
        ("odd-even", "round-robin"),
    ]
    for curve in values["curves"]:
        assert [point["load"] for point in curve["points"]] == [0.1, 0.3]
        assert all(point["packets_delivered"] > 0 for point in curve["points"])
        assert all(point["energy"]["per_packet_pj"] > 0 for point in curve["points"])
    assert values["pattern"] == {"name": "tornado"}
    assert (values["warmup"], values["cycles"], values["partial"]) == (100, 200, False)
    assert json.loads((tmp_path / "sweep.json").read_text()) == values
    assert len((tmp_path / "sweep.csv").read_text().splitlines()) == 5
    assert (tmp_path / "sweep.png").read_bytes().startswith(b"\x89PNG")
    code, out, _ = synaptile(*arguments, "--pattern", "tornado")
    assert code == 0
    assert "Tornado traffic on 3×3" in out
    assert "xy: not saturated at these loads" in out
    assert "energy/packet" in out
    assert "energy by the table noxim" in out
    assert "not in this energy: 1 leakage of cores: no number in the table" in out


def test_ctrl_c_keeps_the_points_of_a_sweep_measured_so_far(synaptile, monkeypatch, tmp_path):
    from synaptile.bridge.traffic import load_sweep as module

    measure, calls = module.measure_load, []

    def interrupted(engine, params, **options):
        calls.append(params.routing)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return measure(engine, params, **options)

    monkeypatch.setattr(module, "measure_load", interrupted)
    arguments = ["--mesh", "2x2", "--steps", 3, "--cycles", 100, "--compare", "xy", "yx", "--out", tmp_path]
    code, out, err = synaptile("traffic", "--sweep", *arguments, *AMARANTH)
    assert code == 130
    assert "interrupted: 3 of 6 points are measured" in err
    assert "yx: not measured" in out
    values = json.loads((tmp_path / "sweep.json").read_text())
    assert values["partial"]
    assert [len(curve["points"]) for curve in values["curves"]] == [3, 0]
    assert (tmp_path / "sweep.png").exists()


def test_traffic_can_be_logged_to_disk(synaptile, refused, tmp_path):
    arguments = ["traffic", "--mesh", "3x3", "--cycles", "500", "--json", "--engine"]
    code, out, _ = synaptile(*arguments, "compiled", "--threads", 2, "--log", tmp_path / "log.npy", "--out", tmp_path)
    assert code == 0
    assert len(np.load(tmp_path / "log.npy")) == json.loads(out)["packets_delivered"] > 0
    refused([*arguments, "amaranth", "--log", tmp_path / "log.npy"], "--log", "compiled", "amaranth")
    refused([*arguments, "compiled", "--log", tmp_path / "no" / "log.npy"], "No such file", code=1)


def test_a_copied_preset_is_checked(synaptile, refused, tmp_path):
    assert synaptile("presets", "show", "loihi", "--out", tmp_path)[0] == 0
    mine = tmp_path / "loihi.yaml"
    told = synaptile("presets", "check", mine)[1]
    assert "loihi is a chip of 8 × 16 tiles of 4,096 axons × 1,024 neurons, 131,072 neurons in all" in told
    assert "measured" in told
    assert json.loads(synaptile("presets", "check", mine, "--json")[1])["config"]["name"] == "loihi"
    mine.write_text(mine.read_text().replace("evidence: measured", "evidence: guessed", 1))
    refused(["presets", "check", mine], "evidence: must be one of measured, fitted, pre-silicon", "'guessed'")
    mine.write_text("mesh: [2, 2]\nlimits: {fan_in: 0, delays: [3]}\n")
    refused(["presets", "check", mine], "limits.fan_in", "limits.delays", "not 0")


def test_a_copied_technology_is_used(script, synaptile, refused, tmp_path):
    assert {"sram", "pcm", "rram"} <= json.loads(synaptile("presets", "--json")[1])["technologies"].keys()
    assert synaptile("presets", "show", "rram", "--out", tmp_path)[0] == 0
    mine = tmp_path / "rram.yaml"
    assert mine.read_text() == synaptile("presets", "show", "rram")[1]
    values = json.loads(synaptile("presets", "rram", "--json")[1])
    assert values["technology"]["cell_write"] == 0.6
    assert values["provenance"]["cell_write"]["evidence"] == "simulator"
    chip = tmp_path / "chip.yaml"
    chip.write_text("name: mine\nweight_bits: 4\ntechnology: rram.yaml\n")
    assert "technology rram: without cells_per_weight,synaptic_read,row_read" in synaptile("presets", "check", chip)[1]
    code, out, _ = synaptile("run", script, "synaptile", *AMARANTH, "--chip", chip, "--json")
    energy = json.loads(out)["metrics"]["energy"]
    assert code == 0
    assert energy["events"]["cell_read"] == 4 * json.loads(out)["metrics"]["synaptic_events"] > 0
    assert energy["dynamic_pj"]["cell_read"] == energy["events"]["cell_read"] * 0.1
    assert energy["programming"]["worn_out"] is False
    without = synaptile("run", script, "synaptile", *AMARANTH, "--chip", chip, "--technology", "none", "--json")[1]
    assert "programming" not in json.loads(without)["metrics"]["energy"]
    mine.write_text(mine.read_text().replace("value: 0.6", "value: 0.6 nJ"))
    refused(["presets", "check", chip], "technology", "cell_write: must be a number in pJ, not '0.6 nJ'")


def test_presets_are_listed_shown_and_written(synaptile, tmp_path):
    assert "truenorth" in synaptile("presets")[1]
    assert "loihi" in json.loads(synaptile("presets", "--json")[1])["presets"]
    values = json.loads(synaptile("presets", "loihi", "--json")[1])
    assert values["config"]["name"] == "loihi"
    assert all(origin["source"] for origin in values["provenance"].values())
    assert "Merolla" in synaptile("presets", "show", "truenorth")[1]
    assert synaptile("presets", "show", "truenorth") == synaptile("presets", "truenorth")
    assert synaptile("presets", "demo", "--out", tmp_path)[0] == 0
    code, out, _ = synaptile("traffic", "--chip", tmp_path / "demo.yaml", "--cycles", 20, "--json")
    assert code == 0
    assert json.loads(out)["config"]["name"] == "demo"


def test_export_writes_verilog(synaptile, tmp_path):
    code, out, _ = synaptile("export", "--mesh", "2x2", "-o", tmp_path / "chip.v", "--json")
    assert code == 0
    values = json.loads(out)
    text = (tmp_path / "chip.v").read_text()
    assert values["tiles"] == 4
    assert values["lines"] == text.count("\n")
    assert "endmodule" in text
    assert values["name"] == "synaptile_chip"
    assert synaptile("export", "--mesh", "2x2", "-o", tmp_path)[0] == 0
    assert (tmp_path / "synaptile_chip.v").read_text() == text
    code, out, _ = synaptile("export", "--mesh", "2x2", "-o", tmp_path / "noc.v", "--name", "noc", "--json")
    assert (code, json.loads(out)["name"]) == (0, "noc")
    assert (tmp_path / "noc.v").read_text() == text.replace("synaptile_chip", "noc")


def test_a_script_runs_on_the_chip_and_its_trace_is_replayed(script, synaptile, tmp_path):
    folder = tmp_path / "out"
    code, out, _ = synaptile("run", script, "synaptile", *AMARANTH, "--out", folder, "--seed", 3)
    assert code == 0
    assert "the script's own output ['synaptile']" in out
    assert "Latency, mean" in out
    assert {"snn.sw.out", "snn.hw.out", "metrics.json", "report.html"} <= {path.name for path in folder.iterdir()}
    saved = json.loads((folder / "metrics.json").read_text())
    assert (saved["mode"], saved["seed"], saved["partial"]) == ("lock-step", 3, False)

    code, out, _ = synaptile("replay", folder / "snn.sw.out", *AMARANTH, "--json")
    values = json.loads(out)
    assert values["mode"] == "replay"
    assert values["metrics"]["packets_delivered"] == saved["metrics"]["packets_delivered"] > 0


def test_the_energy_of_an_inference_is_told_where_their_number_is(script, synaptile):
    code, out, _ = synaptile("run", script, "synaptile", *AMARANTH, "--inferences", 4, "--json")
    energy = json.loads(out)["metrics"]["energy"]
    assert (code, energy["inferences"]) == (0, 4)
    assert energy["per_inference_pj"] == energy["total_pj"] / 4
    _, out, _ = synaptile("run", script, "synaptile", *AMARANTH)
    assert "Energy per spike" in out
    assert "inference" not in out


@pytest.mark.parametrize("mode", ["lock-step", "replay", "software"])
def test_json_is_all_there_is_on_standard_output(mode, script, synaptile):
    code, out, err = synaptile("run", script, "synaptile", "--mode", mode, *AMARANTH, "--json")
    assert code == 0
    assert json.loads(out)["mode"] == mode
    assert "the script's own output" in err


def test_waveforms_of_a_window_and_some_tiles(script, synaptile, refused, tmp_path):
    folder = tmp_path / "o"
    arguments = ["run", script, "synaptile", *AMARANTH, "--vcd", "--out", folder]
    assert synaptile(*arguments, "--vcd-cycles", "100:300", "--vcd-tiles", "0,0", "1,1")[0] == 0
    assert {"network.vcd", "network.gtkw"} <= {path.name for path in folder.iterdir()}
    text = (folder / "network.vcd").read_text()
    assert "tile_1_1" in text
    assert "tile_0_1" not in text
    for bad, word in (
        ("²:3", "FROM:TO"),
        ("0:" + "9" * 30, "FROM:TO"),
        ("5", "FROM:TO"),
        ("9:3", "FROM < TO"),
        ("a:b", "'a:b'"),
    ):
        refused([*arguments, "--vcd-cycles", bad], "--vcd-cycles", word)
    refused([*arguments, "--vcd-tiles", "9,9"], "--vcd-tiles", "4x4", "9,9")
    for bad in ("north", "²,1", "1,2,3", "1", "9" * 5000 + ",1", ""):
        refused([*arguments, "--vcd-tiles", bad], "--vcd-tiles", "ROW,COLUMN")
    refused(["run", script, "--vcd"], "--vcd", "--out")
    refused(["run", script, "--vcd-cycles", "1:2"], "need --vcd")


def test_a_network_that_does_not_fit_is_refused(script, refused):
    refused(["run", script, "synaptile", "--mesh", "1x1", *AMARANTH], "36 neurons", "16", "1x1")


def test_files_that_are_not_traces_are_refused(refused, tmp_path):
    Trace(1.0, 2, 2, [0], [1], [0], [1], [0.5], [1]).save(tmp_path / "good")
    whole = (tmp_path / "good").read_bytes()
    for name, content in (("short", whole[: len(whole) // 2]), ("text", b"not a trace"), ("empty", b"")):
        (tmp_path / name).write_bytes(content)
        refused(["replay", tmp_path / name], name, "not a synaptile trace")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mesh: [2, 2]\nspeed: fast\n", ["speed"]),
        ("mesh: [2, 2]\nbuffer_depth: deep\n", ["buffer_depth", "deep"]),
        ("mesh: 0\n", ["mesh", "0"]),
        ("mesh: [0, 4]\n", ["mesh", "0x4"]),
        ("mesh: [2, 2\n", ["YAML"]),
        ("", ["empty"]),
        ("- 1\n- 2\n", ["mapping"]),
    ],
)
def test_wrong_chip_files_are_refused(text, words, refused, tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    refused(["traffic", "--chip", path], "bad.yaml", *words)


def test_a_folder_that_cannot_be_written_is_found_before_the_run(script, refused, tmp_path):
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file" / "sub", tmp_path / "file"):
        refused(["run", script, "synaptile", "--out", folder], "file", code=1)
        refused(["traffic", "--out", folder, "--cycles", "5"], "file", code=1)
        refused(["demo", "--out", folder], "file", code=1)


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        ("x = 1\n", ["ran no simulation"], 2),
        ("x = = 1\n", ["line 1", "SyntaxError"], 1),
        ("import pyNN.synaptile as sim\n\nsim.setup(timestep=-1.0)\n", ["line 3", "timestep", "-1"], 1),
        ("raise SystemExit(3)\n", ["ended itself with 3"], 1),
        (
            "import synaptile.swsim as sim\nsim.setup(timestep=1.0)\n"
            "p = sim.Population(2, sim.IF_curr_exp())\n"
            "sim.Projection(p, p, sim.AllToAllConnector(), sim.StaticSynapse(delay=0.0))\n",
            ["line 4", "delay", "0"],
            1,
        ),
    ],
)
def test_a_script_that_fails_is_one_line(text, words, code, refused, tmp_path):
    path = tmp_path / "bad.py"
    path.write_text(text)
    refused(["run", path, *AMARANTH], "bad.py", *words, code=code)


def test_what_was_computed_before_a_script_failed_is_kept(synaptile, tmp_path):
    path = tmp_path / "late.py"
    path.write_text(SCRIPT.replace("sim.end()", "raise ValueError('too late')"))
    code, out, err = synaptile("run", path, "synaptile", *AMARANTH, "--out", tmp_path / "o")
    assert code == 1
    assert "too late" in err
    assert "Latency, mean" in out
    assert Trace.load(tmp_path / "o" / "snn.sw.out").spikes > 0
    assert (tmp_path / "o" / "metrics.json").exists()


def interrupted(arguments: list[str], after: Path) -> tuple[int, str, str]:
    """Run the command in a process of its own, and press Ctrl-C once the file is there."""
    command = [sys.executable, "-c", "import sys; from synaptile.bridge.cli import main; sys.exit(main())", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        deadline = time.monotonic() + 120
        while not after.exists() and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        process.kill()
    return process.returncode, out, err


def test_ctrl_c_in_a_run_keeps_partial_results_and_says_so(tmp_path):
    started = tmp_path / "started"
    script = tmp_path / "long.py"
    script.write_text(
        "import pathlib\nimport synaptile.swsim as sim\nsim.setup(timestep=1.0)\n"
        "a = sim.Population(20, sim.SpikeSourcePoisson(rate=100.0))\nb = sim.Population(20, sim.IF_curr_exp())\n"
        "sim.Projection(a, b, sim.AllToAllConnector(), sim.StaticSynapse(weight=0.1, delay=1.0))\n"
        f"sim.run(5.0)\npathlib.Path({str(started)!r}).touch()\nsim.run(1e6)\n"
    )
    folder = tmp_path / "out"
    code, out, err = interrupted(["run", str(script), *AMARANTH, "--json", "--out", str(folder)], after=started)
    assert err == "synaptile: interrupted: the results are partial\n"
    assert code == 130
    values = json.loads(out)
    assert values["partial"] is True
    assert values["metrics"]["packets_delivered"] > 0
    trace = Trace.load(folder / "snn.sw.out")
    assert trace.partial
    assert trace.spikes == values["metrics"]["spikes"]
    assert "partial" in (folder / "report.html").read_text().lower()


def test_ctrl_c_in_traffic_prints_what_was_measured(tmp_path):
    folder = tmp_path / "t"
    arguments = ["traffic", "--mesh", "3x3", "--cycles", "500000", *AMARANTH, "--json", "--out", str(folder)]
    code, out, err = interrupted(arguments, after=folder)
    assert code == 130
    assert err.startswith("synaptile: interrupted")
    assert err.count("\n") == 1
    if out:  # pressed while the chip was running, not while it was being built
        assert json.loads(out)["partial"] is True


def test_engines_are_measured_beside_a_peer(synaptile, tmp_path, monkeypatch):
    monkeypatch.setattr("synaptile.bridge.bench.engines.REPETITIONS", 1)
    arguments = ["bench", "engines", "--engines", "amaranth", "--mesh", "2x2", "--rate", "0.1", "--seconds", "0.01"]
    peer = ["--peer", "idler", f"{sys.executable} -c 'assert {{rows}} == {{cols}} == 2'", "--peer-cycles", 100]
    code, out, err = synaptile(*arguments, *peer, "--json", "--out", tmp_path)
    assert (code, err) == (0, "")
    values = json.loads(out)
    ours, theirs = values["measurements"]
    assert (ours["engine"], theirs["engine"]) == ("amaranth", "idler")
    assert ours["cycles_per_second"] > 0
    assert ours["engine_cycles_per_second"] > 0
    assert theirs["engine_cycles_per_second"] is None
    assert theirs["cycles"] == 100
    assert json.loads((tmp_path / "engines.json").read_text()) == values
    assert (tmp_path / "engines.png").stat().st_size > 1000
    assert "amaranth" in synaptile(*arguments)[1]


@pytest.mark.parametrize(
    ("options", "words", "code"),
    [
        (["--engines", "steam"], ["--engines", "'steam'"], 2),
        (["--mesh", "0x1"], ["--mesh", "0x1"], 2),
        (["--seconds", "0"], ["--seconds", "greater than 0"], 2),
        (["--seconds", "inf"], ["--seconds", "at most 86400", "inf"], 2),
        (["--seconds", "nan"], ["--seconds", "at most 86400", "nan"], 2),
        (["--seconds", "1e9"], ["--seconds", "at most 86400", "1e+09"], 2),
        (["--peer", "x", ""], ["peer x", "a command is needed, not ''"], 2),
        (["--peer", "x", "  "], ["peer x", "a command is needed, not '  '"], 2),
        (["--peer", "x", "'"], ["peer x", "No closing quotation"], 2),
        (["--peer", "x", "{rows.real.x}"], ["peer x", "'{rows.real.x}'"], 2),
        (["--peer", "x", "false"], ["peer x", "exit code 1"], 1),
        (["--peer", "x", "no-such-program"], ["no-such-program"], 1),
        (["--peer", "x", "run {speed}"], ["peer x", "speed"], 2),
    ],
)
def test_a_bench_that_cannot_be_is_one_line(options, words, code, refused, monkeypatch):
    monkeypatch.setattr("synaptile.bridge.bench.engines.REPETITIONS", 1)
    small = ["--engines", "amaranth", "--mesh", "1x2", "--rate", "0.1", "--seconds", "0.001", "--json"]
    refused(["bench", "engines", *small, *options], *words, code=code)
