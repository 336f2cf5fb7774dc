"""The boards: every one has a design whose pins are those of its definition."""

import re
from functools import cache

import pytest

from synaptile.bridge.fpga import boards
from synaptile.bridge.fpga.boards import BOARDS, board_named
from synaptile.bridge.fpga.design import TOP, BoardDesign, board_design
from synaptile.bridge.fpga.errors import ToolUnavailable, UnknownBoard
from synaptile.rtl import NetworkParams
from synaptile.rtl.core import CoreParams
from synaptile.rtl.core_tile import payload_bits
from synaptile.rtl.fpga.board.board_top import LIGHTS


@cache
def design_of(name: str, **options: float) -> BoardDesign:
    core = CoreParams(axons=4, neurons=4, lanes=1, targets=4, neuron="delta-lif")
    network = NetworkParams(rows=1, cols=1)
    return board_design(BOARDS[name], network.replace(neurons=1 << payload_bits(core, network)), core, **options)


def pins(design: BoardDesign) -> dict[str, str]:
    """The pin of each port in the constraints of any family."""
    _, text = design.constraints
    forms = (r'LOCATE COMP "(\S+?)" SITE "(\w+)"', r"set_io (\S+) (\w+)", r'LOC (\w+) \[get_ports "(\S+?)"\]')
    found = [re.findall(form, text) for form in forms]
    return {**dict(found[0]), **dict(found[1]), **{port: pin for pin, port in found[2]}}


@pytest.mark.parametrize(
    ("name", "some"),
    [
        # From the boards' own schematics.
        ("ulx3s-85f", {"clk25_0__io": "G2", "uart_0__rx__io": "M1", "uart_0__tx__io": "L4", "led_0__io": "B2"}),
        ("icebreaker", {"clk12_0__io": "35", "uart_0__rx__io": "6", "uart_0__tx__io": "9", "led_r_0__io": "11"}),
        ("orangecrab-25f", {"clk_0__io": "A9", "uart_0__rx__io": "N17", "uart_0__tx__io": "M18"}),
        ("arty-a7-35", {"clk100_0__io": "E3", "uart_0__rx__io": "A9", "uart_0__tx__io": "D10", "led_3__io": "T10"}),
    ],
)
def test_clock_serial_line_and_lights_have_the_pins_of_the_board(name: str, some: dict[str, str]) -> None:
    design = design_of(name)
    found = pins(design)
    assert {port: found[port] for port in some} == some
    lights = [port for port in found if "led" in port]
    assert len(lights) == len(BOARDS[name].lights)
    assert len(set(found.values())) == len(found) == 3 + len(lights) + (BOARDS[name].reset is not None)


@pytest.mark.parametrize("name", BOARDS)
def test_each_board_is_complete(name: str) -> None:
    board = BOARDS[name]
    assert board.name == name
    assert {light.function for light in board.lights} <= LIGHTS.keys()
    assert {light.function for light in board.lights} >= {"error"}
    assert any(light.function in ("link", "ready") for light in board.lights)
    platform = board.make_platform()
    assert platform.device.lower().startswith(board.device.lower())
    assert board.clock == platform.default_clk


def test_the_clock_is_made_by_a_loop_of_the_board_s_family() -> None:
    for name, primitive in (("ulx3s-85f", "EHXPLLL"), ("icebreaker", "SB_PLL40_PAD")):
        design = design_of(name, clock_hz=30e6)
        assert design.pll.output_hz == 30e6
        assert primitive in design.rtlil
    assert "PLLE2_BASE" in design_of("arty-a7-35").files[f"{TOP}.v"]
    plain = design_of("icebreaker")
    assert plain.pll.output_hz == 12e6
    assert "SB_PLL40_PAD" not in plain.rtlil


def test_the_same_chip_gives_the_same_text() -> None:
    assert design_of.__wrapped__("icebreaker").files == design_of("icebreaker").files


def test_the_project_for_vivado_names_its_files() -> None:
    files = design_of("arty-a7-35").files
    assert f"add_files {TOP}.v" in files[f"{TOP}.tcl"].replace('"', "")
    assert "xc7a35t" in files[f"{TOP}.tcl"]


def test_a_board_that_there_is_not_names_those_that_there_are() -> None:
    with pytest.raises(UnknownBoard, match=rf"^board must be one of {', '.join(BOARDS)}, not 'ulx3s'$"):
        board_named("ulx3s")


def test_definitions_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> object:
        raise ModuleNotFoundError(f"No module named {name!r}", name="amaranth_boards")

    monkeypatch.setattr(boards.importlib, "import_module", missing)
    with pytest.raises(ToolUnavailable, match=r"^amaranth-boards is not installed: pip install 'synaptile\[fpga\]'$"):
        BOARDS["icebreaker"].make_platform()
