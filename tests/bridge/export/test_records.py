import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.effort import examples
from support.verilog_bench import require

from synaptile.bridge.export.records import Records
from synaptile.bridge.export.template import filled


@st.composite
def tables(draw: st.DrawFn) -> Records:
    widths = draw(st.lists(st.integers(1, 70), min_size=1, max_size=5))
    fields = tuple((f"field{i}", width) for i, width in enumerate(widths))
    row = st.tuples(*(st.integers(0, (1 << width) - 1) for width in widths))
    return Records("Numbers.", fields, draw(st.lists(row, max_size=4)))


@given(tables())
def test_a_field_s_bits_are_its_number(records: Records) -> None:
    lines = [line for line in records.text().splitlines() if not line.startswith("//")]
    assert len(lines) == records.depth == max(1, len(records.numbers))
    for line, row in zip(lines, records.numbers, strict=False):
        word = int(line.replace("_", ""), 16)
        assert word < 1 << records.width
        for (name, width), value in zip(records.fields, row, strict=True):
            high, low = map(int, re.findall(r"\d+", records.bits(name)))
            assert (high - low + 1, word >> low & ((1 << width) - 1)) == (width, value)


def test_icarus_reads_what_is_written(tmp_path: Path) -> None:
    require("icarus")
    records = Records("Numbers.", (("a", 3), ("b", 65), ("c", 4)), [(5, 1 << 64, 9), (1, 77, 0)])
    (tmp_path / "data.hex").write_text(records.text())
    values = ", ".join(f"data[i]{records.bits(name)}" for name in "abc")
    (tmp_path / "bench.v").write_text(
        f"""module bench;
          reg [{records.width - 1}:0] data [0:{records.depth - 1}]; integer i;
          initial begin
            $readmemh("data.hex", data);
            for (i = 0; i < 2; i = i + 1)
              $display("%0d %0d %0d", {values});
          end
        endmodule"""
    )
    subprocess.run(["iverilog", "-g2001", "-o", "bench", "bench.v"], cwd=tmp_path, check=True)
    run = subprocess.run(["vvp", "bench"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert run.stdout == f"5 {1 << 64} 9\n1 77 0\n"


@pytest.mark.parametrize("value", examples([8, -1], [8, 9, 1 << 40, -1]))
def test_a_number_that_has_too_many_bits_is_refused(value: int) -> None:
    with pytest.raises(AssertionError, match=f"^a of {value} has more than 3 bits"):
        Records("Numbers.", (("a", 3),), [(value,)]).text()


def test_nothing_in_a_template_is_left_open() -> None:
    with pytest.raises(KeyError, match="'name'"):
        filled("Makefile", {}, {})
    assert "@" not in filled("Makefile", {"name": "noc"}, {})
