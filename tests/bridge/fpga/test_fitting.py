"""What a design takes is told, and what to reduce where the FPGA is too small."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synaptile.bridge.fpga.boards import BOARDS
from synaptile.bridge.fpga.errors import DoesNotFit
from synaptile.bridge.fpga.fitting import (
    NAMES,
    Usage,
    check_fits,
    check_size,
    usage_after_synthesis,
    usage_of_log,
    usage_of_report,
)
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams

BUILT = [board for board in BOARDS.values() if board.is_built_here]


def chip(rows: int, cols: int, axons: int = 64, neurons: int = 64, lanes: int = 4) -> tuple[NetworkParams, CoreParams]:
    return NetworkParams(rows=rows, cols=cols), CoreParams(axons=axons, neurons=neurons, lanes=lanes)


def test_the_cells_of_an_ecp5_are_counted() -> None:
    cells = {"LUT4": 100, "CCU2C": 10, "TRELLIS_DPR16X4": 5, "TRELLIS_FF": 70, "DP16KD": 3, "MULT18X18D": 2, "PFUMX": 9}
    found = {part.part: part.used for part in usage_after_synthesis(cells, BOARDS["ulx3s-25f"])}
    assert found == {"TRELLIS_COMB": 150, "TRELLIS_FF": 70, "TRELLIS_RAMW": 5, "DP16KD": 3, "MULT18X18D": 2}


def test_the_cells_of_an_ice40_are_counted() -> None:
    cells = {"SB_LUT4": 100, "SB_DFF": 20, "SB_DFFESR": 90, "SB_RAM40_4K": 7, "SB_MAC16": 2, "SB_SPRAM256KA": 1}
    found = {part.part: part.used for part in usage_after_synthesis(cells, BOARDS["icebreaker"])}
    assert found == {"ICESTORM_LC": 110, "ICESTORM_RAM": 7, "ICESTORM_DSP": 2, "ICESTORM_SPRAM": 1}


def test_what_nextpnr_says_is_read() -> None:
    board = BOARDS["ulx3s-25f"]
    report = {"utilization": {part: {"used": 3, "available": has} for part, has in board.has.items()}}
    assert usage_of_report(report, board) == tuple(Usage(part, 3, has) for part, has in board.has.items())
    log = "Info: Device utilisation:\nInfo: \t          DP16KD:      80/     56   142%\nInfo: \t  DCCA:  1/ 56   1%\n"
    assert usage_of_log(log, board) == (Usage("DP16KD", 80, 56),)


@pytest.mark.parametrize("board", BUILT, ids=lambda board: board.name)
def test_every_part_has_a_name(board) -> None:  # type: ignore[no-untyped-def]
    assert board.has.keys() <= NAMES.keys()


def test_a_design_that_fits_passes() -> None:
    board = BOARDS["ulx3s-25f"]
    check_fits(tuple(Usage(part, has, has) for part, has in board.has.items()), board, *chip(2, 2))


@given(
    rows=st.integers(1, 8),
    cols=st.integers(1, 8),
    lanes=st.sampled_from([1, 2, 4, 8]),
    part=st.sampled_from(["TRELLIS_COMB", "DP16KD", "MULT18X18D"]),
    factor=st.floats(1.01, 30),
)
def test_the_advice_is_smaller_and_would_fit(rows: int, cols: int, lanes: int, part: str, factor: float) -> None:
    board = BOARDS["ulx3s-85f"]
    network, core = chip(rows, cols, lanes=lanes)
    used = int(board.has[part] * factor) + 1
    with pytest.raises(DoesNotFit) as caught:
        check_fits((Usage(part, used, board.has[part]),), board, network, core)
    text = str(caught.value)
    assert f"{used:,} {NAMES[part]}, {used - board.has[part]:,} more than LFE5U-85F has ({board.has[part]:,})" in text
    mesh, crossbar = re.search(r"--mesh to (\d+)x(\d+)", text), re.search(r"--crossbar to (\d+)x(\d+)", text)
    fewer = re.search(r"--core-lanes to (\d+)", text)
    assert mesh or crossbar or fewer
    if mesh:
        tiles = int(mesh[1]) * int(mesh[2])
        assert int(mesh[1]) <= rows
        assert int(mesh[2]) <= cols
        assert used * tiles / (rows * cols) <= board.has[part]
    if fewer:
        assert part != "DP16KD"
        assert used * int(fewer[1]) / lanes <= board.has[part]
    if crossbar and (int(crossbar[1]), int(crossbar[2])) != (4, 4):
        assert used * int(crossbar[1]) * int(crossbar[2]) / 64**2 <= board.has[part]


def test_what_cannot_fit_is_refused_before_anything_is_made() -> None:
    board = BOARDS["ulx3s-85f"]
    message = (
        r"^the chip does not fit ulx3s-85f: its weights take 67,108,864 bits of memory, [\d,]+ more than LFE5U-85F has "
        r"\(4,502,976\): reduce --mesh to 2x2$"
    )
    with pytest.raises(DoesNotFit, match=message):
        check_size(board, NetworkParams(rows=8, cols=8), CoreParams(axons=512, neurons=512, weight_bits=4))
    with pytest.raises(DoesNotFit, match=r"reduce --crossbar to 512x1024$"):
        check_size(board, NetworkParams(rows=1, cols=1), CoreParams(axons=1024, neurons=1024, weight_bits=8))
    with pytest.raises(
        DoesNotFit, match=r"4,096 tiles take at least 1,024,000 lookup tables, .* reduce --mesh to 18x18$"
    ):
        check_size(board, NetworkParams(rows=64, cols=64), CoreParams(axons=4, neurons=4, lanes=1))
    for name, rows, cols, side in (("ulx3s-85f", 4, 4, 64), ("icebreaker", 1, 1, 256), ("arty-a7-35", 2, 2, 64)):
        check_size(BOARDS[name], NetworkParams(rows=rows, cols=cols), CoreParams(axons=side, neurons=side))
