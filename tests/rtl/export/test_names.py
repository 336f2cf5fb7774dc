import re
import subprocess
from pathlib import Path

import pytest
from support.verilog_bench import require

from synaptile.rtl import NetworkParams
from synaptile.rtl.export import export_verilog
from synaptile.rtl.export.names import check_name

SMALL = NetworkParams(rows=1, cols=2)


@pytest.mark.parametrize("name", ["", "2chip", "a-b", "chip top", "chip\n", "$chip", "é", "\\chip", "a.b"])
def test_a_name_that_is_no_identifier_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"^name must be a Verilog identifier \(letters, digits, _\), not "):
        export_verilog(SMALL, name=name)


@pytest.mark.parametrize("name", ["module", "reg", "table", "uwire", "logic", "until_with", "noshowcancelled"])
def test_a_keyword_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=rf"^name must be no keyword of Verilog or SystemVerilog, not '{name}'$"):
        export_verilog(SMALL, name=name)


@pytest.mark.parametrize("name", ["_", "a_", "noc__a", "__a"])
def test_a_name_that_tools_would_change_is_refused(name: str) -> None:
    with pytest.raises(
        ValueError, match=rf"^name must have single underscores only, and none at its end, not '{name}'$"
    ):
        export_verilog(SMALL, name=name)


@pytest.mark.parametrize("name", ["a", "_a", "Module", "chip_2", "x" * 100, "clk", "tile_0_0"])
def test_others_are_not(name: str) -> None:
    check_name(name)


CHIPS = {
    "noc_a": NetworkParams(rows=2, cols=2),
    "noc_b": NetworkParams(rows=2, cols=2, flits_per_packet=1),
    "clk": NetworkParams(rows=1, cols=2, virtual_channels=2),
    "table_noc": NetworkParams(rows=2, cols=2, routing="table", table_entries=70, multicast=True, counter_bits=4),
    "tree": NetworkParams(rows=2, cols=2, topology="tree", link_stages=1),
}


def test_chips_of_several_names_stand_in_one_design(tmp_path: Path) -> None:
    require("icarus")
    found: list[str] = []
    for name, params in CHIPS.items():
        text = export_verilog(params, name=name)
        (tmp_path / f"{name}.v").write_text(text)
        modules = re.findall(r"^module (\S+?) ?\(", text, re.MULTILINE)
        assert all(re.fullmatch(rf"{name}(_\w+)?", module) for module in modules)
        found += modules
    assert len(set(found)) == len(found)
    files = [str(tmp_path / f"{name}.v") for name in CHIPS]
    tops = [part for name in CHIPS for part in ("-s", name)]
    run = subprocess.run(
        ["iverilog", "-g2001", "-Wall", "-t", "null", *tops, *files], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout + run.stderr) == (0, "")
