"""Names in RTLIL become such as every tool leaves as they are, and nothing else changes."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synaptile.rtl.export import ExportError
from synaptile.rtl.export.identity import settings_identity
from synaptile.rtl.export.names import plain_names, verilog_name

MODULE = r"""
attribute \note "left \\alone a__b"
module \top
  wire width 1 input 0 \in__valid
  wire width 4 output 1 \out__payload
  wire width 4 \out_payload__
  wire width 1 \a__b
  wire width 1 \a_b
  wire width 1 \table
  wire width 1 \x.y[0]
  wire width 1 $5
  memory width 4 size 2 \b
  cell \child \a__b$1
    connect \a__b \a__b [0]
    connect \a_b \a_b
  end
  connect \x.y[0] { \table \a__b }
end
"""


def test_names_of_a_module() -> None:
    text = plain_names(MODULE)
    assert r'attribute \note "left \\alone a__b"' in text
    declared = re.findall(r"^  (?:wire|memory|cell) .*\\(\S+)$", text, re.MULTILINE)
    ports, others = declared[:2], declared[2:]
    assert ports == ["in_valid", "out_payload"]
    assert others == ["out_payload_", "a_b", "a_b_2", "table_0", "x_y_0", "b", "a_b_n1"]
    # The ports of another module have names of their own.
    assert r"    connect \a_b \a_b [0]" in text
    assert r"    connect \a_b \a_b_2" in text
    assert r"  connect \x_y_0 { \table_0 \a_b }" in text
    assert "wire width 1 $5" in text


def test_two_ports_of_one_name_are_refused() -> None:
    text = "module \\top\n  wire width 1 input 0 \\a__b\n  wire width 1 input 1 \\a_b\nend\n"
    with pytest.raises(ExportError, match=r"^two ports of the module top would be called a_b$"):
        plain_names(text)


@example(["a_a.", "a.a."])
@given(st.lists(st.from_regex(r"[a-c](_{0,2}[a-c$.]){0,3}", fullmatch=True), unique=True, max_size=8))
def test_different_wires_stay_different(names: list[str]) -> None:
    text = "module \\top\n" + "".join(f"  wire width 1 \\{name}\n" for name in names) + "end\n"
    found = re.findall(r"\\(\w+)$", plain_names(text), re.MULTILINE)[1:]
    assert len(set(found)) == len(found) == len(names)
    assert not any("__" in name for name in found)


def test_ports_are_called_as_their_paths() -> None:
    assert verilog_name(("spikes", 3, "payload")) == "spikes_3_payload"


def test_the_identity_is_that_of_all_settings_in_any_order() -> None:
    settings = {"rows": 2, "topology": "mesh", "multicast": False}
    assert settings_identity(settings) == settings_identity(dict(reversed(settings.items())))
    assert re.fullmatch("[0-9a-f]{16}", settings_identity(settings))
    assert len({settings_identity(settings | {"rows": rows}) for rows in range(50)}) == 50
