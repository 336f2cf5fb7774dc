# amaranth: UnusedElaboratable=no
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from synaptile.rtl import NetworkParams
from synaptile.rtl.export import ExportError, export_verilog

SMALL = NetworkParams(rows=2, cols=3)


def modules(text: str) -> list[str]:
    return re.findall(r"^module (\S+?) ?\(", text, re.MULTILINE)


def test_the_tile_appears_once_and_is_instantiated_everywhere() -> None:
    text = export_verilog(SMALL)
    assert modules(text).count("synaptile_chip_tile") == 1
    assert len(re.findall(r"^  synaptile_chip_tile tile_\d_\d \(", text, re.MULTILINE)) == 6
    body = re.search(r"^module synaptile_chip\(.*?^endmodule", text, re.MULTILINE | re.DOTALL)
    assert body is not None
    assert "always" not in body[0]


def test_every_module_carries_the_chip_s_name() -> None:
    names = modules(export_verilog(SMALL, name="my_noc"))
    assert len(set(names)) == len(names) > 10
    assert names[0] == "my_noc"
    assert all(name.startswith("my_noc_tile") for name in names[1:])


def test_more_tiles_make_hardly_more_text() -> None:
    small = export_verilog(NetworkParams(rows=2, cols=2))
    large = export_verilog(NetworkParams(rows=4, cols=4))
    assert modules(small) == modules(large)
    assert len(large) < 2.5 * len(small)


def test_the_same_parameters_give_the_same_bytes_in_another_process() -> None:
    script = (
        "import sys; from synaptile.rtl import NetworkParams; from synaptile.rtl.export import export_verilog\n"
        "sys.stdout.write(export_verilog(NetworkParams(rows=2, cols=3)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"PYTHONHASHSEED": "7", "AMARANTH_USE_YOSYS": "system"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == export_verilog(SMALL)


def test_the_environment_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMARANTH_USE_YOSYS", "system")
    before = dict(os.environ)
    export_verilog(SMALL)
    assert dict(os.environ) == before


def test_no_path_of_this_machine_gets_out() -> None:
    text = export_verilog(SMALL)
    assert ".py" not in text
    for path in {Path.cwd(), Path.home(), Path(sys.prefix), Path(__file__).parent}:
        assert str(path) not in text


@pytest.mark.parametrize(
    "params",
    [
        NetworkParams(rows=1, cols=1),
        NetworkParams(rows=1, cols=1, flits_per_packet=1, neurons=1, stamp_bits=0),
        NetworkParams(rows=1, cols=4),
        NetworkParams(rows=4, cols=1, neurons=1, buffer_depth=1),
    ],
    ids=str,
)
def test_nothing_of_width_zero_is_left(params: NetworkParams) -> None:
    text = export_verilog(params)
    assert "[-1:0]" not in text
    assert not re.search(r"\b0'h", text)
    assert "{  }" not in text


def test_a_tag_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^tag_bits must be 0 in an exported chip, not 3$"):
        export_verilog(SMALL.replace(tag_bits=3))


def test_a_failing_yosys_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **kwargs: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess([], 1, "", "ERROR: out of luck\n")

    monkeypatch.setattr("synaptile.rtl.yosys.subprocess.run", fail)
    with pytest.raises(ExportError, match=r"^Yosys could not write the Verilog: ERROR: out of luck$"):
        export_verilog(SMALL)
