import pytest

from synaptile.rtl.yosys import YosysError, read_rtlil, run_yosys


def test_a_script_is_run_and_what_it_prints_is_returned() -> None:
    text = "module \\top\n  wire input 0 \\a\n  wire output 1 \\b\n  connect \\b \\a\nend"
    assert "assign b = a;" in run_yosys([read_rtlil(text), "write_verilog -noattr"])


def test_a_failure_says_what_yosys_said() -> None:
    with pytest.raises(YosysError, match=r"^ERROR: No such command: nonsense"):
        run_yosys(["nonsense"])
