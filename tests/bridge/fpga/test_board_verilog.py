"""The top level that `synaptile fpga` writes, under Verilator: its clock, pins and lights, and a host at a terminal.

The cells of the vendors are models of ours (tests/support/verilog). Everything else is the text that a user gets, for a
small chip of two tiles; clock and line have the frequencies that they have on the board.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from support.board_on_pty import BoardOnPty
from support.effort import examples
from support.verilated_board import VerilatedBoard, compile_board

from synaptile.bridge.fpga import engine as engine_module
from synaptile.bridge.fpga.boards import BOARDS
from synaptile.bridge.fpga.design import BoardDesign, board_design
from synaptile.bridge.fpga.engine import FpgaCoreEngine
from synaptile.bridge.fpga.frames import Frame
from synaptile.bridge.fpga.host_link import HostLink
from synaptile.bridge.fpga.link_errors import LinkLost
from synaptile.bridge.fpga.self_test import SelfTest
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import payload_bits
from synaptile.rtl.fpga.frame import FrameKind
from synaptile.rtl.fpga.link import unit_bits

pytestmark = pytest.mark.slow

CORE = CoreParams(
    axons=16, neurons=4, weight_bits=4, neuron="delta-lif", readback=True, lanes=1, targets=16, state_bits=12,
    weight_shift=0, counter_bits=16,
)  # fmt: skip
NETWORK = NetworkParams(rows=1, cols=2).replace(neurons=1 << payload_bits(CORE, NetworkParams(rows=1, cols=2)))
PATIENCE = 120.0

# With a loop of each kind, and without.
CASES = examples(
    [("ulx3s-85f", None)],
    [("ulx3s-85f", None), ("orangecrab-25f", None), ("icebreaker", None), ("icebreaker", 24e6), ("ulx3s-25f", 12.5e6)],
)


@pytest.fixture(scope="module", params=CASES, ids=str)
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A design, and what has been compiled of it."""
    name, clock_hz = request.param
    design = board_design(BOARDS[name], NETWORK, CORE, clock_hz=clock_hz)
    return design, compile_board(design, tmp_path_factory.mktemp("top"))


@pytest.fixture
def design(compiled: Any) -> BoardDesign:
    found: BoardDesign = compiled[0]
    return found


@pytest.fixture
def board(compiled: Any) -> VerilatedBoard:
    design, library = compiled
    return VerilatedBoard(library, design)


@pytest.fixture
def place(board: VerilatedBoard, monkeypatch: pytest.MonkeyPatch) -> Iterator[BoardOnPty]:
    # What are 40 ms on the board takes seconds here.
    monkeypatch.setattr(engine_module, "HostLink", partial(HostLink, silent_seconds=PATIENCE))
    with BoardOnPty(board) as place:
        yield place


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def has_lights(board: VerilatedBoard, expected: set[str], design: BoardDesign) -> bool:
    """Whether of the lights that this board has, these are on; blinking ones have not had the time to."""
    known = {light.function for light in design.board.lights}
    return board.lights == expected & known


def cycles_until(board: VerilatedBoard, lights: set[str], design: BoardDesign, most: int) -> int:
    """Cycles until these are on; nothing is sent meanwhile."""
    for cycle in range(most):
        if has_lights(board, lights, design):
            return cycle
        assert board.run(1) == b""
    raise AssertionError(board.lights)


def test_clock_reset_and_line_at_the_pins(board: VerilatedBoard, design: BoardDesign) -> None:
    """From power-up on, and after the button, and after the clock had stopped."""
    hold = 16 + (1 << 14) * (design.board.family == "ice40")
    # The models of the loops lock after 64 cycles of their input; seen from the chip's clock, which may be faster.
    locking = 0 if design.pll.input_hz == design.pll.output_hz else 64 * design.pll.output_hz / design.pll.input_hz
    error = {"error"}
    assert has_lights(board, error, design), "before there is a clock"
    taken = cycles_until(board, set(), design, int(hold + locking + 10))
    assert abs(taken - hold - locking) < 8
    hello = Frame(FrameKind.HELLO, 3, 0, 0, 1000)
    answer = Frame(FrameKind.HELLO, 3, 0, 0, design.board.buffer_bytes).to_line()
    byte = 10 * design.pll.output_hz / design.baud
    board.give(hello.to_line())
    assert board.run(int(byte * (len(hello.to_line()) + len(answer) + 5))) == answer
    assert has_lights(board, {"link", "ready", "activity"}, design)

    board.button = True
    board.run(1)
    assert "error" in board.lights, "at once"
    assert board.run(100) == b""
    assert has_lights(board, error, design)
    board.button = False
    assert hold - 3 <= cycles_until(board, set(), design, hold + 10) <= hold + 3
    board.give(Frame(FrameKind.DATA, 3, 0, 0, 1000).to_line())
    gone = Frame(FrameKind.HELLO, 0, 0, 0, design.board.buffer_bytes).to_line()
    assert board.run(int(byte * (len(hello.to_line()) + len(gone) + 5))) == gone

    if locking:
        board.powered = False
        board.run(100)
        assert "error" in board.lights, "with no clock at all"
        board.powered = True
        taken = cycles_until(board, set(), design, int(hold + locking + 10))
        assert abs(taken - hold - locking) < 8
    # The first units of time pass after a reset, and nobody is there.
    board.button = True
    board.run(100)
    board.button = False
    cycles_until(board, set(), design, hold + 10)
    board.seen.clear()
    board.run(2 * (1 << unit_bits(design.pll.output_hz)))
    assert board.seen == set()
    assert board.broken == 0


def test_a_run_is_that_of_the_model_and_the_button_ends_it(
    board: VerilatedBoard, place: BoardOnPty, design: BoardDesign
) -> None:
    known = {light.function for light in design.board.lights}
    test = SelfTest(NETWORK, CORE, ticks=40, seed=4)
    until(lambda: board.lights == set())
    board.seen.clear()
    engine = FpgaCoreEngine(NETWORK, CORE, port=place.name)
    assert engine.board.info.version.startswith(f"{design.board.name}, synaptile ")
    assert engine.board.info.clock_hz == round(design.pll.output_hz)
    assert board.seen == {"link", "ready", "activity"} & known
    engine.load(test.images)
    assert test.memory(engine) is None
    model = test.expected(0, 0)
    seen = engine.run(40, test.events, test.when, None)
    expected = model.run(40, test.events, test.when, None)
    assert len(expected.reported) > 10
    assert test.compare(seen, expected) is None
    assert seen.overruns.tolist() == expected.overruns.tolist()
    for tile in range(NETWORK.tiles):
        for variable in test.images[0].variables:
            assert engine.read(tile, variable).tolist() == model.read(tile, variable).tolist()
    assert {"link", "ready", "activity", "running"} & known <= board.lights
    assert "error" not in board.lights
    counts = engine.board.counters()
    assert (counts["ticks"], counts["check_errors"], counts["framing_errors"], board.broken) == (40, 0, 0, 0)

    board.button = True
    until(lambda: "error" in board.lights)
    board.button = False
    until(lambda: "error" not in board.lights)
    with pytest.raises(LinkLost, match="the board has ended the session: it was reset"):
        engine.run(40, test.events, test.when, None)
    engine.close()
    assert not {"link", "ready"} & board.lights

    engine = FpgaCoreEngine(NETWORK, CORE, port=place.name)
    engine.load(test.images)
    assert test.compare(engine.run(40, test.events, test.when, None), expected) is None
    engine.close()
    until(lambda: not {"link", "ready"} & board.lights)
