"""The timing as nextpnr reports it, in the names of the source."""

from typing import Any

import pytest

from synaptile.bridge.fpga.timing import ClockResult, signal_of, timing_of


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("top.chip.tile_0.core.owed_TRELLIS_FF_Q_3", "top.chip.tile_0.core.owed"),
        ("top.queue.filled_TRELLIS_FF_Q_3_DI_LUT4_Z_D_LUT4_Z_C[1]", "top.queue.filled"),
        ("top.sender.fsm_state_TRELLIS_FF_Q_CE_PFUMX_Z_ALUT_LUT4_Z", "top.sender.fsm_state"),
        ("top.core.owed[4]", "top.core.owed"),
        ("$glbnet$top.clk", "top.clk"),
        ("top.lane_0.v_SB_DFFER_Q_2_D_SB_LUT4_O_I1", "top.lane_0.v"),
        ("top.lane_0.v_SB_LUT4_O", "top.lane_0.v"),
        ("top.sums.storage.0.0", "top.sums.storage.0.0"),
        ("top.LUT4_names.are_ours", "top.LUT4_names.are_ours"),
    ],
)
def test_names_of_cells_become_those_of_signals(name: str, signal: str) -> None:
    assert signal_of(name) == signal


def step(kind: str, cell: str, delay: float, net: str = "") -> dict[str, Any]:
    return {"type": kind, "delay": delay, "to": {"cell": cell}, **({"net": net} if net else {})}


REPORT: dict[str, Any] = {
    "fmax": {"$glbnet$fast": {"achieved": 90.0, "constraint": 50.0}, "slow": {"achieved": 24.0, "constraint": 25.0}},
    "critical_paths": [
        {"from": "posedge $glbnet$fast", "to": "posedge $glbnet$fast", "path": [step("clk-to-q", "x", 1.0)]},
        {"from": "<async>", "to": "posedge slow", "path": [step("clk-to-q", "y", 1.0)]},
        {
            "from": "posedge slow",
            "to": "posedge slow",
            "path": [
                step("clk-to-q", "a.count_TRELLIS_FF_Q_1", 0.5),
                step("routing", "a.sum_LUT4_Z", 2.0, "a.count[1]"),
                step("logic", "$nextpnr_ICESTORM_LC_16", 0.25),
                step("routing", "a.sum_LUT4_Z_1", 1.0, "a.sum[3]"),
                step("setup", "b.total_TRELLIS_FF_Q", 0.25),
            ],
        },
    ],
}


def test_the_clock_with_least_to_spare_has_its_path_told() -> None:
    timing = timing_of(REPORT)
    assert timing.clocks == (ClockResult("fast", 50.0, 90.0), ClockResult("slow", 25.0, 24.0))
    assert not timing.is_met
    assert timing.worst.name == "slow"
    assert [(step.signal, step.logic_ns, step.wire_ns) for step in timing.path] == [
        ("a.count", 0.75, 2.0),
        ("a.sum", 0.0, 1.0),
        ("b.total", 0.25, 0.0),
    ]
    assert timing.path_text() == "a.count -> a.sum -> b.total (4.0 ns, 3.0 of them on wires)"
    assert timing.to_dict()["clocks"][1] == {"name": "slow", "asked_mhz": 25.0, "reached_mhz": 24.0, "met": False}


def test_a_clock_that_is_just_fast_enough_is_met() -> None:
    met = {**REPORT, "fmax": {"slow": {"achieved": 25.0, "constraint": 25.0}}}
    assert timing_of(met).is_met


def test_a_design_without_a_clock_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"^the design has no clock$"):
        timing_of({"fmax": {}, "critical_paths": []})
